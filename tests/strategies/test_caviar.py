"""Caviar: rounds, barriers, and that no timing and no restart changes a trial."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.samplers import GuidedSampler, make_sampler
from hpsearch.space import Space
from hpsearch.strategies import Caviar, PastSegment, Pause
from hpsearch.strategies.caviar import split_over_rounds
from hpsearch.trial import Outcome, Segment, Trial, TrialState
from tests.spaces import discrete, every_kind, floats


def caviar(
    space: Space, sizes: list[int], sampler: str = "random", seed: int = 0, **more: object
) -> Caviar:
    made = make_sampler(sampler, space, float, 4)
    return Caviar(space, made, float, sizes, seed, **more)  # type: ignore[arg-type]


def outcome_of(trial: Trial) -> Outcome:
    """Depends on the values alone; every seventh trial fails."""
    if trial.number % 7 == 3:
        return Outcome(TrialState.FAILED, reason="exit code 1")
    numbers = [v for v in trial.params.values() if isinstance(v, (int, float))]
    return Outcome(TrialState.DONE, float(np.sum(np.square(numbers))))


def run(strategy: Caviar, slots: int, order: np.random.Generator) -> list[Trial]:
    """Slots that end in a random order, until the end."""
    running: list[Trial] = []
    while True:
        asked = strategy.ask() if len(running) < slots else Pause.WAIT
        if isinstance(asked, Segment):
            running.append(asked.trial)
        elif running:
            trial = running.pop(order.integers(len(running)))
            strategy.tell(trial.number, outcome_of(trial))
        else:
            assert asked is Pause.END
            return strategy.history.trials


@pytest.mark.parametrize("sampler", ["random", "sobol", "guided"])
@given(slots=st.integers(1, 8), seed=st.integers(0, 5))
@settings(max_examples=15)
def test_trials_do_not_depend_on_slots_or_on_which_was_faster(
    sampler: str, slots: int, seed: int
) -> None:
    alone = run(caviar(every_kind(), [7, 7, 6], sampler), 1, np.random.default_rng(0))
    many = run(caviar(every_kind(), [7, 7, 6], sampler), slots, np.random.default_rng(seed))
    assert many == alone
    assert len(alone) == 20


@pytest.mark.parametrize("sampler", ["random", "guided"])
@given(stop_after=st.integers(0, 20), seed=st.integers(0, 5))
@settings(max_examples=15)
def test_a_restored_run_equals_the_uninterrupted_one(
    sampler: str, stop_after: int, seed: int
) -> None:
    whole = run(caviar(every_kind(), [7, 7, 6], sampler), 2, np.random.default_rng(1))
    first = caviar(every_kind(), [7, 7, 6], sampler)
    asked: list[Segment] = []
    for _ in range(stop_after):
        segment = first.ask()
        if not isinstance(segment, Segment):
            break
        asked.append(segment)
        trial = segment.trial
        if trial.number % 3 or trial.number == 6:  # the others are running when it is killed
            first.tell(trial.number, outcome_of(trial))
    second = caviar(every_kind(), [7, 7, 6], sampler)
    second.restore(
        first.rounds, [PastSegment(s, first.history.outcomes.get(s.trial.number)) for s in asked]
    )
    assert run(second, 2, np.random.default_rng(seed)) == whole
    assert len(second.history.outcomes) == 20


def test_a_round_waits_for_the_last_trial_of_the_one_before() -> None:
    strategy = caviar(floats(2), [2, 2])
    first, second = strategy.ask(), strategy.ask()
    assert isinstance(first, Segment)
    assert isinstance(second, Segment)
    strategy.tell(1, outcome_of(second.trial))
    assert strategy.ask() is Pause.WAIT
    strategy.tell(0, outcome_of(first.trial))
    third = strategy.ask()
    assert isinstance(third, Segment)
    assert third.trial.round == 2
    assert len(strategy.rounds) == 2


def test_known_good_points_are_tried_first_and_once() -> None:
    space = discrete(a=3, b=3)
    points = [{"a": 2, "b": 2}, {"a": 3, "b": 1}, {"a": 2, "b": 2}]
    trials = run(caviar(space, [9], start_with=points), 2, np.random.default_rng(0))
    assert [t.params for t in trials[:2]] == points[:2]
    assert [t.origin for t in trials[:3]] == ["start_with", "start_with", "random"]
    assert len({space.key(t.params) for t in trials}) == 9


@pytest.mark.parametrize("sampler", ["random", "guided"])
def test_known_good_points_are_all_tried_though_the_first_round_is_shorter(sampler: str) -> None:
    points = [{"a": 1 + i % 3, "b": 1 + i // 3} for i in range(7)]
    strategy = caviar(discrete(a=3, b=3), [2, 3, 4], sampler, start_with=points)
    trials = run(strategy, 1, np.random.default_rng(0))
    assert [t.params for t in trials[:7]] == points
    assert [t.round for t in trials] == [1, 1, 2, 2, 2, 3, 3, 3, 3]
    assert [t.origin for t in trials].count("start_with") == 7


@pytest.mark.parametrize("sampler", ["random", "sobol", "grid"])
def test_a_space_that_is_used_up_ends_the_run_and_says_so(sampler: str) -> None:
    strategy = caviar(discrete(a=2, b=3), [30, 30], sampler)
    assert len(run(strategy, 2, np.random.default_rng(0))) == 6
    assert strategy.exhausted


def test_a_run_that_has_enough_points_is_not_called_exhausted() -> None:
    strategy = caviar(discrete(a=2, b=3), [3, 3])
    run(strategy, 2, np.random.default_rng(0))
    assert not strategy.exhausted


def test_a_lost_trial_is_asked_for_again_before_anything_new() -> None:
    strategy = caviar(floats(1), [3])
    first, second = strategy.ask(), strategy.ask()
    assert isinstance(first, Segment)
    assert isinstance(second, Segment)
    strategy.tell(1, Outcome(TrialState.LOST))
    strategy.tell(0, Outcome(TrialState.LOST))
    assert strategy.ask() == first
    assert strategy.ask() == second


def test_trials_are_split_over_rounds_as_equally_as_can_be() -> None:
    assert split_over_rounds(60, 3) == [20, 20, 20]
    assert split_over_rounds(8, 3) == [3, 3, 2]
    assert split_over_rounds(1, 1) == [1]


@pytest.mark.parametrize("offset", [0.0, 1e9, -1e9])
def test_the_expected_value_is_written_to_a_tenth_of_the_noise(offset: float) -> None:
    space, rng = floats(2), np.random.default_rng(0)
    strategy = Caviar(space, GuidedSampler(space, float, noisy=True), float, [20], 0)
    for _ in range(20):
        segment = strategy.ask()
        assert isinstance(segment, Segment)
        value = offset + segment.trial.params["x0"] + 0.1 * rng.normal()
        strategy.tell(segment.trial.number, Outcome(TrialState.DONE, float(value)))
    strategy.name_incumbent()
    decision = strategy.decisions[-1]
    written = float(decision.reason.split("expected value, ")[1])
    assert abs(written - decision.details["expected"]) <= decision.details["noise"] / 10
