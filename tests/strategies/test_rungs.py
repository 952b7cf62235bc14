"""Early stopping: who goes on, and that neither timing nor a kill changes it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.budget import Budget, brackets
from hpsearch.strategies import Strategy
from hpsearch.strategies.rules import Rung, ordinal
from hpsearch.trial import Outcome, Segment, TrialState
from tests.strategies.rung_runs import (
    EPOCHS,
    Simulation,
    loss_at,
    promotion,
    simple,
    stopping,
)

FORMS: list[Callable[..., Strategy]] = [promotion, stopping]
RULES = ["asha", "hyperband", "median"]


@pytest.mark.parametrize(
    ("budget", "rungs"),
    [
        (Budget("epochs", 1, 27, 3), (1, 3, 9, 27)),
        (Budget("epochs", 1, 52, 3), (1, 3, 9, 27, 52)),
        (Budget("steps", 5, 5, 2), (5,)),
        (Budget("steps", 2, 9, 2), (2, 4, 8, 9)),
    ],
)
def test_the_last_rung_is_a_whole_training(budget: Budget, rungs: tuple[int, ...]) -> None:
    assert budget.rungs == rungs


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("sampler", ["random", "guided"])
def test_slots_and_their_speed_do_not_change_a_decision(
    form: Callable[..., Strategy], rule: str, sampler: str
) -> None:
    alone = Simulation(form(rule, sampler=sampler), 1, np.random.default_rng(0))
    assert alone.run()
    others = ((2, 1), (2, 2), (4, 3), (4, 4)) if sampler == "random" else ((2, 1), (4, 3))
    for slots, seed in others:
        many = Simulation(form(rule, sampler=sampler), slots, np.random.default_rng(seed))
        assert many.run()
        assert many.results() == alone.results()
        assert many.decided() == alone.decided()


def settings_of(sampler: str) -> dict[str, Any]:
    return simple(sampler=sampler, trials=20 if sampler == "random" else 12)


@cache
def uninterrupted(form: Callable[..., Strategy], rule: str, sampler: str) -> Simulation:
    whole = Simulation(form(rule, **settings_of(sampler)), 2, np.random.default_rng(100))
    whole.run()
    return whole


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("sampler", ["random", pytest.param("guided", marks=pytest.mark.slow)])
@given(epochs=st.integers(1, 150), seed=st.integers(0, 5))
@settings(max_examples=8)
def test_a_run_that_is_killed_and_resumed_equals_the_uninterrupted_one(
    form: Callable[..., Strategy], rule: str, sampler: str, epochs: int, seed: int
) -> None:
    more = settings_of(sampler)
    whole = uninterrupted(form, rule, sampler)
    first = Simulation(form(rule, **more), 2, np.random.default_rng(seed))
    first.run(epochs)
    second = Simulation(form(rule, **more), 2, np.random.default_rng(seed + 1))
    second.strategy.restore(first.strategy.rounds, first.past())
    second.asked, second.ended = list(first.asked), dict(first.ended)
    second.run()
    assert second.results() == whole.results()
    assert second.decided() == whole.decided()
    assert Counter(s.trial.number for s in second.asked) == Counter(
        s.trial.number for s in whole.asked
    )


def test_the_best_third_of_each_rung_goes_on() -> None:
    """Curves that do not cross, and no failure: successive halving finds the best ones exactly."""
    strategy = promotion("asha", trials=27, lag=1, **simple())
    levels: dict[int, float] = {}
    rng = np.random.default_rng(0)
    asked = strategy.ask()
    reached: Counter[int] = Counter()
    while isinstance(asked, Segment):
        number = asked.trial.number
        level = levels.setdefault(number, float(rng.random()))
        reached[asked.budget or 0] += 1
        strategy.tell(number, Outcome(TrialState.DONE, level))
        asked = strategy.ask()
    # One after the other, a trial may be promoted that is not among the best in the end.
    assert reached[1] == 27
    assert 9 <= reached[3] <= 14
    assert 3 <= reached[9] <= 7
    best = min(levels, key=levels.__getitem__)
    assert strategy.history.outcomes[best].state is TrialState.DONE


def test_a_trial_that_failed_never_goes_on_and_is_the_worst_at_its_rung() -> None:
    simulation = Simulation(promotion(trials=40), 2, np.random.default_rng(0))
    simulation.run()
    failed = {n for (n, _), (o, _) in simulation.ended.items() if o.state is TrialState.FAILED}
    assert failed
    for number in failed:
        segments = [s.index for s in simulation.asked if s.trial.number == number]
        last = simulation.ended[number, max(segments)][0]
        assert last.state is TrialState.FAILED


def test_a_segment_goes_on_from_the_rung_below_and_the_last_one_is_a_whole_training() -> None:
    simulation = Simulation(promotion(trials=30), 2, np.random.default_rng(0))
    simulation.run()
    for segment in simulation.asked:
        below = (0, *EPOCHS.rungs)[EPOCHS.rungs.index(segment.budget or 0)]
        assert segment.start == below
        assert segment.index == EPOCHS.rungs.index(segment.budget or 0)
        assert segment.is_last == (segment.budget == 27)


def test_few_trials_still_bring_one_to_the_end() -> None:
    for trials in (1, 2, 5):
        simulation = Simulation(promotion(trials=trials, **simple()), 2, np.random.default_rng(0))
        simulation.run()
        states = [o.state for o in simulation.strategy.history.outcomes.values()]
        assert states.count(TrialState.DONE) == 1
    assert any("the best of all" in d.reason for d in simulation.strategy.decisions)


def test_slots_are_kept_busy_although_segments_are_of_different_lengths() -> None:
    """With 2 slots of the same speed, a lag of 4 asks would leave one idle a fifth of the time."""
    simulation = Simulation(promotion(trials=81, **simple()), 2, np.random.default_rng(0))
    turn = itertools.cycle([0, 1])
    simulation.order = _Turns(turn)  # type: ignore[assignment]
    simulation.run()
    assert simulation.waits <= 0.03 * simulation.epochs


class _Turns:
    """Every running segment advances in turn."""

    def __init__(self, turn: itertools.cycle[int]) -> None:
        self._turn = turn

    def integers(self, running: int) -> int:
        return 0  # the one that waited longest: those that advance go to the end

    def random(self) -> float:
        return 0.0


def test_hyperband_gives_its_brackets_their_shares() -> None:
    """Li et al. 2018, table 1: for R = 81 and eta = 3 the brackets begin with 81, 34, 15, 8, 5."""
    given_ = Counter(itertools.islice(brackets("hyperband", 5, 3), 81 + 34 + 15 + 8 + 5))
    assert [given_[b] for b in range(5)] == [81, 34, 15, 8, 5]
    first = list(itertools.islice(brackets("hyperband", 5, 3), 10))
    assert len(set(first)) > 2, "the brackets take turns"
    assert set(itertools.islice(brackets("asha", 5, 3), 10)) == {0}


def test_a_rung_lets_its_best_go_on_and_ranks_the_others() -> None:
    rung = Rung("asha", 3)
    for number, loss in enumerate([0.5, 0.1, 0.4, float("inf"), 0.2, 0.3]):
        rung.add(loss, number)
    assert rung.best_to_go_on() == 1
    rung.gone_on.add(1)
    assert rung.best_to_go_on() == 4
    rung.gone_on.add(4)
    assert rung.best_to_go_on() is None
    standing = rung.standing(5)
    assert (standing.goes_on, standing.rank, standing.of, standing.allowed) == (False, 3, 6, 2)
    assert standing.threshold == 0.2


def test_the_median_is_that_of_the_others() -> None:
    rung = Rung("median", 3)
    for number, loss in enumerate([0.1, 0.2, 0.3]):
        rung.add(loss, number)
    assert all(rung.standing(number).goes_on for number in range(3)), "too few to stop any"
    rung.add(0.25, 3)
    assert rung.standing(3).threshold == 0.2
    assert not rung.standing(3).goes_on
    assert rung.standing(1).goes_on  # 0.2 against 0.1, 0.25, 0.3


def test_a_watched_trial_is_judged_by_the_trials_before_it_only() -> None:
    """By definition: at rung r, the trials that are numbered at least `lag` below and got there."""
    lag, factor = 4, EPOCHS.factor
    simulation = Simulation(stopping(trials=40, lag=lag, **simple()), 3, np.random.default_rng(3))
    simulation.run()
    ended_at: dict[int, int] = {}
    for trial in simulation.strategy.history.trials:
        ended_at[trial.number] = 27
        for rung in EPOCHS.rungs[:-1]:
            known = [
                loss_at(other, rung)
                for other in simulation.strategy.history.trials[: max(0, trial.number - lag + 1)]
                if ended_at[other.number] >= rung
            ]
            allowed = (len(known) + 1) // factor
            better = sum(loss < loss_at(trial, rung) for loss in known)
            if len(known) >= factor and better >= allowed:
                ended_at[trial.number] = rung
                break
    outcomes = simulation.strategy.history.outcomes
    stopped = {n: o.budget for n, o in outcomes.items() if o.state is TrialState.STOPPED}
    assert stopped == {n: budget for n, budget in ended_at.items() if budget < 27}
    for number, budget in stopped.items():
        assert budget is not None
        trial = simulation.strategy.history.trials[number]
        assert outcomes[number].value == loss_at(trial, budget)


def test_a_program_that_tells_nothing_at_a_rung_is_said_to_be_undecided() -> None:
    strategy = stopping(trials=3, **simple())
    asked = strategy.ask()
    assert isinstance(asked, Segment)
    strategy.tell(0, Outcome(TrialState.DONE, 0.5), [(0.0, {"loss": 0.5})])
    assert strategy.history.outcomes[0].state is TrialState.DONE
    (decision,) = strategy.decisions
    assert decision.kind == "undecided"
    assert "it reported no loss from 1 to below 3 epochs" in decision.reason


def test_ordinals() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 21, 112)] == [
        "1st",
        "2nd",
        "3rd",
        "4th",
        "11th",
        "12th",
        "21st",
        "112th",
    ]
