"""Drawing a new trial: known good points first, then whatever the sampler proposes.

The strategies that draw trials share it; when they draw one is their own affair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hpsearch.history import History, Round
from hpsearch.samplers import GIVEN, Draw, Sampler
from hpsearch.trial import Trial


class Drawing:
    """New trials of one run.

    Args:
        seed: trial i draws from (seed, round, i) only.
        start_with: sets of values, as `Space.accept` returns them, that are tried first.
    """

    def __init__(
        self, sampler: Sampler, seed: int, start_with: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        self._sampler = sampler
        self._seed = seed
        self._start_with = start_with

    def next_trial(self, round_: Round, history: History) -> Trial | None:
        """The trial after those of the history; None if every point of the space was tried."""
        number = len(history.trials)
        trial = self._next_start(number, round_.number, history)
        if trial is not None:
            return trial
        draw = Draw(number, number - round_.first_trial, round_, self._seed)
        proposal = self._sampler.propose(draw, history)
        if proposal is None:
            return None
        return Trial(number, round_.number, proposal.params, proposal.origin)

    def _next_start(self, number: int, round_number: int, history: History) -> Trial | None:
        if number >= len(self._start_with):
            return None
        untried = [
            params for params in self._start_with if history.space.key(params) not in history.tried
        ]
        return Trial(number, round_number, untried[0], GIVEN) if untried else None
