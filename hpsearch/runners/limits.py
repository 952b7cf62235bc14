"""What one trial may take: time, silence, memory."""

from __future__ import annotations

import contextlib
import resource
import sys
from dataclasses import dataclass

CAN_LIMIT_MEMORY = hasattr(resource, "prlimit")
"""Linux can limit a process from outside, before it has taken anything."""

_OUT_OF_MEMORY = (
    "MemoryError",
    "Cannot allocate memory",
    "bad_alloc",
    "OutOfMemory",
    "out of memory",
)


@dataclass(frozen=True)
class Limits:
    """The limits of each trial; None for no limit.

    Attributes:
        timeout_s: wall seconds.
        silence_s: seconds without any output, neither printed nor reported.
        memory: bytes of address space of each of its processes.
        grace_s: seconds between SIGTERM and SIGKILL.
    """

    timeout_s: float | None = None
    silence_s: float | None = None
    memory: int | None = None
    grace_s: float = 20.0

    def limit_memory(self, pid: int) -> None:
        """Limit a process that has just been started, and all that it will start."""
        if self.memory is not None and sys.platform == "linux":
            with contextlib.suppress(OSError):  # it has ended already
                resource.prlimit(pid, resource.RLIMIT_AS, (self.memory, self.memory))

    def memory_note(self, stderr_tail: str) -> str:
        """What to add to the reason of a failure that the limit has probably caused."""
        if self.memory is None or not any(sign in stderr_tail for sign in _OUT_OF_MEMORY):
            return ""
        return f"; its memory is limited to {written_bytes(self.memory)}"


def written_bytes(count: int) -> str:
    """`1.5 GB`, in powers of 1024."""
    size, units = float(count), ["bytes", "kB", "MB", "GB", "TB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    return f"{size:.4g} {units[0]}"


def written_seconds(seconds: float) -> str:
    """A limit of time as a config would have it: `90s`, `10m`, `1h30m`."""
    if seconds != int(seconds):
        return f"{seconds:g}s"
    parts, left = [], int(seconds)
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        amount, left = divmod(left, size)
        if amount:
            parts.append(f"{amount}{unit}")
    return "".join(parts) or "0s"
