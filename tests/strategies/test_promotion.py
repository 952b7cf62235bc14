"""Promotion, step by step: who is asked for next, against what is worked out by hand."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pytest

from hpsearch.budget import Budget
from hpsearch.strategies import Promotion
from hpsearch.trial import Outcome, Segment, TrialState
from tests.strategies.rung_runs import Simulation, gone_on, promotion, simple

NINE = Budget("epochs", 1, 9, 3)


def asked_of(
    strategy: Promotion, value_of: Callable[[int, int], float | None]
) -> list[tuple[int, int]]:
    """(trial, budget) of every segment, one after the other; without a value, it fails."""
    asked: list[tuple[int, int]] = []
    while isinstance(segment := strategy.ask(), Segment) and len(asked) < 50:
        number, budget = segment.trial.number, segment.budget or 0
        asked.append((number, budget))
        value = value_of(number, budget)
        state = TrialState.FAILED if value is None else TrialState.DONE
        strategy.tell(number, Outcome(state, value))
    return asked


def test_the_best_of_three_goes_on_and_the_best_of_all_to_the_end() -> None:
    """Three trials are known at 1 epoch before one of them may go on (3 / 3 = 1). The second may
    when there are six. One or two at 3 epochs let none go on, so that in the end the best does."""
    values = [0.5, 0.2, 0.4, 0.6, 0.1, 0.3]
    strategy = promotion("asha", trials=6, lag=1, budget=NINE, **simple())
    assert asked_of(strategy, lambda number, _: values[number]) == [
        *((0, 1), (1, 1), (2, 1), (1, 3)),
        *((3, 1), (4, 1), (4, 3)),  # 5 / 3 = 1: trial 4 is now the best of five
        *((5, 1), (4, 9)),
    ]


def test_equal_values_go_on_in_the_order_of_their_numbers_and_a_failure_never() -> None:
    """2 of 6 at 1 epoch: trial 1, and trial 2 as the earlier of those that are equal to it."""
    strategy = promotion("asha", trials=6, lag=1, budget=NINE, **simple())
    asked = asked_of(strategy, lambda number, _: None if number == 0 else 0.5)
    assert [number for number, budget in asked if budget == 3] == [1, 2]


def test_where_the_best_fail_at_the_end_the_next_try_but_no_more_than_the_factor() -> None:
    """Everything fails at 9 epochs. Of the four that are known at 1 epoch three get there."""
    strategy = promotion("asha", trials=4, lag=1, budget=NINE, **simple())
    values = [0.1, 0.2, 0.3, 0.4]
    assert asked_of(strategy, lambda n, budget: None if budget == 9 else values[n]) == [
        *((0, 1), (1, 1), (2, 1), (0, 3), (3, 1)),
        *((0, 9), (1, 3), (1, 9), (2, 3), (2, 9)),
    ]


@pytest.mark.parametrize(("rule", "value"), [("median", 0.1), ("asha", 0.5)])
def test_the_median_rule_alone_goes_by_the_best_so_far(rule: str, value: float) -> None:
    """Golovin et al. 2017, section 3.2.2: a trial's best value up to the step."""
    strategy = promotion(rule, trials=3, lag=1, budget=NINE, **simple())
    asked_of(strategy, lambda number, budget: 0.1 + number if budget == 1 else 0.5 + number)
    judged = [d for d in strategy.decisions if (d.trial, d.budget) == (0, 3)]
    assert judged
    assert {decision.details["value"] for decision in judged} == {value}


@pytest.mark.parametrize("rule", ["asha", "hyperband", "median"])
def test_trials_that_are_run_again_are_known_before_any_new_one_is_drawn(rule: str) -> None:
    first = Simulation(promotion(rule, trials=20, **simple()), 2, np.random.default_rng(0))
    assert first.run()
    second = gone_on(first, promotion(rule, trials=30, **simple()), 1, retry_failed=True)
    second.run()
    known = second.strategy.history.losses_at_rungs(20)
    assert sum(map(len, known.values())) > 20
    assert all(math.isfinite(loss) for losses in known.values() for loss in losses.values())
    # "1st of 0 so far" was said of trials that stood on the clock before the ends they follow from.
    standing = [re.match(r"(\d+)\w\w of (\d+)", reason) for reason in second.decided().values()]
    assert all(int(found[1]) <= int(found[2]) for found in standing if found is not None)


@pytest.mark.parametrize("rule", ["asha", "hyperband", "median"])
@pytest.mark.parametrize("killed_after", [3, 20, 45])
def test_a_run_killed_after_failed_trials_are_run_again_equals_the_unkilled_one(
    rule: str, killed_after: int
) -> None:
    first = Simulation(promotion(rule, trials=20, **simple()), 2, np.random.default_rng(0))
    first.run()
    whole = gone_on(first, promotion(rule, trials=30, **simple()), 1, retry_failed=True)
    assert whole.run()
    killed = gone_on(first, promotion(rule, trials=30, **simple()), 1, retry_failed=True)
    assert not killed.run(killed_after)
    again = gone_on(killed, promotion(rule, trials=30, **simple()), 2, retry_failed=False)
    assert again.run()
    assert again.results() == whole.results()
    assert again.decided() == whole.decided()
