"""The diary's words: ranges and legend for both goals, and what the chart cuts."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hpsearch.analysis.diary import Diary, DiaryLine
from hpsearch.config import Metric, parse_config
from hpsearch.trial import TrialState
from hpsearch.views.show_diary import _columns, _expected, _legend, _span, _tried, _verdict


def a_day(**changes: Any) -> DiaryLine:
    facts: dict[str, Any] = {
        "day": 1,
        "trial": 0,
        "parent": None,
        "tried": "the first day",
        "values": {},
        "value": 1.0,
        "state": TrialState.DONE,
        "kind": "kept",
        "reason": "",
        "better": None,
        "worse": None,
        "directions": {},
        "is_by_hand": False,
    }
    return DiaryLine(**{**facts, **changes})


def a_diary(*lines: DiaryLine) -> Diary:
    return Diary("epochs", 9, lines, None, (), 0, "", 0, 1)


def summary_of(goal: str) -> Any:
    return SimpleNamespace(config=SimpleNamespace(metric=Metric(name="score", goal=goal)))  # type: ignore[arg-type]


def test_a_range_goes_from_the_smaller_number_to_the_larger_one() -> None:
    assert _expected(a_day(better=-8.85, worse=-9.78)) == "-9.78 to -8.85"
    assert _expected(a_day(better=0.9, worse=0.8)) == "0.8-0.9"
    assert _expected(a_day(better=0.1, worse=0.2)) == "0.1-0.2"


def test_what_was_tried_with_a_name_of_any_length_can_be_read() -> None:
    one, two = "x" * 196 + "_one", "x" * 196 + "_two"
    space = ", ".join(f"{name}: {{min: 0.1, max: 1.0, live: true}}" for name in (one, two))
    config = parse_config(
        f"objective: {{command: 'train {{args}} {{budget}}'}}\nspace: {{{space}}}\n"
        "metric: {name: score, goal: minimize}\nsearch: {strategy: panda}\n",
        Path("a.yaml"),
    )
    days = [
        a_day(parent=0, directions={name: 1}, values={name: 0.25}, better=0.1, worse=0.2)
        for name in (one, two)
    ]
    summary: Any = SimpleNamespace(config=config)
    tried = next(c for c in _columns(summary, a_diary(*days), days, 80) if c.heading == "tried")
    assert [cell.split("_")[-1] for cell in tried.cells] == ["one ^ 0.25", "two ^ 0.25"]
    assert all("…" in cell and len(cell) <= tried.widest for cell in tried.cells)


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ("minimize", "below the first number a day is better"),
        ("maximize", "above the second number a day is better"),
    ],
)
def test_the_legend_says_on_which_side_a_day_is_better(goal: str, said: str) -> None:
    line = a_day(better=0.1, worse=0.2)
    assert said in _legend(summary_of(goal), a_diary(line), [line])


def test_the_legend_explains_only_what_is_there() -> None:
    line = a_day()
    legend = _legend(summary_of("minimize"), a_diary(line), [line])
    assert legend == "hpsearch show RUN TRIAL tells more of a day"


def test_a_day_kept_against_its_range_says_why() -> None:
    assert _verdict(a_day(least_bad_of=3)) == "kept: least bad"


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_chart_cuts_bad_days_and_never_the_best_one(sign: float) -> None:
    summary = summary_of("minimize" if sign > 0 else "maximize")
    values = sign * np.array([2.0, 1.8, 0.3, 1.7, 900.0, 1.6, 1.5, 1.4, 1.3, 1.2, 1.1])
    assert _span(summary, values) == tuple(sorted((sign * 0.3, sign * 2.0)))
    assert _span(summary, values[:4]) == tuple(sorted((sign * 0.3, sign * 2.0)))


def test_a_day_begun_anew_tells_its_value_on_every_scale() -> None:
    summary: Any = SimpleNamespace(config=SimpleNamespace(space=None))
    tried = "begin anew with lr up x2 (0.01 to 0.02), mom up (0.98 to 0.99, 1-mom x0.5)"
    assert _tried(summary, a_day(tried=tried)) == "anew: lr ^ 0.02 mom ^ 0.99"
