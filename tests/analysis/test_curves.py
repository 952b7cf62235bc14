from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.analysis.curves import best_so_far, shown_span
from hpsearch.config import Metric

MINIMIZE = Metric("loss", "minimize")
MAXIMIZE = Metric("accuracy", "maximize")

rows = st.lists(st.floats(-1e6, 1e6), max_size=30).map(
    lambda values: [(3 * i, 1 + i // 10, value) for i, value in enumerate(values)]
)


@given(rows, st.sampled_from([MINIMIZE, MAXIMIZE]))
def test_best_so_far_is_the_best_of_every_beginning(
    values: list[tuple[int, int, float]], metric: Metric
) -> None:
    curve = best_so_far(values, metric)
    best = min if metric.goal == "minimize" else max
    expected = [best(v for _, _, v in values[: i + 1]) for i in range(len(values))]
    assert curve.best.tolist() == expected
    for trials in (0, 1, 4, 7, 1000):
        seen = [v for number, _, v in values if number < trials]
        assert curve.after(trials) == (best(seen) if seen else None)


@given(rows)
def test_improvements_tell_the_whole_curve(values: list[tuple[int, int, float]]) -> None:
    curve = best_so_far(values, MINIMIZE)
    told = dict(curve.improvements())
    best = math.inf
    for number, value in zip(curve.numbers.tolist(), curve.best.tolist(), strict=True):
        best = told.get(number, best)
        assert best == value


def test_the_best_of_a_round_is_its_first_best_trial() -> None:
    values = [(0, 1, 3.0), (1, 1, 2.0), (4, 2, 5.0), (6, 2, 4.0), (7, 2, 4.0)]
    curve = best_so_far(values, MINIMIZE)
    assert curve.best_of_round(1) == (1, 2.0)
    assert curve.best_of_round(2) == (6, 4.0)
    assert curve.best_of_round(3) is None
    assert best_so_far(values, MAXIMIZE).best_of_round(2) == (4, 5.0)


def test_equal_values_share_a_rank() -> None:
    curve = best_so_far([(0, 1, 3.0), (1, 1, 2.0), (2, 1, 3.0), (3, 1, 4.0)], MINIMIZE)
    assert [curve.rank(v) for v in (2.0, 3.0, 4.0)] == [1, 2, 4]


def test_a_curve_is_not_there_before_its_first_trial() -> None:
    curve = best_so_far([(2, 1, 3.0), (5, 1, 1.0)], MINIMIZE)
    sampled = curve.sampled([0, 2, 4, 5, 9])
    assert np.isnan(sampled[0])
    assert sampled[1:].tolist() == [3.0, 3.0, 1.0, 1.0]


def test_a_run_without_a_success_has_an_empty_curve() -> None:
    curve = best_so_far([], MINIMIZE)
    assert curve.improvements() == []
    assert curve.after(5) is None
    assert np.isnan(curve.sampled([3])).all()


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_an_axis_leaves_out_a_first_tenth_that_hides_the_rest(sign: float) -> None:
    curve = sign * np.array([100.0, 90.0] + [2.0] * 10 + [1.0] * 8)
    low, high = shown_span([curve])
    assert {low, high} == {sign * 1.0, sign * 2.0}
    steady = sign * np.linspace(10.0, 1.0, 20)
    assert set(shown_span([steady])) == {sign * 10.0, sign * 1.0}


def test_an_axis_of_nothing_is_no_error() -> None:
    assert shown_span([np.array([np.nan, np.nan])]) == (0.0, 0.0)
    assert shown_span([np.array([2.0])]) == (2.0, 2.0)
