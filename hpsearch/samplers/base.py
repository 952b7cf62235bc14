"""What a sampler is: given where to look and what was tried, the next point.

A sampler knows no file, clock, thread or click; the same draw always gives the same point.
The contract of every sampler is tested in tests/contracts/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hpsearch.domains import Value
from hpsearch.history import History, Round

GIVEN = "start_with"
"""Origin of a trial whose values a person gave: no sampler has proposed it."""


@dataclass(frozen=True)
class Draw:
    """Which point is asked for.

    Attributes:
        number: of the trial, over the whole run.
        position: of the trial in its round, from 0.
        round: its round; the point lies in the round's box as long as that has untried points.
        seed: of the run.
    """

    number: int
    position: int
    round: Round
    seed: int

    def rng(self) -> np.random.Generator:
        """This trial's own generator; it depends on no other trial, nor on jobs or timing."""
        return np.random.default_rng(
            np.random.SeedSequence(self.seed, spawn_key=(self.round.number, self.number))
        )

    def round_seed(self) -> np.random.SeedSequence:
        """A seed that all the trials of the round share."""
        return np.random.SeedSequence(self.seed, spawn_key=(self.round.number,))


@dataclass(frozen=True)
class Proposal:
    """A point that was never tried.

    Attributes:
        params: its values, as `Space.decode` gives them.
        origin: how it came about, in words.
    """

    params: dict[str, Value]
    origin: str


class Sampler(Protocol):
    """Proposes points."""

    def propose(self, draw: Draw, history: History) -> Proposal | None:
        """The point of this draw; None if nothing is left to try in this round.

        Args:
            history: the trials before this one; of their outcomes a sampler may use only what does
                not depend on timing.
        Raises:
            SamplerError: if the sampler cannot work on this space.
        """
