"""Early stopping of running trials: each runs to the end, and is ended at a rung where it is out.

For programs that only print their metric. A trial is judged at a rung by its value there, against a
fixed set: the trials of its bracket that are numbered at least `lag` below it and reached that
rung. If one of these has not got there yet, the trial trains on, and is judged afterwards as of the
rung, even if it has ended by then. So no decision depends on who was faster.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hpsearch.history import LossAtRung, Round
from hpsearch.objectives.handle import Point
from hpsearch.strategies.base import PastSegment, Pause
from hpsearch.strategies.one_round import OneRound
from hpsearch.strategies.rules import RuleName, Rung, Standing
from hpsearch.trial import Decision, Outcome, Segment, Trial, TrialState

ReadValues = Callable[[Sequence[float]], "float | None"]


@dataclass
class _Course:
    """A trial on its way.

    Attributes:
        rung: the lowest rung (its index) at which it is not judged yet.
        points: rung -> the first point at or beyond it, and below the next rung; `losses` how good
            it was there. Who says nothing between two rungs cannot be judged at the lower one.
        skipped: rungs without such a point.
        values: of the metric, in this attempt.
        outcome: how its program ended; None while it runs.
        decided: rung -> what an earlier session decided there.
        is_out: whether it was judged out, at `rung`.
        reason: of the latest decision.
    """

    rung: int
    points: dict[int, Point] = field(default_factory=dict)
    losses: dict[int, float] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)
    values: list[float] = field(default_factory=list)
    outcome: Outcome | None = None
    decided: dict[int, Decision] = field(default_factory=dict)
    is_out: bool = False
    reason: str = ""

    def has_settled(self, rung: int) -> bool:
        """Whether it is known if it reached the rung."""
        if self.is_out or self.rung > rung or (self.rung == rung and rung in self.losses):
            return True
        return self.outcome is not None and self.rung not in self.losses

    def has_reached(self, rung: int) -> bool:
        """Whether it got there without being out below; once that is settled."""
        return rung in self.losses and self.rung >= rung


class _Field:
    """Those that reached a rung, up to a trial's number, by bracket.

    Trials get there in nearly the order of their numbers, so that one field serves them all: it
    goes forward and back by a few trials, instead of being made anew for each.
    """

    def __init__(self, rule: RuleName, factor: int) -> None:
        self._rule, self._factor = rule, factor
        self._in_order: list[tuple[int, int, float]] = []  # (number, bracket, loss)
        self._count = 0  # how many of them, the first ones, are in the field
        self._by_bracket: dict[int, Rung] = {}

    def reached(self, number: int, bracket: int, loss: float) -> None:
        """The next trial, by number, that got there."""
        self._in_order.append((number, bracket, loss))

    def standing(self, number: int, bracket: int, loss: float, below: int) -> Standing:
        """How a trial stands there among those that are numbered below another."""
        self._go_to(below)
        known = self._of(bracket)
        others = len(known.ranked)
        known.add(loss, number)
        standing = known.standing(number)
        known.remove(number)
        if others < self._factor:
            return replace(standing, goes_on=True, threshold=math.inf)
        return standing

    def _go_to(self, below: int) -> None:
        while self._count < len(self._in_order) and self._in_order[self._count][0] < below:
            number, bracket, loss = self._in_order[self._count]
            self._of(bracket).add(loss, number)
            self._count += 1
        while self._count and self._in_order[self._count - 1][0] >= below:
            self._count -= 1
            number, bracket, _ = self._in_order[self._count]
            self._of(bracket).remove(number)

    def _of(self, bracket: int) -> Rung:
        return self._by_bracket.setdefault(bracket, Rung(self._rule, self._factor))


class Stopping(OneRound):
    """Trials that are watched; see `OneRound` for the other arguments.

    Args:
        metric_name: the number that counts, in what trials report.
        read: which of its values so far counts; None if none does.
    """

    def __init__(
        self, *arguments: Any, metric_name: str, read: ReadValues, **settings: Any
    ) -> None:
        super().__init__(*arguments, **settings)
        self._metric_name = metric_name
        self._read = read
        self._last = len(self._rungs) - 1
        self._courses: list[_Course] = []
        self._resolved: dict[int, Outcome] = {}
        self._first_unresolved = 0
        self._taught = 0
        self._settled_up_to = [0] * len(self._rungs)
        self._fields = [_Field(self._rule, self._budget.factor) for _ in self._rungs]
        self._queued_again: list[int] = []

    def restore(self, rounds: Iterable[Round], past: Iterable[PastSegment]) -> None:
        """Take in what an earlier session did, and judge it all again.

        What was decided of a trial that has ended stays so, though one that it was compared with
        is run again: its program was ended, or was not.
        """
        self._restore_round(list(rounds))
        past = list(past)
        for one in past:
            self._start(one.segment.trial)
        for one in past:
            number = one.segment.trial.number
            if one.outcome is None:
                heapq.heappush(self._queued_again, number)
            else:
                self._courses[number].decided = {
                    self._rungs.index(decision.budget): decision
                    for decision in one.decisions
                    if decision.kind in ("stopped", "promoted") and decision.budget in self._rungs
                }
                self.tell(number, one.outcome, one.curve)

    def ask(self) -> Segment | Pause:
        """The next trial; a sampler that learns waits for those that it learns from."""
        if self._queued_again:
            number = heapq.heappop(self._queued_again)
            self._courses[number].values.clear()
            return self._segment(self._history.trials[number])
        drawn = len(self._history.trials)
        if not self._may_draw_after(drawn):
            return Pause.END
        if self._is_guided:
            if self._resolved_before() <= drawn - self._lag:
                return Pause.WAIT
            self._teach(drawn)
        trial = self._draw()
        if trial is None:
            return Pause.END
        self._begin(trial.number)
        return self._segment(trial)

    def _teach(self, number: int) -> None:
        """Note in the history what trial `number` may know: of the trials up to the one `lag`
        before it their losses at each rung; of a trial that is out, up to its end."""
        for taught in range(self._taught, number - self._lag + 1):
            outcome = self._resolved[taught]
            losses = {
                self._rungs[rung]: loss
                for rung, loss in self._courses[taught].losses.items()
                if outcome.budget is None or self._rungs[rung] <= outcome.budget
            }
            if outcome.state is not TrialState.STOPPED:
                losses[self._budget.max] = self._loss_of(outcome.value)
            for budget, loss in losses.items():
                known = LossAtRung(taught + self._lag, budget, taught, loss)
                self._history.record_at_rung(known)
            self._taught = taught + 1

    def tell(self, number: int, outcome: Outcome, curve: Sequence[Point] = ()) -> None:
        """How the program of a trial ended, by itself or because it was out."""
        if not outcome.state.is_finished:
            heapq.heappush(self._queued_again, number)
            return
        course = self._courses[number]
        if not course.values:
            self._take_in(course, curve)
        course.outcome = outcome
        self._history.record(number, outcome)
        if outcome.state is TrialState.DONE and (course.skipped or self._lacks_a_rung(course)):
            self._say_undecided(number, course)
        self._judge(number)

    def see(self, number: int, points: Sequence[Point]) -> None:
        """What a running trial has reported since the last call."""
        self._take_in(self._courses[number], points)
        self._judge(number)

    def is_out(self, number: int) -> bool:
        """Whether the trial is to be ended."""
        return self._courses[number].is_out

    def rung_points(self, number: int) -> Sequence[Point]:
        """The points by which the trial is judged."""
        return list(self._courses[number].points.values())

    def _start(self, trial: Trial) -> None:
        self._open_round()
        self._add(trial)
        self._begin(trial.number)

    def _begin(self, number: int) -> None:
        self._courses.append(_Course(rung=self._brackets[number]))

    def _segment(self, trial: Trial) -> Segment:
        return Segment(trial, budget=self._budget.max)

    def _resolved_before(self) -> int:
        """All the trials numbered below have their outcome, as the rule has it."""
        while self._first_unresolved in self._resolved:
            self._first_unresolved += 1
        return self._first_unresolved

    def _take_in(self, course: _Course, points: Sequence[Point]) -> None:
        for step, metrics in points:
            if self._metric_name not in metrics:
                continue
            course.values.append(metrics[self._metric_name])
            for rung, budget in enumerate(self._rungs):
                if step < budget or rung in course.losses or rung in course.skipped:
                    continue
                if rung < self._last and step >= self._rungs[rung + 1]:
                    course.skipped.add(rung)
                    continue
                course.losses[rung] = self._loss_of(self._read(course.values))
                course.points[rung] = step, metrics

    def _lacks_a_rung(self, course: _Course) -> bool:
        return course.rung < self._last and course.rung not in course.losses

    def _say_undecided(self, number: int, course: _Course) -> None:
        at = min(course.skipped, default=course.rung)
        rung, next_rung = self._rungs[at], self._rungs[at + 1]
        told = f"{self._metric_name} from {rung} to below {self._budget.amount(next_rung)}"
        reason = f"it reported no {told}, so nothing could be decided there"
        self._decisions.append(Decision(number, rung, "undecided", reason, {"rung": rung}))

    # ------------------------------------------------------------------------- judging

    def _judge(self, number: int) -> None:
        """Decide whatever can be decided now that more is known of a trial: each decision may make
        others possible."""
        due = [number]
        while due:
            number = heapq.heappop(due)
            while number not in self._resolved and self._judge_one(number):
                pass
            for freed in self._settle():
                heapq.heappush(due, freed)

    def _settle(self) -> set[int]:
        """Note who has reached each rung; the trials that may be judged there from now on."""
        freed: set[int] = set()
        for rung, field_ in enumerate(self._fields):
            first = number = self._settled_up_to[rung]
            while number < len(self._courses) and self._courses[number].has_settled(rung):
                if self._courses[number].has_reached(rung):
                    loss = self._loss_at_rung(number, rung)
                    field_.reached(number, self._brackets[number], loss)
                number += 1
            self._settled_up_to[rung] = number
            freed.update(range(first + self._lag, min(number + self._lag, len(self._courses))))
        return freed

    def _judge_one(self, number: int) -> bool:
        """Judge a trial at its next rung, or say how it stands in the end; whether that went."""
        course = self._courses[number]
        rung = course.rung
        if rung in course.skipped and not course.is_out:
            course.rung += 1
            return True
        is_due = rung < self._last and rung in course.losses and not course.is_out
        if is_due and rung in course.decided:
            decision = course.decided[rung]
            self._decisions.append(decision)
            self._follow(course, decision)
            return True
        if is_due:
            if self._settled_up_to[rung] <= number - self._lag:
                return False
            loss = self._loss_at_rung(number, rung)
            below = number - self._lag + 1
            standing = self._fields[rung].standing(number, self._brackets[number], loss, below)
            kind = "promoted" if standing.goes_on else "stopped"
            decision = self._decide(kind, number, rung, standing, course.losses[rung])
            self._follow(course, decision)
            return True
        if course.outcome is None:
            return False
        self._stand(number, course, course.outcome)
        return True

    def _follow(self, course: _Course, decision: Decision) -> None:
        course.is_out = decision.kind == "stopped"
        course.reason = decision.reason
        course.rung += not course.is_out

    def _loss_at_rung(self, number: int, rung: int) -> float:
        """Its loss there; by the median rule the best that it has had so far."""
        losses = self._courses[number].losses
        if self._rule != "median":
            return losses[rung]
        return min(loss for at, loss in losses.items() if at <= rung)

    def _stand(self, number: int, course: _Course, outcome: Outcome) -> None:
        """All is judged and the program has ended: how the trial stands."""
        if course.is_out:
            value = course.losses[course.rung]
            outcome = replace(
                outcome,
                state=TrialState.STOPPED,
                value=self._value_of(value) if math.isfinite(value) else None,
                reason=course.reason,
                budget=self._rungs[course.rung],
                exit_code=None,
                signal=None,
            )
        self._resolved[number] = outcome
        self._history.record(number, outcome)
