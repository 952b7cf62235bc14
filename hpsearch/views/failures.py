"""Failures: why trials failed, and the last words of one of them."""

from __future__ import annotations

from hpsearch.analysis.failures import FailureGroup
from hpsearch.analysis.wording import one_line
from hpsearch.views.text import shorten, wrap

STDERR_LINES = 3


def failure_lines(group: FailureGroup, width: int) -> list[str]:
    """One reason, the trials that failed for it, and the end of the first one's stderr."""
    numbers = ", ".join(map(str, group.numbers))
    more = ", …" if group.trials > len(group.numbers) else ""
    noun = "trial" if group.trials == 1 else "trials"
    reason = f": {one_line(group.reason)}" if group.reason else ""
    head = f"{group.trials} {group.state.value} ({noun} {numbers}{more}){reason}"
    lines = wrap(head, width, "  ", "    ")
    tail = tail_lines(group.stderr_tail, STDERR_LINES, width)
    lines += tail
    if tail:
        lines += wrap(f"all of it: {group.stderr_path}", width, "    ")
    return lines


def tail_lines(stderr_tail: str, most: int, width: int) -> list[str]:
    """The last lines of a trial's stderr, set off from what hpsearch says."""
    lines = [line.rstrip() for line in stderr_tail.splitlines() if line.strip()]
    return [shorten(f"    | {_printable(line)}", width) for line in lines[-most:]]


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() else " " for c in line.expandtabs(4))
