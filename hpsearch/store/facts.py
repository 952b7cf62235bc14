"""What the store gives back: trials, segments, tallies and events, as frozen facts."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.trial import Outcome, Segment, Trial, TrialState


@dataclass(frozen=True)
class StoredTrial:
    """A trial as the store has it.

    Attributes:
        attempt: 1, and one more for each time it was queued again.
        outcome: None while it is not finished.
        started: seconds since the epoch; None before its first start.
    """

    trial: Trial
    state: TrialState
    attempt: int
    started: float | None
    outcome: Outcome | None


@dataclass(frozen=True)
class StoredSegment:
    """A segment of a trial that has a budget, as the store has it.

    Attributes:
        outcome: how it ended by itself, whatever a rule made of it; None while it has not.
        began: the budget that it really went on from: 0 if it had to start over, or less than
            planned if its checkpoint was older; None before its end.
        reached: what it was really trained to; None before its end.
        note: what was wrong with its checkpoint or its reports; empty if nothing was.
    """

    segment: Segment
    state: TrialState
    outcome: Outcome | None
    began: int | None
    reached: int | None
    note: str

    @property
    def spent(self) -> int:
        """How much was trained in it, in units of the budget; 0 before its end."""
        if not self.state.is_finished:
            return 0
        return max(0, (self.reached or 0) - (self.began or 0))


@dataclass(frozen=True)
class Tally:
    """How many trials of a round are in a state.

    Attributes:
        duration_s: wall seconds of all of them together.
    """

    round: int
    state: TrialState
    trials: int
    duration_s: float


@dataclass(frozen=True)
class Event:
    """Something that happened to the run as a whole.

    Attributes:
        time: seconds since the epoch.
        kind: `created`, `started`, `resumed` or `extended`, or how a session ended: `finished`,
            `stopped`, `interrupted`, `broken` or, by an error, `failed`.
        detail: more words; may be empty.
    """

    time: float
    kind: str
    detail: str
