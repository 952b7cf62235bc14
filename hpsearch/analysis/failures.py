"""Failures of a run: grouped by their reason, and where in the space they lie.

A reason that differs only in its numbers (a step, a size) is the same reason, unless the exit code
differs: a program tells its own failures apart by it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from hpsearch.analysis.curves import IntArray
from hpsearch.analysis.opened_run import OpenedRun
from hpsearch.scales import FloatArray
from hpsearch.space import BoolArray, Space
from hpsearch.trial import TrialState

FAILURE_STATES = (TrialState.FAILED, TrialState.TIMEOUT, TrialState.DIVERGED)
NUMBERS_KEPT = 8
GROUPS_KEPT = 5
CHANCE = 0.01
"""A culprit is named if chance alone would name one less often than this, over all columns."""
CLEAR_SHARE = 0.75

_NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")


def count_failed(counts: Mapping[TrialState, int]) -> int:
    """Trials that failed, timed out or diverged."""
    return sum(counts.get(state, 0) for state in FAILURE_STATES)


@dataclass(frozen=True)
class FailureGroup:
    """Trials that failed for the same reason.

    Attributes:
        state: failed, timeout or diverged.
        reason: of the first of them.
        trials: how many.
        numbers: of the first few of them.
        stderr_tail: the last lines that the first one wrote to stderr; may be empty.
        stderr_path: the first one's whole stderr.
    """

    state: TrialState
    reason: str
    trials: int
    numbers: tuple[int, ...]
    stderr_tail: str
    stderr_path: Path


@dataclass
class _Counted:
    reason: str
    trials: int = 0
    numbers: list[int] = field(default_factory=list)


def failure_groups(run: OpenedRun) -> list[FailureGroup]:
    """The most common reasons, the most common one first."""
    counted: dict[tuple[TrialState, int | None, str], _Counted] = {}
    for number, state, reason, code in run.reader.failures():
        group = counted.setdefault((state, code, _without_numbers(reason)), _Counted(reason))
        group.trials += 1
        if group.trials <= NUMBERS_KEPT:
            group.numbers.append(number)
    ranked = sorted(counted.items(), key=lambda item: (-item[1].trials, item[1].numbers))
    return [_group(run, state, group) for (state, *_), group in ranked[:GROUPS_KEPT]]


@lru_cache(maxsize=1024)
def _without_numbers(reason: str) -> str:
    """What failures of one kind have in common; an exit code says of which kind they are."""
    return _NUMBER.sub(
        lambda found: found[0] if reason[: found.start()].endswith("exit code ") else "#",
        reason,
    )


def _group(run: OpenedRun, state: TrialState, group: _Counted) -> FailureGroup:
    first = run.reader.trial(group.numbers[0])
    outcome = first.outcome if first is not None else None
    return FailureGroup(
        state=state,
        reason=group.reason,
        trials=group.trials,
        numbers=tuple(group.numbers),
        stderr_tail=outcome.stderr_tail if outcome is not None else "",
        stderr_path=run.folder.trial_dir(group.numbers[0]) / "stderr.log",
    )


@dataclass(frozen=True)
class Culprit:
    """A parameter on whose one side the failures gather.

    Attributes:
        column: `Column.name`.
        parameter: its name.
        side: on which side of `value` they lie, both sides including it; `is` for a category.
        value: where the failures are told best from the others.
        failed, of_failed: how many failed trials lie there, of how many that have the column.
        others, of_others: the same of the other trials.
    """

    column: str
    parameter: str
    side: str
    value: Any
    failed: int
    of_failed: int
    others: int
    of_others: int


def failure_culprit(space: Space, x_unit: FloatArray, has_failed: BoolArray) -> Culprit | None:
    """The column that tells failed trials best from the others, if one does so clearly.

    Each column is cut where the shares of failed and of other trials beyond the cut differ most
    (Youden's index). The chance of so many failed trials beyond it is the tail of a hypergeometric
    distribution (Fisher's exact test), times the number of cuts there were to choose from
    (Bonferroni's bound).

    Args:
        x_unit: float64, (n, d), NaN where inactive.
        has_failed: of each trial, (n,).
    """
    found: tuple[float, Culprit] | None = None
    for i in range(space.dimensions):
        is_active = ~np.isnan(x_unit[:, i])
        x, failed = x_unit[is_active, i], has_failed[is_active]
        if failed.all() or not failed.any():
            continue
        cuts = np.array(sorted(set(x.tolist())))
        for side, cut, there in _sides(space, i, x, failed, cuts):
            if float(there[failed].mean()) < CLEAR_SHARE:
                continue
            log_chance = _log_chance(there, failed) + math.log(2 * len(cuts) * space.dimensions)
            if log_chance <= math.log(CHANCE) and (found is None or log_chance < found[0]):
                found = log_chance, _culprit(space, i, side, cut, there, failed)
    return found[1] if found is not None else None


def _sides(
    space: Space, i: int, x: FloatArray, failed: BoolArray, cuts: FloatArray
) -> list[tuple[str, float, BoolArray]]:
    """The parts of a column that are worth a test: (side, where, which trials lie there)."""
    if not space.columns[i].domain.is_ordered:
        return [("is", float(cut), x == cut) for cut in cuts]
    failed_below = np.searchsorted(np.sort(x[failed]), cuts, side="left") / failed.sum()
    others_below = np.searchsorted(np.sort(x[~failed]), cuts, side="left") / (~failed).sum()
    above = int(np.argmax(others_below - failed_below))
    parts: list[tuple[str, float, BoolArray]] = [("above", float(cuts[above]), x >= cuts[above])]
    below = int(np.argmax(failed_below - others_below))
    if below > 0:
        parts.append(("below", float(cuts[below - 1]), x <= cuts[below - 1]))
    return parts


def _log_chance(there: BoolArray, failed: BoolArray) -> float:
    """Log of the probability of at least so many failed trials there, if all were shuffled."""
    n, k, drawn = len(failed), int(failed.sum()), int(there.sum())
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])

    def log_comb(of: IntArray, chosen: IntArray) -> FloatArray:
        result: FloatArray = log_factorial[of] - log_factorial[chosen] - log_factorial[of - chosen]
        return result

    hits = np.arange(int((there & failed).sum()), min(k, drawn) + 1)
    logs = log_comb(np.full_like(hits, k), hits)
    logs += log_comb(np.full_like(hits, n - k), drawn - hits)
    total = log_comb(np.array([n]), np.array([drawn]))[0]
    return float(np.logaddexp.reduce(logs) - total)


def _culprit(
    space: Space, i: int, side: str, cut: float, there: BoolArray, failed: BoolArray
) -> Culprit:
    column = space.columns[i]
    return Culprit(
        column=column.name,
        parameter=column.parameter.name,
        side=side,
        value=column.domain.to_value(np.array([cut])).tolist()[0],
        failed=int((there & failed).sum()),
        of_failed=int(failed.sum()),
        others=int((there & ~failed).sum()),
        of_others=int((~failed).sum()),
    )
