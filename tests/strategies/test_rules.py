"""The rules of early stopping against numbers that are worked out by hand from the papers."""

from __future__ import annotations

from itertools import islice

import pytest

from hpsearch.budget import brackets, hyperband_sizes
from hpsearch.strategies.rules import Rung

INF = float("inf")


def rung_of(rule: str, *losses: float, factor: int = 3) -> Rung:
    rung = Rung(rule, factor)  # type: ignore[arg-type]
    for number, loss in enumerate(losses):
        rung.add(loss, number)
    return rung


def test_hyperbands_brackets_are_those_of_the_paper() -> None:
    """Li et al. 2018, table 1: R = 81 and eta = 3. By its rule, ceil(5 / (s + 1) * 3^s):
    81; ceil(33.75) = 34; 15; ceil(7.5) = 8; 5."""
    assert hyperband_sizes(5, 3) == (81, 34, 15, 8, 5)


@pytest.mark.parametrize(
    ("rungs", "factor", "before_last", "size"),
    [
        (11, 3, 8, 8019),  # 11 / 9 * 3^8 = 11 * 3^6; in floats 8019.000000000001, and so 8020
        (20, 7, 6, 336140),  # 20 / 7 * 7^6 = 20 * 7^5
        (60, 2, 59, 2**59),  # 60 / 60 * 2^59
        (60, 3, 59, 3**59),  # which no float can be
    ],
)
def test_hyperbands_brackets_are_exact(
    rungs: int, factor: int, before_last: int, size: int
) -> None:
    assert hyperband_sizes(rungs, factor)[rungs - 1 - before_last] == size


def test_the_bracket_that_is_furthest_behind_its_share_is_next() -> None:
    """Sizes 81, 34, 15, 8, 5 of 143. Behind, times 143, is size * trial - given * 143:
    trial 1: 81, 34, 15, 8, 5: bracket 0. trial 2: 19, 68, 30, 16, 10: bracket 1.
    trial 3: 100, -41, 45, 24, 15: 0. trial 4: 38, -7, 60, 32, 20: 2. trial 5: 119, ...: 0.
    trial 6: 57, 61, -53, 48, 30: 1. trial 7: 138, ...: 0. trial 8: 76, -14, -23, 64, 40: 0.
    trial 9: 14, 20, -8, 72, 45: 3. trial 10: 95, 54, 7, -63, 50: 0."""
    assert list(islice(brackets("hyperband", 5, 3), 10)) == [0, 1, 0, 2, 0, 1, 0, 0, 3, 0]


def test_the_earlier_of_equal_trials_goes_on_and_no_more_than_a_third() -> None:
    """Li et al. 2020, algorithm 2: the top 6 / 3 = 2 of 0.2, 0.2, 0.2, 0.5, 0.5, 0.5."""
    rung = rung_of("asha", 0.5, 0.2, 0.5, 0.2, 0.2, 0.5)
    assert [n for n in range(6) if rung.standing(n).goes_on] == [1, 3]
    assert rung.standing(4).rank == 3
    assert rung.standing(4).threshold == 0.2  # as good as what goes on, and yet not in it
    assert rung.best_to_go_on() == 1
    rung.gone_on.add(1)
    assert rung.best_to_go_on() == 3


def test_a_failure_counts_in_its_rung_and_never_goes_on() -> None:
    """6 / 3 = 2 may go on; only one of them has a value."""
    rung = rung_of("asha", INF, INF, 0.7, INF, INF, INF)
    assert [n for n in range(6) if rung.standing(n).goes_on] == [2]
    assert rung.standing(2).allowed == 2
    rung.gone_on.add(2)
    assert rung.best_to_go_on() is None


@pytest.mark.parametrize(("known", "allowed"), [(2, 0), (3, 1), (5, 1), (6, 2), (8, 2), (9, 3)])
def test_whole_thirds_go_on(known: int, allowed: int) -> None:
    rung = rung_of("asha", *[0.1 * i for i in range(known)])
    assert sum(rung.standing(n).goes_on for n in range(known)) == allowed


def test_the_median_of_an_even_number_of_others_is_the_mean_of_the_middle_two() -> None:
    """Golovin et al. 2017, section 3.2.2. Of 0.1, 0.2, 0.3, 0.4, 0.5 the others of
    0.1 are 0.2, 0.3, 0.4, 0.5: 0.35. Of 0.2: (0.3 + 0.4) / 2 = 0.35. Of 0.3: (0.2 + 0.4) / 2 = 0.3.
    Of 0.4 and 0.5: (0.2 + 0.3) / 2 = 0.25."""
    rung = rung_of("median", 0.1, 0.2, 0.3, 0.4, 0.5)
    thresholds = [rung.standing(n).threshold for n in range(5)]
    assert thresholds == pytest.approx([0.35, 0.35, 0.3, 0.25, 0.25])
    # Who is equal to the median is no worse than it.
    assert [rung.standing(n).goes_on for n in range(5)] == [True, True, True, False, False]


def test_the_median_of_an_odd_number_of_others_is_the_middle_one() -> None:
    """Of 0.1, 0.2, 0.3, 0.4 the others of 0.1 are 0.2, 0.3, 0.4: 0.3. Of 0.2: 0.1, 0.3, 0.4: 0.3.
    Of 0.3: 0.2; of 0.4: 0.2."""
    rung = rung_of("median", 0.1, 0.2, 0.3, 0.4)
    assert [rung.standing(n).threshold for n in range(4)] == [0.3, 0.3, 0.2, 0.2]
    assert [rung.standing(n).goes_on for n in range(4)] == [True, True, False, False]


def test_failures_count_in_the_median_and_no_failure_goes_on() -> None:
    """The others of 0.9 are inf, inf and 0.5: their median is inf. Those of inf: 0.5, 0.9, inf."""
    rung = rung_of("median", INF, 0.9, INF, 0.5)
    assert rung.standing(1).threshold == INF
    assert rung.standing(0).threshold == 0.9
    assert [rung.standing(n).goes_on for n in range(4)] == [False, True, False, True]


@pytest.mark.parametrize("rule", ["asha", "median"])
def test_one_that_was_removed_is_as_if_it_had_never_been_there(rule: str) -> None:
    rung, without = rung_of(rule, 0.5, 0.1, 0.3, 0.3, 0.2), rung_of(rule, 0.5, 0.1, 0.3)
    rung.remove(3)
    rung.remove(4)
    assert rung.ranked == without.ranked
    assert [rung.standing(n) for n in range(3)] == [without.standing(n) for n in range(3)]


def test_those_no_worse_than_the_median_go_on_one_by_one() -> None:
    """Thresholds as above: 0.1, 0.2 and 0.3 are no worse than the median of the others."""
    rung = rung_of("median", 0.5, 0.3, 0.1, 0.4, 0.2)
    going = []
    while (number := rung.best_to_go_on()) is not None:
        going.append(number)
        rung.gone_on.add(number)
    assert going == [2, 4, 1]
