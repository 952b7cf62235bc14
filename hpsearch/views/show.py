"""The morning's screen: one run, from its headline to what to type next."""

from __future__ import annotations

import numpy as np

from hpsearch.analysis import RunState, Summary
from hpsearch.analysis.curves import BestSoFar, shown_span
from hpsearch.analysis.wording import one_line, written, written_apart
from hpsearch.samplers.guided_wording import written_to
from hpsearch.store import StoredTrial
from hpsearch.trial import Decision, TrialState
from hpsearch.views import words
from hpsearch.views.charts import curve_lines
from hpsearch.views.failures import failure_lines
from hpsearch.views.next_steps import next_lines
from hpsearch.views.show_diary import diary_parts
from hpsearch.views.show_rounds import rounds_part
from hpsearch.views.show_rungs import rungs_part, trained_to
from hpsearch.views.show_top import top_part
from hpsearch.views.tables import pair_lines
from hpsearch.views.text import (
    count,
    display_width,
    format_age,
    format_duration,
    format_number,
    format_trial_time,
    shorten,
    wrap,
)


def show_lines(summary: Summary, now: float, width: int = 80, reference: str = "") -> list[str]:
    """The whole screen.

    Args:
        now: seconds since the epoch.
        width: columns of the terminal.
        reference: how to name the run on a command line, where its name is not enough.
    """
    if summary.diary is not None:
        middle = diary_parts(summary, width)
    else:
        middle = [
            _best(summary, width),
            top_part(summary, width),
            rungs_part(summary, width),
            rounds_part(summary, width),
            _curve(summary, width),
        ]
    parts = [
        _headline(summary, now, width),
        *middle,
        _failures(summary, width),
        _hints(summary, width),
        _next(summary, width, reference or summary.name),
    ]
    lines = [line for part in parts if part for line in ["", *part]]
    return lines[1:]


def _headline(summary: Summary, now: float, width: int) -> list[str]:
    state, moment = summary.state, _moment(summary, now)
    standing = words.coloured_state(state.value, state) + moment
    name = words.heading(shorten(summary.name, width))
    one = f"{name} · {standing}"
    lines = [
        *([one] if display_width(one) <= width else [name, standing]),
        *wrap(words.settings(summary.config, summary.planned_rounds, summary.planned), width),
    ]
    if summary.learned_from:
        lines += wrap(f"learned from {', '.join(summary.learned_from)}", width, hanging="  ")
    if state is RunState.RUNNING and summary.writer is not None:
        lines += wrap(f"process {summary.writer.pid} on {summary.writer.host}", width)
    elif state is not RunState.FINISHED:
        lines += wrap(f"{state.value}: {words.STATE_MEANS[state]}", width)
    if summary.detail:
        lines += wrap(one_line(summary.detail), width)
    return lines + wrap(_tally(summary), width)


def _moment(summary: Summary, now: float) -> str:
    if summary.ended is None:
        return ""
    if summary.state is RunState.RUNNING:
        return f" for {format_duration(summary.elapsed_s)}"
    return f" {format_age(now - summary.ended)}, after {format_duration(summary.elapsed_s)}"


def _tally(summary: Summary) -> str:
    if not summary.counts:
        return "no trial has started yet"
    states = ", ".join(
        f"{summary.counts[state]} {state.value}"
        for state in TrialState
        if summary.counts.get(state)
    )
    of = count(summary.planned, "trial")
    if summary.diary is not None:  # how many trials a day has is not known before
        text = f"{count(summary.finished, 'trial')} finished ({states})"
    else:
        text = f"{summary.finished} of {of} finished ({states})"
    if summary.trial_time_s > 0:
        text += f", {format_trial_time(summary.trial_time_s)} of trial time"
    return text


def _value(stored: StoredTrial) -> float | None:
    return stored.outcome.value if stored.outcome is not None else None


def _best(summary: Summary, width: int) -> list[str]:
    best, config = summary.best, summary.config
    if best is None:
        if not summary.finished:
            return []
        fallen = len(summary.budget.fallen) if summary.budget is not None else 0
        but = f", {fallen} of them failed after a rung" if fallen else ", none with a value"
        return wrap(f"no trial has succeeded: {summary.finished} finished{but}", width, "", "  ")
    shown = written_apart(_best_value(summary), _rivals(summary))
    if summary.incumbent is not None:
        shown = _beside_noise(_best_value(summary), summary.incumbent)
        expected = _beside_noise(summary.incumbent.details["expected"], summary.incumbent)
        shown = f"{shown} measured, {expected} expected"
    elif config.metric.noisy:
        shown = f"{shown} measured"
    where = f" {shown}: trial {best.trial.number}"
    if config.early_stop is None:
        where += f", round {best.trial.round}"
    where += trained_to(best, config.budget)
    name_width = width - len("best ") - len(where)
    title = f"best {shorten(config.metric.name, name_width)}{where}"
    pairs, fixed = [], []
    for name, parameter in config.space.parameters.items():
        if name not in best.trial.params:
            continue
        text = written(best.trial.params[name], parameter.domain)
        if words.is_varied(parameter):
            pairs.append((name, text))
        else:
            fixed.append(f"{name} {text}")
    if fixed:
        pairs.append(("(fixed)", ", ".join(fixed)))
    lines = [words.heading(title), *pair_lines(pairs, width)]
    if summary.incumbent is not None:
        lines += wrap(_why_named(summary) + summary.incumbent.reason, width, "  ")
    elif config.metric.noisy:
        lines += wrap("values are noisy: the best one that was measured may be luck", width, "  ")
    return lines


def _best_value(summary: Summary) -> float:
    """Of the best trial, which there is."""
    assert summary.best is not None
    value = _value(summary.best)
    assert value is not None
    return value


def _rivals(summary: Summary) -> list[float]:
    """The values that the best one is seen beside: the next best, and the one that it improved."""
    next_best = [value for stored in summary.top[1:2] if (value := _value(stored)) is not None]
    return next_best + [value for _, value in summary.curve.improvements()[-2:]]


def _why_named(summary: Summary) -> str:
    """Which trial has a better value than the one that is named best; empty if none has."""
    better = _better_measured(summary)
    if better is None:
        return ""
    than = "lower" if summary.config.metric.goal == "minimize" else "higher"
    assert summary.incumbent is not None
    value = _beside_noise(better[1], summary.incumbent)
    return f"trial {better[0]} has a {than} value, {value}, but "


def _beside_noise(value: float, incumbent: Decision) -> str:
    """A value with as many digits as the noise leaves to it."""
    return written_to(value, incumbent.details.get("noise", 0.0))


def _better_measured(summary: Summary) -> tuple[int, float] | None:
    """The trial with the best value, where another one is named best."""
    if summary.best is None or summary.incumbent is None or not len(summary.curve.values):
        return None
    number, value = summary.curve.improvements()[-1]
    return None if value == _value(summary.best) else (number, value)


def _curve(summary: Summary, width: int) -> list[str]:
    curve, metric = summary.curve, summary.config.metric
    if len(curve.values) < 2 or curve.values.min() == curve.values.max():
        return []
    if summary.config.early_stop is not None and curve.best[0] == curve.best[-1]:
        return []  # the few that were trained to the end
    title = f"best so far: {metric.name} ({words.better(metric)})"
    span = shown_span([curve.best])
    x = curve.numbers.astype(np.float64)
    lines = [
        words.heading(shorten(title, width)),
        *curve_lines(x, curve.best, width=width, x_label="trial", span=span),
    ]
    if not span[0] <= curve.best[0] <= span[1]:
        first = f"trial {curve.numbers[0]} had {format_number(curve.best[0])}"
        lines += wrap(f"the first values are beyond the axis: {first}", width, "  ")
    lines += wrap(_last_improvement(curve), width, "  ")
    if summary.best is not None and _better_measured(summary) is not None:
        shown = written_apart(_best_value(summary), _rivals(summary))
        named = f"trial {summary.best.trial.number}, named best, had {shown}"
        lines += wrap(f"it follows the measured values; {named}", width, "  ")
    return lines


def _last_improvement(curve: BestSoFar) -> str:
    last, _ = curve.improvements()[-1]
    since = int((curve.numbers > last).sum())
    if since == 0:
        return f"the last success, trial {last}, improved it"
    return f"trial {last} improved it last; {count(since, 'success', 'successes')} since did not"


def _failures(summary: Summary, width: int) -> list[str]:
    if not summary.failed:
        return []
    lines = [words.heading(f"failures: {summary.failed} of {count(summary.finished, 'trial')}")]
    for group in summary.failures:
        lines += failure_lines(group, width)
    rest = summary.failed - sum(group.trials for group in summary.failures)
    if rest:
        lines += wrap(f"and {rest} more, for other reasons", width, "  ")
    return lines


def _hints(summary: Summary, width: int) -> list[str]:
    hints = [hint for hint in summary.hints if hint.kind != "unfinished"]
    if not hints:
        return []
    lines = [words.heading("hints")]
    for hint in hints:
        lines += wrap(hint.sentence, width, "  - ", "    ")
    return lines


def _next(summary: Summary, width: int, reference: str) -> list[str]:
    commands = []
    if summary.state is RunState.BROKEN:
        commands.append((f"hpsearch resume {reference} --retry-failed", "when it is mended"))
    elif summary.state is RunState.RUNNING:
        commands.append((f"hpsearch show {reference}", "look again"))
    elif summary.state is not RunState.FINISHED:
        commands.append((f"hpsearch resume {reference}", "go on; what is done is kept"))
    if summary.best is not None:
        if not summary.config.is_panda:  # whose model needs the schedule
            commands.append((f"hpsearch best {reference} --format args", "the best values"))
        number = summary.best.trial.number
        commands.append((f"hpsearch show {reference} {number}", "all about its best trial"))
    elif summary.failures:
        number = summary.failures[0].numbers[0]
        commands.append((f"hpsearch logs {reference} {number}", "all that the trial wrote"))
    return next_lines(commands, width)
