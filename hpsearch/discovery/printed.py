"""Lines that a program prints, with a hole for each number: which names stand before the holes.

A name counts only if hpsearch's own reader of outputs finds that very number by it. The lines come
from `printed_python` and `printed_text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hpsearch.discovery.metric_words import goal_of, shortest_name
from hpsearch.objectives.output import OutputParser

HOLE = "\0"
LONGEST_NAME = 60
_BREAKS = re.compile(r"[,;|()\[\]{}\t\n\r\"'>]|:\s+|\s[-–—*=]+\s|\s{2,}")
_BEFORE_VALUE = re.compile(r"[\s:=\"'\[(]*$")


def metric_names(line: str) -> Iterator[tuple[str, str]]:
    """The metrics of a line, each with the words before it.

    Args:
        line: what is printed, with HOLE for each value.
    """
    parts = line.split(HOLE)
    for i, before in enumerate(parts[:-1]):
        text = _BEFORE_VALUE.sub("", before)
        segment = _BREAKS.split(text)[-1].strip(" -*#.\\/")
        name = shortest_name(segment)
        is_metric = goal_of(name) is not None and len(name) <= LONGEST_NAME
        if is_metric and name.isprintable() and _is_read(line, i, name):
            yield name, _words_before(parts[:i], text)


def _words_before(parts: Sequence[str], text: str) -> str:
    """What the same printed line says before the value."""
    return " ".join(" ".join([*parts, text]).rpartition("\n")[2].split())


def _is_read(line: str, index: int, name: str) -> bool:
    """Whether the reader of outputs takes the value of that hole for the metric."""
    filled = _with_values(line, index)
    # A text of several lines is read line by line, and the hole stands in one of them.
    for one in filled.splitlines():
        point = OutputParser(name).point(one)
        if point is not None and point[1].get(name) == _value(index):
            return True
    return False


def _with_values(line: str, index: int) -> str:
    parts = line.split(HOLE)
    filled = parts[0]
    for i, part in enumerate(parts[1:]):
        filled += f"{_value(i)}{part}"
    return filled


def _value(index: int) -> float:
    return 0.5 + index / 1000
