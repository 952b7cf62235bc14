"""A network in training: its optimizer, its state of chance, one epoch after the other; resuming.

No hyperparameter is checked here and nobody is told anything; `objective.py` does both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hpsearch.examples.digits.arrays import FloatArray
from hpsearch.examples.digits.checkpoint import (
    CheckpointError,
    load_checkpoint,
    save_checkpoint,
)
from hpsearch.examples.digits.data import N_CLASSES, Digits, Examples, mini_batches
from hpsearch.examples.digits.loss import cross_entropy_forward, error_rate
from hpsearch.examples.digits.network import build_network
from hpsearch.examples.digits.optimizers import (
    Adam,
    GradientDescent,
    Momentum,
    Optimizer,
    RMSprop,
)
from hpsearch.examples.digits.schedules import decayed
from hpsearch.examples.digits.settings import Settings

# What a checkpoint's arrays are made for; every other setting may change between two segments.
BUILT_FOR = ("hidden_units", "activation", "batch_norm", "optimizer")


class Training:
    """All that changes in training, in the state between two epochs.

    Args:
        settings: what to build and how to train it.
        digits: the images; their dtype is the network's.
        seed: of three independent streams: initial weights, order of the examples, dropped units.

    Attributes:
        epochs_done: how many epochs it has trained, a diverged one included.
    """

    def __init__(self, settings: Settings, digits: Digits, seed: int) -> None:
        streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3)]
        init_rng, self.order_rng, self.dropout_rng = streams
        self.settings = settings
        self.digits = digits
        images = digits.training.images
        self.network = build_network(
            images.shape[1],
            settings.hidden_units,
            N_CLASSES,
            activation=settings.activation,
            batch_norm=settings.batch_norm,
            dropout=settings.dropout,
            l2=settings.l2,
            init_rng=init_rng,
            dropout_rng=self.dropout_rng,
            dtype=images.dtype.type,
        )
        self.optimizer = build_optimizer(settings, self.network.learnt)
        self.epochs_done = 0

    def train_one_epoch(self) -> dict[str, float]:
        """One step for each mini-batch; then the same as `measure`.

        A loss that is NaN or infinite ends the epoch at once.
        """
        settings = self.settings
        learning_rate = decayed(
            settings.learning_rate,
            settings.decay,
            rate=settings.decay_rate,
            every=settings.decay_every,
            epochs_done=self.epochs_done,
        )
        self.epochs_done += 1
        for batch in mini_batches(self.digits.training, settings.batch_size, self.order_rng):
            loss, gradients = self.network.loss_and_gradients(batch.images, batch.labels)
            if not math.isfinite(loss):
                return _metrics(math.nan, math.nan, math.nan, math.nan)
            self.optimizer.step(gradients, learning_rate)
        return self.measure()

    def measure(self) -> dict[str, float]:
        """Train and val loss and error, as at test time; NaN all four if a loss is not finite.

        The loss is the cross-entropy alone, so that it compares between different L2.
        """
        train_loss, train_error = self._loss_and_error(self.digits.training)
        val_loss, val_error = self._loss_and_error(self.digits.validation)
        if not (math.isfinite(train_loss) and math.isfinite(val_loss)):
            return _metrics(math.nan, math.nan, math.nan, math.nan)
        return _metrics(train_loss, train_error, val_loss, val_error)

    def test_error(self) -> float:
        """The share of the test images that are read wrongly."""
        return self._loss_and_error(self.digits.test)[1]

    def save(self, folder: Path) -> None:
        """Write the whole state to the checkpoint of that folder."""
        facts = {
            "built_for": self._built_for(),
            "epochs_done": self.epochs_done,
            "optimizer_steps": self.optimizer.steps,
            "order_rng": self.order_rng.bit_generator.state,
            "dropout_rng": self.dropout_rng.bit_generator.state,
        }
        save_checkpoint(folder, self._arrays(), facts)

    def resume(self, folder: Path) -> None:
        """Go back to the state in the checkpoint of that folder, if there is one.

        Raises:
            CheckpointError: it is damaged, or of another structure or optimizer.
        """
        checkpoint = load_checkpoint(folder)
        if checkpoint is None:
            return
        arrays, facts = checkpoint
        try:
            differing = self._differing(facts["built_for"])
            if not differing:
                self._take(arrays, facts)
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(folder, f"it is damaged ({error})") from error
        if differing:
            raise CheckpointError(folder, f"it is of another network ({'; '.join(differing)})")

    def _differing(self, there: Mapping[str, Any]) -> list[str]:
        return [
            f"{name}: {there[name]} there, {here} here"
            for name, here in self._built_for().items()
            if there[name] != here
        ]

    def _take(self, arrays: Mapping[str, FloatArray], facts: Mapping[str, Any]) -> None:
        for name, array in self._arrays().items():
            array[...] = arrays[name]
        self.order_rng.bit_generator.state = facts["order_rng"]
        self.dropout_rng.bit_generator.state = facts["dropout_rng"]
        self.optimizer.steps = facts["optimizer_steps"]
        self.epochs_done = facts["epochs_done"]

    def _arrays(self) -> dict[str, FloatArray]:
        groups = {
            "learnt": self.network.learnt,
            "averaged": self.network.averaged,
            "optimizer": self.optimizer.averages,
        }
        return {
            f"{group}.{name}": array for group in groups for name, array in groups[group].items()
        }

    def _built_for(self) -> dict[str, Any]:
        built_for = {name: getattr(self.settings, name) for name in BUILT_FOR}
        return built_for | {"hidden_units": list(self.settings.hidden_units)}  # as JSON gives it

    def _loss_and_error(self, examples: Examples) -> tuple[float, float]:
        logits = self.network.predict(examples.images)
        loss, _ = cross_entropy_forward(logits, examples.labels)
        return loss, error_rate(logits, examples.labels)


def build_optimizer(settings: Settings, learnt: Mapping[str, FloatArray]) -> Optimizer:
    """The optimizer that the settings name, for these arrays."""
    if settings.optimizer == "sgd":
        return GradientDescent(learnt)
    if settings.optimizer == "momentum":
        return Momentum(learnt, beta=settings.momentum)
    if settings.optimizer == "rmsprop":
        return RMSprop(learnt, beta2=settings.beta2, epsilon=settings.epsilon)
    assert settings.optimizer == "adam", settings.optimizer
    return Adam(learnt, beta1=settings.momentum, beta2=settings.beta2, epsilon=settings.epsilon)


def _metrics(
    train_loss: float, train_error: float, val_loss: float, val_error: float
) -> dict[str, float]:
    return {
        "train_loss": train_loss,
        "train_error": train_error,
        "val_loss": val_loss,
        "val_error": val_error,
    }
