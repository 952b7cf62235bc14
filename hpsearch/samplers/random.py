"""Random search: every trial uniform in the box, in the coordinates of the scales.

Bergstra and Bengio 2012: where few of the parameters matter, random points try more different
values of those few than a grid of the same size.
"""

from __future__ import annotations

from hpsearch.history import History
from hpsearch.samplers.base import Draw, Proposal
from hpsearch.samplers.untried import draw_untried


class RandomSampler:
    """Independent uniform points."""

    def propose(self, draw: Draw, history: History) -> Proposal | None:
        """A uniform point of the box; None if the whole space has been tried."""
        params = draw_untried(draw.rng(), draw.round.box, history)
        return None if params is None else Proposal(params, "random")
