"""Scales: medians, ends, and the digits that must survive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import SpaceError
from hpsearch.scales import FEW, SCALES, Linear, LinearLog, Log, OneMinusBeta, Scale

OF_A_CONFIG = [Linear(-3.0, 5.0), Log(1e-5, 10.0), OneMinusBeta(0.9, 0.999999)]
EVERY_SCALE = [*OF_A_CONFIG, LinearLog(1e-5, 0.1), LinearLog(1e-300, 1e300)]


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


def test_half_linear_half_log_is_the_mean_of_both_coordinates() -> None:
    values = np.geomspace(1e-5, 0.1, 13)
    both = [Linear(1e-5, 0.1).to_unit(values), Log(1e-5, 0.1).to_unit(values)]
    assert LinearLog(1e-5, 0.1).to_unit(values) == pytest.approx(np.mean(both, axis=0))


def test_the_sixth_nine_survives_a_round_trip() -> None:
    scale = OneMinusBeta(0.9, 0.9999999)
    value = scale.to_value(scale.to_unit([0.999999]))[0]
    assert 1 - value == pytest.approx(1e-6, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "low", "high", "fragment"),
    [
        ("log", 0.0, 1.0, "above 0"),
        ("log", -1.0, 1.0, "above 0"),
        ("linear-log", 0.0, 1.0, "not possible on half a log scale"),
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
        {**SCALES, "linear-log": LinearLog}[name](low, high)


ROUND_GRIDS = [
    (Log(1e-4, 1e-2), "0.0001 0.001 0.01"),
    (Log(1e-5, 1.0), "1e-05 0.0001 0.001 0.01 0.1 1.0"),
    (Log(2e-4, 2e-1), "0.0002 0.002 0.02 0.2"),
    (Log(1e-300, 1.0), "1e-300 1e-200 1e-100 1.0"),
    (Log(1.0, 1e300), "1.0 1e+100 1e+200 1e+300"),
    (OneMinusBeta(0.9, 0.9999), "0.9 0.99 0.999 0.9999"),
    (OneMinusBeta(0.9, 0.999999), "0.9 0.99 0.999 0.9999 0.99999 0.999999"),
    (
        OneMinusBeta(0.0, 0.99999999),
        "0.0 0.9 0.99 0.999 0.9999 0.99999 0.999999 0.9999999 0.99999999",
    ),
    (Linear(0.1, 0.9), "0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9"),
    (Linear(-0.3, 0.6), "-0.3 -0.2 -0.1 0.0 0.1 0.2 0.3 0.4 0.5 0.6"),
    (Linear(-0.5, 0.1), "-0.5 -0.4 -0.3 -0.2 -0.1 0.0 0.1"),  # not -0.0
    (Linear(1e6, 1e6 + 1), "1000000.0 1000000.2 1000000.4 1000000.6 1000000.8 1000001.0"),
]


@pytest.mark.parametrize(("scale", "written"), ROUND_GRIDS, ids=str)
def test_round_numbers_between_the_ends_come_out_as_they_are_written(
    scale: Scale, written: str
) -> None:
    x_unit = np.linspace(0, 1, len(written.split()))
    levels = scale.as_written(scale.to_value(x_unit))
    assert [repr(value) for value in levels.tolist()] == written.split()
    among_many = np.concatenate([x_unit, np.random.default_rng(0).random(FEW)])
    assert scale.as_written(scale.to_value(among_many))[: len(levels)].tolist() == levels.tolist()


JUST_ABOVE_A_ROUND_NUMBER = Linear(0.1 + 0.2, 0.9)
FINER_THAN_FLOATS = OneMinusBeta(0.5, 1 - 1e-12)


@pytest.mark.parametrize(
    "scale",
    [
        *OF_A_CONFIG,
        *(grid[0] for grid in ROUND_GRIDS),
        JUST_ABOVE_A_ROUND_NUMBER,
        FINER_THAN_FLOATS,
    ],
    ids=str,
)
def test_writing_values_keeps_their_order_their_ends_and_their_number(scale: Scale) -> None:
    rng = np.random.default_rng(0)
    levels = np.unique(np.concatenate([np.linspace(0, 1, n) for n in range(2, 12)]))
    beside = [levels + k * 2.0**-53 for k in range(-20, 21)]
    x_unit = np.sort(np.clip(np.concatenate([rng.random(2000), *beside]), 0.0, 1.0))
    plain = scale.to_value(x_unit)
    values = scale.as_written(plain.copy())
    assert (np.diff(values) >= 0).all()
    assert values.min() == scale.low
    assert values.max() == scale.high
    assert scale.to_unit(values) == pytest.approx(scale.to_unit(plain), abs=2e-9)
    drawn = np.isin(x_unit, np.concatenate(beside), invert=True)
    assert len(np.unique(values[drawn])) == len(np.unique(plain[drawn]))


def test_a_range_as_narrow_as_the_rounding_keeps_all_its_floats() -> None:
    scale = Log(1.0, 1.0 + 1e-9)
    values = scale.to_value(np.random.default_rng(0).random(1000))
    assert scale.as_written(values.copy()).tolist() == values.tolist()


def test_any_shape_goes_in_and_comes_out() -> None:
    x_unit = np.linspace(0, 1, 12).reshape(3, 4)
    assert Log(1.0, 10.0).to_value(x_unit).shape == (3, 4)
    assert Log(1.0, 10.0).to_value(np.float64(0.5)).shape == ()
