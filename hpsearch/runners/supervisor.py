"""Watching one child at work: its answer, its death, its limits, or the order to stop.

Used by every runner that has child processes.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from hpsearch.objectives.handle import METRICS_FILE
from hpsearch.runners.limits import Limits, written_seconds
from hpsearch.runners.logs import STDERR_LOG, STDOUT_LOG
from hpsearch.runners.process import ChildProcess, StopRequest
from hpsearch.trial import Outcome, TrialState

LOOK_EVERY_S = 0.1
"""How often a child is looked at where the system cannot say that it has ended."""
NEVER = float("inf")
LONGEST_WAIT_S = 86_400.0
"""poll(2) counts milliseconds in 32 bits, which end after 25 days."""


class Verdict(Enum):
    """How the watch ended."""

    ANSWERED = auto()
    DIED = auto()
    TIMED_OUT = auto()
    SILENT = auto()
    STOPPED = auto()
    OUT = auto()  # a rule wants it ended


@dataclass(frozen=True)
class Watch:
    """What came of it; unless it answered, the child has ended and waits to be reaped.

    Attributes:
        answer: the line that the child wrote, or what it had written of it when it was ended.
        was_asked_to_end: whether it answered after SIGTERM, so its failure may be our doing.
    """

    verdict: Verdict
    answer: bytes = b""
    was_asked_to_end: bool = False


class _Silence:
    """Since when a trial's logs and reports have not grown."""

    def __init__(self, trial_dir: Path, limit_s: float | None) -> None:
        self._trial_dir = trial_dir
        self._limit_s = limit_s
        self._sizes = [] if limit_s is None else self._look()
        self._since = time.monotonic()

    def _look(self) -> list[int]:
        sizes = []
        for name in (STDOUT_LOG, STDERR_LOG, METRICS_FILE):
            try:
                sizes.append((self._trial_dir / name).stat().st_size)
            except OSError:
                sizes.append(-1)
        return sizes

    def ends_at(self, now: float) -> float:
        """When the limit will have been reached if nothing is written until then."""
        if self._limit_s is None:
            return NEVER
        if now >= self._since + self._limit_s:
            sizes = self._look()
            if sizes != self._sizes:
                # Written at some time since the last look: give it the benefit of the doubt.
                self._sizes, self._since = sizes, now
        return self._since + self._limit_s


def watch(
    child: ChildProcess,
    stop: StopRequest,
    limits: Limits,
    *,
    reply_fd: int | None = None,
    trial_dir: Path,
    is_out: Callable[[], bool] | None = None,
) -> Watch:
    """Wait until the child writes a line, ends, or has to be ended (TERM, grace, KILL).

    Args:
        reply_fd: where the child's line comes from; None if it only ends.
        trial_dir: where its logs and reports grow, which breaks its silence.
        is_out: asked now and then whether a rule wants the child ended; None for no rule.
    """
    started = time.monotonic()
    deadline = NEVER if limits.timeout_s is None else started + limits.timeout_s
    silence = _Silence(trial_dir, limits.silence_s)
    ended_for: Verdict | None = None
    kill_at = NEVER
    answer = bytearray()
    poll = select.poll()
    for fd in (reply_fd, child.pid_fd):
        if fd is not None:
            poll.register(fd, select.POLLIN)
    if not stop.is_made:
        poll.register(stop.fd, select.POLLIN)
    while True:
        now = time.monotonic()
        if ended_for is None:
            ended_for = _reason_to_end(stop, now, deadline, silence)
            if ended_for is None and is_out is not None and is_out():
                ended_for = Verdict.OUT
            if ended_for is not None:
                kill_at = now + limits.grace_s
                child.signal_group(signal.SIGTERM)
        if stop.is_made:
            kill_at = min(kill_at, stop.kill_at)
        if now >= kill_at:
            child.signal_group(signal.SIGKILL)
            kill_at = now + LOOK_EVERY_S
        next_look = min(deadline, silence.ends_at(now)) if ended_for is None else kill_at
        if child.pid_fd is None or is_out is not None:
            next_look = min(next_look, now + LOOK_EVERY_S)
        wait_s = min(next_look - now, LONGEST_WAIT_S)
        ready = dict(poll.poll(None if next_look == NEVER else max(1, 1000 * wait_s)))
        if stop.fd in ready:
            poll.unregister(stop.fd)
        if reply_fd is not None and reply_fd in ready:
            part = os.read(reply_fd, 1 << 16)
            answer += part
            if answer.endswith(b"\n") and ended_for in (None, Verdict.STOPPED):
                return Watch(Verdict.ANSWERED, bytes(answer), ended_for is not None)
            if not part:
                poll.unregister(reply_fd)
        if child.pid_fd in ready or (child.pid_fd is None and child.has_ended()):
            if ended_for is not None:
                _leave_the_others_their_grace(child, stop, kill_at)
            return Watch(ended_for or Verdict.DIED, bytes(answer))


def _leave_the_others_their_grace(child: ChildProcess, stop: StopRequest, kill_at: float) -> None:
    """A shell that leads the group ends at once when it is asked to; its program takes longer."""
    while child.is_followed() and time.monotonic() < min(kill_at, stop.kill_at):
        time.sleep(LOOK_EVERY_S)


def _reason_to_end(
    stop: StopRequest, now: float, deadline: float, silence: _Silence
) -> Verdict | None:
    if stop.is_made:
        return Verdict.STOPPED
    if now >= deadline:
        return Verdict.TIMED_OUT
    return Verdict.SILENT if now >= silence.ends_at(now) else None


def outcome_of_limit(verdict: Verdict, limits: Limits, tail: str) -> Outcome:
    """The outcome of a trial that was ended because of its time or its silence."""
    if verdict is Verdict.TIMED_OUT:
        reason = f"it took longer than {written_seconds(limits.timeout_s or 0)}"
    else:
        reason = f"it wrote nothing for {written_seconds(limits.silence_s or 0)}"
    return Outcome(TrialState.TIMEOUT, reason=reason, stderr_tail=tail)
