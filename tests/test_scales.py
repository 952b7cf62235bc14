"""Scales: medians, ends, and the digits that must survive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import SpaceError
from hpsearch.scales import SCALES, Linear, Log, OneMinusBeta, Scale

EVERY_SCALE = [Linear(-3.0, 5.0), Log(1e-5, 10.0), OneMinusBeta(0.9, 0.999999)]


@pytest.mark.parametrize("scale", EVERY_SCALE, ids=lambda s: s.name)
def test_the_ends_of_the_unit_interval_are_the_ends_of_the_range_exactly(scale: Scale) -> None:
    assert scale.to_value(np.array([0.0, 1.0])).tolist() == [scale.low, scale.high]
    assert scale.to_unit([scale.low, scale.high]).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("scale", EVERY_SCALE, ids=lambda s: s.name)
@given(st.floats(0, 1))
def test_values_come_back_to_their_unit_coordinate(scale: Scale, x_unit: float) -> None:
    back = scale.to_unit(scale.to_value(np.array([x_unit])))
    assert back[0] == pytest.approx(x_unit, abs=1e-9)


@pytest.mark.parametrize(
    ("scale", "median"),
    [
        (Linear(0.9, 0.999), 0.9495),
        # sqrt(1e-4 * 1), the geometric mean
        (Log(1e-4, 1.0), 1e-2),
        # 1 - sqrt(0.1 * 0.001): the course samples r in [-3, -1] and takes 1 - 10^r
        (OneMinusBeta(0.9, 0.999), 0.99),
    ],
    ids=["linear", "log", "1-beta"],
)
def test_the_median_is_that_of_the_formula(scale: Scale, median: float) -> None:
    assert scale.to_value(np.array([0.5]))[0] == pytest.approx(median, rel=1e-12)


def test_one_minus_beta_is_the_courses_formula() -> None:
    r = np.linspace(-3, -1, 11)[::-1]  # 1 - 10^r rises as r falls
    expected = 1 - 10**r
    assert OneMinusBeta(0.9, 0.999).to_value(np.linspace(0, 1, 11)) == pytest.approx(expected)


def test_the_sixth_nine_survives_a_round_trip() -> None:
    scale = OneMinusBeta(0.9, 0.9999999)
    value = scale.to_value(scale.to_unit([0.999999]))[0]
    assert 1 - value == pytest.approx(1e-6, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "low", "high", "fragment"),
    [
        ("log", 0.0, 1.0, "above 0"),
        ("log", -1.0, 1.0, "above 0"),
        ("1-beta", 0.9, 1.0, "below 1"),
        ("1-beta", -0.1, 0.9, "0 or above"),
        ("linear", 2.0, 1.0, "min must be below max"),
        ("linear", 1.0, 1.0, "min must be below max"),
        ("linear", 0.0, float("inf"), "finite"),
        ("linear", -1.7e308, 1.7e308, "too wide"),
    ],
)
def test_an_impossible_range_is_refused_with_its_reason(
    name: str, low: float, high: float, fragment: str
) -> None:
    with pytest.raises(SpaceError, match=fragment):
        SCALES[name](low, high)


def test_any_shape_goes_in_and_comes_out() -> None:
    x_unit = np.linspace(0, 1, 12).reshape(3, 4)
    assert Log(1.0, 10.0).to_value(x_unit).shape == (3, 4)
    assert Log(1.0, 10.0).to_value(np.float64(0.5)).shape == ()
