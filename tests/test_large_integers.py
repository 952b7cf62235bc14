"""Whole numbers of a range are told apart up to the stated size, and larger ones are refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.domains import LARGEST_IN_RANGE, IntegerRange
from hpsearch.errors import SpaceError

L, LOG = LARGEST_IN_RANGE["linear"] - 1, LARGEST_IN_RANGE["log"] - 1
WIDEST = [IntegerRange(-L, L), IntegerRange(0, L), IntegerRange(1, LOG, "log")]


def ends_and_between(domain: IntegerRange) -> list[int]:
    rng = np.random.default_rng(0)
    between = rng.integers(domain.low, domain.high, 3000).tolist()
    last = range(domain.high - 2000, domain.high + 1)
    return [*between, *last, *range(domain.low, domain.low + 2000)]


@pytest.mark.parametrize("domain", WIDEST, ids=str)
def test_each_whole_number_of_the_widest_ranges_comes_back(domain: IntegerRange) -> None:
    numbers = ends_and_between(domain)
    assert domain.to_value(domain.to_unit(numbers)).tolist() == numbers


@pytest.mark.parametrize("domain", WIDEST, ids=str)
@given(data=st.data())
def test_a_large_whole_number_has_a_cell_of_its_own(
    domain: IntegerRange, data: st.DataObject
) -> None:
    number = data.draw(st.integers(domain.low, domain.high))
    (x,) = domain.to_unit([number])
    low, high = domain.cell(float(x))
    assert low < x < high
    assert domain.to_value(np.array([(low + high) / 2])).tolist() == [number]


@pytest.mark.parametrize(
    ("low", "high", "scale", "limit"),
    [(0, L + 1, "linear", "2^51"), (-L - 1, 0, "linear", "2^51"), (1, LOG + 1, "log", "2^46")],
)
def test_a_larger_one_is_refused_with_the_limit_of_its_scale(
    low: int, high: int, scale: str, limit: str
) -> None:
    message = f"scale: {scale} must lie within +-{limit};"
    with pytest.raises(SpaceError, match=re.escape(message)):
        IntegerRange(low, high, scale)
