"""The parts of the screens that tell of a budget: the rungs of a run, the segments of a trial."""

from __future__ import annotations

from hpsearch.analysis import Summary, TrialReport
from hpsearch.analysis.rungs import BudgetSummary, RungSummary
from hpsearch.budget import Budget
from hpsearch.config import Config
from hpsearch.store import StoredSegment, StoredTrial
from hpsearch.trial import TrialState
from hpsearch.views import words
from hpsearch.views.tables import TableColumn, table_lines
from hpsearch.views.text import count, format_number, format_trial_time, shorten, wrap

MOST_NUMBERS = 8


def rungs_part(summary: Summary, width: int) -> list[str]:
    """A line for each rung, who is left, and what was saved; nothing without early stopping."""
    budget = summary.budget
    if budget is None or budget.early_stop is None or not budget.full:
        return []
    rungs, metric = budget.rungs, summary.config.metric
    columns = [
        TableColumn("rung", [budget.budget.amount(r.budget) for r in rungs], is_essential=True),
        TableColumn("trials", [str(r.reached) for r in rungs], is_essential=True),
        TableColumn("went on", [_went_on(r, budget) for r in rungs], is_essential=True),
        TableColumn("failed", [str(r.failed or "") for r in rungs]),
        TableColumn(f"best {metric.name}", [_best(r) for r in rungs], is_essential=True),
        TableColumn("", [f"trial {r.best[0]}" if r.best else "" for r in rungs], "<"),
    ]
    if not any(r.failed for r in rungs):
        columns = [column for column in columns if column.heading != "failed"]
    table, _ = table_lines(columns, width)
    title = f"rungs: {words.early_stop(budget.early_stop)}"
    return [
        words.heading(shorten(title, width)),
        *table,
        *wrap(_survivors(summary, budget), width, "  "),
        *wrap(spent(budget), width, "  "),
    ]


def _went_on(rung: RungSummary, budget: BudgetSummary) -> str:
    return "" if rung.budget == budget.budget.max else str(rung.went_on)


def _best(rung: RungSummary) -> str:
    return format_number(rung.best[1]) if rung.best is not None else ""


def _survivors(summary: Summary, budget: BudgetSummary) -> str:
    last = budget.rungs[-1]
    if not last.reached:
        return f"no trial has been trained to {budget.budget.amount(last.budget)} yet"
    best = [str(t.trial.number) for t in summary.top if t.state is TrialState.DONE]
    listed = best[:MOST_NUMBERS]
    more = f" and {last.reached - len(listed)} more" if last.reached > len(listed) else ""
    if last.reached == 1:
        return f"survivor: trial {', '.join(listed)}"
    return f"survivors, the best first: trials {', '.join(listed)}{more}"


def spent(budget: BudgetSummary) -> str:
    """`epochs 412 of 1620: 75% saved`."""
    return f"{budget.budget.unit} {budget.spent} of {budget.full}: {budget.saved:.0%} saved"


def trained_to(stored: StoredTrial, budget: Budget | None) -> str:
    """`, at 27 epochs`, and that it is not final if it is not; nothing without a budget."""
    outcome = stored.outcome
    if budget is None or outcome is None or outcome.budget is None:
        return ""
    if outcome.budget < budget.max:
        return f", at {outcome.budget} of {budget.amount(budget.max)}: not final"
    return f", at {budget.amount(outcome.budget)}"


def segments_part(report: TrialReport, width: int) -> list[str]:
    """The segments of one trial, and what was decided after each; nothing without a budget."""
    budget = report.config.budget
    if budget is None or not report.segments:
        return []
    lines = [words.heading(f"{count(len(report.segments), 'segment')}")]
    for stored in report.segments:
        lines += wrap(_segment(stored, budget, report.config), width, "  ", "    ")
        if stored.note:
            lines += wrap(stored.note, width, "      ", "      ")
    if report.decisions:
        lines += ["", words.heading("decisions")]
        for decision in report.decisions:
            lines += wrap(f"{decision.kind}: {decision.reason}", width, "  ", "    ")
    return lines


def _segment(stored: StoredSegment, budget: Budget, config: Config) -> str:
    segment = stored.segment
    began = stored.began if stored.began is not None else segment.start
    where = f"from {began} to {budget.amount(segment.budget or 0)}"
    outcome = stored.outcome
    if outcome is None:
        return f"{where}: {stored.state.value}"
    took = format_trial_time(outcome.duration_s)
    if outcome.value is not None:
        return f"{where}: {config.metric.name} {format_number(outcome.value)}, {took}"
    reached = f" at {stored.reached}" if stored.reached else ""
    return f"{where}: {stored.state.value}{reached}, {took}"
