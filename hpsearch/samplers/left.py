"""What is left of a part of the space in which random draws mostly meet what was tried.

A part that is not much larger than what was tried is listed once, and then kept up to date; of a
larger one, most is left, and its points are drawn by their rank without listing any. So it costs
no more than the trials themselves, however large the space is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from hpsearch.domains import Value
from hpsearch.history import History
from hpsearch.samplers.lattice import MOST_LEVELS, Lattice, is_continuum, lattice_levels
from hpsearch.scales import FloatArray
from hpsearch.space import Box, Space

MOST_PER_TRIED = 2
"""A part is listed once it has at most so many points for each one that was tried."""
AT_ONCE = 4096
WORD = 2**62
"""Ranks beyond what one integer of the generator can be are made of several."""


class Left:
    """The untried points of a part of a space, all equally likely to be drawn.

    What it gives depends on the history and the generator alone, not on when it was made: points
    are taken by their place in the lattice's own order.
    """

    def __init__(self, space: Space, box: Box) -> None:
        self._space = space
        self._lattice = Lattice(space, _levels(space, box))
        self._count = self._lattice.count()
        self._listed: _Listed | None = None

    def draw(self, rng: np.random.Generator, history: History) -> dict[str, Value] | None:
        """Untried values; None if there are none."""
        if self._listed is None and self._count > MOST_PER_TRIED * len(history.tried):
            return self._draw_by_rank(rng, history)
        if self._listed is None:
            self._listed = _Listed(self._lattice, history)
        return self._listed.draw(rng, history)

    def _draw_by_rank(self, rng: np.random.Generator, history: History) -> dict[str, Value]:
        """At least every second rank is one of an untried point."""
        while True:
            x_unit = self._lattice.point(_integer_below(self._count, rng))
            (params,) = self._space.decode(x_unit[None, :])
            if self._space.key(params) not in history.tried:
                return params


class _Listed:
    """The points of a lattice that were not tried when it was made, less those tried since."""

    def __init__(self, lattice: Lattice, history: History) -> None:
        space = history.space
        points = {space.key(params): params for params in _decoded(space, lattice)}
        self._points = [params for key, params in points.items() if key not in history.tried]
        self._ranks = {space.key(params): rank for rank, params in enumerate(self._points)}
        self._left = list(range(len(self._points)))
        self._seen = len(history.trials)

    def draw(self, rng: np.random.Generator, history: History) -> dict[str, Value] | None:
        for trial in islice(history.trials, self._seen, None):
            self._take_out(history.space.key(trial.params))
        self._seen = len(history.trials)
        if not self._left:
            return None
        return self._points[self._left[rng.integers(len(self._left))]]

    def _take_out(self, key: tuple[Any, ...]) -> None:
        rank = self._ranks.pop(key, None)  # None: it lies elsewhere
        if rank is not None:
            del self._left[bisect_left(self._left, rank)]


def _decoded(space: Space, lattice: Lattice) -> Iterator[dict[str, Value]]:
    points = lattice.points()
    while some := list(islice(points, AT_ONCE)):
        yield from space.decode(np.array(some))


def _levels(space: Space, box: Box) -> list[FloatArray]:
    """Of each column; a continuum has more of them than a run has trials."""
    known: dict[tuple[object, ...], FloatArray] = {}
    levels = []
    for i, column in enumerate(space.columns):
        low, high = float(box.low[i]), float(box.high[i])
        same = (column.parameter.name, low, high, box.kept[i])  # the entries of a list share them
        if same not in known and is_continuum(column.domain):
            known[same] = low + (np.arange(MOST_LEVELS) + 0.5) / MOST_LEVELS * (high - low)
        elif same not in known:
            known[same] = lattice_levels(space, box, i)
        levels.append(known[same])
    return levels


def _integer_below(count: int, rng: np.random.Generator) -> int:
    """Uniform; beyond `WORD` to within one part in 2^62."""
    if count <= WORD:
        return int(rng.integers(count))
    number, reach = 0, 1
    while reach < count * WORD:
        number, reach = number * WORD + int(rng.integers(WORD)), reach * WORD
    return number % count
