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
from hpsearch.strategies.panda_curve import FIRST_MARGIN, SMALLEST_MARGIN, mean_bent
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
"""The rate that is fastest on the first day is too large for the days after it.

Not where the days were over before a larger one was tried: it is not known to be the fastest.
"""
CLEARLY = SMALLEST_MARGIN
"""How much better a first day must be. First days share their model and their examples, so that
little is noise, and `FIRST_MARGIN` would take back every better rate where a whole day of training
brings less than that."""
Look = tuple[int, float]


class FirstDays:
    """Tries first days until both ways are worse.

    Attributes:
        best: the best first day so far; None before one has a value.
    """

    def __init__(
        self, space: Space, name: str, start: Mapping[str, Any], days: int, siblings: int
    ) -> None:
        self._space = space
        self._name = name
        self._start = dict(start)
        self._last_day = max(AT_LEAST, int(SHARE * days))
        self._siblings = siblings
        self._looks: list[Look] = [(UP, FIRST_STEP), (DOWN, FIRST_STEP), (DOWN, LARGEST_STEP)]
        self._tried: list[Mapping[str, Any]] = []
        self._lowest = math.inf
        self._larger_was_worse = False
        self.best: Kept | None = None

    @property
    def is_cut_off(self) -> bool:
        """Whether it ended before a value larger than the best one was tried."""
        if self.best is None or not any(direction == UP for direction, _ in self._looks):
            return False
        best = self.best.values[self._name]
        return all(values[self._name] <= best for values in self._tried)

    def plan(self, day: int) -> list[Proposal]:
        """First days to try; none if the search for a beginning is over."""
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
            words = f"begin anew with {step_words(self._space, base, values)}"
            proposals.append(Proposal(values, None, words, "begin"))
        return proposals

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
            self._forget(step)
            return Note(result.number, "taken back", f"it has no value: {result.trouble}")
        came = mean_bent(result.points, is_log(result.points))
        losses = {"came": result.points[-1][1]}
        if self.best is not None:
            losses["expected"] = self.best.points[-1][1]
        if self.best is None or came < self._lowest + self._tolerance(step):
            reason = self._why_kept(came, step)
            self._lowest = min(came, self._lowest)
            self.best = Kept(
                result.number,
                result.values,
                result.points,
                len(result.points),
                trained=result.values,
            )
            self._look_on(step)
            return Note(result.number, "kept", reason, losses=losses)
        self._larger_was_worse |= step > 0 and came > self._lowest + FIRST_MARGIN
        self._forget(step)
        return Note(
            result.number,
            "taken back",
            "not clearly better than the best first day so far",
            losses=losses,
        )

    def _tolerance(self, step: float) -> float:
        """How much worse a first day may be, and be kept; below 0 it must be better.

        A smaller rate that is as good is preferred, if a larger one has proven worse: then the
        rate matters, and the small one has more left to gain.
        """
        return FIRST_MARGIN if step < 0 and self._larger_was_worse else -CLEARLY

    def _why_kept(self, came: float, step: float) -> str:
        if self.best is None:
            return "something to compare with"
        if came < self._lowest - CLEARLY:
            return "the best first day so far; further in this direction next"
        return "as good as the best first day so far, with a smaller value"

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
