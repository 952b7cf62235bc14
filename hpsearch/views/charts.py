"""Charts made of characters: sparklines, histogram bars, a curve of a few lines with its axes."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from hpsearch.analysis.wording import DIGITS, MOST_DIGITS, written_number
from hpsearch.scales import FloatArray
from hpsearch.views.text import display_width, pad

BARS = " ▁▂▃▄▅▆▇█"
EIGHTHS = len(BARS) - 1
LOG_RATIO = 50.0
"""A curve whose largest value is so many times its smallest is drawn on a log axis."""


def sparkline(values: FloatArray, low: float, high: float) -> str:
    """One bar for each value, `▁` at `low` and `█` at `high`; a space for NaN."""
    if math.isinf(float(high) - float(low)):  # ends of 1e308 and -1e308
        values, low, high = values / 4, low / 4, high / 4
    span = high - low
    shares = (values - low) / (span if span > 0 else 1.0)
    return "".join(
        " " if np.isnan(share) else BARS[1 + min(EIGHTHS - 1, max(0, int(share * EIGHTHS)))]
        for share in shares
    )


def bars(counts: FloatArray) -> str:
    """A histogram: one bar for each count, `█` for the largest and a space for 0."""
    largest = counts.max(initial=0.0)
    if largest <= 0:
        return " " * len(counts)
    levels = np.ceil(counts / largest * EIGHTHS - 1e-9).astype(int)
    return "".join(BARS[level] for level in levels)


def step_samples(x: FloatArray, y: FloatArray, columns: int) -> FloatArray:
    """The curve at `columns` places from its first x to its last: each the last y up to there."""
    order = np.argsort(x, kind="stable")
    places = np.linspace(x[order[0]], x[order[-1]], columns)
    seen = np.searchsorted(x[order], places, side="right")
    sampled: FloatArray = y[order][np.maximum(seen - 1, 0)]
    return sampled


def chart_columns(width: int, span: tuple[float, float], indent: str = "  ") -> tuple[int, int]:
    """How many columns a curve of this span takes, and how many stand before the first of them."""
    label_width = max(map(display_width, _end_labels(*span)))
    before = len(indent) + label_width + 2
    return max(8, min(width - before, 64)), before


def curve_lines(
    x: FloatArray,
    y: FloatArray,
    *,
    width: int,
    height: int = 5,
    x_label: str,
    span: tuple[float, float] | None = None,
    indent: str = "  ",
) -> list[str]:
    """A curve as a filled shape, its largest and smallest value at the left, its x below.

    A curve that is the same everywhere fills half of the height, with its one value there.

    Args:
        x, y: float64 (n,), n at least 1; values of y that are not finite are left blank.
        x_label: what x counts, in a word.
        span: the lowest and highest value that the chart shows; what lies beyond is cut off. All
            of them if None.
    """
    finite = y[np.isfinite(y)]
    if not len(finite):
        return [f"{indent}no finite value"]
    low, high = span or (float(finite.min()), float(finite.max()))
    is_log = low > 0 and high / low >= LOG_RATIO
    bend: Callable[[npt.ArrayLike], FloatArray] = np.log if is_log else np.asarray
    bottom, top = _end_labels(low, high)
    label_width = max(display_width(top), display_width(bottom))
    labels = {height // 2: top} if top == bottom else {height - 1: top, 0: bottom}
    columns, _ = chart_columns(width, (low, high), indent)
    samples = step_samples(x, y, columns)
    with np.errstate(invalid="ignore"):
        height_of_all = float(bend(high) - bend(low))
        shares = np.full(columns, 0.5)
        if height_of_all > 0:
            shares = (bend(np.clip(samples, low, high)) - bend(low)) / height_of_all
    shares[~np.isfinite(samples)] = np.nan
    lines = []
    for row in range(height - 1, -1, -1):
        line = "".join(_fill(share, row, height) for share in shares)
        lines.append(f"{indent}{pad(labels.get(row, ''), label_width, '>')} ┤{line}".rstrip())
    return [*lines, *_x_axis(x, columns, label_width, x_label, is_log, indent)]


def _end_labels(low: float, high: float) -> tuple[str, str]:
    """Both ends with as few digits as tell them apart; alike where even many do not."""
    for digits in range(DIGITS, MOST_DIGITS + 1):
        labels = written_number(low, digits), written_number(high, digits)
        if labels[0] != labels[1] or low == high:
            break
    return labels


def _fill(share: float, row: int, height: int) -> str:
    """The character of one row of a column that is filled up to `share` of the height."""
    if np.isnan(share):
        return " "
    level = 1 + round(float(share) * (height * EIGHTHS - 1))  # the lowest value is still seen
    return BARS[min(EIGHTHS, max(0, level - row * EIGHTHS))]


def _x_axis(
    x: FloatArray, columns: int, label_width: int, x_label: str, is_log: bool, indent: str
) -> list[str]:
    first, last = written_number(float(x.min()), 6), written_number(float(x.max()), 6)
    if first == last:
        last = ""
    start = f"{indent}{' ' * label_width} "
    note = f"{x_label} (height: log scale)" if is_log else x_label
    middle = max(1, columns - display_width(first) - display_width(last))
    text = f" {note} ".center(middle) if middle > len(note) + 2 else " " * middle
    ruler = f"{start}└{'─' * columns}"
    return [ruler, f"{start} {first}{text}{last}".rstrip()]
