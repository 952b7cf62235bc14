"""Runs side by side: one column a run, one line a fact, with a note where a fact needs one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hpsearch.analysis import Comparison
from hpsearch.analysis.comparison import ComparedRun, ComparedValue, Difference
from hpsearch.analysis.curves import shown_span
from hpsearch.analysis.wording import written, written_range
from hpsearch.views import words
from hpsearch.views.charts import sparkline
from hpsearch.views.text import (
    aligned_numbers,
    count,
    display_width,
    distinct_names,
    format_number,
    pad,
    shorten,
    wrap,
)

GAP = "  "
WIDEST_LABEL = 26
WIDEST_CELLS = (28, 20, 16)
"""Tried one after the other, until all the runs fit beside each other."""
WIDEST_SETTING = 16
BEST_SO_FAR = "best so far"


@dataclass(frozen=True)
class _Row:
    """One fact.

    Attributes:
        cells: of each run.
        note: to the right of the cells, or below them where it does not fit.
    """

    label: str
    cells: tuple[str, ...]
    note: str = ""


def compare_lines(comparison: Comparison, width: int = 80, reference: str = "") -> list[str]:
    """The whole screen; runs that do not fit beside the others come in a block of their own.

    Args:
        reference: how to name the first run on a command line, where its name is not enough.
    """
    rows = [
        *_result_rows(comparison),
        *(_value_row(comparison, value) for value in comparison.values),
    ]
    different = [_difference_row(difference) for difference in comparison.differences]
    labels = [row.label for row in [*rows, *different]]
    longest = max(display_width(label) for label in (BEST_SO_FAR, *labels))
    label_width = min(longest, max(WIDEST_LABEL, width // 4))
    rows, different = _labelled(rows, label_width), _labelled(different, label_width)
    widths = _cell_widths(comparison, rows, different, width - label_width - len(GAP))
    lines: list[str] = []
    for block in _blocks(widths, width - label_width):
        layout = _Layout(width, label_width, {i: widths[i] for i in block})
        lines += ["", *_block_lines(comparison, layout, rows, different, widths)]
    reference = reference or comparison.runs[0].name
    return [*lines[1:], "", *_legend(comparison, width, reference)]


def _labelled(rows: Sequence[_Row], width: int) -> list[_Row]:
    """The rows with labels that fit and are not cut alike."""
    labels = distinct_names([row.label for row in rows], width)
    return [replace(row, label=label) for row, label in zip(rows, labels, strict=True)]


def _headings(comparison: Comparison, widths: Sequence[int]) -> tuple[str, ...]:
    """The runs' names, each in its own width, and not cut alike."""
    names = [run.name for run in comparison.runs]
    own = [distinct_names(names, width)[i] for i, width in enumerate(widths)]
    if len(set(own)) < len(set(names)):
        own = distinct_names(names, min(widths))
    return tuple(own)


def _cell_widths(
    comparison: Comparison, rows: Sequence[_Row], different: Sequence[_Row], room: int
) -> list[int]:
    """Of each run: as wide as its results are, while its settings may be cut."""
    names = [run.name for run in comparison.runs]
    results = [max(display_width(row.cells[i]) for row in rows) for i in range(len(names))]
    settings = [
        max((display_width(row.cells[i]) for row in different), default=0)
        for i in range(len(names))
    ]
    widest: list[int] = []
    for cap in WIDEST_CELLS:
        widest = [
            min(max(result, display_width(name), min(setting, WIDEST_SETTING)), cap, room)
            for result, name, setting in zip(results, names, settings, strict=True)
        ]
        if sum(widest) + len(GAP) * (len(widest) - 1) <= room:
            break
    return widest


def _blocks(widths: Sequence[int], room: int) -> list[list[int]]:
    """The runs, in groups that fit beside each other; at least one in each."""
    blocks: list[list[int]] = []
    left = 0
    for i, width in enumerate(widths):
        if not blocks or width + len(GAP) > left:
            blocks.append([])
            left = room
        blocks[-1].append(i)
        left -= width + len(GAP)
    return blocks


@dataclass(frozen=True)
class _Layout:
    """Widths of the screen, of the labels, and of the cells of each run that is shown."""

    width: int
    label: int
    cells: dict[int, int]

    def lines_of(self, row: _Row) -> list[str]:
        cells = [pad(shorten(row.cells[i], cell), cell) for i, cell in self.cells.items()]
        line = GAP.join([pad(shorten(row.label, self.label), self.label), *cells]).rstrip()
        if not row.note:
            return [line]
        end = self.label + sum(cell + len(GAP) for cell in self.cells.values())
        beside = pad(line, end) + " " + GAP + row.note
        if display_width(beside) <= self.width:
            return [beside]
        return [line, *wrap(row.note, self.width, " " * (self.label + len(GAP)))]


def _block_lines(
    comparison: Comparison,
    layout: _Layout,
    rows: Sequence[_Row],
    different: Sequence[_Row],
    widths: Sequence[int],
) -> list[str]:
    names = _Row("", _headings(comparison, widths))
    lines = [words.heading(line) for line in layout.lines_of(names)]
    curves = _curve_row(comparison, min(layout.cells.values()))
    for row in [*rows, curves]:
        lines += layout.lines_of(row)
    if different:
        lines += ["", words.heading("different in the configs")]
        for row in different:
            lines += layout.lines_of(row)
    return lines


def _result_rows(comparison: Comparison) -> list[_Row]:
    runs, metric = comparison.runs, comparison.metric
    if metric is None:
        cells = tuple(
            f"{_number(run.best_value)} {run.metric.name}" if run.best else "-" for run in runs
        )
        best = _Row("best", cells, "different metrics or goals: not comparable")
    else:
        numbers = aligned_numbers([run.best_value for run in runs])
        best = _Row(f"best {metric.name}", tuple(numbers))
    rows = [best]
    if metric is not None and not _is_noisy(comparison):
        rows = [replace(best, note=_verdict(comparison))]
    elif metric is not None:
        expected = aligned_numbers([run.expected for run in runs])
        rows.append(_Row("  expected", tuple(expected), _verdict(comparison)))
    if comparison.equal_trials is not None:
        after = aligned_numbers(comparison.best_after)
        rows.append(_Row(f"  after {count(comparison.equal_trials, 'trial')}", tuple(after)))
    rows.append(_Row("best trial", tuple(_best_trial(run) for run in runs)))
    rows.append(_Row("state", tuple(run.state.value for run in runs)))
    rows.append(_Row("trials", tuple(_trials(run) for run in runs)))
    return rows


def _is_noisy(comparison: Comparison) -> bool:
    return any(run.expected is not None for run in comparison.runs)


def _number(value: float | None) -> str:
    return "-" if value is None else format_number(value)


def _verdict(comparison: Comparison) -> str:
    if comparison.in_doubt is not None:
        return f"no telling: the best of {comparison.runs[comparison.in_doubt].name} may be luck"
    if comparison.winner is None or comparison.margin is None:
        values = {run.judged_value for run in comparison.runs}
        return "equal" if len(values) == 1 and None not in values else ""
    name = comparison.runs[comparison.winner].name
    by = format_number(comparison.margin)
    if comparison.is_within_noise:
        assert comparison.noise is not None
        by += f", within the noise ({comparison.noise:.2g})"
    elif comparison.is_noise_unknown:
        by += "; how noisy it is, is not known yet"
    if len(comparison.runs) == 2:
        return f"{name} is better by {by}"
    return f"{name} is the best, by {by}"


def _best_trial(run: ComparedRun) -> str:
    return str(run.best.trial.number) if run.best is not None else "-"


def _trials(run: ComparedRun) -> str:
    of = f"{run.finished}/{run.planned}" if run.finished != run.planned else str(run.finished)
    return of + words.failed_note(run.counts)


def _value_row(comparison: Comparison, value: ComparedValue) -> _Row:
    cells = tuple(
        written(entry, parameter.domain if parameter is not None else None) if is_there else "-"
        for entry, parameter, is_there in zip(
            value.values, value.parameters, value.is_there, strict=True
        )
    )
    return _Row(value.name, cells, _edge_note(comparison, value.name))


def _edge_note(comparison: Comparison, name: str) -> str:
    """`was at the edge of its range (0.9 … 0.95) in digits-0002`."""
    by_range: dict[str, list[str]] = {}
    for run in comparison.runs:
        edge = run.edges.get(name)
        if edge is not None:
            by_range.setdefault(written_range(edge.parameter.domain), []).append(run.name)
    return "; ".join(
        f"was at the edge of its range {range_} in {' and '.join(names)}"
        for range_, names in by_range.items()
    )


def _difference_row(difference: Difference) -> _Row:
    return _Row(difference.key, tuple("-" if v is None else v for v in difference.values))


def _curve_row(comparison: Comparison, width: int) -> _Row:
    """The best-so-far curves as sparklines; all with one height where the metric is the same."""
    points = len(comparison.curve_numbers)
    step = -(-points // width)
    curves = [curve[::-1][::step][::-1] for curve in comparison.curves]
    shared = comparison.metric is not None
    spans = [shown_span(curves if shared else [curve]) for curve in curves]
    cells = (sparkline(curve, *span) for curve, span in zip(curves, spans, strict=True))
    return _Row(BEST_SO_FAR, tuple(cell.rstrip() or "-" for cell in cells))


def _noise_legend(comparison: Comparison, width: int) -> list[str]:
    if comparison.metric is None or not _is_noisy(comparison):
        return []
    text = (
        "expected: values are noisy, and the best one may be luck; the runs are compared by what "
        "the model expects of the trial that each names best"
    )
    measured = [run.name for run in comparison.runs if run.best and run.expected is None]
    if measured:
        text += f"; of {' and '.join(measured)} only the measured value is known"
    trials = comparison.equal_trials
    after = "" if trials is None else f"after {count(trials, 'trial')} and "
    text += f"; {after}best so far: measured values"
    return wrap(text, width, "", "  ")


def _legend(comparison: Comparison, width: int, reference: str) -> list[str]:
    last = int(comparison.curve_numbers[-1]) + 1
    if comparison.metric is None:
        text = f"best so far: from trial 0 to {last - 1}, each run with a height of its own"
    else:
        text = (
            f"best so far: {comparison.metric.name} from trial 0 to {last - 1}, all runs with the "
            f"same axes ({words.better(comparison.metric)})"
        )
    legend = [*_noise_legend(comparison, width), *wrap(text, width, "", "  ")]
    if display_width(reference) > width - 2:  # what is typed is not broken, however long it is
        return [*legend, "all about one run: hpsearch show \\", f"  {reference}"]
    return [*legend, *wrap(f"all about one run: hpsearch show {reference}", width, "", "  ")]
