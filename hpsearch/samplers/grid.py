"""Grid search: every combination of evenly spaced values, each in its own scale.

For spaces of one or two parameters, and for lists that must be tried in full; elsewhere random
points do better (Bergstra and Bengio 2012).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpsearch.domains import FloatRange, IntegerRange
from hpsearch.errors import SamplerError
from hpsearch.history import History, Round
from hpsearch.samplers.base import Draw, Proposal
from hpsearch.samplers.lattice import Lattice, is_continuum, lattice_levels
from hpsearch.samplers.untried import if_untried
from hpsearch.scales import FloatArray
from hpsearch.space import Box, Space

FEWEST_LEVELS = 2


@dataclass(frozen=True)
class _Axis:
    """The levels that one column could have.

    Attributes:
        every: all its values inside the box, ascending; None for a continuum.
        is_range: whether some of them may be left out.
        low, high: the ends of the box.
    """

    every: FloatArray | None
    is_range: bool
    low: float
    high: float

    @property
    def fewest(self) -> int:
        if self.every is None:
            return FEWEST_LEVELS
        return min(FEWEST_LEVELS, len(self.every)) if self.is_range else len(self.every)

    def has_more_than(self, count: int) -> bool:
        return self.is_range and (self.every is None or len(self.every) > count)

    def levels(self, count: int) -> FloatArray:
        if self.every is None:
            return np.linspace(self.low, self.high, count)
        if not self.is_range or count == len(self.every):
            return self.every
        evenly = np.linspace(self.every[0], self.every[-1], count)
        nearest = np.abs(self.every[None, :] - evenly[:, None]).argmin(axis=1)
        # Few integers crowd at the low end of a log scale, and two levels may meet in one of them.
        levels: FloatArray = self.every[np.unique(nearest)]
        return levels


def _axis(space: Space, box: Box, position: int) -> _Axis:
    domain = space.columns[position].domain
    return _Axis(
        every=None if is_continuum(domain) else lattice_levels(space, box, position),
        is_range=isinstance(domain, (FloatRange, IntegerRange)),
        low=float(box.low[position]),
        high=float(box.high[position]),
    )


def grid_points(space: Space, box: Box, trials: int) -> list[FloatArray]:
    """The largest grid of the box that `trials` can try, each point (d,).

    Lists and categories take all their values. A range takes at least its two ends, and then one
    level more, the coarsest range first, as long as the grid still fits.

    Raises:
        SamplerError: if even the smallest grid is larger than `trials`; with its size.
    """
    axes = [_axis(space, box, position) for position in range(space.dimensions)]
    counts = [axis.fewest for axis in axes]
    smallest = _size(space, axes, counts)
    if smallest > trials:
        raise SamplerError(
            f"the smallest grid of this space has {smallest} points, but a round has {trials} "
            f"trials: allow {smallest}, list fewer values, or choose sampler: guided"
        )
    growing = {i for i, axis in enumerate(axes) if axis.has_more_than(counts[i])}
    while growing:
        coarsest = min(growing, key=lambda i: (counts[i], i))
        counts[coarsest] += 1
        if _size(space, axes, counts) > trials:
            counts[coarsest] -= 1
            growing.remove(coarsest)
        elif not axes[coarsest].has_more_than(counts[coarsest]):
            growing.remove(coarsest)
    levels = [axis.levels(count) for axis, count in zip(axes, counts, strict=True)]
    return list(Lattice(space, levels).points())


def _size(space: Space, axes: list[_Axis], counts: list[int]) -> int:
    referred_to = {c.parameter for p in space.parameters.values() for c in p.when}
    referred_to |= {p.repeat for p in space.parameters.values() if p.repeat is not None}
    levels = [
        # Only the number of levels matters of a continuum, and it is quickly made.
        np.broadcast_to(np.float64(0.0), count)
        if axis.every is None and column.parameter.name not in referred_to
        else axis.levels(count)
        for column, axis, count in zip(space.columns, axes, counts, strict=True)
    ]
    return Lattice(space, levels).count()


class GridSampler:
    """The points of the round's grid, one after the other."""

    def __init__(self) -> None:
        self._round: Round | None = None
        self._points: list[FloatArray] = []
        self._next = 0

    def propose(self, draw: Draw, history: History) -> Proposal | None:
        """The next point of the grid that was not tried; None after the last."""
        if self._round is not draw.round:
            self._round = draw.round
            self._points = grid_points(history.space, draw.round.box, draw.round.trials)
            self._next = 0
        while self._next < len(self._points):
            params = if_untried(self._points[self._next], history.space, history)
            self._next += 1
            if params is not None:
                return Proposal(params, "grid")
        return None
