"""The layers in a row, from pixels to logits: loss and gradients in training, logits at test time.

No optimizer and no file here; `training.py` builds it and trains it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpsearch.examples.digits.arrays import Dtype, FloatArray, LabelArray
from hpsearch.examples.digits.batch_norm import BatchNorm
from hpsearch.examples.digits.layers import Dense, Dropout, Gradients, Layer, ReLU, Tanh
from hpsearch.examples.digits.loss import cross_entropy_backward, cross_entropy_forward

ACTIVATIONS: dict[str, type[ReLU] | type[Tanh]] = {"relu": ReLU, "tanh": Tanh}
GAINS = {"relu": 2.0, "tanh": 1.0}  # of the initial weights; see `Dense`


class Network:
    """Named layers, each fed by the one before.

    Args:
        layers: name -> layer, in order; the last gives the logits.
        l2: weight decay: l2 / 2 times the sum of the squared dense weights is added to the loss.
            Biases, gamma and beta are few and stay free (Goodfellow et al. 2016, section 7.1).

    Attributes:
        learnt: the layers' own learnt arrays under `layer.array`; to be changed in place.
        averaged: likewise what batch norm keeps for test time.
    """

    def __init__(self, layers: dict[str, Layer], *, l2: float) -> None:
        self.layers = layers
        self.l2 = l2
        self.learnt = {
            f"{layer}.{array}": values
            for layer in layers
            for array, values in layers[layer].learnt.items()
        }
        self.averaged = {
            f"{layer}.{array}": values
            for layer in layers
            for array, values in layers[layer].averaged.items()
        }

    def loss_and_gradients(self, images: FloatArray, labels: LabelArray) -> tuple[float, Gradients]:
        """The loss of a mini-batch with its L2 term, and its derivative by each learnt array."""
        signal = images
        caches = {}
        for name, layer in self.layers.items():
            signal, caches[name] = layer.forward(signal)
        loss, loss_cache = cross_entropy_forward(signal, labels)

        d_signal = cross_entropy_backward(loss_cache)
        gradients: Gradients = {}
        for name, layer in reversed(self.layers.items()):
            d_signal, of_layer = layer.backward(d_signal, caches[name])
            gradients |= {f"{name}.{array}": gradient for array, gradient in of_layer.items()}
        return loss + self._add_l2(gradients), gradients

    def predict(self, images: FloatArray) -> FloatArray:
        """The logits at test time; shape (m, n_in) -> (m, n_classes)."""
        signal = images
        for layer in self.layers.values():
            signal = layer.predict(signal)
        return signal

    def _add_l2(self, gradients: Gradients) -> float:
        """The L2 term of the loss; its derivative is added to the gradients."""
        if self.l2 == 0:
            return 0.0
        squares = 0.0
        for name, layer in self.layers.items():
            if isinstance(layer, Dense):
                weights = layer.learnt["weights"]
                gradients[f"{name}.weights"] += self.l2 * weights
                squares += float((weights * weights).sum())
        return self.l2 / 2 * squares


def build_network(
    n_in: int,
    hidden_units: Sequence[int],
    n_classes: int,
    *,
    activation: str,
    batch_norm: bool,
    dropout: float,
    l2: float,
    init_rng: np.random.Generator,
    dropout_rng: np.random.Generator,
    dtype: Dtype,
) -> Network:
    """Dense, batch norm, activation and dropout for each hidden layer, then the dense output layer.

    Args:
        n_in: pixels of an image.
        hidden_units: units of each hidden layer; empty for softmax regression.
        n_classes: logits of an image.
        activation: `relu` or `tanh`.
        batch_norm: whether each hidden layer has it, before the activation.
        dropout: the share of each hidden layer's units that a training step drops.
        l2: see `Network`.
        init_rng: draws the initial weights.
        dropout_rng: draws the units to drop; kept.
        dtype: of every array.
    """
    gain = GAINS[activation]
    layers: dict[str, Layer] = {}
    n_before = n_in
    for number, n_units in enumerate(hidden_units, start=1):
        layers[f"dense{number}"] = Dense(
            n_before, n_units, gain=gain, bias=not batch_norm, rng=init_rng, dtype=dtype
        )
        if batch_norm:
            layers[f"norm{number}"] = BatchNorm(n_units, dtype=dtype)
        layers[f"{activation}{number}"] = ACTIVATIONS[activation]()
        if dropout > 0:
            layers[f"dropout{number}"] = Dropout(dropout, dropout_rng)
        n_before = n_units
    layers["output"] = Dense(n_before, n_classes, gain=gain, bias=True, rng=init_rng, dtype=dtype)
    return Network(layers, l2=l2)
