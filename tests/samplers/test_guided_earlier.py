"""What guided search promises of earlier runs: their shape helps, their level does not matter, and
its own outcomes outvote them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hpsearch.domains import Categories, FloatRange, IntegerRange
from hpsearch.history import History, LossAtRung, Round
from hpsearch.samplers.base import Draw
from hpsearch.samplers.guided import GuidedSampler
from hpsearch.samplers.guided_earlier import (
    EarlierRun,
    EarlierTrial,
    earlier_points,
    have_a_value,
    shared_parameters,
    trials_inside,
)
from hpsearch.space import Box, Condition, Parameter, Space
from hpsearch.strategies import Caviar
from hpsearch.trial import Segment, Trial
from tests.samplers.test_guided import done, same, search

SPACE = Space([Parameter(f"x{i}", FloatRange(0.0, 1.0)) for i in range(4)])
GOAL = np.array([0.8, 0.15, 0.6, 0.3])


def loss(params: dict[str, object], goal: np.ndarray = GOAL) -> float:
    x = np.array([params[f"x{i}"] for i in range(4)], dtype=float)
    return float(((x - goal) ** 2).sum())


def earlier(goal: np.ndarray = GOAL, scale: float = 1.0, trials: int = 40) -> EarlierRun:
    rng = np.random.default_rng(0)
    points = [dict(zip(SPACE.parameters, x, strict=True)) for x in rng.random((trials, 4)).tolist()]
    return EarlierRun(
        "before-0001",
        tuple(EarlierTrial(i, p, scale * loss(p, goal) - 7 * scale) for i, p in enumerate(points)),
    )


def best_after(trials: int, *runs: EarlierRun, goal: np.ndarray = GOAL) -> float:
    sampler = GuidedSampler(SPACE, same, 1, runs)
    history = search(SPACE, lambda p: done(loss(p, goal)), trials, sampler=sampler)
    return min(loss(dict(trial.params), goal) for trial in history.trials)


def test_it_begins_with_the_trial_that_a_noisy_run_names_best() -> None:
    run = earlier(trials=300)
    worst = max(run.trials, key=lambda trial: trial.loss)
    named = EarlierRun.from_json(replace(run, best=worst.number).to_json())
    sampler = GuidedSampler(SPACE, same, 1, [named])
    first = search(SPACE, lambda p: done(loss(p)), 1, sampler=sampler).trials[0]
    assert dict(first.params) == pytest.approx(dict(worst.params))
    assert f"trial {worst.number} of before-0001" in first.origin


def test_it_begins_where_the_earlier_run_was_best() -> None:
    run = earlier()
    sampler = GuidedSampler(SPACE, same, 1, [run])
    first = search(SPACE, lambda p: done(loss(p)), 1, sampler=sampler).trials[0]
    best = min(run.trials, key=lambda trial: trial.loss)
    assert dict(first.params) == pytest.approx(dict(best.params))
    assert f"trial {best.number} of before-0001" in first.origin


def test_eight_trials_after_a_run_of_the_same_shape_beat_eight_without() -> None:
    assert best_after(8, earlier()) < 0.2 * best_after(8)


def test_the_earlier_level_and_unit_do_not_matter() -> None:
    assert best_after(8, earlier(scale=1000.0)) == pytest.approx(best_after(8, earlier()), rel=1e-3)


def test_its_own_outcomes_outvote_a_misleading_run() -> None:
    assert best_after(40, earlier(goal=1.0 - GOAL)) < 0.01


def test_trials_that_do_not_fit_here_are_left_out_and_missing_parameters_are_in_the_middle() -> (
    None
):
    space = Space(
        [
            Parameter("lr", FloatRange(1e-3, 1e-1, "log")),
            Parameter("layers", IntegerRange(1, 4)),
            Parameter("kind", Categories(("a", "b"))),
        ]
    )
    run = EarlierRun(
        "other-0001",
        (
            EarlierTrial(0, {"lr": 1e-2, "kind": "b", "gone": 3}, 0.5),
            EarlierTrial(1, {"lr": 0.5, "kind": "a"}, 0.1),  # beyond the range
            EarlierTrial(2, {"lr": 1e-2, "kind": "z"}, 0.1),  # no such value
            EarlierTrial(3, {"lr": "high", "kind": "a"}, 0.1),  # of another type
            EarlierTrial(4, {"lr": 1e-1, "kind": "a"}, math.inf),
            EarlierTrial(5, {"gone": 4}, 0.1),  # nothing of what varies here
        ),
    )
    assert shared_parameters(space, run) == ["lr", "kind"]
    (points,) = earlier_points(space, [run])
    assert points.losses.tolist() == [0.5, math.inf]
    assert points.x_unit[0] == pytest.approx([0.5, 0.5, 0.75])


def test_a_run_without_a_value_teaches_nothing() -> None:
    failed = EarlierRun("f-0001", (EarlierTrial(0, {"x0": 0.5}, math.inf),))
    assert earlier_points(SPACE, [failed]) == []
    assert not have_a_value(trials_inside(SPACE, failed))
    assert have_a_value((*failed.trials, EarlierTrial(1, {"x0": 0.1}, 2.0)))


def test_what_an_earlier_run_used_a_parameter_for_says_nothing_where_it_is_inactive() -> None:
    space = Space(
        [
            Parameter("kind", Categories(("sgd", "adam"))),
            Parameter("beta", FloatRange(0.0, 1.0), (Condition("kind", ("adam",)),)),
            Parameter("gamma", FloatRange(0.0, 1.0), (Condition("kind", ("adam",)),)),
            Parameter("optimizer", Categories(("a", "b", "c"))),
        ]
    )
    run = EarlierRun(
        "flat-0001",
        (
            EarlierTrial(0, {"kind": "sgd", "beta": 0.3, "gamma": 0.3}, 1.0),
            EarlierTrial(1, {"kind": "adam", "beta": 0.3, "gamma": 0.3}, 2.0),
            EarlierTrial(2, {"beta": 0.3}, 3.0),
        ),
    )
    (points,) = earlier_points(space, [run])
    expected = np.array(
        [
            [0.25, np.nan, np.nan, np.nan],
            [0.75, 0.3, 0.3, np.nan],
            [0.75, 0.3, np.nan, np.nan],  # kind was not told: what beta goes with
        ]
    )
    np.testing.assert_allclose(points.x_unit, expected)


def test_points_that_a_person_gave_do_not_take_the_place_of_the_best_of_an_earlier_run() -> None:
    run = earlier()
    best = min(run.trials, key=lambda trial: trial.loss)
    sampler = GuidedSampler(SPACE, same, 1, [run])
    given = [dict.fromkeys(SPACE.parameters, 0.5), dict.fromkeys(SPACE.parameters, 0.1)]
    strategy = Caviar(SPACE, sampler, same, [4], 0, given)
    for _ in range(4):
        asked = strategy.ask()
        assert isinstance(asked, Segment)
        strategy.tell(asked.trial.number, done(loss(dict(asked.trial.params))))
    trials = strategy.history.trials
    assert [trial.origin for trial in trials[:2]] == ["start_with", "start_with"]
    assert dict(trials[2].params) == pytest.approx(dict(best.params))


def test_its_own_trials_are_known_however_much_earlier_runs_and_other_rungs_take() -> None:
    """100 points of earlier runs and 100 of other rungs are all that a model knows at most."""
    history = History(SPACE, rungs=(1, 3))
    run = earlier(trials=120)
    for trial in run.trials:
        history.add(Trial(trial.number, 1, dict(trial.params), "design"))
        for budget in (1, 3) if trial.number < 10 else (1,):
            history.record_at_rung(LossAtRung(120, budget, trial.number, trial.loss))
    proposed = GuidedSampler(SPACE, same, 1, [run]).propose(
        Draw(120, 120, Round(1, 0, 200, Box.whole(SPACE), "", ()), 0), history
    )
    assert proposed is not None
    assert " at a budget of 3, nearest" in proposed.origin


def given_next(sampler: GuidedSampler, history: History, number: int) -> Trial:
    whole = Round(1, 0, 100, Box.whole(history.space), "", ())
    found = sampler.propose(Draw(number, number, whole, 0), history)
    assert found is not None
    return Trial(number, 1, found.params, found.origin)


def test_while_nothing_is_known_it_tries_new_points_and_half_of_them_near_the_earlier_best() -> (
    None
):
    before = search(SPACE, lambda p: done(loss(p)), 24, sampler=GuidedSampler(SPACE, same, 16))
    trials = [EarlierTrial(t.number, t.params, loss(dict(t.params))) for t in before.trials]
    best = min(trials, key=lambda trial: trial.loss)
    runs = [EarlierRun("before-0001", tuple(trials))]
    sampler = GuidedSampler(SPACE, same, 17, runs)
    history = History(SPACE)  # in which no trial ends
    for number in range(17):
        trial = given_next(sampler, history, number)
        assert given_next(GuidedSampler(SPACE, same, 17, runs), history, number) == trial
        history.add(trial)
    tried = SPACE.encode([trial.params for trial in history.trials])
    old = SPACE.encode([trial.params for trial in trials])
    apart = np.abs(tried[1:, None, :] - old[None, :, :]).max(axis=2).min(axis=1)
    assert apart.min() > 1e-3
    assert [t.origin.split(":")[0] for t in history.trials[1:]] == ["box", "design"] * 8
    nearness = np.abs(tried - SPACE.encode([best.params])).mean(axis=1)
    assert nearness[1::2].mean() < 0.6 * nearness[2::2].mean()
    opened = sampler.open_round(9, history, Box.whole(SPACE))
    assert opened is not None
    assert opened.summary.startswith(f"around trial {best.number} of before-0001, the best there")


def test_a_parent_that_an_earlier_run_did_not_have_is_as_its_children_need_it() -> None:
    kind = Parameter("kind", Categories(("a", "b")))
    deep = Parameter("deep", Categories((False, True)), when=(Condition("kind", ("b",)),))
    x = Parameter("x", FloatRange(0.0, 1.0), when=(Condition("deep", (True,)),))
    run = EarlierRun("flat-0001", (EarlierTrial(0, {"x": 0.25}, 1.0),))
    space = Space([kind, deep, x])
    first = given_next(GuidedSampler(space, same, 1, [run]), History(space), 0)
    assert first.params == {"kind": "b", "deep": True, "x": 0.25}


@pytest.mark.parametrize("noisy", [None, True, False])
def test_while_nothing_is_known_the_box_lies_around_the_trial_that_a_noisy_run_names_best(
    noisy: bool | None,
) -> None:
    run = earlier(trials=30)
    named = max(run.trials, key=lambda trial: trial.loss)
    sampler = GuidedSampler(SPACE, same, 9, [replace(run, best=named.number)], noisy)
    history = History(SPACE)
    for number in range(8):
        history.add(given_next(sampler, history, number))
        opened = sampler.open_round(number + 1, history, Box.whole(SPACE))
        assert opened is not None
        assert opened.summary.startswith(f"around trial {named.number} of before-0001, ")
        box, centre = opened.box, SPACE.encode([named.params])[0]
        inside = (box.low > 1e-9) & (box.high < 1 - 1e-9)
        assert 0.5 * (box.low + box.high)[inside] == pytest.approx(centre[inside])
