"""What one trial may take: time, silence, memory."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT_AND_BECOME = 'ulimit -v "$0" 2>/dev/null; exec "$@"'
"""A shell that limits itself and then becomes the program, which so begins limited: one that is
limited from outside once it runs may have taken 10 GB by then. Where the machine's own limit is
lower, that one stays."""

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

    def limiting(
        self, command: Sequence[str], env: Mapping[str, str], cwd: str | None = None
    ) -> Sequence[str]:
        """A command that runs this one, and all that it will start, with the limit of memory.

        One that cannot be found stays as it is, to fail as it would without a limit.
        """
        if self.memory is None or sys.platform != "linux" or not _is_found(command[0], env, cwd):
            return command
        kilobytes = max(1, self.memory // 1024)
        return ["/bin/sh", "-c", LIMIT_AND_BECOME, str(kilobytes), *command]

    def memory_note(self, stderr_tail: str) -> str:
        """What to add to the reason of a failure that the limit has probably caused."""
        if self.memory is None or not any(sign in stderr_tail for sign in _OUT_OF_MEMORY):
            return ""
        return f"; its memory is limited to {written_bytes(self.memory)}"


def _is_found(program: str, env: Mapping[str, str], cwd: str | None) -> bool:
    if os.sep in program:
        return os.access(Path(cwd or ".", program), os.X_OK)
    return shutil.which(program, path=env.get("PATH", os.defpath)) is not None


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
