"""Learning curves to stop early on: the digits network, really trained, and the lcbench surrogate.

A curve is the loss after each epoch, from 1 to the last; `budgets.py` shows strategies as much of
it as they have paid for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from search_lcbench import LCBENCH_DATA_SETS, LCBENCH_ORDER, lcbench_tasks
from search_tables import random_search
from search_task import Array, Points

from hpsearch.examples.digits import train
from hpsearch.space import Space
from hpsearch.trial import Trial

LCBENCH_EPOCHS = 52


# ---------------------------------------------------------------------------- digits


class _Reports:
    """Stands for a trial: remembers what is reported, keeps no checkpoint."""

    dir = None

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.errors: list[float] = []

    def report(self, step: int, **metrics: float) -> None:
        self.errors.append(metrics["val_error"])


def _train(params: dict[str, Any], seed: int, epochs: int) -> list[float]:
    trial = _Reports(seed)
    train(params, budget=epochs, trial=trial)
    return trial.errors + [float("inf")] * (epochs - len(trial.errors))


def digits_curves(trials: Sequence[Trial], seed: int, epochs: int, cache: Path) -> Array:
    """Validation errors after each epoch of whole trainings, (n, epochs), trained once and kept.

    A training that goes on from its checkpoint is bit for bit the one that never stopped, so what
    is read from a whole curve is what a run with segments would see.
    """
    path = cache / f"digits-{seed}-{len(trials)}-{epochs}.npy"
    if not path.exists():
        curves = Parallel(n_jobs=-1)(
            delayed(_train)(dict(trial.params), _seed_of(trial, seed), epochs) for trial in trials
        )
        np.save(path, np.array(curves))
    curves_: Array = np.load(path)
    return curves_


def _seed_of(trial: Trial, seed: int) -> int:
    """As a run gives it to the trial."""
    key = (trial.round, trial.number, 0)
    return int(np.random.SeedSequence(seed, spawn_key=key).generate_state(1)[0])


# ---------------------------------------------------------------------------- lcbench


@dataclass(frozen=True)
class CurveTask:
    """A tuning task with learning curves.

    Attributes:
        curves: losses of n points after epochs 1, 2, ..., (n, epochs).
        best: the best loss after the last epoch that is known.
    """

    name: str
    space: Space
    curves: Callable[[Points], Array]
    best: float


def lcbench_curves(folder: Path, cache: Path) -> list[CurveTask]:
    """Validation errors in percent, after 1 to 52 epochs."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
    categories, numbers = (entry.name for entry in session.get_inputs())
    encoding = json.loads((folder / "encoding.json").read_text())["OpenML_task_id"]
    epochs = np.arange(1, LCBENCH_EPOCHS + 1, dtype=np.float32)

    def of(data_set: str) -> Callable[[Points], Array]:
        def curves(points: Points) -> Array:
            rows = np.array([[p[n] for n in LCBENCH_ORDER] for p in points], np.float32)
            rows = np.repeat(rows, len(epochs), axis=0)
            rows = np.column_stack([np.tile(epochs, len(points)), rows])
            chosen = np.full((len(rows), 1), encoding[data_set], np.int32)
            (output,) = session.run(None, {categories: chosen, numbers: rows})
            errors: Array = 100.0 - np.asarray(output[:, 1], np.float64)
            return errors.reshape(len(points), len(epochs))

        return curves

    return [
        CurveTask(task.name, task.space, of(data_set), random_search(task, cache).best)
        for task, data_set in zip(lcbench_tasks(folder), LCBENCH_DATA_SETS, strict=True)
    ]
