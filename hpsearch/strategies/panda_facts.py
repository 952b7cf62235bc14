"""What the rules of panda talk about: a day that is tried, how it went, and the model as it stands.

Frozen facts only; `panda_rules` and `population` decide by them, `panda` makes trials of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from hpsearch.strategies.panda_curve import LossPoint, noise_of

Purpose = Literal["begin", "watch", "try", "calm", "lower", "hand", "explore"]


@dataclass(frozen=True)
class Proposal:
    """A day to try.

    Attributes:
        parent: number of the trial that it goes on from; None to begin anew.
        words: what is tried, for the trial's origin.
        purpose: which rule wants it.
    """

    values: Mapping[str, Any]
    parent: int | None
    words: str
    purpose: Purpose


@dataclass(frozen=True)
class Result:
    """A day that was tried.

    Attributes:
        number: of its trial.
        points: its part of the curve, as losses; empty if it ended without a value.
        trouble: why there is no value, in words; empty if there is one.
    """

    number: int
    values: Mapping[str, Any]
    parent: int | None
    points: tuple[LossPoint, ...]
    trouble: str = ""


@dataclass(frozen=True)
class Kept:
    """The model as it stands after a day that was kept.

    Attributes:
        number: of the day's trial; None before the first day.
        values: what the next day is trained with, if nothing is nudged.
        points: the whole curve that led here.
        stretch: how many of the last points belong to these values (days whose nudge was neither
            better nor worse among them).
        noise: deviation of one measurement, bent as `is_log` says; None if it is not known.
        trained: what the day itself was trained with; empty before the first day.
    """

    number: int | None
    values: Mapping[str, Any]
    points: tuple[LossPoint, ...] = ()
    stretch: int = 0
    noise: float | None = None
    trained: Mapping[str, Any] = field(default_factory=dict)

    @property
    def loss(self) -> float:
        """Where the curve ends; inf before the first day."""
        return self.points[-1][1] if self.points else math.inf

    @property
    def is_log(self) -> bool:
        """Whether the curve is judged by the logarithm of its losses."""
        return is_log(self.points)

    @property
    def recent(self) -> tuple[LossPoint, ...]:
        """The points that tell the present pace, 1 at least."""
        return self.points[-max(1, self.stretch) :]

    def noise_by(self, log: bool) -> float | None:
        """Deviation of one measurement, of logarithms or of plain losses; None if not known."""
        return self.noise if log == self.is_log else noise_of(self.recent, log)

    def after(self, result: Result, values: Mapping[str, Any], is_same_stretch: bool) -> Kept:
        """The model after one more day.

        Args:
            is_same_stretch: whether the day's points go on with those before. What was learnt
                about the noise holds for these values only: small steps are less noisy.
        """
        points = (*self.points, *result.points)
        stretch = len(result.points) + (self.stretch if is_same_stretch else 0)
        noise = noise_of(points[-stretch:], is_log(points))
        if noise is None and is_same_stretch:
            noise = self.noise_by(is_log(points))
        return Kept(result.number, values, points, stretch, noise, result.values)


def is_log(points: Sequence[LossPoint]) -> bool:
    """Losses are judged by their logarithm where they all have one.

    Args:
        points: all that one decision compares; the answer holds for each of them.
    """
    return all(loss > 0 for _, loss in points)


@dataclass(frozen=True)
class Note:
    """A line of the diary.

    Attributes:
        number: of the trial that it is about.
        kind: `kept`, `values back` (the training is kept, the values are not), `taken back`,
            `passed over` (one beside it was better), `gone back to`, `copied`.
        details: numbers by name; losses among them are under `losses`.
        losses: by name, in the metric's losses.
    """

    number: int
    kind: str
    reason: str
    details: Mapping[str, float] = field(default_factory=dict)
    losses: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Order:
    """What a person wants done with the next day.

    Attributes:
        values: live parameters to set.
        back_to: the day whose checkpoint and values to go back to.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    back_to: int | None = None


class Rules(Protocol):
    """Who decides what a day tries, and what is kept of it."""

    def obey(self, day: int, order: Order) -> list[Note]:
        """Do what a person wants, before the day is planned."""

    def plan(self, day: int) -> tuple[list[Proposal], list[Note]]:
        """What the day tries, and what was decided on the way to it."""

    def settle(self, day: int, results: Sequence[Result]) -> list[Note]:
        """Take in how the day went; the results are in the order of the proposals."""
