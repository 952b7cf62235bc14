"""Rungs: where trials have a budget, at which one they are compared, and what the others teach."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from hpsearch.samplers.guided_points import MOST_EARLIER, EarlierPoints, telling_of
from hpsearch.scales import FloatArray

ENOUGH_AT_A_RUNG = 6
FEWEST_AT_A_RUNG = 3


def own_rung(rungs: Mapping[int, Mapping[int, float]]) -> int:
    """The highest rung where enough trials have a value; the lowest one if there is none.

    There a trial is better or worse; what is known at the other rungs is learned from as from
    earlier runs: a value at another budget has its shape, not its level.
    """
    values = {budget: sum(map(math.isfinite, known.values())) for budget, known in rungs.items()}
    enough = [budget for budget, count in values.items() if count >= ENOUGH_AT_A_RUNG]
    return max(enough, default=min(rungs))


def losses_at(own: int, rungs: Mapping[int, Mapping[int, float]]) -> Mapping[int, float]:
    """Number -> loss at the rung `own`; +inf for a trial that has failed at any rung."""
    failed = {n: math.inf for known in rungs.values() for n in known if math.isinf(known[n])}
    return {**rungs[own], **failed}


def other_rungs(
    own: int, rungs: Mapping[int, Mapping[int, float]], x_unit: FloatArray
) -> tuple[EarlierPoints, ...]:
    """What is known at each rung but `own`.

    Rungs where fewer than three trials have a value are left out.

    Args:
        rungs: budget -> number of a trial -> its loss there.
        x_unit: the points of all trials, (n, d).
    """
    found = []
    for budget, known in sorted(rungs.items()):
        numbers = np.array(sorted(known), dtype=np.intp)
        losses = np.array([known[number] for number in numbers.tolist()], dtype=np.float64)
        if budget == own or np.isfinite(losses).sum() < FEWEST_AT_A_RUNG:
            continue
        kept = telling_of(losses, MOST_EARLIER // max(1, len(rungs) - 1))
        best_at = int(np.argmin(losses[kept]))
        told = f"the best at {budget}"
        found.append(EarlierPoints(x_unit[numbers[kept]], losses[kept], told, best_at))
    return tuple(found)
