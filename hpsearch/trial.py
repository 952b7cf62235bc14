"""What a trial is: its values (`Trial`), its parts (`Segment`), how one ended (`Outcome`), where it
stands (`TrialState`), and what a strategy made of it (`Decision`).

Frozen facts only; who makes them and who keeps them is elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class TrialState(str, Enum):
    """Where a trial stands."""

    PENDING = "pending"  # its values are drawn; it waits for a slot
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # the program ended without a value for the metric
    TIMEOUT = "timeout"
    DIVERGED = "diverged"  # the metric is NaN or infinite
    STOPPED = "stopped"  # ended early by a rule
    LOST = "lost"  # was running when the run was killed; it is queued again

    @property
    def is_finished(self) -> bool:
        """Whether the trial has an outcome that counts."""
        return self not in (TrialState.PENDING, TrialState.RUNNING, TrialState.LOST)


NOTE_END = "; also "
"""What stands between two notes on the checkpoint and the reports of one segment."""


@dataclass(frozen=True)
class Trial:
    """One set of values.

    Attributes:
        number: 0, 1, 2, ... over the whole run.
        round: the round it belongs to, from 1.
        params: parameter name -> value; inactive parameters are absent.
        origin: how it was proposed, in words (`random`, `start_with`, ...).
        parent: the trial whose last checkpoint it starts from; None for none.
    """

    number: int
    round: int
    params: Mapping[str, Any]
    origin: str
    parent: int | None = None


@dataclass(frozen=True)
class Segment:
    """A part of a trial: from one checkpoint to the next, or all of it.

    Attributes:
        index: within the trial, from 0.
        budget: what the trial has been trained to in all when the segment has ended; None where
            the config sets no budget, and the trial is this one segment.
        start: the budget of the checkpoint that it goes on from (the trial's own, or in its first
            segment that of its parent); 0 to begin with nothing.
        is_last: whether the trial ends with it, so that its checkpoint stays as the program left
            it; that of any other segment is sealed, and copied before something goes on from it.
    """

    trial: Trial
    index: int = 0
    budget: int | None = None
    start: int = 0
    is_last: bool = True


@dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    Attributes:
        state: a finished state, or `lost`.
        value: the metric's value; None unless the state is `done` or `stopped`.
        metrics: every other number that the objective returned.
        reason: why it is not `done`, in one line; empty if it is.
        exit_code: of the process, where there was one that ended by itself.
        signal: name of the signal that ended the process (`SIGKILL`), if one did.
        stderr_tail: the last lines that the trial wrote to stderr, where that helps.
        started: seconds since the epoch (UTC).
        duration_s: seconds of wall time.
        budget: what the trial was trained to when it had this value; None without a budget.
    """

    state: TrialState
    value: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    exit_code: int | None = None
    signal: str | None = None
    stderr_tail: str = ""
    started: float = 0.0
    duration_s: float = 0.0
    budget: int | None = None


INCUMBENT = "incumbent"
"""The kind of decision that names the best trial of noisy ones, when a search ends or pauses."""


@dataclass(frozen=True)
class Decision:
    """What a strategy decided about a trial, and why.

    Attributes:
        budget: what the trial was trained to when it was decided; None without a budget.
        kind: `promoted`, `stopped`, `kept`, `taken back`, ...
        reason: in words and numbers, one line.
        details: the numbers, by name (`rung`, `rank`, `of`, `threshold`).
    """

    trial: int
    budget: int | None
    kind: str
    reason: str
    details: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Best:
    """The best trial of a search.

    Attributes:
        number: of the trial.
        params: its values, by parameter.
        value: of the metric, as it was measured.
        expected: its value by the model's mean, where the metric is noisy and the trial is the best
            by that; None where the best value decides.
    """

    number: int
    params: dict[str, Any]
    value: float
    expected: float | None = None
