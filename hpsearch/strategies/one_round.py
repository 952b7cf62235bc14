"""What the strategies with rungs share: one round of trials in the whole space, and its history.

Rungs take the place of rounds there: what zooms in is how long trials are trained, not where.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hpsearch.budget import Budget, brackets
from hpsearch.history import History, Move, Round
from hpsearch.samplers import GuidedSampler, Sampler
from hpsearch.space import Box, Space
from hpsearch.strategies.drawing import Drawing
from hpsearch.strategies.rules import RuleName, Standing, ordinal
from hpsearch.trial import Decision, Trial


class OneRound:
    """One round of trials that have a budget.

    Args:
        loss: turns a metric's value into a number of which less is better.
        trials: how many may be drawn.
        lag: how many segments may be under way without their outcomes being known.
        seed: trial i draws from (seed, 1, i) only.
        start_with: sets of values, as `Space.accept` returns them, that are tried first.
    """

    def __init__(
        self,
        space: Space,
        sampler: Sampler,
        loss: Callable[[float], float],
        *,
        trials: int,
        lag: int,
        seed: int,
        budget: Budget,
        rule: RuleName,
        start_with: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        assert lag >= 1
        self._loss = loss
        self._trials = trials
        self._lag = lag
        self._budget = budget
        self._rungs = budget.rungs
        self._rule = rule
        self._is_guided = isinstance(sampler, GuidedSampler)
        self._drawing = Drawing(sampler, seed, start_with)
        self._history = History(space, self._rungs)
        self._rounds: list[Round] = []
        self._decisions: list[Decision] = []
        self._exhausted = False
        self._new_brackets: Iterator[int] = brackets(rule, len(self._rungs), budget.factor)
        self._brackets: list[int] = []

    @property
    def rounds(self) -> Sequence[Round]:
        """The one round, once it was opened."""
        return self._rounds

    @property
    def history(self) -> History:
        """The trials that were asked for so far, and how each one stands."""
        return self._history

    @property
    def decisions(self) -> Sequence[Decision]:
        """What was decided about trials so far."""
        return self._decisions

    @property
    def exhausted(self) -> bool:
        """Whether it ended because every point was tried."""
        return self._exhausted

    def _open_round(self) -> Round:
        if not self._rounds:
            space = self._history.space
            moves = tuple(Move(name, "whole", "") for name in space.column_names)
            self._rounds = [Round(1, 0, self._trials, Box.whole(space), "the whole space", moves)]
        return self._rounds[0]

    def _restore_round(self, rounds: Sequence[Round]) -> None:
        # The run may have been extended since.
        self._rounds = [replace(round_, trials=self._trials) for round_ in rounds[:1]]

    def _may_draw_after(self, drawn: int) -> bool:
        return drawn < self._trials and not self._exhausted

    def _draw(self) -> Trial | None:
        """A new trial; None if every point of the space was tried."""
        trial = self._drawing.next_trial(self._open_round(), self._history)
        if trial is None:
            self._exhausted = True
        else:
            self._add(trial)
        return trial

    def _add(self, trial: Trial) -> None:
        self._history.add(trial)
        self._brackets.append(next(self._new_brackets))

    def _loss_of(self, value: float | None) -> float:
        """inf for a value that is none, so that it is the worst."""
        if value is None or not math.isfinite(value):
            return math.inf
        return self._loss(value)

    def _decide(
        self, kind: str, number: int, rung: int, standing: Standing, loss: float, note: str = ""
    ) -> Decision:
        """Record a decision about a trial at a rung (its index), and why."""
        details: dict[str, float] = {
            "rung": self._rungs[rung],
            "bracket": self._brackets[number],
            "rank": standing.rank,
            "of": standing.of,
            "allowed": standing.allowed,
        }
        if math.isfinite(loss):
            details["value"] = self._value_of(loss)
        if math.isfinite(standing.threshold):
            details["threshold"] = self._value_of(standing.threshold)
        where = f"at {self._budget.amount(self._rungs[rung])}"
        if self._rule == "hyperband":
            where += f", bracket {self._brackets[number] + 1}"
        place = f"{ordinal(standing.rank)} of {standing.of}{note} {where}"
        reason = f"{place}; {self._why(kind, standing)}"
        decision = Decision(number, self._rungs[rung], kind, reason, details)
        self._decisions.append(decision)
        return decision

    def _why(self, kind: str, standing: Standing) -> str:
        if standing.threshold == math.inf:
            return "too few are known there to stop any"
        if kind == "promoted" and not standing.goes_on:
            return "the best of all goes on to the end"
        if self._rule == "median":
            return f"the median of the others is {self._value_of(standing.threshold):.4g}"
        if not standing.allowed:
            return "none goes on"
        return "the best goes on" if standing.allowed == 1 else f"the best {standing.allowed} go on"

    def _value_of(self, loss: float) -> float:
        """The metric's value: a loss is the value with or without its sign turned."""
        return self._loss(loss)
