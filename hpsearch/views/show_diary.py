"""The screen of a panda: its curve with what was done under it, its diary, and what it learnt."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from hpsearch.analysis import Summary, TrialReport
from hpsearch.analysis.diary import Diary, DiaryLine, Stretch
from hpsearch.analysis.wording import written, written_number
from hpsearch.scales import FloatArray
from hpsearch.trial import TrialState
from hpsearch.views import words
from hpsearch.views.charts import chart_columns, curve_lines
from hpsearch.views.export import finite
from hpsearch.views.tables import GAP, TableColumn, table_lines
from hpsearch.views.text import count, format_number, shorten, shorten_names, wrap

MOST_LINES = 80
NARROWEST = 16
SETTLED = 0.9
"""Share of the days, the best first, whose values the chart shows if it must cut any."""
UP, DOWN, BACK = "^", "v", "x"
MARKS = f"{UP} {DOWN} a value up or down, {BACK} taken back, h by hand, < gone back to later"


def diary_parts(summary: Summary, width: int) -> list[list[str]]:
    """The parts that a panda's screen has in place of rounds; none for another run."""
    diary = summary.diary
    if diary is None or not diary.lines:
        return []
    return [
        _best(summary, diary, width),
        _chart(summary, diary, width),
        _table(summary, diary, width),
        _schedule_table(summary, diary, width),
        _schedule_yaml(summary, diary, width),
    ]


def _best(summary: Summary, diary: Diary, width: int) -> list[str]:
    if diary.best is None or diary.best.value is None:
        return wrap("no day has succeeded yet", width)
    metric = summary.config.metric.name
    trained = diary.schedule[-1].last
    budget = summary.config.budget
    assert budget is not None
    lines = [
        words.heading(
            shorten(
                f"best {metric} {format_number(diary.best.value)}: day {diary.best.day} "
                f"(trial {diary.best.trial}), after {budget.amount(trained)} of training",
                width,
            )
        )
    ]
    tally = f"{budget.amount(diary.spent)} in all, with what was taken back"
    if diary.start_from:
        with_what = f"its checkpoint of {diary.start}" if diary.start else "its values"
        tally += f"; began from {diary.start_from} ({with_what})"
    return lines + wrap(tally, width, "  ")


def _chart(summary: Summary, diary: Diary, width: int) -> list[str]:
    """The best value of each day, and under it a mark for what was done that day."""
    loss = summary.config.metric.loss
    by_day: dict[int, float] = {}
    for line in diary.lines:
        if line.value is not None:
            known = by_day.get(line.day)
            if known is None or loss(line.value) < loss(known):
                by_day[line.day] = line.value
    if len(by_day) < 2:
        return []
    days = np.array(sorted(by_day), dtype=np.float64)
    values = np.array([by_day[int(day)] for day in days])
    span = _span(summary, values)
    title = f"{summary.config.metric.name} at the end of each day"
    lines = [words.heading(shorten(title, width))]
    chart = curve_lines(days, values, width=width, x_label="day", span=span)
    lines += chart[:-2]
    lines += [_marks(diary, days, chart, width, span), *chart[-2:]]
    lines += wrap(MARKS, width, "  ")
    beyond = np.flatnonzero((values < span[0]) | (values > span[1]))
    if len(beyond):
        worst = max(beyond, key=lambda i: loss(float(values[i])))
        which = f"day {days[worst]:.0f} had {format_number(values[worst])}"
        where = (
            "bad days are cut at the axis" if len(beyond) > 1 else "a bad day is cut at the axis"
        )
        lines += wrap(f"{where}: {which}", width, "  ")
    return lines


def _span(summary: Summary, values: FloatArray) -> tuple[float, float]:
    """All the values; without the worst tenth, if that alone takes half of the height."""
    loss = summary.config.metric.loss
    losses = np.sort([loss(float(value)) for value in values])
    best, worst = float(losses[0]), float(losses[-1])
    settled = float(losses[math.ceil(SETTLED * (len(losses) - 1))])
    if 0 < settled - best < (worst - best) / 2:
        worst = settled
    low, high = sorted((loss(best), loss(worst)))
    return low, high


def _marks(
    diary: Diary, days: FloatArray, chart: Sequence[str], width: int, span: tuple[float, float]
) -> str:
    first, last = float(days[0]), float(days[-1])
    columns, indent = chart_columns(width, span)
    row = [" "] * columns
    strength = {" ": 0, UP: 1, DOWN: 1, "h": 2, "<": 2, BACK: 3}
    for line in diary.lines:
        if not first <= line.day <= last:
            continue
        place = round((line.day - first) / (last - first) * (columns - 1))
        mark = _mark(line)
        if strength[mark] > strength[row[place]]:
            row[place] = mark
    return (" " * indent + "".join(row)).rstrip()


def _mark(line: DiaryLine) -> str:
    if line.kind == "taken back":
        return BACK
    if line.is_by_hand:
        return "h"
    if line.kind != "passed over" and line.directions and line.parent is not None:
        return UP if next(iter(line.directions.values())) > 0 else DOWN
    return "<" if line.was_gone_back_to else " "


def _table(summary: Summary, diary: Diary, width: int) -> list[str]:
    lines, left_out = list(diary.lines), 0
    if len(lines) > MOST_LINES:
        lines = [line for line in lines if line.kind != "kept" or line.directions]
        left_out = len(diary.lines) - len(lines)
    columns = _columns(summary, diary, lines, width)
    table, _ = table_lines(columns, width)
    title = f"diary: {count(len({line.day for line in diary.lines}), 'day')} of {diary.days}"
    parts = [words.heading(title), *table]
    if left_out:
        parts += wrap(f"{left_out} days that changed nothing are not listed", width, "  ")
    parts += wrap(_legend(summary, diary, lines), width, "  ")
    for line in diary.lines:
        if line.was_gone_back_to:
            parts += wrap(f"day {line.day}: {line.was_gone_back_to}", width, "  ")
    for order in diary.too_late:
        parts += wrap(words.came_too_late(order), width, "  ")
    return parts


def _columns(
    summary: Summary, diary: Diary, lines: Sequence[DiaryLine], width: int
) -> list[TableColumn]:
    """What was tried takes the room that the others leave."""
    metric = summary.config.metric.name
    values = ["" if line.value is None else format_number(line.value) for line in lines]
    before = [TableColumn("day", [str(line.day) for line in lines], is_essential=True)]
    if diary.has_siblings:
        numbers = [str(line.trial) for line in lines]
        before.append(TableColumn("trial", numbers, is_essential=True))
    origins = [_from(line, diary) for line in lines]
    before.append(TableColumn("from", origins, is_essential=True))
    after = [TableColumn(metric, values, is_essential=True)]
    ranges = [_expected(line) for line in lines]
    if any(ranges):
        after.append(TableColumn("expected", ranges, is_essential=True))
    after.append(TableColumn("", [_verdict(line) for line in lines], "<", is_essential=True))
    taken = 2 + sum(column.width + len(GAP) for column in (*before, *after))
    room, names = max(NARROWEST, width - taken), list(summary.config.space.parameters)
    cells = [shorten_names(_tried(summary, line), names, room) for line in lines]
    tried = TableColumn("tried", cells, "<", is_essential=True, widest=room)
    return [*before, tried, *after]


def _legend(summary: Summary, diary: Diary, lines: Sequence[DiaryLine]) -> str:
    """What the words in the table mean, of those that are there."""
    kinds, told = {line.kind for line in lines}, []
    if diary.has_siblings:
        told.append("from: the trial that it goes on from")
    if any(line.better is not None for line in lines):
        is_low_better = summary.config.metric.goal == "minimize"
        better, worse = ("below", "above") if is_low_better else ("above", "below")
        first, second = ("first", "second") if is_low_better else ("second", "first")
        told.append(
            f"expected: {better} the {first} number a day is better than the curve so far "
            f"promised, {worse} the {second} it is worse and is taken back"
        )
    if "values back" in kinds:
        told.append("values back: the training is kept, the values are those of before")
    if any(line.parent is None and "anew" in line.tried for line in lines):
        told.append("anew: from nothing, with another first value")
    if any(line.has_begun_anew for line in lines):
        told.append(
            "from none: it began anew for want of a checkpoint, and was trained from nothing with "
            "these values only"
        )
    if "passed over" in kinds:
        told.append("passed over: one beside it was better")
    if any(line.least_bad_of for line in lines):
        told.append("least bad: nothing from that checkpoint was as expected")
    if "copied" in kinds:
        told.append("replaced: a copy of that better trial goes on in its place")
    return "; ".join([*told, "hpsearch show RUN TRIAL tells more of a day"])


def _tried(summary: Summary, line: DiaryLine) -> str:
    """`learning_rate ^ 0.63`, `anew: learning_rate v 0.2`."""
    space = summary.config.space
    parts = []
    if line.parent is None and not line.is_by_hand:
        tries = re.findall(r"(\S+) (up|down)\b[^(]*\(\S+ to ([^\s,)]+)[,)]", line.tried)
        steps = [f"{name} {UP if way == 'up' else DOWN} {value}" for name, way, value in tries]
        return f"anew: {' '.join(steps)}" if steps else line.tried
    if line.tried.startswith("copy"):
        parts.append("copy" if not line.directions else "copy,")
    for name, direction in line.directions.items():
        value = written(line.values[name], space.parameters[name].domain)
        parts.append(f"{name} {UP if direction > 0 else DOWN} {value}")
    if line.is_by_hand:
        parts.append("by hand" + (", back" if "back to day" in line.tried else ""))
    return " ".join(parts) or "nothing changed"


def _from(line: DiaryLine, diary: Diary) -> str:
    if line.parent is None:
        return "-"
    if line.has_begun_anew:
        return "none"
    return str(line.parent if diary.has_siblings else diary.lines[line.parent].day)


def _expected(line: DiaryLine) -> str:
    if line.better is None or line.worse is None:
        return ""
    low, high = sorted((line.better, line.worse))
    return f"{written_number(low, 3)}{' to ' if low < 0 else '-'}{written_number(high, 3)}"


def _verdict(line: DiaryLine) -> str:
    verdict = line.kind
    if line.state not in (TrialState.DONE, TrialState.STOPPED) or not line.kind:
        verdict = str(line.state.value)
    elif line.least_bad_of is not None:
        verdict = "kept: least bad"
    elif line.replaced_by is not None:
        verdict = f"replaced by {line.replaced_by}"
    return verdict


def _schedule_table(summary: Summary, diary: Diary, width: int) -> list[str]:
    """The learnt schedule, a row for each change."""
    if not diary.schedule:
        return []
    columns = [
        TableColumn(
            f"from {diary.unit[:-1] if diary.unit.endswith('s') else diary.unit}",
            [str(stretch.first) for stretch in diary.schedule],
            is_essential=True,
        )
    ]
    for name in summary.config.live:
        domain = summary.config.space.parameters[name].domain
        cells = [written(stretch.values[name], domain) for stretch in diary.schedule]
        columns.append(TableColumn(name, cells))
    table, _ = table_lines(columns, width)
    return [words.heading("learnt schedule"), *table]


def _schedule_yaml(summary: Summary, diary: Diary, width: int) -> list[str]:
    """The same as YAML: what a training without hpsearch needs."""
    if not diary.schedule:
        return []
    lines = [words.heading("the same as YAML"), "  schedule:"]
    for stretch in diary.schedule:
        pairs = [f"{diary.unit}: [{stretch.first}, {stretch.last}]"]
        for name, value in stretch.values.items():
            pairs.append(f"{name}: {_yaml_value(value)}")
        flow = "  - {" + ", ".join(pairs) + "}"
        if len(flow) <= width:
            lines.append(flow)
        else:
            lines += [f"  - {pairs[0]}", *(f"    {pair}" for pair in pairs[1:])]
    return lines


def _yaml_value(value: Any) -> str:
    """A number in full, as every reader of YAML takes it (1.0e-05, not 1e-05)."""
    text: str = str(value)
    if "e" in text and "." not in text:
        mantissa, _, exponent = text.partition("e")
        text = f"{mantissa}.0e{exponent}"
    return text


def expected_part(report: TrialReport, width: int) -> list[str]:
    """What a day of a panda was expected to bring, in its trial's screen; else nothing."""
    ranges = [d.details for d in report.decisions if "better_below" in d.details]
    if not report.config.is_panda or not ranges:
        return []
    name, is_low_better = report.config.metric.name, report.config.metric.goal == "minimize"
    better, worse = ("below", "above") if is_low_better else ("above", "below")
    numbers = [format_number(ranges[0][key]) for key in ("better_below", "worse_above")]
    sentence = (
        f"expected of the day: {name} {better} {numbers[0]} is better than the curve so far "
        f"promised, {worse} {numbers[1]} is worse"
    )
    return wrap(sentence, width)


def diary_report(diary: Diary) -> dict[str, Any]:
    """The part of `show --json`."""
    return {
        "days": diary.days,
        "models": diary.models,
        "unit": diary.unit,
        "spent": diary.spent,
        "start_from": diary.start_from or None,
        "orders_too_late": list(diary.too_late),
        "best": None if diary.best is None else diary.best.trial,
        "diary": [
            {
                "day": line.day,
                "trial": line.trial,
                "parent": line.parent,
                "tried": line.tried,
                "values": dict(line.values),
                "value": finite(line.value),
                "better_below": finite(line.better),
                "worse_above": finite(line.worse),
                "decision": line.kind or None,
                "reason": line.reason or None,
                "began_anew": line.has_begun_anew,
                "gone_back_to": line.was_gone_back_to or None,
            }
            for line in diary.lines
        ],
        "schedule": [_stretch(stretch) for stretch in diary.schedule],
    }


def _stretch(stretch: Stretch) -> dict[str, Any]:
    return {"first": stretch.first, "last": stretch.last, "values": dict(stretch.values)}
