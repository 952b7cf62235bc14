"""What random search would find: a large table of random points for each task, made once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from search_task import Array, Points, Task

CHUNK = 5_000
PROBED = 5  # points that tell whether a task has changed
ROUNDS, KEPT, STEPS = 60, 50, 1_000


@dataclass(frozen=True)
class RandomSearch:
    """Sorted losses of random points, and the best loss that is known.

    Attributes:
        losses: ascending, (n,).
        best: of the random points and of a local search from the best of them.
    """

    losses: Array
    best: float

    def median_of_best(self, trials: int) -> float:
        """The median of the best of so many random points: (1 - share below)^trials = 1/2."""
        share = 1.0 - 0.5 ** (1.0 / trials)
        return float(self.losses[int(share * len(self.losses))])


def random_search(task: Task, cache: Path) -> RandomSearch:
    """The task's table; from the cache where it is there and the task is still the same."""
    path = cache / f"{task.name}.npz"
    probe = _losses(task, _random_x_unit(task)[0][:PROBED])
    if path.exists():
        stored = np.load(path)
        if "probe" in stored and np.allclose(stored["probe"], probe, rtol=1e-6, atol=0.0):
            return RandomSearch(stored["losses"], float(stored["best"]))
    x_unit, rng = _random_x_unit(task)
    losses = _losses(task, x_unit)
    best = float(losses.min() if task.is_slow else _local_search(task, x_unit, losses, rng))
    losses = np.sort(losses)
    np.savez(path, losses=losses, best=best, probe=probe)
    return RandomSearch(losses, best)


def random_points(task: Task, rows: Array) -> Points:
    """Some of the points of the task's table, by row, (n,)."""
    x_unit, _ = _random_x_unit(task)
    points: Points = task.space.decode(x_unit[rows])
    return points


def _random_x_unit(task: Task) -> tuple[Array, np.random.Generator]:
    rng = np.random.default_rng(0)
    return task.space.snap(rng.random((task.table, task.space.dimensions))), rng


def _losses(task: Task, x_unit: Array) -> Array:
    parts = [
        task.losses(task.space.decode(x_unit[i : i + CHUNK])) for i in range(0, len(x_unit), CHUNK)
    ]
    losses = np.concatenate(parts)
    return np.where(np.isfinite(losses), losses, np.inf)


def _local_search(task: Task, x_unit: Array, losses: Array, rng: np.random.Generator) -> float:
    """The best after ever smaller random steps from the best points."""
    for i in range(ROUNDS):
        best_first = np.argsort(losses, kind="stable")[:KEPT]
        x_unit, losses = x_unit[best_first], losses[best_first]
        steps = np.nan_to_num(x_unit[rng.integers(KEPT, size=STEPS)], nan=0.5)
        moved = rng.random(steps.shape) < np.maximum(rng.random((STEPS, 1)), 1 / steps.shape[1])
        steps = np.where(moved, steps + 0.3 * 0.9**i * rng.normal(size=steps.shape), steps)
        steps = task.space.snap(np.clip(steps, 0.0, 1.0))
        x_unit = np.vstack([x_unit, steps])
        losses = np.append(losses, _losses(task, steps))
    return float(losses.min())
