"""The screen of one trial: its values, how it went, what it reported, and where its files are."""

from __future__ import annotations

from datetime import datetime

from hpsearch.analysis import TrialReport
from hpsearch.analysis.failures import FAILURE_STATES
from hpsearch.analysis.wording import one_line, written
from hpsearch.store import StoredTrial
from hpsearch.trial import Decision, TrialState
from hpsearch.views import words
from hpsearch.views.charts import curve_lines
from hpsearch.views.failures import tail_lines
from hpsearch.views.next_steps import next_lines
from hpsearch.views.show_diary import expected_part
from hpsearch.views.show_rungs import segments_part, trained_to
from hpsearch.views.tables import pair_lines
from hpsearch.views.text import (
    format_age,
    format_number,
    format_trial_time,
    number_among,
    shorten,
    wrap,
)

STDERR_LINES = 12
CURVE_HEIGHT = 4
STATE_MEANS = {
    TrialState.PENDING: "waits for a slot",
    TrialState.DIVERGED: "its metric is not a finite number",
    TrialState.STOPPED: "ended early by a rule",
    TrialState.LOST: "was running when the run was killed; resume runs it again",
}


def trial_lines(report: TrialReport, now: float, width: int = 80, reference: str = "") -> list[str]:
    """The whole screen.

    Args:
        now: seconds since the epoch.
        reference: how to name the run on a command line, where its name is not enough.
    """
    parts = [
        _headline(report, now, width),
        expected_part(report, width),
        _values(report, width),
        _metrics(report, width),
        segments_part(report, width),
        *_curves(report, width),
        _stderr(report.stored, width),
        _files(report, width),
        _next(report, reference or report.run_name, width),
    ]
    lines = [line for part in parts if part for line in ["", *part]]
    return lines[1:]


def _headline(report: TrialReport, now: float, width: int) -> list[str]:
    stored, metric = report.stored, report.config.metric
    state = stored.state.value
    label = f"trial {stored.trial.number}"
    name = shorten(report.run_name, width - len(label) - len(state) - 5)
    lines = [f"{words.heading(f'{name}, {label}')} · {_coloured(state, stored.state)}"]
    outcome = stored.outcome
    if outcome is not None and outcome.value is not None:
        place = f", number {report.rank} of {len(report.values)} ({words.better(metric)})"
        value = number_among(outcome.value, report.values.tolist())
        lines += wrap(
            f"{metric.name} {value}{place if report.rank else ''}{_trained_to(report)}",
            width,
        )
    if report.incumbent is not None and (said := _named_best(report, report.incumbent)):
        lines += wrap(said, width, "", "  ")
    if stored.state in STATE_MEANS:
        lines += wrap(f"{state}: {STATE_MEANS[stored.state]}", width)
    if outcome is not None and outcome.reason:
        lines += wrap(f"reason: {one_line(outcome.reason)}", width, "", "  ")
    if outcome is not None and outcome.signal:
        lines.append(f"ended by signal {outcome.signal}")
    elif outcome is not None and outcome.exit_code:
        lines.append(f"exit code {outcome.exit_code}")
    return [*lines, *wrap(", ".join(_circumstances(report, now)), width), f"seed {report.seed}"]


def _named_best(report: TrialReport, incumbent: Decision) -> str:
    """Of the trial that is named best, why; of the one with the best value, why it is not."""
    if incumbent.trial == report.stored.trial.number:
        return f"named best: {incumbent.reason}"
    if report.rank == 1:
        return f"trial {incumbent.trial} is named best: {incumbent.reason}"
    return ""


def _coloured(text: str, state: TrialState) -> str:
    colour = "red" if state in FAILURE_STATES else "green" if state is TrialState.DONE else "cyan"
    return words.coloured(text, colour)


def _circumstances(report: TrialReport, now: float) -> list[str]:
    stored = report.stored
    unit = "day" if report.config.is_panda else "round"
    said = [f"{unit} {stored.trial.round}", f"proposed by {one_line(stored.trial.origin)}"]
    if stored.attempt > max(1, len(report.segments)):
        said.append(f"attempt {stored.attempt}")
    if stored.started is not None:
        moment = datetime.fromtimestamp(stored.started)
        said.append(f"started {moment:%Y-%m-%d %H:%M:%S} ({format_age(now - stored.started)})")
    if stored.outcome is not None:
        said.append(f"took {format_trial_time(stored.outcome.duration_s)}")
    return said


def _trained_to(report: TrialReport) -> str:
    """A day of a panda is not less final than its last one."""
    config, outcome = report.config, report.stored.outcome
    if config.is_panda and config.budget is not None:
        trained = None if outcome is None else outcome.budget
        return "" if trained is None else f", after {config.budget.amount(trained)} of training"
    return trained_to(report.stored, config.budget)


def _values(report: TrialReport, width: int) -> list[str]:
    """Its values, beside those of the best trial where it is another one."""
    trial, best = report.stored.trial, report.best
    parameters = report.config.space.parameters
    beside = best is not None and best.trial.number != trial.number
    pairs = []
    for name, value in trial.params.items():
        domain = parameters[name].domain if name in parameters else None
        text = written(value, domain)
        if beside and best is not None and best.trial.params.get(name, value) != value:
            text += f"   (best trial: {written(best.trial.params[name], domain)})"
        pairs.append((name, text))
    title = "values"
    if not pairs:
        return []
    return [words.heading(title), *pair_lines(pairs, width)]


def _metrics(report: TrialReport, width: int) -> list[str]:
    outcome = report.stored.outcome
    if outcome is None or not outcome.metrics:
        return []
    pairs = [(name, format_number(value)) for name, value in outcome.metrics.items()]
    return [words.heading("other metrics"), *pair_lines(pairs, width)]


def _curves(report: TrialReport, width: int) -> list[list[str]]:
    parts = []
    for name, (steps, values) in report.curves.items():
        if len(values) == 1:
            only = f"{shorten(name, width // 2)}: {format_number(values[0])} at its one step"
            parts.append([only])
            continue
        title = shorten(f"{name}, as the trial reported it", width)
        chart = curve_lines(steps, values, width=width, height=CURVE_HEIGHT, x_label="step")
        parts.append([words.heading(title), *chart])
    return parts


def _stderr(stored: StoredTrial, width: int) -> list[str]:
    if stored.outcome is None or not stored.outcome.stderr_tail.strip():
        return []
    tail = tail_lines(stored.outcome.stderr_tail, STDERR_LINES, width)
    return [words.heading("the end of its stderr"), *tail]


def _files(report: TrialReport, width: int) -> list[str]:
    if not report.files:
        what = "it left no files" if report.stored.outcome is not None else "no files yet"
        return wrap(f"{what} in {report.folder}", width, "", "  ")
    line = f"files in {report.folder}: {', '.join(report.files)}"
    return wrap(line, width, "", "  ")


def _next(report: TrialReport, reference: str, width: int) -> list[str]:
    number = report.stored.trial.number
    follow = " --follow" if report.stored.state is TrialState.RUNNING else ""
    return next_lines([(f"hpsearch logs {reference} {number}{follow}", "all it wrote")], width)
