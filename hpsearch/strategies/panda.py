"""Panda: one model, nursed day by day; or a population of such models.

A panda has one cub at a time and looks after it (Ng, course 2, week 3). Here: which trials a day
consists of, how they are numbered and how they stand; what is tried and what is kept is decided in
`panda_rules` and `population`. A day waits for the last of the trials side by side, so no decision
depends on which slot was faster.

Every day that is tried is a trial: `parent` is the trial whose checkpoint it goes on from, `round`
is the day. A roll-back is the choice of another parent.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from hpsearch.history import History, Round
from hpsearch.objectives.handle import Point
from hpsearch.space import Space
from hpsearch.strategies.base import PastSegment, Pause
from hpsearch.strategies.panda_facts import Note, Order, Proposal, Result, Rules
from hpsearch.trial import Decision, Outcome, Segment, Trial, TrialState

NOT_KEPT = ("taken back", "passed over")


class Orders(Protocol):
    """What people want done, by day; who keeps it is the search's affair."""

    def of_day(self, day: int, is_new: bool) -> Sequence[Order]:
        """The orders for a day. With `is_new`, those that nobody has seen yet become its own."""

    def close(self) -> None:
        """There will be no more days: what nobody has seen yet has come too late."""


class NoOrders:
    """Nobody wants anything."""

    def of_day(self, day: int, is_new: bool) -> Sequence[Order]:
        """None."""
        return ()

    def close(self) -> None:
        """Nothing can come too late."""


class Panda:
    """Days, one after the other.

    Args:
        metric_name: of the number in the curve by which a day is judged.
        loss: turns the metric's value into a number of which less is better, and back.
        days: in all, those that are taken back included.
        length: of a day, in units of the budget.
        is_one_model: whether all the trials are one model, and share its seed.
        start: the budget of the checkpoint that the first day goes on from; 0 for none.
    """

    def __init__(
        self,
        space: Space,
        rules: Rules,
        *,
        metric_name: str,
        loss: Callable[[float], float],
        days: int,
        length: int,
        is_one_model: bool,
        orders: Orders | None = None,
        start: int = 0,
    ) -> None:
        self._rules = rules
        self._metric_name = metric_name
        self._loss = loss
        self._days = days
        self._length = length
        self._orders = orders or NoOrders()
        self.is_one_model = is_one_model
        self._history = History(space)
        self._decisions: list[Decision] = []
        self._day = 0
        self._of_day: list[int] = []
        self._waiting: deque[int] = deque()
        self._curves: dict[int, Sequence[Point]] = {}
        self._ended: dict[int, Outcome] = {}
        self._budgets: dict[int | None, int] = {None: start}
        self._past: dict[int, PastSegment] = {}

    @property
    def rounds(self) -> Sequence[Round]:
        """None: a day is no part of the space."""
        return ()

    @property
    def history(self) -> History:
        """The trials that were asked for so far, and how each one stands."""
        return self._history

    @property
    def decisions(self) -> Sequence[Decision]:
        """What was decided about days so far."""
        return self._decisions

    @property
    def exhausted(self) -> bool:
        """Never: there is always another day to try."""
        return False

    def restore(self, rounds: Iterable[Round], past: Iterable[PastSegment]) -> None:
        """Take in what an earlier session did, day by day."""
        self._past = {segment.segment.trial.number: segment for segment in past}
        while len(self._history.trials) in self._past:
            self._open_day()
            for number in self._of_day:
                known = self._past.get(number)
                if known is not None and known.outcome is not None:
                    self._waiting.remove(number)
                    self.tell(number, known.outcome, known.curve)
            if not self._is_settled:
                return

    def ask(self) -> Segment | Pause:
        """The next trial of the day; WAIT for the last one of a day; END after the last day."""
        if not self._waiting:
            if not self._is_settled:
                return Pause.WAIT
            if self._day == self._days:
                self._orders.close()
                return Pause.END
            self._open_day()
        trial = self._history.trials[self._waiting.popleft()]
        return Segment(
            trial,
            budget=self._budgets[trial.number],
            start=self._budgets[trial.parent],
            is_last=False,
        )

    def tell(self, number: int, outcome: Outcome, curve: Sequence[Point] = ()) -> None:
        """How a trial ended; with the last one of its day, the day is judged."""
        if not outcome.state.is_finished:
            self._waiting.append(number)
            return
        self._history.record(number, outcome)
        self._ended[number] = outcome
        self._curves[number] = curve
        if self._is_settled:
            results = [self._result(number) for number in self._of_day]
            self._write_down(self._rules.settle(self._day, results))

    @property
    def _is_settled(self) -> bool:
        return all(number in self._ended for number in self._of_day)

    def _open_day(self) -> None:
        self._day += 1
        first = len(self._history.trials)
        for order in self._orders.of_day(self._day, is_new=first not in self._past):
            self._write_down(self._rules.obey(self._day, order))
        proposals, notes = self._rules.plan(self._day)
        self._write_down(notes)
        self._of_day = []
        for number, proposal in enumerate(proposals, start=first):
            known = self._past.get(number)
            trial = known.segment.trial if known is not None else self._trial(number, proposal)
            self._history.add(trial)
            self._budgets[number] = self._budgets[trial.parent] + self._length
            self._of_day.append(number)
            self._waiting.append(number)

    def _trial(self, number: int, proposal: Proposal) -> Trial:
        params: dict[str, Any] = dict(proposal.values)
        return Trial(number, self._day, params, proposal.words, proposal.parent)

    def _result(self, number: int) -> Result:
        trial, outcome = self._history.trials[number], self._ended[number]
        told = tuple(
            (step, self._loss(metrics[self._metric_name]))
            for step, metrics in self._curves[number]
            if math.isfinite(metrics.get(self._metric_name, math.nan))
        )
        # A program that had no checkpoint tells of the days before once more.
        start = self._budgets[trial.parent]
        points = tuple(point for point in told if point[0] >= start) or told
        trouble = ""
        if outcome.state is not TrialState.DONE or outcome.value is None:
            points, trouble = (), outcome.reason or outcome.state.value
        elif not points:  # it has no curve, only a value at its end
            points = ((float(self._budgets[number]), self._loss(outcome.value)),)
        return Result(number, trial.params, trial.parent, points, trouble)

    def _write_down(self, notes: Sequence[Note]) -> None:
        for note in notes:
            details = {"day": float(self._day), **note.details}
            details |= {name: self._loss(loss) for name, loss in note.losses.items()}
            self._decisions.append(
                Decision(note.number, self._budgets[note.number], note.kind, note.reason, details)
            )
            outcome = self._ended[note.number]
            if outcome.state is TrialState.DONE and note.kind in NOT_KEPT:
                outcome = replace(
                    outcome, state=TrialState.STOPPED, reason=f"{note.kind}: {note.reason}"
                )
            self._history.record(note.number, outcome)
