"""Zoom: from the finished trials of a run and its box, the next box, with the reasons in words.

Coarse to fine, as in Ng's course 2, week 3, in unit coordinates, so that log and 1-beta zoom as
evenly as linear. It cuts only where trials have shown that nothing good is: a stretch without
evidence stays, and a box widens only into such a one. Strategies call it at the end of a round; it
draws nothing and forgets nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hpsearch.domains import Domain
from hpsearch.history import History, Move
from hpsearch.scales import FloatArray
from hpsearch.space import BoolArray, Box, Space
from hpsearch.trial import Trial

ELITE_SHARE = 0.2
FEWEST_ELITES = 4
FEWEST_IN_A_COLUMN = 3
"""A column that fewer of the elites use says nothing yet."""
NARROWEST_SIDE = 0.1
"""No side gets narrower than this share of the whole range (wider where a lattice's cells are)."""
EDGE = 0.1
"""The best lies on an edge of the box if it is this close, as a share of the box's side."""
CHANCE = 0.3
"""A stretch is cut if, were it no worse, it would stay without an elite less often than this."""
CATEGORY_CHANCE = 0.1
"""The same for a category, which no later box can widen into again."""
NO_SIGN = "no sign yet of what to leave out"


@dataclass(frozen=True)
class Zoom:
    """What a zoom decided.

    Attributes:
        box: where the next round looks.
        summary: which trials it was made from.
        moves: one for each column.
    """

    box: Box
    summary: str
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class _Evidence:
    """The finished trials as one column sees them: those in which it is active, best first.

    Attributes:
        x: unit coordinates, (n,).
        elites: how many of them, the first ones, are elites.
    """

    x: FloatArray
    elites: int

    def chance_without_elite(self, seen: int) -> float:
        """Probability that none of the elites is among `seen` trials if these were no worse.

        The hypergeometric distribution's term for 0: C(n - seen, k) / C(n, k).
        """
        n = len(self.x)
        return math.comb(n - seen, self.elites) / math.comb(n, self.elites)

    def rules_out(self, stretch: BoolArray) -> bool:
        """Whether enough trials lie in a stretch, (n,), and no elite does."""
        has_elite = bool(stretch[: self.elites].any())
        return not has_elite and self.chance_without_elite(int(stretch.sum())) <= CHANCE


def zoom(history: History, box: Box, loss: Callable[[float], float]) -> Zoom:
    """The next box.

    Args:
        history: all the trials so far; failed, timed out and diverged ones count as bad places.
        box: the box of the round that has ended.
        loss: turns a metric's value into a number of which less is better.
    """
    space = history.space
    finished, losses = history.losses(loss)
    succeeded = int(np.isfinite(losses).sum())
    if succeeded == 0:
        reason = "no trial has succeeded yet"
        unmoved = tuple(Move(name, "kept", reason) for name in space.column_names)
        return Zoom(box, f"{reason}: the box stays", unmoved)
    best_first = np.argsort(losses, kind="stable")
    count = min(succeeded, max(FEWEST_ELITES, round(ELITE_SHARE * len(finished))))
    x_unit = space.encode([finished[i].params for i in best_first])
    low, high, kept = box.low.copy(), box.high.copy(), list(box.kept)
    moves: list[Move] = []
    for i, column in enumerate(space.columns):
        is_active = ~np.isnan(x_unit[:, i])
        evidence = _Evidence(x_unit[is_active, i], int(is_active[:count].sum()))
        if evidence.elites < FEWEST_IN_A_COLUMN:
            moves.append(Move(column.name, "kept", "too few of the best trials use it"))
        elif column.domain.is_ordered:
            low[i], high[i], move = _zoom_side(space, box, i, evidence)
            moves.append(move)
        else:
            kept[i], move = _drop_categories(space, box, i, evidence)
            moves.append(move)
    best = [finished[i] for i in best_first[:count]]
    return Zoom(Box(low, high, tuple(kept)), _summary(best, len(finished)), tuple(moves))


def _summary(best: list[Trial], of: int) -> str:
    numbers = ", ".join(str(trial.number) for trial in best[:6])
    more = ", ..." if len(best) > 6 else ""
    return f"made from the best {len(best)} of {of} trials: {numbers}{more}"


def _zoom_side(space: Space, box: Box, i: int, evidence: _Evidence) -> tuple[float, float, Move]:
    """The next stretch of an ordered column."""
    name, domain = space.columns[i].name, space.columns[i].domain
    old_low, old_high = float(box.low[i]), float(box.high[i])
    side = old_high - old_low
    elites = evidence.x[: evidence.elites]
    best = float(elites[0])
    first, last = float(elites.min()), float(elites.max())
    # The unbiased estimate of a uniform distribution's ends lies one mean gap beyond its extremes.
    gap = (last - first) / (len(elites) - 1)
    low, high = max(old_low, first - gap), min(old_high, last + gap)
    low, high = _at_least_narrowest(low, high, old_low, old_high)
    low, high = _whole_cells(domain, low, high)
    x = evidence.x
    if not evidence.rules_out((x >= old_low) & (x < low)):
        low = old_low
    if not evidence.rules_out((x <= old_high) & (x > high)):
        high = old_high
    widened = []
    if old_low > 0 and best - old_low < EDGE * side:
        wider = _whole_cells(domain, max(0.0, old_low - side / 2), old_high)[0]
        if not evidence.rules_out((x >= wider) & (x < old_low)):
            low = wider
            widened.append("low")
    if old_high < 1 and old_high - best < EDGE * side:
        wider = _whole_cells(domain, old_low, min(1.0, old_high + side / 2))[1]
        if not evidence.rules_out((x <= wider) & (x > old_high)):
            high = wider
            widened.append("high")
    if widened:
        ends = " and ".join(widened)
        reason = f"the best trial lay at its {ends} end"
        return low, high, Move(name, "widened" if high - low > side else "moved", reason)
    if (low, high) == (old_low, old_high):
        return low, high, Move(name, "kept", NO_SIGN)
    cut = int(((x >= old_low) & (x <= old_high) & ((x < low) | (x > high))).sum())
    reason = f"the best {len(elites)} lie here; {cut} trials beyond were worse"
    return low, high, Move(name, "narrowed", reason)


def _whole_cells(domain: Domain, low: float, high: float) -> tuple[float, float]:
    """The ends of the cells that the stretch takes part in; one that it only touches is not."""
    first, last = domain.cell(low), domain.cell(high)
    is_beside_first = first[1] - low <= _touch(first)
    is_beside_last = high - last[0] <= _touch(last)
    return first[is_beside_first], last[not is_beside_last]


def _touch(cell: tuple[float, float]) -> float:
    """How far a computed end may lie from the border of a cell that it stands for."""
    return min(1e-9, (cell[1] - cell[0]) / 4)


def _at_least_narrowest(
    low: float, high: float, old_low: float, old_high: float
) -> tuple[float, float]:
    narrowest = min(NARROWEST_SIDE, old_high - old_low)
    if high - low >= narrowest:
        return low, high
    low = min(max(old_low, (low + high - narrowest) / 2), old_high - narrowest)
    return low, low + narrowest


def _drop_categories(
    space: Space, box: Box, i: int, evidence: _Evidence
) -> tuple[tuple[int, ...] | None, Move]:
    """The categories that stay: all but those with enough trials and no elite among them."""
    column = space.columns[i]
    size = column.domain.size
    assert size is not None
    kept = box.kept[i]
    left = range(size) if kept is None else kept
    positions: npt.NDArray[np.intp] = (evidence.x * size).astype(np.intp)
    dropped = []
    for position in left:
        is_this = positions == position
        if is_this[: evidence.elites].any():
            continue
        if evidence.chance_without_elite(int(is_this.sum())) <= CATEGORY_CHANCE:
            dropped.append(position)
    if not dropped:
        return kept, Move(column.name, "kept", NO_SIGN)
    names = ", ".join(
        f"{column.domain.to_value(np.array([(p + 0.5) / size]))[0]} "
        f"({int((positions == p).sum())} trials)"
        for p in dropped
    )
    stay = tuple(position for position in left if position not in dropped)
    reason = f"dropped {names}: none is among the best {evidence.elites}"
    return stay, Move(column.name, "dropped", reason)
