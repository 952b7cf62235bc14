"""Guided search under early stopping learns from every rung, and from nothing else than it may."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hpsearch.budget import Budget
from hpsearch.domains import FloatRange
from hpsearch.samplers import make_sampler
from hpsearch.samplers.guided_rungs import (
    ENOUGH_AT_A_RUNG,
    losses_at,
    other_rungs,
    own_rung,
)
from hpsearch.space import Parameter, Space
from hpsearch.strategies import Promotion, Strategy
from hpsearch.trial import Outcome, Segment, TrialState
from tests.spaces import floats
from tests.strategies.rung_runs import Simulation, promotion, stopping

SPACE = Space([Parameter(f"x{i}", FloatRange(0.0, 1.0)) for i in range(3)])
BUDGET = Budget("epochs", 1, 27, 3)
GOAL = np.array([0.2, 0.7, 0.45])


def value(params: Any, budget: int) -> float:
    """What is best at the end is all but the best early, on a level that falls with training."""
    x = np.array([params[f"x{i}"] for i in range(3)])
    return float(((x - GOAL) ** 2).sum() + 0.05 * abs(x[0] - 0.5) / budget + 2.0 / budget)


def same(loss: float) -> float:
    return loss


def run(sampler: str, seed: int, trials: int = 30) -> tuple[list[Any], float]:
    """All points, and the best value of those that were trained to the end."""
    strategy = Promotion(
        SPACE,
        make_sampler(sampler, SPACE, same, 2),
        same,
        trials=trials,
        lag=2,
        seed=seed,
        budget=BUDGET,
        rule="asha",
    )
    finals = []
    while isinstance(segment := strategy.ask(), Segment):
        assert segment.budget is not None
        seen = value(segment.trial.params, segment.budget)
        is_done = segment.budget == BUDGET.max
        if is_done:
            finals.append(seen)
        state = TrialState.DONE if is_done else TrialState.STOPPED
        strategy.tell(segment.trial.number, Outcome(state, seen, budget=segment.budget))
    return [dict(trial.params) for trial in strategy.history.trials], min(finals)


def test_it_beats_random_search_at_the_same_number_of_trials() -> None:
    guided = [run("guided", seed)[1] for seed in range(3)]
    random = [run("random", seed)[1] for seed in range(3)]
    floor = 2.0 / BUDGET.max
    assert np.mean(guided) - floor < 0.3 * (np.mean(random) - floor)


def test_the_same_seed_gives_the_same_trials() -> None:
    assert run("guided", 1, 20)[0] == run("guided", 1, 20)[0]


def test_trials_are_compared_at_the_highest_rung_that_enough_have_reached() -> None:
    many = {number: float(number) for number in range(20)}
    some = {number: float(number) for number in range(ENOUGH_AT_A_RUNG)}
    few = {0: 1.0}
    assert own_rung({1: many, 3: some, 9: few}) == 3
    assert own_rung({1: few, 3: {}}) == 1
    crashed = dict.fromkeys(range(20), math.inf)
    assert own_rung({1: many, 3: crashed}) == 1


def test_a_trial_that_failed_at_one_rung_is_bad_at_every_one() -> None:
    rungs = {1: {0: 0.5, 1: math.inf}, 3: dict.fromkeys(range(2, 10), 1.0)}
    assert losses_at(own_rung(rungs), rungs)[1] == math.inf


@pytest.mark.parametrize("known", [0, 2, 3])
def test_a_rung_with_a_few_values_only_teaches_nothing(known: int) -> None:
    rungs = {
        1: {number: 1.0 + number for number in range(8)},
        3: {number: float(number) for number in range(known)},
    }
    assert len(other_rungs(1, rungs, np.zeros((8, 3)))) == (1 if known >= 3 else 0)


@pytest.mark.parametrize(("form", "killed_after"), [(promotion, 150), (stopping, 385)])
def test_kernels_that_were_fitted_before_a_kill_are_found_again(
    form: Callable[..., Strategy], killed_after: int
) -> None:
    """From trial 32 on a kernel serves several trials, and is fitted to what was known at its
    first one, though more is known of the same trials when it is fitted again."""
    more: dict[str, Any] = {"sampler": "guided", "trials": 44, "space": floats(3)}
    whole = Simulation(form(**more), 2, np.random.default_rng(0))
    whole.run()
    first = Simulation(form(**more), 2, np.random.default_rng(0))
    assert not first.run(killed_after)
    assert 32 < len(first.strategy.history.trials) < 43
    second = Simulation(form(**more), 2, np.random.default_rng(1))
    second.strategy.restore(first.strategy.rounds, first.past())
    second.asked, second.ended = list(first.asked), dict(first.ended)
    second.run()
    assert second.results() == whole.results()
