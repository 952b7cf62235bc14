"""Early stopping by promotion: a trial goes from rung to rung, and waits at each for its turn.

Asynchronous successive halving (Li et al. 2020, "A system for massively parallel hyperparameter
tuning", algorithm 2), its Hyperband form, and the median rule, decided on a virtual clock.

The clock. Which outcomes a decision may know must not depend on who was faster, or a resumed run
would go another way. So the asks are laid out on `lag` virtual slots, where a segment takes exactly
the time that its budget says. An ask comes when a virtual slot is free, and knows the outcomes of
the segments that have ended by then on that clock; if one of them is still running in truth, the
ask waits for it. Where these allow nothing, the clock goes on to the next end, until they do. With
segments of one length this is "ask k knows the outcomes of asks 0 to k - lag"; with rungs of very
different lengths a long segment holds up nobody who does not depend on it.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from hpsearch.history import LossAtRung, Round
from hpsearch.objectives.handle import Point
from hpsearch.strategies.base import PastSegment, Pause
from hpsearch.strategies.one_round import OneRound
from hpsearch.strategies.rules import Rung
from hpsearch.trial import Decision, Outcome, Segment, TrialState

NEW = -1
"""The choice of a new trial, where others are the number of one that goes on."""


class Promotion(OneRound):
    """Trials that are trained from rung to rung; see `OneRound` for the arguments."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        levels = range(len(self._rungs))
        # By bracket and index of the rung; a bracket has only the rungs from its lowest on.
        self._known = {
            (b, r): Rung(self._rule, self._budget.factor) for b in levels for r in levels if r >= b
        }
        self._asks: list[Segment] = []
        self._laid_out = 0  # asks that are on the virtual clock: all, but while it is restored
        self._drawn = 0  # new trials among them
        self._outcomes: dict[int, Outcome] = {}  # by ask, as they were told
        self._ask_of: dict[int, int] = {}  # trial -> its latest ask
        self._queued_again: list[int] = []
        self._flight: list[tuple[int, int]] = []  # (end on the virtual clock, ask)
        self._now = 0
        self._best: dict[int, float] = {}  # trial -> its best loss on the virtual clock
        self._is_closed = False

    def restore(self, rounds: Iterable[Round], past: Iterable[PastSegment]) -> None:
        """Take in what an earlier session did, and decide it all again."""
        self._restore_round(list(rounds))
        for one in past:
            segment = one.segment
            if segment.index == 0:
                self._open_round()
                self._add(segment.trial)
            ask = self._register(segment)
            if one.outcome is None:
                heapq.heappush(self._queued_again, ask)
            else:
                self._outcomes[ask] = one.outcome
                self._history.record(segment.trial.number, self._settled(segment, one.outcome))
        self._lay_out()

    def _lay_out(self) -> bool:
        """Put what an earlier session asked for on the clock; False while an end on which it
        depends is not known: of a trial that had failed and is run again."""
        if self._laid_out == len(self._asks):
            return True
        while self._laid_out < len(self._asks):
            segment = self._asks[self._laid_out]
            wanted = segment.trial.number if segment.index else NEW
            if self._choose(wanted) is Pause.WAIT:
                return False
            # What is no longer allowed, since a trial was run again, has happened all the same.
            if segment.index:
                self._say_promoted(wanted, segment.start)
            self._take_off(self._laid_out)
        for decision in self._decisions:
            self._note_reason(decision.trial, decision.budget, decision.reason)
        return True

    def ask(self) -> Segment | Pause:
        """The next segment; WAIT while it depends on one that is running."""
        if self._queued_again:
            return self._asks[heapq.heappop(self._queued_again)]
        if not self._lay_out():
            return Pause.WAIT
        while True:
            choice = self._choose()
            if choice is Pause.END:
                self._close()
            if isinstance(choice, Pause):
                return choice
            segment = self._new_segment() if choice == NEW else self._promote(choice)
            if segment is not None:
                self._take_off(self._register(segment))
                return segment

    def tell(self, number: int, outcome: Outcome, curve: Sequence[Point] = ()) -> None:
        """How the running segment of a trial ended."""
        ask = self._ask_of[number]
        if not outcome.state.is_finished:
            heapq.heappush(self._queued_again, ask)
            return
        self._outcomes[ask] = outcome
        self._history.record(number, self._settled(self._asks[ask], outcome))

    # ------------------------------------------------------------------ the virtual clock

    def _choose(self, wanted: int | None = None) -> int | Pause:
        """What runs next: NEW, the trial that goes on, or why there is nothing.

        Args:
            wanted: what an earlier session chose; the clock goes on until it is allowed.
        """
        if len(self._flight) >= self._lag and not self._land():
            return Pause.WAIT
        while True:
            choice = self._allowed()
            if choice is not None and wanted in (None, choice):
                return choice
            if not self._flight:
                last = self._best_of_all()
                return Pause.END if last is None else last
            if not self._land():
                return Pause.WAIT

    def _register(self, segment: Segment) -> int:
        ask = len(self._asks)
        self._asks.append(segment)
        self._ask_of[segment.trial.number] = ask
        return ask

    def _take_off(self, ask: int) -> None:
        segment = self._asks[ask]
        assert segment.budget is not None
        heapq.heappush(self._flight, (self._now + segment.budget - segment.start, ask))
        self._laid_out = ask + 1
        if segment.index == 0:
            self._drawn += 1

    def _land(self) -> bool:
        """Go on to the next end on the clock; False if it has not ended in truth."""
        end, ask = self._flight[0]  # none ends before now
        if ask not in self._outcomes:
            return False
        heapq.heappop(self._flight)
        self._now = end
        segment, outcome = self._asks[ask], self._outcomes[ask]
        number = segment.trial.number
        settled = self._settled(segment, outcome)
        bracket = self._brackets[number]
        rung = self._rungs.index(segment.budget)
        known = self._known[bracket, rung]
        loss = self._loss_at_rung(number, outcome)
        known.add(loss, number)
        self._history.record_at_rung(LossAtRung(self._drawn, self._rungs[rung], number, loss))
        # One that is good enough goes on as soon as a virtual slot is free.
        if settled.state is TrialState.STOPPED and not known.standing(number).goes_on:
            decision = self._judged("stopped", number, rung, " so far")
            self._note_reason(number, segment.budget, decision.reason)
        return True

    def _loss_at_rung(self, number: int, outcome: Outcome) -> float:
        """Its loss there; by the median rule the best that it has had so far."""
        loss = self._loss_of(outcome.value)
        if self._rule == "median" and math.isfinite(loss):
            loss = self._best[number] = min(loss, self._best.get(number, math.inf))
        return loss

    def _allowed(self) -> int | None:
        """From the highest rung down: the best that may go on; else a new trial; else nothing."""
        for rung in reversed(range(len(self._rungs) - 1)):
            for bracket in range(rung + 1):
                number = self._known[bracket, rung].best_to_go_on()
                if number is not None:
                    return number
        return NEW if self._may_draw_after(self._drawn) else None

    def _best_of_all(self) -> int | None:
        """When nothing may go on any more and no trial was trained to the end: the best one.

        Where that fails, the next one; but no more than `factor` from a rung, for a program may
        fail whatever it is given.
        """
        if any(
            self._asks[ask].is_last and outcome.value is not None
            for ask, outcome in self._outcomes.items()
            if ask < self._laid_out
        ):
            return None
        for rung in reversed(range(len(self._rungs) - 1)):
            best = [
                (loss, number)
                for (_, at), known in self._known.items()
                if at == rung
                for loss, number in known.ranked[: self._budget.factor]
                if number not in known.gone_on and math.isfinite(loss)
            ]
            if best:
                return min(best)[1]
        return None

    # ------------------------------------------------------------------ what was chosen

    def _new_segment(self) -> Segment | None:
        trial = self._draw()
        return None if trial is None else self._segment(trial.number, 0, self._brackets[-1], 0)

    def _promote(self, number: int) -> Segment:
        last = self._asks[self._ask_of[number]]
        assert last.budget is not None
        self._say_promoted(number, last.budget)
        rung = self._rungs.index(last.budget)
        return self._segment(number, last.index + 1, rung + 1, last.budget)

    def _say_promoted(self, number: int, budget: int) -> None:
        bracket, rung = self._brackets[number], self._rungs.index(budget)
        self._judged("promoted", number, rung, " so far")
        self._known[bracket, rung].gone_on.add(number)

    def _segment(self, number: int, index: int, rung: int, start: int) -> Segment:
        trial = self._history.trials[number]
        return Segment(trial, index, self._rungs[rung], start, rung == len(self._rungs) - 1)

    def _close(self) -> None:
        """All is known now: say of each trial that did not go on how it stood in the end."""
        if self._is_closed:
            return
        self._is_closed = True
        for (_, rung), known in self._known.items():
            if rung == len(self._rungs) - 1:
                continue
            for _, number in known.ranked:
                settled = self._history.outcomes[number]
                if number not in known.gone_on and settled.state is TrialState.STOPPED:
                    decision = self._judged("stopped", number, rung)
                    self._note_reason(number, self._rungs[rung], decision.reason)

    def _judged(self, kind: str, number: int, rung: int, note: str = "") -> Decision:
        known = self._known[self._brackets[number], rung]
        return self._decide(kind, number, rung, known.standing(number), known.loss_of(number), note)

    def _settled(self, segment: Segment, outcome: Outcome) -> Outcome:
        """How a trial stands after a segment: at the end of one that is not its last, stopped."""
        settled = replace(outcome, budget=segment.budget)
        if segment.is_last or outcome.state is not TrialState.DONE:
            return settled
        assert segment.budget is not None
        reason = f"at {self._budget.amount(segment.budget)}; it waits for its turn"
        return replace(settled, state=TrialState.STOPPED, reason=reason)

    def _note_reason(self, number: int, budget: int | None, reason: str) -> None:
        stands = self._history.outcomes.get(number)
        if stands is not None and stands.state is TrialState.STOPPED and stands.budget == budget:
            self._history.record(number, replace(stands, reason=reason))
