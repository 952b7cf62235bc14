"""The box: the part of the space around the best trial in which every second trial is proposed.

A trust region (Eriksson et al. 2019, "TuRBO", section 2): it grows while trials in it improve on
the best and shrinks while they do not. Its sides are in proportion to the model's length scales.
It is a function of the trials alone, and the rounds of a run show it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpsearch.domains import Domain, FloatRange, IntegerRange
from hpsearch.history import Move
from hpsearch.samplers.guided_evidence import Evidence
from hpsearch.scales import FloatArray, LinearLog
from hpsearch.space import Box, Space

FIRST_SIDE, WIDEST_SIDE, NARROWEST_SIDE = 1.2, 1.6, 0.02
"""Shares of the range, before the length scales bend them; the widest reaches both ends."""
SECOND_SIDE = 0.5
"""Where the box starts again once it has become too narrow: the rest lies elsewhere."""
NO_CHANGE = 1e-9
GROW, SUCCESSES = 1.6, 3
SHRINK, FEWEST_FAILURES = 0.6, 4


@dataclass(frozen=True)
class RoundBox:
    """The sampler's box as it stands when a round begins.

    Attributes:
        box: where every second trial is proposed.
        summary: which trial it lies around, and how wide it is.
        moves: one for each column, against the box of the round before.
    """

    box: Box
    summary: str
    moves: tuple[Move, ...]


def side_of(evidence: Evidence) -> float:
    """The box's mean side after the trials that were proposed inside it."""
    seen = evidence.seen
    losses = evidence.losses[seen]
    best_before = np.append(np.inf, np.minimum.accumulate(losses)[:-1])
    improved = (losses < best_before)[evidence.in_box[seen]]
    patience = max(FEWEST_FAILURES, evidence.x_unit.shape[1])
    side, successes, failures = FIRST_SIDE, 0, 0
    for is_success in improved.tolist():
        successes, failures = (successes + 1, 0) if is_success else (0, failures + 1)
        if successes == SUCCESSES:
            side, successes = min(WIDEST_SIDE, side * GROW), 0
        elif failures == patience:
            side, failures = side * SHRINK, 0
        if side < NARROWEST_SIDE:
            side = SECOND_SIDE
    return side


def box_around(space: Space, centre: FloatArray, lengths: FloatArray, side: float) -> Box:
    """The box of a mean side around a point (d,), with sides in proportion to lengths (d,).

    Every category stays, and all of what is inactive at the point; a lattice keeps whole cells, and
    at least those next to the centre's.
    """
    is_inactive = np.isnan(centre)
    centre = np.nan_to_num(centre, nan=0.5)
    halves = 0.5 * side * lengths / np.exp(np.log(lengths).mean())
    low, high = np.maximum(centre - halves, 0.0), np.minimum(centre + halves, 1.0)
    for i, column in enumerate(space.columns):
        if is_inactive[i] or not column.domain.is_ordered:
            low[i], high[i] = 0.0, 1.0
        elif column.domain.size is not None:
            below, above = column.domain.cell(float(centre[i]))
            low[i] = column.domain.cell(max(0.0, min(low[i], below - 1e-9)))[0]
            high[i] = column.domain.cell(min(1.0, max(high[i], above + 1e-9)))[1]
    return Box(low, high, (None,) * space.dimensions)


def moves_of(
    space: Space, old: Box, new: Box, lengths: FloatArray, around: str, centre: FloatArray
) -> list[Move]:
    """What became of each column, and why.

    Args:
        space: as it is searched.
        old, new: in the unit coordinates of the declared space.
        lengths: of the model, (d,).
        around: the trial at the centre, in words.
        centre: its point, (d,); NaN where inactive.
    """
    moves = []
    for i, column in enumerate(space.columns):
        name = column.name
        if not column.domain.is_ordered:
            moves.append(Move(name, "kept", "the model compares all its values"))
            continue
        reason = f"around {around}; {_smoothness(float(lengths[i]), column.domain)}"
        if np.isnan(centre[i]):
            reason = f"{around}, around which the box lies, does not have it"
        larger = float(new.high[i] - new.low[i]) - float(old.high[i] - old.low[i])
        if larger > NO_CHANGE:
            moves.append(Move(name, "widened", reason))
        elif max(old.low[i] - new.low[i], new.high[i] - old.high[i]) > NO_CHANGE:
            moves.append(Move(name, "moved", reason))
        elif larger < -NO_CHANGE:
            moves.append(Move(name, "narrowed", reason))
        else:
            moves.append(Move(name, "kept", "as it was"))
    return moves


def _smoothness(length: float, domain: Domain) -> str:
    """How fast the loss changes, by the model's length scale, which is a share of the range."""
    if length >= 1:
        return "the loss changes slowly along it"
    is_wide = isinstance(domain, (FloatRange, IntegerRange)) and domain.scale == LinearLog.name
    on_which = ", on half a log scale," if is_wide else ""
    return f"a step of {100 * length:.2g}% along it{on_which} changes the loss"
