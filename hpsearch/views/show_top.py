"""The table of the best trials; below them those that failed after a rung, with what they had.

Which trials these are was found by `analysis`; here each is a row, and says why it stands there.
"""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.analysis import Summary
from hpsearch.analysis.rungs import FallenTrial
from hpsearch.analysis.wording import written
from hpsearch.store import StoredTrial
from hpsearch.views import words
from hpsearch.views.tables import WIDEST_CELL, TableColumn, table_lines
from hpsearch.views.text import aligned_numbers, count, distinct_names, format_trial_time, wrap

MOST_NAMES = 6
MOST_FALLEN = 5


@dataclass(frozen=True)
class _Row:
    """A trial in the table.

    Attributes:
        budget: at which it has its value; None without a budget.
        note: what else is to be known of it; mostly empty.
    """

    stored: StoredTrial
    value: float | None
    budget: int | None
    note: str = ""


def top_part(summary: Summary, width: int) -> list[str]:
    """A line for each of the best trials; nothing where there is no more than one."""
    fallen = summary.budget.fallen[:MOST_FALLEN] if summary.budget is not None else ()
    rows = [_row(summary, stored) for stored in summary.top]
    rows += [_fallen(summary, trial) for trial in fallen]
    if len(rows) < 2 and not fallen:
        return []
    columns = [
        TableColumn("trial", [str(r.stored.trial.number) for r in rows], is_essential=True),
        _second_column(summary, rows),
        TableColumn(
            summary.config.metric.name,
            aligned_numbers([row.value for row in rows]),
            is_essential=True,
        ),
        TableColumn("time", [_time(row) for row in rows], is_essential=True),
    ]
    if any(row.note for row in rows):
        columns.append(TableColumn("", [row.note for row in rows], "<", is_essential=True))
    table, left_out = table_lines([*columns, *_values(summary, rows)], width)
    lines = [words.heading(_title(summary, len(fallen))), *table]
    if left_out:
        left_out = distinct_names(left_out, WIDEST_CELL)
        names = left_out if len(left_out) <= MOST_NAMES else left_out[: MOST_NAMES - 1]
        more = f" and {len(left_out) - len(names)} more" if len(names) < len(left_out) else ""
        lines += wrap(f"not shown, for want of room: {', '.join(names)}{more}", width, "  ")
    return lines


def _title(summary: Summary, fallen: int) -> str:
    top = len(summary.top)
    best = f"best {count(top, 'trial')}" if top else ""
    if not fallen:
        return best
    assert summary.budget is not None
    of = len(summary.budget.fallen)
    failed = (
        f"{fallen} that failed later" if fallen == of else f"{fallen} of {of} that failed later"
    )
    return f"{best}, and {failed}" if best else f"trials: {failed}"


def _row(summary: Summary, stored: StoredTrial) -> _Row:
    outcome, incumbent = stored.outcome, summary.incumbent
    assert outcome is not None
    is_named = incumbent is not None and stored.trial.number == incumbent.trial
    return _Row(stored, outcome.value, outcome.budget, "named best" if is_named else "")


def _fallen(summary: Summary, fallen: FallenTrial) -> _Row:
    assert summary.config.budget is not None
    note = f"{fallen.stored.state.value} after {summary.config.budget.amount(fallen.failed_at)}"
    return _Row(fallen.stored, fallen.value, fallen.budget, note)


def _time(row: _Row) -> str:
    outcome = row.stored.outcome
    return format_trial_time(outcome.duration_s) if outcome is not None else ""


def _second_column(summary: Summary, rows: list[_Row]) -> TableColumn:
    """The round; where trials are stopped early, how long each was trained for its value."""
    budget = summary.config.budget
    if summary.config.early_stop is None or budget is None:
        rounds = [str(row.stored.trial.round) for row in rows]
        return TableColumn("round", rounds, is_essential=True)
    return TableColumn(budget.unit, [str(row.budget or "") for row in rows], is_essential=True)


def _values(summary: Summary, rows: list[_Row]) -> list[TableColumn]:
    """A column for each parameter that is varied, and that one of the trials has."""
    params = [row.stored.trial.params for row in rows]
    return [
        TableColumn(
            name, [written(p[name], parameter.domain) if name in p else "-" for p in params]
        )
        for name, parameter in summary.config.space.parameters.items()
        if words.is_varied(parameter) and any(name in p for p in params)
    ]
