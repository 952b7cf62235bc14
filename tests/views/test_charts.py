from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hpsearch.views.charts import BARS, bars, curve_lines, sparkline, step_samples
from hpsearch.views.text import display_width

NAN = float("nan")


def test_a_sparkline_goes_from_its_lowest_to_its_highest_bar() -> None:
    assert sparkline(np.array([0.0, 0.5, 1.0]), 0.0, 1.0) == "▁▅█"
    assert sparkline(np.array([NAN, 2.0, -3.0]), 0.0, 1.0) == " █▁"
    assert sparkline(np.array([1.0, NAN]), 1.0, 1.0) == "▁ "
    assert sparkline(np.array([-1.7e308, 0.0, 1.7e308]), -1.7e308, 1.7e308) == "▁▅█"


def test_bars_are_empty_only_where_nothing_is() -> None:
    assert bars(np.array([0.0, 1.0, 100.0])) == " ▁█"
    assert bars(np.zeros(3)) == "   "
    assert bars(np.zeros(0)) == ""


def test_samples_of_a_curve_are_the_last_value_up_to_there() -> None:
    x, y = np.array([0.0, 1.0, 4.0]), np.array([5.0, 3.0, 1.0])
    assert step_samples(x, y, 5).tolist() == [5.0, 3.0, 3.0, 3.0, 1.0]


@given(
    hnp.arrays(float, st.integers(1, 50), elements=st.floats(-1e9, 1e9) | st.just(NAN)),
    st.integers(30, 120),
    st.integers(2, 8),
)
def test_a_curve_fits_and_shows_its_extremes(y: np.ndarray, width: int, height: int) -> None:
    x = np.arange(len(y), dtype=float)
    lines = curve_lines(x, y, width=width, height=height, x_label="trial")
    assert all(display_width(line) <= width for line in lines)
    if np.isfinite(y).any():
        assert len(lines) == height + 2


def test_a_falling_curve_fills_less_and_less() -> None:
    x = np.arange(64.0)
    lines = curve_lines(x, 64.0 - x, width=80, height=4, x_label="trial")
    drawn = [line.partition("┤")[2] for line in lines[:4]]
    heights = [
        sum(BARS.index(line[i]) if i < len(line) else 0 for line in drawn) for i in range(64)
    ]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] == 32
    assert heights[-1] == 1


def _labels(lines: list[str]) -> list[str]:
    return [line.partition("┤")[0].strip() for line in lines if "┤" in line]


def test_the_one_value_of_a_constant_curve_is_told_once_where_its_shape_ends() -> None:
    for height in (2, 4, 5):
        lines = curve_lines(np.arange(3.0), np.full(3, 0.25), width=40, height=height, x_label="x")
        labels = _labels(lines)
        assert [label for label in labels if label] == ["0.25"]
        row = labels.index("0.25")
        assert lines[row].endswith(tuple(BARS[1:]))
        assert all(line.endswith("┤") for line in lines[:row])


def test_ends_that_differ_late_have_the_digits_that_tell_them_apart() -> None:
    lines = curve_lines(np.arange(2.0), np.array([0.500001, 0.500002]), width=40, x_label="step")
    assert [label for label in _labels(lines) if label] == ["0.500002", "0.500001"]
    assert all(display_width(line) <= 40 for line in lines)


def test_a_curve_over_many_decades_is_drawn_on_a_log_axis_and_says_so() -> None:
    x, y = np.arange(5.0), 10.0 ** -np.arange(5.0)
    lines = curve_lines(x, y, width=80, x_label="step")
    assert "log scale" in lines[-1]
    assert "log scale" not in curve_lines(x, y + 1, width=80, x_label="step")[-1]


def test_values_beyond_the_span_are_cut_off_and_gaps_left_blank() -> None:
    x = np.arange(3.0)
    lines = curve_lines(
        x, np.array([9.0, NAN, 1.0]), width=40, height=2, x_label="step", span=(1.0, 2.0)
    )
    assert lines[0].split() == ["2", "┤" + "█" * 17]
    assert lines[1].startswith("  1 ┤" + "█" * 17)
    assert curve_lines(x, np.full(3, NAN), width=40, x_label="step") == ["  no finite value"]
