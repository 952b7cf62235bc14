"""The log files in a trial's folder: their names, and the last lines of one."""

from __future__ import annotations

import os
from pathlib import Path

STDOUT_LOG, STDERR_LOG = "stdout.log", "stderr.log"
TAIL_LINES, TAIL_BYTES = 20, 4096


def read_tail(path: Path) -> str:
    """The last lines of a log; empty if there is none."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-TAIL_LINES:])
