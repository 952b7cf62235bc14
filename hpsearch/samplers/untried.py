"""No point twice: draw until a point is new, and know when nothing new is left.

Used by the samplers that draw at random.
"""

from __future__ import annotations

import numpy as np

from hpsearch.domains import Value
from hpsearch.history import History
from hpsearch.samplers.lattice import Lattice, levels_of_box
from hpsearch.scales import FloatArray
from hpsearch.space import Box

# While at least half of the box is untried, 40 draws in a row miss it once in 10^12 times.
ATTEMPTS = 40


def if_untried(x_unit: FloatArray, history: History) -> dict[str, Value] | None:
    """The values at the point (d,); None if they have been tried in this run."""
    (params,) = history.space.decode(x_unit[None, :])
    return None if history.space.key(params) in history.tried else params


def draw_untried(rng: np.random.Generator, box: Box, history: History) -> dict[str, Value] | None:
    """Untried values: uniform in the box; then of what is left in the box; then of anywhere.

    Returns:
        None if every point of the space has been tried.
    """
    space = history.space
    for _ in range(ATTEMPTS):
        params = if_untried(box.place(rng.random((1, space.dimensions)), space)[0], history)
        if params is not None:
            return params
    for part in (box, Box.whole(space)):
        left = _untried_points(part, history)
        if left:
            return left[rng.integers(len(left))]
    return None


def _untried_points(box: Box, history: History) -> list[dict[str, Value]]:
    levels = levels_of_box(history.space, box)
    if levels is None:
        return []
    # A box of which 40 draws found nothing new is not much larger than what was tried.
    points = (if_untried(x, history) for x in Lattice(history.space, levels).points())
    return [params for params in points if params is not None]
