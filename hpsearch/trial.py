"""What a trial is: its values (`Trial`), how it ended (`Outcome`), where it stands (`TrialState`).

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


@dataclass(frozen=True)
class Trial:
    """One set of values.

    Attributes:
        number: 0, 1, 2, ... over the whole run.
        round: the round it belongs to, from 1.
        params: parameter name -> value; inactive parameters are absent.
        origin: how it was proposed, in words (`random`, `start_with`, ...).
    """

    number: int
    round: int
    params: Mapping[str, Any]
    origin: str


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
