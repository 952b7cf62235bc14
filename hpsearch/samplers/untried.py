"""No point twice: draw until a point is new, and know when nothing new is left.

Used by the samplers that draw at random. `left` knows the end of a space.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hpsearch.domains import Value
from hpsearch.history import History
from hpsearch.samplers.left import Left
from hpsearch.scales import FloatArray
from hpsearch.space import Box, Space
from hpsearch.trial import Trial

# While at least half of the box is untried, 40 draws in a row miss it once in 10^12 times. The
# first one is mostly new, and is not made to wait for the others.
ATTEMPTS = (1, 39)


def if_untried(x_unit: FloatArray, space: Space, history: History) -> dict[str, Value] | None:
    """The values at the point (d,) of the space; None if they have been tried in this run."""
    found = first_untried(x_unit[None, :], space, history)
    return None if found is None else found[1]


def first_untried(
    x_unit: FloatArray, space: Space, history: History
) -> tuple[int, dict[str, Value]] | None:
    """Of points (n, d) of the space, the position and the values of the first one that is new in
    this run."""
    first = 0
    for some in np.split(x_unit, [1]) if len(x_unit) > 1 else [x_unit]:  # mostly one is enough
        for i, params in enumerate(space.decode(some), start=first):
            if space.key(params) not in history.tried:
                return i, params
        first += len(some)
    return None


class Untried:
    """Draws what was not tried in a run.

    It keeps nothing but what it can compute again: a fresh one draws the same.
    """

    def __init__(self) -> None:
        self._trials: list[Trial] | None = None
        self._left: dict[tuple[Any, ...], Left] = {}

    def draw(self, rng: np.random.Generator, box: Box, history: History) -> dict[str, Value] | None:
        """Untried values: uniform in the box; then of what is left in the box; then of anywhere.

        Returns:
            None if every point of the space has been tried.
        """
        whole = Box.whole(history.space)
        parts = {_identity(part): part for part in (box, whole)}
        for identity, part in parts.items():
            params = _attempt(rng, part, history)
            if params is None:
                params = self._left_of(identity, part, history).draw(rng, history)
            if params is not None:
                return params
        return None

    def _left_of(self, identity: tuple[Any, ...], part: Box, history: History) -> Left:
        if self._trials is not history.trials:
            self._trials = history.trials
            self._left.clear()
        if identity not in self._left:
            self._left[identity] = Left(history.space, part)
        return self._left[identity]


def _attempt(rng: np.random.Generator, box: Box, history: History) -> dict[str, Value] | None:
    space = history.space
    for count in ATTEMPTS:
        found = first_untried(
            box.place(rng.random((count, space.dimensions)), space), space, history
        )
        if found is not None:
            return found[1]
    return None


def _identity(box: Box) -> tuple[Any, ...]:
    return box.low.tobytes(), box.high.tobytes(), box.kept
