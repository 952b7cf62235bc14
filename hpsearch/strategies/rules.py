"""The rules of early stopping: which of the trials at a rung are good enough to go on.

Pure functions of losses. `asha` and `hyperband`: the best 1/factor (Li et al. 2020, "A system for
massively parallel hyperparameter tuning"; Li et al. 2018, "Hyperband"). `median`: those that are no
worse than the median of the others (Golovin et al. 2017, "Google Vizier", section 3.2.2).
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import Literal, TypeAlias

RuleName: TypeAlias = Literal["asha", "hyperband", "median"]


@dataclass(frozen=True)
class Standing:
    """How a trial stands among those that are known at its rung, itself included.

    Attributes:
        goes_on: whether it is good enough.
        rank: 1 is the best; the earlier trial where losses are equal.
        of: how many there are.
        allowed: how many of them go on.
        threshold: the largest loss that goes on; -inf if none does, inf if all do.
    """

    goes_on: bool
    rank: int
    of: int
    allowed: int
    threshold: float


class Rung:
    """The trials that are known at a rung.

    Attributes:
        ranked: (loss, number) of each trial, best first; inf for one that has no value.
        gone_on: numbers of those that went on from here.
    """

    def __init__(self, rule: RuleName, factor: int) -> None:
        self._rule = rule
        self._factor = factor
        self._losses: dict[int, float] = {}
        self.ranked: list[tuple[float, int]] = []
        self.gone_on: set[int] = set()

    def add(self, loss: float, number: int) -> None:
        """A trial has come to be known here."""
        self._losses[number] = loss
        insort(self.ranked, (loss, number))

    def remove(self, number: int) -> None:
        """One of its trials is no longer known here."""
        del self.ranked[bisect_left(self.ranked, (self._losses.pop(number), number))]

    def loss_of(self, number: int) -> float:
        """Of one of its trials; inf for one that is not known here."""
        return self._losses.get(number, math.inf)

    def standing(self, number: int) -> Standing:
        """How one of its trials stands; one that is not known here is behind all."""
        loss = self.loss_of(number)
        position = bisect_left(self.ranked, (loss, number))
        threshold = self._threshold(position)
        allowed = bisect_left(self.ranked, (threshold, math.inf))
        if self._rule != "median":
            allowed = len(self.ranked) // self._factor  # equal losses do not all go on
        return Standing(
            goes_on=position < allowed and math.isfinite(loss),
            rank=position + 1,
            of=len(self.ranked),
            allowed=allowed,
            threshold=threshold,
        )

    def best_to_go_on(self) -> int | None:
        """The best of those that are good enough and have not gone on yet; None if there is none.

        Whoever is no better than the median of the others has nobody good enough behind it.
        """
        most = len(self.ranked) if self._rule == "median" else len(self.ranked) // self._factor
        for _, number in self.ranked[:most]:
            if number not in self.gone_on:
                return number if self.standing(number).goes_on else None
        return None

    def _threshold(self, position: int) -> float:
        """The largest loss that goes on; the median is that of all but the one at `position`."""
        count = len(self.ranked)
        if self._rule != "median":
            allowed = count // self._factor
            return self.ranked[allowed - 1][0] if allowed else -math.inf
        if count <= self._factor:
            return math.inf
        middle = ((count - 2) // 2, (count - 1) // 2)
        below, above = (self.ranked[i if i < position else i + 1][0] for i in middle)
        return (below + above) / 2


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `11th`."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
