"""Why a program that ended well has no metric: where it was looked for, and what stands there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hpsearch.objectives.output import (
    OutputParser,
    OutputReader,
    last_line_with,
    printed_names,
)
from hpsearch.objectives.reading import MetricReading
from hpsearch.objectives.wording import LONGEST_REASON, missing_metric

LONGEST_LINE_SHOWN = 60


def why_missing(
    metric: MetricReading, stdout: Path, stderr: Path, result: Sequence[str], problem: str
) -> str:
    """In one line.

    Args:
        stdout, stderr: the logs of the program.
        result: names of the numbers in its result file, and `problem` what is wrong there.
    """
    name = metric.name
    names = [*printed_names(stdout), *result]
    said = [*_on_stdout(metric, stdout, is_all=not names), *([problem] if problem else [])]
    if _has_metric(stderr, metric):
        said.insert(
            0,
            f"{name} stands on standard error, which is not read: print it on standard output, or "
            "add 2>&1 to a command that is a text",
        )
    if names:
        said.insert(0, missing_metric(name, names).partition("; ")[2])
    return f"the result has no {name}; {'; '.join(said)}"[:LONGEST_REASON]


def unclear_metric(name: str, number: str) -> str:
    """Why a metric that was printed with a comma in it is not believed."""
    return (
        f"the result has no {name}; a comma follows its number: {number} is no number here. Print "
        "a decimal point, and nothing between thousands, e.g. with LC_ALL=C"
    )


def _on_stdout(metric: MetricReading, stdout: Path, is_all: bool) -> list[str]:
    """What standard output has instead of the metric; little if it has other numbers."""
    try:
        if stdout.stat().st_size == 0:
            return ["it printed nothing on standard output"]
    except OSError:
        return ["what it printed on standard output is gone"]
    if metric.pattern is not None:
        return ["metric.pattern matches nothing on standard output"]
    line = last_line_with(stdout, metric.name)
    if line:
        line = line if len(line) <= LONGEST_LINE_SHOWN else f"{line[:LONGEST_LINE_SHOWN]}..."
        return [f"it printed `{line}`: say in metric.pattern where its value stands"]
    if is_all:
        return [f"no line of its standard output is like `{metric.name}: 0.31`"]
    return []


def _has_metric(log: Path, metric: MetricReading) -> bool:
    reader = OutputReader(log, OutputParser(metric.name, metric.pattern))
    return next(reader.new_points(is_complete=True), None) is not None
