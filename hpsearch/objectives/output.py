"""Metrics in what a program prints: `val_loss: 0.31`, `val_loss=0.31`, `epoch 3 val_loss 0.31`.

Read line by line with a bounded memory, whatever is printed. No file of the program is changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from hpsearch.objectives.handle import Point

STEP_WORDS = ("epoch", "step", "iteration", "iter", "global_step", "round", "batch")
LONGEST_LINE = 1 << 16
BLOCK = 1 << 18

_NUMBER = (
    r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|NaN|NAN|inf|Inf|[iI]nfinity)"
)
_END = r"(?![\w.]|[-:/]\d)"  # neither 3.1.4 nor 12:30 nor 2024-01-01 is a number
_NAMED = re.compile(
    rf"(?P<name>[A-Za-z_][\w./\-]*)[\"']?\s*[:=]\s*[\"'\[(]?\s*(?P<value>{_NUMBER}){_END}"
)
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_WITH_COMMA = re.compile(r"[-+]?\d+(?:,\d+)+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_AFTER_COMMA = re.compile(r",(\d+)((?:,\d+)*(?:[eE][-+]?\d+)?)(\.\d+)?")
_STEP = re.compile(
    rf"(?<![\w.])(?P<word>{'|'.join(STEP_WORDS)})s?[\"']?\s*[:=#\[(]?\s*(?P<step>\d+(?:\.\d+)?)",
    re.IGNORECASE,
)


def unclear_number(text: str, start: int, end: int) -> str:
    """The whole of a number that was cut at a comma, as of `3,4`; empty where it is whole.

    Such a number has a decimal comma, or commas between its thousands, or is two numbers: nobody
    can tell. `0.31,0.9` and `3,0.9` are two numbers, and `3, 4` is too.
    """
    whole = text[start:end]
    if _WITH_COMMA.fullmatch(whole):
        return whole
    after = _AFTER_COMMA.match(text, end)
    if after is None or not whole.lstrip("+-").isdecimal():
        return ""
    has_thousands = len(after[1]) == 3
    return "" if after[3] and not after[2] and not has_thousands else whole + after[0]


class OutputParser:
    """Finds metrics in lines.

    Attributes:
        unclear: the last value of the metric that is no clear number, as it was printed; empty if
            there was none.
        ends_unclear: whether none came after it that is one.

    Args:
        metric_name: the number that counts; it is also found where only a space stands before it.
        pattern: a regular expression for programs that print differently: its group `value` (or its
            first group) is the metric, its group `step`, if it has one, the step.
    """

    def __init__(self, metric_name: str, pattern: str | None = None) -> None:
        self._metric_name = metric_name
        self._pattern = re.compile(pattern) if pattern is not None else None
        name = re.escape(metric_name)
        self._metric = re.compile(
            rf"(?<![\w./\-]){name}[\"']?\s*[:=]?\s*(?P<value>{_NUMBER}){_END}"
        )
        self._lines_with_it = 0
        self.unclear = ""
        self.ends_unclear = False
        # A line without it cannot have the metric: floods are read at the speed of the disk.
        self.needle = metric_name.encode() if pattern is None else b""

    def point(self, line: str) -> Point | None:
        """(step, metrics) of a line that has the metric; None for every other line.

        Where the line names no step, the steps are counted: 0, 1, 2, ...
        """
        if self._pattern is not None:
            return self._point_of_pattern(line)
        text = _COLOURS.sub("", line)
        matches = list(self._metric.finditer(text))
        if not matches:
            return None
        if not self._is_clear(text, *matches[-1].span("value")):
            return None
        metrics = {
            m["name"]: float(m["value"])
            for m in _NAMED.finditer(text)
            if not unclear_number(text, *m.span("value"))
        }
        metrics = {n: v for n, v in metrics.items() if n.lower() not in STEP_WORDS}
        metrics[self._metric_name] = float(matches[-1]["value"])  # the last one of a line counts
        return self._counted(text), metrics

    def _point_of_pattern(self, line: str) -> Point | None:
        assert self._pattern is not None
        text = _COLOURS.sub("", line)
        match = self._pattern.search(text)
        if match is None:
            return None
        named = match.groupdict()
        try:
            start, end = match.span("value" if named.get("value") else 1)
            # A pattern that goes on behind its group says itself where the number ends.
            if end == match.end() and not self._is_clear(text, start, end):
                return None
            value = float(named.get("value") or match[1])
            step = float(named["step"]) if named.get("step") else self._counted(line)
        except (ValueError, TypeError, IndexError):
            return None
        return step, {self._metric_name: value}

    def _is_clear(self, text: str, start: int, end: int) -> bool:
        unclear = unclear_number(text, start, end)
        self.unclear, self.ends_unclear = unclear or self.unclear, bool(unclear)
        return not unclear

    def _counted(self, text: str) -> float:
        step = _STEP.search(text)
        self._lines_with_it += 1
        return float(step["step"]) if step else float(self._lines_with_it - 1)


class OutputReader:
    """Reads a log that grows, and remembers where it was."""

    def __init__(self, path: Path, parser: OutputParser) -> None:
        self._path = path
        self._parser = parser
        self._offset = 0
        self._rest = b""

    def new_points(self, is_complete: bool = False) -> Iterator[Point]:
        """What was printed since the last call.

        Args:
            is_complete: the program has ended in good order, so its last line counts also
                without an end of line.
        """
        try:
            with open(self._path, "rb") as file:
                file.seek(self._offset)
                yield from self._points_of(file)
                self._offset = file.tell()
        except OSError:  # the program removed its own log
            return
        if is_complete and self._rest:
            yield from self._points_in([self._rest])
            self._rest = b""

    def _points_of(self, file: BinaryIO) -> Iterator[Point]:
        while block := file.read(BLOCK):
            if self._parser.needle not in self._rest + block:
                # The needle may lie across two blocks, within the last line.
                self._rest = (self._rest + block).rpartition(b"\n")[2][-LONGEST_LINE:]
                continue
            lines = (self._rest + block).replace(b"\r", b"\n").split(b"\n")
            self._rest = lines.pop()[-LONGEST_LINE:]
            yield from self._points_in(lines)

    def _points_in(self, lines: list[bytes]) -> Iterator[Point]:
        for line in lines:
            if self._parser.needle not in line:
                continue
            point = self._parser.point(line[-LONGEST_LINE:].decode("utf-8", errors="replace"))
            if point is not None:
                yield point


def printed_names(path: Path) -> list[str]:
    """Names of the numbers that a program printed last, for a message; at most a few."""
    names = dict.fromkeys(match["name"] for match in _NAMED.finditer(_end_of(path)))
    return [name for name in names if name.lower() not in STEP_WORDS][:10]


def last_line_with(path: Path, name: str) -> str:
    """The last of the lines printed last that has the name as a word; empty if none has it."""
    word = re.compile(rf"(?<![\w./\-]){re.escape(name)}(?![\w./\-])")
    lines = _end_of(path).splitlines()
    return next((" ".join(line.split()) for line in reversed(lines) if word.search(line)), "")


def _end_of(path: Path) -> str:
    """The end of a log, without colours; empty if there is none."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, file.seek(0, 2) - BLOCK))
            return _COLOURS.sub("", file.read().decode("utf-8", errors="replace"))
    except OSError:
        return ""
