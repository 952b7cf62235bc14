"""The trials of a run in memory: what samplers, zoom and strategies may look at.

`History` is filled by a strategy as trials are asked for and told; `Round` and `Move` say what a
zoom did. Nothing here decides anything or touches a file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal, NamedTuple

import numpy as np

from hpsearch.scales import FloatArray
from hpsearch.space import Box, Space
from hpsearch.trial import Outcome, Trial, TrialState

MoveKind = Literal["whole", "kept", "narrowed", "moved", "widened", "dropped"]


@dataclass(frozen=True)
class Move:
    """What a zoom did with one column, and why.

    Attributes:
        column: `Column.name`.
        kind: `whole` in the first round; then `kept`, `narrowed`, `widened` (larger than the last
            box), `moved` (beyond the last box, and no larger) or `dropped` (categories).
        reason: in words and numbers.
    """

    column: str
    kind: MoveKind
    reason: str


@dataclass(frozen=True)
class Round:
    """One zoom level of a run.

    Attributes:
        number: from 1.
        first_trial: number of its first trial.
        trials: how many it may have.
        box: where they are drawn.
        summary: which trials the box was made from.
        moves: one for each column.
    """

    number: int
    first_trial: int
    trials: int
    box: Box
    summary: str
    moves: tuple[Move, ...]


class LossAtRung(NamedTuple):
    """What came to be known of a trial at a rung.

    Attributes:
        known_from: number of the first trial that is drawn with this known.
        budget: of the rung.
        trial: its number.
        loss: +inf if it failed.
    """

    known_from: int
    budget: int
    trial: int
    loss: float


class History:
    """Trials in the order of their numbers, with the outcomes that are known.

    Args:
        rungs: where trials have a budget, those at which they are compared. A sampler then learns
            from what is known there, not from `outcomes`.

    Attributes:
        space: the space they were drawn from.
        trials: trial i at position i.
        outcomes: number -> outcome, for the finished ones.
        tried: `Space.key` of every trial.
    """

    def __init__(self, space: Space, rungs: Sequence[int] = ()) -> None:
        self.space = space
        self.trials: list[Trial] = []
        self.outcomes: dict[int, Outcome] = {}
        self.tried: set[tuple[Any, ...]] = set()
        self.rungs = tuple(rungs)
        self._losses_at_rungs: list[LossAtRung] = []

    def add(self, trial: Trial) -> None:
        """Take in a trial that was just drawn."""
        assert trial.number == len(self.trials), "trials are numbered without gaps"
        self.trials.append(trial)
        self.tried.add(self.space.key(trial.params))

    def record(self, number: int, outcome: Outcome) -> None:
        """Take in how a trial ended."""
        self.outcomes[number] = outcome

    def record_at_rung(self, known: LossAtRung) -> None:
        """Take in how far a trial has come, in the order in which new trials may know of it."""
        assert not self._losses_at_rungs or self._losses_at_rungs[-1].known_from <= known.known_from
        self._losses_at_rungs.append(known)

    def losses_at_rungs(self, number: int) -> dict[int, dict[int, float]]:
        """Budget -> number of a trial -> its loss, as far as trial `number` knows them; the same
        whenever it is asked for, once that trial is drawn."""
        found: dict[int, dict[int, float]] = {budget: {} for budget in self.rungs}
        for known in takewhile(lambda known: known.known_from <= number, self._losses_at_rungs):
            found[known.budget][known.trial] = known.loss
        return found

    def losses(self, loss: Callable[[float], float]) -> tuple[list[Trial], FloatArray]:
        """The finished trials, and their losses, (n,): +inf for those without a final value.

        Args:
            loss: turns a metric's value into a number of which less is better.
        """
        finished = [trial for trial in self.trials if trial.number in self.outcomes]
        losses = [self._loss(self.outcomes[trial.number], loss) for trial in finished]
        return finished, np.array(losses, dtype=np.float64)

    @staticmethod
    def _loss(outcome: Outcome, loss: Callable[[float], float]) -> float:
        if outcome.state is not TrialState.DONE or outcome.value is None:
            return math.inf
        return loss(outcome.value)
