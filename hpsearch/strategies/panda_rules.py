"""Nursing one model: what the next day tries, and whether a day is kept or taken back.

A pure function of the days so far. The rules, whose effect benchmarks/budgets_panda.py measures:

1. The first day is looked for from nothing (`panda_start`).
2. Days that change nothing alternate with days that nudge one live parameter. The first parameter
   (the learning rate) has every other nudge; the others share the rest.
3. A nudge that is better than the curve so far promised is kept, and goes on twice as far the next
   day. As expected: the training is kept, the values go back. Worse than where the curve was, or
   diverged: yesterday's checkpoint and values are taken back, and next time the other way is tried,
   half as far. With several days side by side, the best one is kept, and a nudge is better if it
   beats the day beside it that changed nothing.
4. A curve so restless that nothing can be read from it asks for a lower learning rate: the noise
   of gradient descent grows with its steps.
5. Three days taken back from one checkpoint say that it was a lucky one rather than that all three
   were bad: the best of the three is kept. If none of them has a value, it is left for the day
   before it.
6. The last days lower the learning rate step by step (annealing), from the best day so far.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hpsearch.space import Space
from hpsearch.strategies import panda_words as words
from hpsearch.strategies.panda_curve import Expectation, expect, margin_of, mean_bent, unbend
from hpsearch.strategies.panda_facts import Kept, Note, Order, Proposal, Purpose, Result, is_log
from hpsearch.strategies.panda_nudges import (
    DOWN,
    FIRST_STEP,
    LARGEST_STEP,
    UP,
    Gaits,
    changes_between,
    is_learning_rate,
    moved,
    set_value,
)
from hpsearch.strategies.panda_start import CALMER, FirstDays

WATCHED_FIRST = 3
"""Points of the curve before the first nudge."""
QUIET_DAYS = 2
"""Days without a change before each nudge."""
RESTLESS = 0.1
"""Deviation of a measurement, in units of log loss."""
PATIENCE = 3
FINISH_SHARE = 0.3
"""Share of the days that lower the learning rate."""
FINISH_AT = 1 / 50
"""What is left of the learning rate on the last day."""


class Nurse:
    """One model, its days so far, and what to do next.

    Args:
        live: names of the live parameters, in the order of their importance.
        start: the values of the first day.
        days: in all.
        siblings: how many days are tried side by side at most.
    """

    def __init__(
        self, space: Space, live: Sequence[str], start: Mapping[str, Any], days: int, siblings: int
    ) -> None:
        self._space = space
        self._live = tuple(live)
        self._days = days
        self._siblings = siblings
        self._gaits = Gaits(live)
        self._now = Kept(None, dict(start))
        self._path: list[Kept] = []
        self._path_to: dict[int, tuple[Kept, ...]] = {}
        self._day_of: dict[int, int] = {}
        self._start: FirstDays | None = FirstDays(space, live[0], start, days, siblings)
        self._rate = next((name for name in live if is_learning_rate(name)), None)
        self._finish_days = round(FINISH_SHARE * days) if self._rate else 0
        self._finish_from: float | None = None
        others = [name for name in live if name != live[0]]
        self._rota = [name for other in others for name in (live[0], other)] or [live[0]]
        self._turn = 0
        self._quiet = 0
        self._on_a_run: str | None = None
        self._taken_back: list[Result] = []
        self._planned: list[Proposal] = []
        self._by_hand = False
        self._wanted: dict[str, Any] = {}
        self._back_to: int | None = None

    # ------------------------------------------------------------------ by hand

    def obey(self, day: int, order: Order) -> list[Note]:
        """Do what a person wants, before the day is planned."""
        if self._start is not None and self._start.best is None:
            self._start.begin_with(order.values)  # there is no day to go back to either
            return []
        self._end_start()
        notes = []
        if order.back_to is not None:
            kept_on = max((d for d in self._path_to if d <= order.back_to), default=None)
            if kept_on is not None:
                self._path = list(self._path_to[kept_on])
                back = self._path[-1]
                self._now = replace(back, values={**back.trained, **self._wanted})
                self._back_to = kept_on
                assert back.number is not None
                notes = [Note(back.number, "gone back to", words.by_hand(day))]
        if order.values:
            self._wanted |= order.values
            self._now = replace(self._now, values={**self._now.values, **order.values}, stretch=0)
            has_begun = self._finish_from is not None
            if has_begun and self._rate is not None and self._rate in order.values:
                # The way down goes on from there.
                share = 1 - (self._days - day) / self._finish_days
                self._finish_from = float(order.values[self._rate]) / FINISH_AT**share
        self._taken_back, self._on_a_run, self._by_hand = [], None, True
        return notes

    # ------------------------------------------------------------------ planning

    def plan(self, day: int) -> tuple[list[Proposal], list[Note]]:
        """What the day tries, and what was decided on the way to it."""
        notes: list[Note] = []
        if self._start is not None:
            self._planned = self._start.plan(day)
            if self._planned:
                return self._planned, notes
            self._end_start()
        if self._by_hand:
            before = self._path[-1].trained if self._path else self._now.values
            what = words.wanted(self._space, before, self._now.values, self._back_to)
            self._planned = [Proposal(self._now.values, self._now.number, what, "hand")]
        elif self._is_finishing(day):
            notes = self._begin_finish(day)
            self._planned = list(self._lowered(day))
        elif len(self._now.points) < WATCHED_FIRST and not self._taken_back:
            self._planned = [self._proposal(self._now.values, "watch")]
        else:
            self._planned = self._first_untried(self._wishes())
        return self._planned, notes

    def _end_start(self) -> None:
        """The search for a first day is over; its best one is the model now."""
        start, self._start = self._start, None
        if start is None or start.best is None:
            return
        values = dict(start.best.values)
        if self._rate is not None and start.larger_was_worse:
            values = set_value(self._space, values, self._rate, CALMER * values[self._rate])
        self._now = replace(start.best, values=values)
        self._path = [self._now]

    def _proposal(self, values: Mapping[str, Any], purpose: Purpose, why: str = "") -> Proposal:
        before = self._path[-1].values if self._path else values
        if len(self._path) == 1 and purpose == "watch":
            before, why = self._path[-1].trained, "calmer than the first day"
        what = words.tried(self._space, before, values, why)
        return Proposal(values, self._now.number, what, purpose)

    def _first_untried(
        self, wishes: Iterator[tuple[Mapping[str, Any] | None, Purpose, str]]
    ) -> list[Proposal]:
        """As many different days as there is room for, none that was tried from here before."""
        seen = [result.values for result in self._taken_back]
        proposals: list[Proposal] = []
        for values, purpose, why in wishes:
            if values is not None and values not in seen:
                seen.append(values)
                proposals.append(self._proposal(values, purpose, why))
            if len(proposals) == self._siblings:
                break
        return proposals or [self._proposal(self._now.values, "watch")]

    def _wishes(self) -> Iterator[tuple[Mapping[str, Any] | None, Purpose, str]]:
        """What could be tried next, best first."""
        has_company = self._siblings > 1
        if has_company:
            yield dict(self._now.values), "watch", ""
        if self._on_a_run is not None:
            gait = self._gaits[self._on_a_run]
            yield self._move(self._on_a_run, gait.direction * gait.size), "try", "on"
        if self._rate and self._now.noise is not None and self._now.noise > RESTLESS:
            yield self._move(self._rate, DOWN * FIRST_STEP / 2), "calm", "the curve is restless"
        if not self._taken_back and (self._quiet >= QUIET_DAYS or has_company):
            for i in range(len(self._rota)):
                name = self._rota[(self._turn + i) % len(self._rota)]
                gait = self._gaits[name]
                for direction in (gait.direction, -gait.direction):
                    yield self._move(name, direction * gait.size), "try", ""
                if not has_company:
                    break
        yield dict(self._now.values), "watch", ""
        for size in (FIRST_STEP / 2, FIRST_STEP, LARGEST_STEP):
            for direction in (DOWN, UP):
                yield self._move(self._live[0], direction * size), "try", "instead"

    def _move(self, name: str, step: float) -> dict[str, Any] | None:
        return moved(self._space, self._now.values, name, step)

    def _is_finishing(self, day: int) -> bool:
        return day > self._days - self._finish_days

    def _begin_finish(self, day: int) -> list[Note]:
        """The first of the last days goes back to the best day."""
        assert self._rate is not None
        if self._finish_from is not None:
            return []
        before = self._now
        best = min(range(len(self._path)), key=lambda i: self._path[i].loss)
        self._path = self._path[: best + 1]
        self._now = self._path[-1]
        self._taken_back, self._on_a_run = [], None
        self._finish_from = float(self._now.values[self._rate])
        if self._now is before or self._now.number is None:
            return []
        return [Note(self._now.number, "gone back to", words.finish_begins(self._finish_days))]

    def _lowered(self, day: int) -> Iterator[Proposal]:
        """The day's place on the way down; beside it, days that are ahead of it."""
        assert self._rate is not None
        assert self._finish_from is not None
        left = self._days - day
        seen: list[dict[str, Any]] = []
        for ahead in range(left + 1):
            share = 1 - (left - ahead) / self._finish_days
            target = self._finish_from * FINISH_AT**share
            values = set_value(self._space, self._now.values, self._rate, target)
            if values not in seen:  # as it is at the end of its range
                seen.append(values)
                yield self._proposal(values, "lower", "the last days lower it")
            if len(seen) == self._siblings:
                return

    # ------------------------------------------------------------------ judging

    def settle(self, day: int, results: Sequence[Result]) -> list[Note]:
        """Take in how the day went."""
        self._day_of |= {result.number: day for result in results}
        if self._start is not None:
            notes = self._start.settle(results)
            self._remember(self._start.best, ())
            return notes
        purposes = [proposal.purpose for proposal in self._planned]
        is_by_hand, self._by_hand = self._by_hand, False
        self._wanted, self._back_to = {}, None
        notes = [self._in_trouble(result) for result in results if result.trouble]
        alive = [(r, p) for r, p in zip(results, purposes, strict=True) if not r.trouble]
        if not alive:
            return notes + self._after_taking_back(day, results)
        log = self._is_log([r for r, _ in alive])
        best, purpose = min(alive, key=lambda pair: mean_bent(pair[0].points, log))
        expected = self._expected(best, [r for r, _ in alive], log)
        if expected.verdict(mean_bent(best.points, log)) == "worse" and not is_by_hand:
            notes += [self._note(r, "taken back", expected, words.WORSE) for r, _ in alive]
            return notes + self._after_taking_back(day, results)
        notes += [
            self._note(r, "passed over", expected, words.PASSED_OVER)
            for r, _ in alive
            if r is not best
        ]
        return [*notes, self._accept(best, purpose, expected, results)]

    def _is_log(self, compared: Sequence[Result]) -> bool:
        points = (point for result in compared for point in result.points)
        return is_log((*self._now.points, *points))

    def _expected(self, best: Result, alive: Sequence[Result], log: bool) -> Expectation:
        """From the curve, or better: from the day beside it that changed nothing."""
        steps = [step for step, _ in best.points]
        noise = self._now.noise_by(log)
        expected = expect(self._now.recent, steps, noise, log)
        control = next((r for r in alive if r.values == self._now.values), None)
        if control is None or control is best:
            return expected
        paired = margin_of(noise, 2 / len(steps), log)
        came = mean_bent(control.points, log)
        return replace(expected, ahead=came - paired + expected.margin)

    def _accept(
        self,
        best: Result,
        purpose: Purpose,
        expected: Expectation,
        results: Sequence[Result],
    ) -> Note:
        changes = changes_between(self._space, self._now.values, best.values)
        verdict = expected.verdict(mean_bent(best.points, expected.is_log))
        is_better = verdict == "better"
        self._taken_back = []
        was_on_a_run, self._on_a_run = self._on_a_run, None
        self._quiet = 0 if changes else self._quiet + 1
        self._count_turn(results, best)
        if purpose in ("lower", "hand", "watch", "calm") or not changes:
            self._keep(best, best.values, is_same_stretch=purpose in ("lower", "watch"))
            return self._note(best, "kept", expected, words.kept(purpose, verdict))
        if is_better:
            self._gaits.succeeded(changes)
            self._on_a_run = changes[0].name
            self._keep(best, best.values, is_same_stretch=False)
            return self._note(best, "kept", expected, words.BETTER)
        if not was_on_a_run or self._siblings == 1:
            self._gaits.failed(changes)
        self._keep(best, self._now.values, is_same_stretch=True)
        return self._note(best, "values back", expected, words.NO_BETTER)

    def _count_turn(self, results: Sequence[Result], best: Result) -> None:
        """What was tried, and did not become the model, was a nudge that failed."""
        has_tried = False
        for result, proposal in zip(results, self._planned, strict=True):
            if proposal.purpose == "try":
                has_tried = True
                if result is not best:
                    self._gaits.failed(
                        changes_between(self._space, self._now.values, result.values)
                    )
        self._turn += has_tried

    def _keep(self, result: Result, values: Mapping[str, Any], is_same_stretch: bool) -> None:
        self._now = self._now.after(result, values, is_same_stretch)
        self._remember(self._now, self._path)
        self._path.append(self._now)

    def _remember(self, kept: Kept | None, path: Sequence[Kept]) -> None:
        """So that a person can go back there, even after it was left."""
        if kept is not None and kept.number is not None:
            self._path_to[self._day_of[kept.number]] = (*path, kept)

    def _in_trouble(self, result: Result) -> Note:
        return Note(result.number, "taken back", f"it has no value: {result.trouble}")

    def _after_taking_back(self, day: int, results: Sequence[Result]) -> list[Note]:
        """Nothing of the day was kept; after three such days, the best of them is."""
        if not self._is_finishing(day):
            for result, proposal in zip(results, self._planned, strict=True):
                if proposal.purpose == "try":
                    self._gaits.failed(
                        changes_between(self._space, self._now.values, result.values)
                    )
        self._turn += any(proposal.purpose == "try" for proposal in self._planned)
        self._quiet, self._on_a_run = 0, None
        self._taken_back += results
        if len(self._taken_back) < PATIENCE * max(1, len(self._planned)):
            return []
        alive = [result for result in self._taken_back if not result.trouble]
        self._taken_back = []
        if not alive:
            return self._go_further_back()
        log = self._is_log(alive)
        best = min(alive, key=lambda result: mean_bent(result.points, log))
        self._keep(best, best.values, is_same_stretch=True)
        return [
            Note(
                best.number,
                "kept",
                words.best_of(len(alive)),
                {"least_bad_of": float(len(alive))},
                {"came": best.points[-1][1]},
            )
        ]

    def _go_further_back(self) -> list[Note]:
        """Nothing trains from here: the checkpoint may be broken, or the values too large."""
        notes = []
        if len(self._path) > 1:
            self._path.pop()
            self._now = self._path[-1]
            assert self._now.number is not None
            notes = [Note(self._now.number, "gone back to", words.NOTHING_TRAINS)]
        lower = self._move(self._live[0], DOWN * LARGEST_STEP)
        if lower is not None:
            self._now = replace(self._now, values=lower)
        return notes

    def _note(self, result: Result, kind: str, expected: Expectation, reason: str) -> Note:
        log = expected.is_log
        losses = {
            "came": unbend(mean_bent(result.points, log), log),
            "expected": unbend(expected.ahead, log),
            "now": unbend(expected.now, log),
            "better_below": unbend(expected.ahead - expected.margin, log),
            "worse_above": unbend(expected.now + expected.margin, log),
        }
        return Note(result.number, kind, reason, losses=losses)
