"""Which tasks there are, and which of them are asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from search_functions import synthetic_tasks
from search_lcbench import lcbench_tasks
from search_tables import RandomSearch
from search_task import Task
from search_trainings import sklearn_tasks

GROUPS = ("lcbench", "functions", "trainings")
QUICK = ("branin-2", "hartmann-6", "training-4", "conditional-10", "words-6", "stairs-4")


@dataclass(frozen=True)
class Choice:
    """Tasks by what they need; a process makes its own from it.

    Attributes:
        groups: of `GROUPS`.
        lcbench: the folder of the surrogate; needed for its group only.
        cache: tables of random points and trainings.
        quick: six of the functions.
        parts: only tasks whose name has one of these in it; all of them if empty.
    """

    groups: Sequence[str]
    lcbench: Path | None
    cache: Path
    quick: bool
    parts: Sequence[str]

    def tasks(self) -> list[Task]:
        """Them."""
        found: list[Task] = []
        if "lcbench" in self.groups and self.lcbench is not None:
            found += lcbench_tasks(self.lcbench)
        if "functions" in self.groups:
            found += [t for t in synthetic_tasks() if not self.quick or t.name in QUICK]
        if "trainings" in self.groups:
            found += sklearn_tasks(self.cache)
        if self.parts:
            found = [task for task in found if any(part in task.name for part in self.parts)]
        return found


def with_noise(task: Task, share: float, table: RandomSearch) -> Task:
    """The task as it is searched: noise beside its own, as a share of 32 trials to 512."""
    gap = table.median_of_best(32) - table.median_of_best(512)
    return replace(task, noise=math.hypot(task.noise, share * gap))
