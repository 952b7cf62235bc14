"""The first days: a learning rate (or whatever is most important) that is good to begin with.

A rate that is far too large spoils the model for good, and one that is far too small wastes days.
So the first day is tried again from nothing with another value, as long as that makes it better:
the same model, the same examples in the same order, so that even a small difference is a real one
(compare the range test of Smith 2017, "Cyclical learning rates for training neural networks").
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hpsearch.space import Space
from hpsearch.strategies import panda_words as words
from hpsearch.strategies.panda_curve import FIRST_MARGIN, mean_bent
from hpsearch.strategies.panda_facts import Kept, Note, Proposal, Result, is_log
from hpsearch.strategies.panda_nudges import (
    DOWN,
    FIRST_STEP,
    LARGEST_STEP,
    SMALLEST_STEP,
    UP,
    changes_between,
    moved,
    step_words,
)

SHARE = 0.2
"""Of all the days; the search for a beginning ends then, whatever it has found."""
AT_LEAST = 2
CALMER = 0.6
"""The rate that is fastest on the first day is too large for the days after it."""
AS_GOOD = 0.25
"""Share of what still smaller rates lose that a smaller one may lose and be about as good."""
Look = tuple[int, float]
FIRST_LOOKS: tuple[Look, ...] = ((UP, FIRST_STEP), (DOWN, FIRST_STEP), (DOWN, LARGEST_STEP))


class FirstDays:
    """Tries first days until both ways are worse.

    Attributes:
        best: the best first day so far; None before one has a value.
        larger_was_worse: whether a larger value has proven worse than the best, or had no value.
    """

    def __init__(
        self, space: Space, name: str, start: Mapping[str, Any], days: int, siblings: int
    ) -> None:
        self._space = space
        self._name = name
        self._start = dict(start)
        self._last_day = max(AT_LEAST, int(SHARE * days))
        self._siblings = siblings
        self._looks: list[Look] = list(FIRST_LOOKS)
        self._wanted: dict[str, Any] = {}
        self._tried: list[Mapping[str, Any]] = []
        self._compared: list[Result] = []
        self._lowest: Result | None = None
        self.larger_was_worse = False
        self.best: Kept | None = None

    def begin_with(self, values: Mapping[str, Any]) -> None:
        """The next first day has these values, which a person wants; none has a value yet."""
        self._wanted |= values

    def plan(self, day: int) -> list[Proposal]:
        """First days to try; none if the search for a beginning is over."""
        if self._wanted:
            return [self._by_hand()]
        if self.best is not None and day > self._last_day:
            return []
        base = self._start if self.best is None else self.best.values
        proposals = []
        if self.best is None:
            if self._start in self._tried:  # it failed
                self._start = moved(self._space, base, self._name, -LARGEST_STEP) or self._start
            proposals = [Proposal(self._start, None, "the first day", "begin")]
        for direction, size in tuple(self._looks):
            if len(proposals) >= (
                1 if self.best is None and self._siblings == 1 else self._siblings
            ):
                break
            values = moved(self._space, base, self._name, direction * size)
            if values is None or values in self._tried:
                self._looks.remove((direction, size))
                continue
            values = self._unlike(proposals, base, direction * size)
            if values is None:
                continue
            what = f"begin anew with {step_words(self._space, base, values)}"
            proposals.append(Proposal(values, None, what, "begin"))
        return proposals

    def _by_hand(self) -> Proposal:
        before, self._start = self._start, {**self._start, **self._wanted}
        self._wanted, self._looks = {}, list(FIRST_LOOKS)
        what = words.wanted(self._space, before, self._start, None)
        return Proposal(self._start, None, what, "hand")

    def _unlike(
        self, proposals: Sequence[Proposal], base: Mapping[str, Any], step: float
    ) -> dict[str, Any] | None:
        """The base moved by the step; halved where the end of the range has cut it short, and the
        day has that value already. None if none is left that was not tried."""
        known = [*self._tried, *(proposal.values for proposal in proposals)]
        while abs(step) >= SMALLEST_STEP / 2:
            values = moved(self._space, base, self._name, step)
            if values is None or values not in known:
                return values
            step /= 2
        return None

    def settle(self, results: Sequence[Result]) -> list[Note]:
        """Take in first days, one after the other."""
        return [self._settle(result) for result in results]

    def _settle(self, result: Result) -> Note:
        self._tried.append(dict(result.values))
        base = self._start if self.best is None else self.best.values
        changes = changes_between(self._space, base, result.values)
        step = changes[0].step if changes else 0.0
        if result.trouble:
            self.larger_was_worse |= step >= 0  # the start itself gives way to a smaller one
            self._forget(step)
            return Note(result.number, "taken back", f"it has no value: {result.trouble}")
        losses = {"came": result.points[-1][1]}
        if self.best is not None:
            losses["expected"] = self.best.points[-1][1]
        self._compared.append(result)
        above = self._above_lowest(result)
        if self.best is None or above < self._tolerance(step):
            reason = self._why_kept(above)
            if above < 0 or self._lowest is None:
                self._lowest = result
            self.best = Kept(
                result.number,
                result.values,
                result.points,
                len(result.points),
                trained=result.values,
            )
            self._look_on(step)
            return Note(result.number, "kept", reason, losses=losses)
        self.larger_was_worse |= step > 0 and above > FIRST_MARGIN
        self._forget(step)
        return Note(result.number, "taken back", _why_taken_back(above), losses=losses)

    def _tolerance(self, step: float) -> float:
        """How much worse than the lowest a first day may be; below 0, how much better it must be.

        As long as no larger value has proven worse, all that is better is kept, however little:
        a rate that is far too small moves the loss so little that no step is clearly better. Then
        a larger one must be clearly better, and a smaller one that is about as good is preferred:
        it has more left to gain. About as good means beside what still smaller ones lose; they
        show how much of the loss the rate decides at all.
        """
        if not self.larger_was_worse:
            return 0.0
        if step > 0:
            return -FIRST_MARGIN
        return min(FIRST_MARGIN, AS_GOOD * self._lost_by_smaller())

    def _lost_by_smaller(self) -> float:
        """By how much the worst of the values below the lowest day's was worse than that."""
        assert self._lowest is not None
        lowest = self._lowest.values[self._name]
        earlier = self._compared[:-1]
        smaller = [result for result in earlier if result.values[self._name] < lowest]
        return max((self._above_lowest(result) for result in smaller), default=0.0)

    def _above_lowest(self, result: Result) -> float:
        """By how much the day is worse than the best one so far, bent."""
        if self._lowest is None:
            return 0.0
        log = is_log([point for other in self._compared for point in other.points])
        return mean_bent(result.points, log) - mean_bent(self._lowest.points, log)

    def _why_kept(self, above: float) -> str:
        if self.best is None:
            return "something to compare with"
        if above < -FIRST_MARGIN:
            return "the best first day so far; further in this direction next"
        if above < 0:
            return "the best first day so far, if only just; further in this direction next"
        return "about as good as the best first day so far, with a smaller value"

    def _look_on(self, step: float) -> None:
        if step:
            direction = UP if step > 0 else DOWN
            size = abs(step)
            further = min(LARGEST_STEP, 2 * size)
            self._looks = [(direction, further), (direction, size / 2), (-direction, size / 2)]

    def _forget(self, step: float) -> None:
        for look in self._looks:
            if math.isclose(look[0] * look[1], step, rel_tol=1e-6, abs_tol=1e-9):
                self._looks.remove(look)
                return
        if step and self._looks:  # cut short by the end of the range
            same_way = [look for look in self._looks if look[0] * step > 0]
            if same_way:
                self._looks.remove(same_way[0])


def _why_taken_back(above: float) -> str:
    if above < 0:
        return "not clearly better than the best first day so far, and a larger value was worse"
    return "no better than the best first day so far"
