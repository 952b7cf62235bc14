"""Random search: every trial uniform in the box, in the coordinates of the scales.

Bergstra and Bengio 2012: where few of the parameters matter, random points try more different
values of those few than a grid of the same size.
"""

from __future__ import annotations

from hpsearch.history import History
from hpsearch.samplers.base import Draw, Proposal
from hpsearch.samplers.untried import Untried


class RandomSampler:
    """Independent uniform points."""

    def __init__(self) -> None:
        self._untried = Untried()

    def propose(self, draw: Draw, history: History) -> Proposal | None:
        """A uniform point of the box; None if the whole space has been tried."""
        params = self._untried.draw(draw.rng(), draw.round.box, history)
        return None if params is None else Proposal(params, "random")
