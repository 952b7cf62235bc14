"""What a strategy is: it says which segment of which trial runs next, and is told how each ended.

A strategy has no clock, no process and no file; what it decides follows from the config and from
the outcomes alone, so a resumed run goes on as if nothing had happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol, runtime_checkable

from hpsearch.history import History, Round
from hpsearch.objectives.handle import Point
from hpsearch.trial import Decision, Outcome, Segment


class Pause(Enum):
    """Why there is no segment to run at this moment."""

    WAIT = auto()  # the next one depends on one that is still running
    END = auto()  # there will be none


@dataclass(frozen=True)
class PastSegment:
    """A segment that an earlier session asked for; without an outcome it is queued again.

    Attributes:
        outcome: how it ended by itself, whatever a rule made of it.
        curve: what was reported in it.
        decisions: what was decided of its trial.
    """

    segment: Segment
    outcome: Outcome | None
    curve: Sequence[Point] = ()
    decisions: Sequence[Decision] = ()


class Strategy(Protocol):
    """Who runs when."""

    @property
    def rounds(self) -> Sequence[Round]:
        """The rounds that were opened so far."""

    @property
    def history(self) -> History:
        """The trials that were asked for so far, and how each one stands."""

    @property
    def decisions(self) -> Sequence[Decision]:
        """What was decided about trials so far; it only grows."""

    @property
    def exhausted(self) -> bool:
        """Whether it ended because nothing is left to try."""

    def restore(self, rounds: Iterable[Round], past: Iterable[PastSegment]) -> None:
        """Take in what an earlier session did, in the order of asking; before the first `ask`."""

    def ask(self) -> Segment | Pause:
        """The next segment. A trial has at most one that is running."""

    def tell(self, number: int, outcome: Outcome, curve: Sequence[Point] = ()) -> None:
        """How the running segment of a trial ended. One that is `lost` is queued again.

        Args:
            number: of the trial.
            curve: what was reported in the segment.
        """


@runtime_checkable
class Namer(Protocol):
    """A strategy that says which trial is the best where the best value is mere luck."""

    def name_incumbent(self) -> None:
        """Add that decision, from what is known now; none where values are not noisy."""


@runtime_checkable
class OneModel(Protocol):
    """A strategy whose trials may all be one model."""

    @property
    def is_one_model(self) -> bool:
        """Whether they are, and share one seed."""


@runtime_checkable
class Judge(Protocol):
    """A strategy that also ends trials while they run, by what they report."""

    def see(self, number: int, points: Sequence[Point]) -> None:
        """What a running trial has reported since the last call."""

    def is_out(self, number: int) -> bool:
        """Whether the trial is to be ended."""

    def rung_points(self, number: int) -> Sequence[Point]:
        """The points by which the trial is judged; they are kept, however long its curve is."""
