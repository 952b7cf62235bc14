"""The list of runs, oldest first, so that the last one stands above the prompt."""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.analysis import ListedRun, RunState
from hpsearch.analysis.summary import count_finished
from hpsearch.analysis.wording import one_line
from hpsearch.views import words
from hpsearch.views.tables import GAP, TableColumn, table_lines
from hpsearch.views.text import aligned_numbers, format_age, format_number, shorten, wrap

NARROWEST_NAME = 16
WIDEST_METRIC = 14
EXPECTED_BEST = "values are noisy, and best is the trial with the best expected value"
EXPLAINED = (
    RunState.STOPPED,
    RunState.INTERRUPTED,
    RunState.BROKEN,
    RunState.FAILED,
    RunState.KILLED,
)


def ls_lines(runs: Sequence[ListedRun], now: float, width: int = 80) -> list[str]:
    """One line a run, and below it what its less obvious states mean.

    Args:
        now: seconds since the epoch.
    """
    names = {run.metric.name for run in runs if run.metric is not None}
    metric_name = names.pop() if len(names) == 1 else None
    facts = [
        TableColumn("state", [_state(run) for run in runs], "<", is_essential=True),
        TableColumn("trials", [_trials(run) for run in runs], "<", is_essential=True),
        _best_column(runs, metric_name),
        TableColumn("started", [_age(run, now) for run in runs], "<"),
    ]
    room = max(NARROWEST_NAME, width - sum(column.width + len(GAP) for column in facts))
    run_column = TableColumn("run", [run.name for run in runs], "<", is_essential=True, widest=room)
    (first, *rows), _ = table_lines([run_column, *facts], width, indent="")
    lines = [words.heading(first)]
    for run, row in zip(runs, rows, strict=True):
        lines.append(words.coloured(row, "red") if run.error else row)
    legend = [line for run in runs if run.error for line in _error(run, width)]
    noisy = [run.name for run in runs if run.is_expected_best]
    if noisy:
        legend += wrap(f"{EXPECTED_BEST}: {', '.join(noisy)}", width, "", "  ")
    for state in EXPLAINED:
        if any(run.state is state for run in runs):
            legend += wrap(f"{state.value}: {words.STATE_MEANS[state]}", width, "", "  ")
    return [*lines, "", *legend] if legend else lines


def _state(run: ListedRun) -> str:
    return run.state.value if run.state is not None else "unreadable"


def _trials(run: ListedRun) -> str:
    if run.state is None:
        return ""
    return f"{count_finished(run.counts)}/{run.planned}{words.failed_note(run.counts)}"


def _best_column(runs: Sequence[ListedRun], metric_name: str | None) -> TableColumn:
    """The best values; each before its metric's name where the runs have different ones."""
    if metric_name is not None:
        values = [run.best[1] if run.best is not None else None for run in runs]
        heading = f"best {metric_name}"
        return TableColumn(heading, aligned_numbers(values), ">", is_essential=True)
    cells = [
        f"{format_number(run.best[1])} {shorten(run.metric.name, WIDEST_METRIC)}"
        if run.metric is not None and run.best is not None
        else "-"
        for run in runs
    ]
    return TableColumn("best", cells, "<", is_essential=True)


def _age(run: ListedRun, now: float) -> str:
    return format_age(now - run.began) if run.began is not None else ""


def _error(run: ListedRun, width: int) -> list[str]:
    return wrap(f"{run.name} cannot be read: {one_line(run.error)}", width, "", "  ")
