"""Sobol search: the points of a round fill the box evenly, however many of them there are.

The sequence itself is in `sobol_sequence`; each round has a scrambling of its own.
"""

from __future__ import annotations

from hpsearch.errors import SamplerError
from hpsearch.history import History
from hpsearch.samplers.base import Draw, Proposal
from hpsearch.samplers.sobol_directions import MAX_DIMENSIONS
from hpsearch.samplers.sobol_sequence import sobol_points
from hpsearch.samplers.untried import Untried, if_untried


class SobolSampler:
    """Point i of the round is point i of the round's scrambled sequence."""

    def __init__(self) -> None:
        self._untried = Untried()

    def propose(self, draw: Draw, history: History) -> Proposal | None:
        """The sequence's point; where it was tried before, a random one of what is left."""
        space = history.space
        if space.dimensions > MAX_DIMENSIONS:
            raise SamplerError(
                f"sampler: sobol knows {MAX_DIMENSIONS} dimensions, but the space has "
                f"{space.dimensions}; choose sampler: random"
            )
        u = sobol_points(draw.position, 1, space.dimensions, draw.round_seed())
        params = if_untried(draw.round.box.place(u, space)[0], space, history)
        if params is not None:
            return Proposal(params, "sobol")
        left = self._untried.draw(draw.rng(), draw.round.box, history)
        return None if left is None else Proposal(left, "random: the sobol point was tried before")
