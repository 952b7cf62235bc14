"""Watching one child at work: its answer, its death, its time limit, or the order to stop.

Used by every runner that has child processes.
"""

from __future__ import annotations

import os
import select
import signal
import time
from dataclasses import dataclass
from enum import Enum, auto

from hpsearch.runners.process import ChildProcess, StopRequest

LOOK_EVERY_S = 0.1
"""How often a child is looked at where the system cannot say that it has ended."""


class Verdict(Enum):
    """How the watch ended."""

    ANSWERED = auto()
    DIED = auto()
    TIMED_OUT = auto()
    STOPPED = auto()


@dataclass(frozen=True)
class Watch:
    """What came of it; unless it answered, the child has ended and waits to be reaped.

    Attributes:
        answer: the line that the child wrote.
    """

    verdict: Verdict
    answer: bytes = b""


def watch(
    child: ChildProcess,
    reply_fd: int,
    stop: StopRequest,
    *,
    timeout_s: float | None,
    grace_s: float,
) -> Watch:
    """Wait until the child writes a line, ends, or has to be ended (TERM, grace, KILL).

    Args:
        reply_fd: where the child's line comes from.
        timeout_s: seconds from now; None for no limit.
        grace_s: seconds between SIGTERM and SIGKILL at the time limit.
    """
    deadline = float("inf") if timeout_s is None else time.monotonic() + timeout_s
    ended_for: Verdict | None = None
    kill_at = float("inf")
    answer = bytearray()
    poll = select.poll()
    for fd in (reply_fd, child.pid_fd):
        if fd is not None:
            poll.register(fd, select.POLLIN)
    if not stop.is_made:
        poll.register(stop.fd, select.POLLIN)
    while True:
        now = time.monotonic()
        if ended_for is None and (stop.is_made or now >= deadline):
            ended_for = Verdict.STOPPED if stop.is_made else Verdict.TIMED_OUT
            kill_at = now + grace_s
            child.signal_group(signal.SIGTERM)
        if stop.is_made:
            kill_at = min(kill_at, stop.kill_at)
        if now >= kill_at:
            child.signal_group(signal.SIGKILL)
            kill_at = now + LOOK_EVERY_S
        wait_s = max(0.0, min(deadline if ended_for is None else kill_at, kill_at) - now)
        if child.pid_fd is None:
            wait_s = min(wait_s, LOOK_EVERY_S)
        ready = dict(poll.poll(None if wait_s == float("inf") else 1000 * wait_s + 1))
        if stop.fd in ready:
            poll.unregister(stop.fd)
        if reply_fd in ready:
            part = os.read(reply_fd, 1 << 16)
            answer += part
            if answer.endswith(b"\n") and ended_for is not Verdict.TIMED_OUT:
                return Watch(Verdict.ANSWERED, bytes(answer))
            if not part:
                poll.unregister(reply_fd)
        if child.pid_fd in ready or (child.pid_fd is None and child.has_ended()):
            return Watch(ended_for or Verdict.DIED)
