"""`train`: the objective. It trains for the epochs asked, reports each one, and can be resumed.

The story only; every step of it is a file beside this one. The configs and `__main__` call it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from hpsearch.examples.digits.arrays import Dtype
from hpsearch.examples.digits.data import load_digits
from hpsearch.examples.digits.settings import read_budget, read_settings
from hpsearch.examples.digits.training import Training

DTYPE: Dtype = np.float32


class Trial(Protocol):
    """What `train` asks of a trial."""

    @property
    def dir(self) -> Path | None:
        """The trial's own folder; None for no checkpoint."""

    @property
    def seed(self) -> int:
        """Decides the initial weights, the order of the examples and the dropped units."""

    def report(self, step: int, **metrics: float) -> object:
        """Take the metrics of an epoch, counted from 1."""


def train(
    params: Mapping[str, Any], budget: int | None = None, trial: Trial | None = None
) -> dict[str, float]:
    """Train the network and say how good it is.

    Reports `train_loss`, `train_error`, `val_loss` and `val_error` after each epoch, over all the
    images, without dropout and without the L2 term. With a trial folder it leaves a checkpoint in
    `checkpoint/` after each epoch, and goes on from one that it finds there, bit for bit as if it
    had never stopped. Structure and optimizer must be those of the checkpoint; the other values may
    be new ones, as when one model is nursed day by day.

    Args:
        params: see `Settings`; and `layers`, the number of hidden layers.
        budget: epochs to have trained in all when this returns; by default `params["epochs"]`. A
            checkpoint that is further on is kept, and measured as it is.
        trial: without one, the seed is 0 and nothing is reported or saved.

    Returns:
        The last epoch's four metrics, `test_error`, and `epochs`, the number trained. Tune by
        `val_error`: the test images are for the final report only, and a choice made by them would
        make their error look too good. If the loss becomes NaN or infinite, training stops, every
        metric is NaN, and the checkpoint stays as it was before that epoch.

    Raises:
        ValueError: an unknown name, a value that is not allowed, or a checkpoint that is damaged or
            of another network; one line says what.
    """
    settings = read_settings(params)
    n_epochs = settings.epochs if budget is None else read_budget(budget)
    training = Training(settings, load_digits(DTYPE), seed=0 if trial is None else trial.seed)
    folder = None if trial is None or trial.dir is None else trial.dir / "checkpoint"
    if folder is not None:
        training.resume(folder)

    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # to diverge is a result
        metrics = training.measure()
        while training.epochs_done < n_epochs:
            metrics = training.train_one_epoch()
            if trial is not None:
                trial.report(training.epochs_done, **metrics)
            if math.isnan(metrics["val_loss"]):
                return {**metrics, "test_error": math.nan, "epochs": training.epochs_done}
            if folder is not None:
                training.save(folder)
        return {
            **metrics,
            "test_error": training.test_error(),
            "epochs": training.epochs_done,
        }
