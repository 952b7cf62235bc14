"""What the results of one group of tasks say: mean scores, intervals, ranks, wins. Numbers only.

Score after B trials: (m - y) / (m - best), floored at -1. m is the median of what random search
finds in B, y the loss of the trial that the method names best, `best` the best loss known: of the
task's table, or of any search in the results. 0 is random search, 1 the best known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from search_runs import Row
from search_task import Array

RESAMPLES = 1_000


def best_known(rows: Iterable[Row]) -> dict[str, float]:
    """By task, over all the results that there are: whatever the noise and the batches."""
    best: dict[str, float] = {}
    for row in rows:
        best[row.task] = min(row.best, row.loss, best.get(row.task, np.inf))
    return best


def score(loss: float, median: float, best: float) -> float:
    """0: as good as random search; 1: the best known; at least -1."""
    nearly = best + 1e-9 * abs(best)  # one of them may be of a CSV of fewer digits
    if median <= nearly:
        return 1.0 if loss <= nearly else 0.0
    return max(-1.0, (median - loss) / (median - best))


@dataclass(frozen=True)
class Lead:
    """Who is ahead.

    Attributes:
        first, second: by mean score.
        is_clear: whether the lower bound of the first is above the mean of the second.
        first_by_rank: by mean rank.
    """

    first: str
    second: str
    is_clear: bool
    first_by_rank: str


class Board:
    """Results of the same tasks, noise and batches.

    Attributes:
        methods, tasks: in the order of their names.
    """

    def __init__(self, rows: Sequence[Row], best: Mapping[str, float]) -> None:
        self.methods = sorted({row.method for row in rows})
        self.tasks = sorted({row.task for row in rows})
        self._rows, self._best = rows, best
        losses: dict[tuple[str, str, int], dict[int, float]] = defaultdict(dict)
        scores: dict[tuple[str, str, int], dict[int, float]] = defaultdict(dict)
        for row in rows:
            key = row.method, row.task, row.trials
            losses[key][row.seed] = row.loss
            scores[key][row.seed] = score(row.loss, row.median, best[row.task])
        self._losses = {key: np.array(list(by_seed.values())) for key, by_seed in losses.items()}
        self._scores = {key: np.array(list(by_seed.values())) for key, by_seed in scores.items()}

    def complete(self, trials: int) -> list[str]:
        """The methods that ran every task so far."""
        return [m for m in self.methods if len(self.ran(m, trials)) == len(self.tasks)]

    def ran(self, method: str, trials: int) -> list[str]:
        """The tasks that a method ran so far."""
        return [task for task in self.tasks if (method, task, trials) in self._losses]

    def seeds(self, method: str, trials: int) -> tuple[int, int]:
        """Fewest and most over its tasks."""
        counts = [len(self._losses[method, t, trials]) for t in self.ran(method, trials)]
        return (min(counts), max(counts)) if counts else (0, 0)

    def only(self, tasks: Sequence[str]) -> Board:
        """The board of some of the tasks."""
        return Board([row for row in self._rows if row.task in tasks], self._best)

    def task_mean(self, method: str, task: str, trials: int) -> float:
        """Over its seeds; NaN if it did not run."""
        scores = self._scores.get((method, task, trials))
        return float("nan") if scores is None else float(scores.mean())

    def mean(self, method: str, trials: int) -> float:
        """Over the tasks: each counts the same, whatever its number of seeds."""
        return float(np.mean([self.task_mean(method, t, trials) for t in self.tasks]))

    def interval(self, method: str, trials: int) -> tuple[float, float]:
        """95% bootstrap interval of `mean`: the seeds of each task are redrawn.

        NaN where a task has one seed: nothing can be said then.
        """
        by_task = [self._scores[method, task, trials] for task in self.tasks]
        if min(len(scores) for scores in by_task) < 2:
            return float("nan"), float("nan")
        rng = np.random.default_rng(0)
        drawn = [
            scores[rng.integers(len(scores), size=(RESAMPLES, len(scores)))].mean(axis=1)
            for scores in by_task
        ]
        low, high = np.quantile(np.mean(drawn, axis=0), [0.025, 0.975])
        return float(low), float(high)

    def wins(self, method: str, other: str, trials: int) -> float:
        """How often a search ends lower than one of the other; half of it where they are equal."""
        return float(np.mean([self._wins(method, other, task, trials) for task in self.tasks]))

    def _wins(self, method: str, other: str, task: str, trials: int) -> Array:
        mine, theirs = self._losses[method, task, trials], self._losses[other, task, trials]
        lower, equal = mine[:, None] < theirs, mine[:, None] == theirs
        return np.asarray((lower + equal / 2).mean(), np.float64)

    def rank(self, method: str, among: Sequence[str], trials: int) -> float:
        """The mean rank, 1 the best, of one search by each method, over all choices of seeds."""
        return 1 + sum(self.wins(other, method, trials) for other in among if other != method)

    def lead(self, trials: int) -> Lead | None:
        """Who is first among the methods that ran all the tasks; None if there are not two."""
        among = self.complete(trials)
        if len(among) < 2:
            return None
        first, second = sorted(among, key=lambda method: -self.mean(method, trials))[:2]
        low, _ = self.interval(first, trials)
        by_rank = min(among, key=lambda method: self.rank(method, among, trials))
        return Lead(first, second, low > self.mean(second, trials), by_rank)

    def cpu_ms(self, method: str) -> float:
        """Of one suggestion, on average."""
        return float(np.mean([row.cpu_ms for row in self._rows if row.method == method]))

    def version(self, method: str) -> str:
        """Of the tool; empty for random search."""
        found = dict.fromkeys(row.version for row in self._rows if row.method == method)
        return "; ".join(found)


def boards(rows: Sequence[Row]) -> list[tuple[str, float, int, Board]]:
    """Group of tasks, noise, trials at a time, and the board of each that there is."""
    best = best_known(rows)
    keys = sorted({(row.group, row.noise, row.q) for row in rows})
    return [
        (*key, Board([r for r in rows if (r.group, r.noise, r.q) == key], best)) for key in keys
    ]
