from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.analysis.wording import (
    written,
    written_apart,
    written_beta,
    written_ends,
    written_number,
    written_pair,
    written_range,
)
from hpsearch.domains import FloatRange, IntegerRange, OrderedList

BETA = FloatRange(0.9, 0.9999, "1-beta")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0306, "0.0306"),
        (1e-4, "1e-4"),
        (0.00041234, "4.123e-4"),
        (0.001, "0.001"),
        (1.0, "1"),
        (-29.867955, "-29.87"),
        (9999.6, "10000"),
        (123456.7, "123457"),
        (2.5e7, "2.5e7"),
        (0.0, "0"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_a_number_has_four_digits_and_no_needless_zero(value: float, text: str) -> None:
    assert written_number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_a_written_number_is_within_half_of_its_fourth_digit(value: float) -> None:
    assert float(written_number(value)) == pytest.approx(value, rel=5.0001e-4, abs=1e-320)


def test_numbers_near_one_are_told_apart_on_a_1_beta_scale() -> None:
    assert written(0.9990, BETA) == "0.999"
    assert written(0.99987, BETA) == "0.99987"
    assert written(0.999871, BETA) != written(0.999872, BETA, digits=5)
    assert written(0.99987) == "0.9999"  # what they would be on any other scale


@given(st.floats(0.5, 0.999999))
def test_one_minus_beta_keeps_three_digits(beta: float) -> None:
    assert 1 - float(written_beta(beta)) == pytest.approx(1 - beta, rel=5.1e-3)


def test_values_are_written_as_in_yaml() -> None:
    assert written(None) == "null"
    assert written(True) == "true"
    assert written(1000000) == "1000000"
    assert written([64, 32]) == "[64, 32]"
    assert written([0.5, 0.99987], BETA) == "[0.5, 0.99987]"
    assert written("two\nlines") == "two lines"


def test_two_ends_are_told_apart() -> None:
    low, high = written_pair(0.02131, 0.02133, FloatRange(1e-4, 1.0, "log"))
    assert low != high
    assert float(low) == pytest.approx(0.02131, abs=1e-5)
    assert written_pair(3, 3, IntegerRange(1, 5)) == ("3", "3")


def test_a_range_is_written_as_a_person_would() -> None:
    assert written_range(FloatRange(1e-4, 1.0, "log")) == "(1e-4 … 1)"
    assert written_range(BETA) == "(0.9 … 0.9999)"
    assert written_ends(OrderedList((256, 32))) == ("32", "256")
    assert written_ends(IntegerRange(2, 4)) == ("2", "4")


NEAR = st.floats(-1e6, 1e6, allow_nan=False, allow_infinity=False)


@given(value=NEAR, others=st.lists(NEAR, max_size=4))
def test_a_number_that_is_told_apart_is_as_short_as_that_allows(
    value: float, others: list[float]
) -> None:
    text = written_apart(value, others)
    different = [other for other in others if other != value]
    digits = next(d for d in range(4, 10) if written_number(value, d) == text)

    def alike(d: int) -> bool:
        return written_number(value, d) in [
            written_number(o, fewer) for o in different for fewer in range(4, d + 1)
        ]

    assert digits == 9 or not alike(digits) or written_number(value, 9) == text
    assert all(map(alike, range(4, digits)))


def test_numbers_that_are_told_apart_look_different() -> None:
    low, high = 1000.004, 1000.016
    assert written_apart(low, [high]) == "1000.004"
    assert written_apart(high, [low]) == "1000.02"
    assert written_apart(high, [3.0, high]) == "1000"
    assert written_apart(1000.0, [high]) == "1000"
