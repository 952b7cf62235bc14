"""`hpsearch.ask_tell` promises: the trials of `hpsearch run`, in any order of telling, and clear
errors."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

import hpsearch
from hpsearch.errors import ConfigError, HpsearchError
from hpsearch.trial import Trial

SPACE: dict[str, Any] = {
    "lr": {"scale": "log", "min": 1e-4, "max": 1},
    "beta": {"scale": "1-beta", "min": 0.9, "max": 0.999},
    "units": {"min": 8, "max": 64},
    "optimizer": {"values": ["sgd", "adam"]},
    "warmup": {"min": 0.0, "max": 1.0, "when": {"optimizer": "adam"}},
}


def loss(params: Any) -> float:
    value = (math.log10(params["lr"]) + 2) ** 2 + abs(params["units"] - 20) / 50
    return float(value + (0.3 if params["optimizer"] == "sgd" else params["warmup"]))


def drive(search: hpsearch.AskTell, trials: int, at_once: int = 1) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = []
    while len(points) < trials:
        asked = [search.ask() for _ in range(min(at_once, trials - len(points)))]
        points += [dict(trial.params) for trial in asked]
        for trial in reversed(asked):
            search.tell(trial.number, loss(trial.params))
    return points


@pytest.mark.parametrize("sampler", ["guided", "random", "sobol"])
@pytest.mark.parametrize("at_once", [1, 5])
def test_it_finds_a_good_point_whatever_is_pending(sampler: Any, at_once: int) -> None:
    search = hpsearch.ask_tell(SPACE, sampler=sampler, trials=40)
    points = drive(search, 40, at_once)
    assert search.best is not None
    assert search.best.value == min(map(loss, points))
    assert search.best.params in points


def test_the_same_calls_give_the_same_trials() -> None:
    first, second = (drive(hpsearch.ask_tell(SPACE, seed=3), 24, 4) for _ in range(2))
    assert first == second
    assert drive(hpsearch.ask_tell(SPACE, seed=4), 24, 4) != first


def test_with_a_lag_it_does_not_matter_when_outcomes_are_told() -> None:
    prompt, late = (hpsearch.ask_tell(SPACE, trials=30, lag=4) for _ in range(2))
    asked = []
    for number in range(30):
        trial = prompt.ask()
        prompt.tell(number, loss(trial.params))
        asked.append(trial.params)
        if number >= 4:
            late.tell(number - 4, loss(asked[number - 4]))
        assert late.ask().params == trial.params


def test_with_a_lag_it_says_which_outcome_is_missing() -> None:
    search = hpsearch.ask_tell(SPACE, lag=2)
    search.ask()
    search.ask()
    with pytest.raises(
        HpsearchError, match=r"trial 2 depends on the outcome of trial 0 \(lag: 2\)"
    ):
        search.ask()


def test_maximizing_mirrors_minimizing() -> None:
    low, high = hpsearch.ask_tell(SPACE), hpsearch.ask_tell(SPACE, goal="maximize")
    for number in range(30):
        point = low.ask().params
        assert high.ask().params == point
        low.tell(number, loss(point))
        high.tell(number, -loss(point))
    assert low.best is not None
    assert high.best is not None
    assert high.best.value == -low.best.value


def test_failures_and_divergence_never_win() -> None:
    search = hpsearch.ask_tell({"x": {"min": 0.0, "max": 1.0}}, trials=20)
    assert search.best is None
    for value in (None, math.nan, math.inf, -math.inf):
        search.tell(search.ask().number, value)
    assert search.best is None
    search.tell(search.ask().number, 5)
    assert search.best is not None
    assert search.best.number == 4


def test_it_ends_with_a_word() -> None:
    with pytest.warns(UserWarning, match="the space has 3 points"):
        search = hpsearch.ask_tell({"x": {"min": 1, "max": 3}}, trials=9)
    drive_all = [search.ask().params["x"] for _ in range(3)]
    assert sorted(drive_all) == [1, 2, 3]
    with pytest.raises(HpsearchError, match="every point of the space was asked for: 3 points"):
        search.ask()
    short = hpsearch.ask_tell(SPACE, trials=2)
    short.ask()
    short.ask()
    with pytest.raises(HpsearchError, match="all trials were asked for: 2"):
        short.ask()


def test_changing_the_values_that_were_given_changes_nothing_of_the_search() -> None:
    search = hpsearch.ask_tell(SPACE)
    trial = search.ask()
    before = dict(trial.params)
    trial.params.clear()  # type: ignore[attr-defined]
    search.tell(0, 1.0)
    assert search.best is not None
    assert search.best.params == before


def test_changing_the_lists_of_the_best_changes_nothing_of_the_search() -> None:
    space = {"layers": {"value": 2}, "units": {"min": 1, "max": 9, "repeat": "layers"}}
    search = hpsearch.ask_tell(space)
    search.tell(search.ask().number, 1.0)
    assert search.best is not None
    search.best.params["units"].clear()
    assert len(search.best.params["units"]) == 2
    search.ask()


@pytest.mark.parametrize("lag", [None, 4])
def test_looking_at_the_best_changes_no_later_trial(lag: int | None) -> None:
    def trials(looks: bool) -> list[dict[str, Any]]:
        search = hpsearch.ask_tell(SPACE, trials=40, lag=lag)
        points: list[dict[str, Any]] = []
        for first in range(0, 40, 2):  # two are asked for before they are told
            asked = [search.ask() for _ in range(2)]
            for trial in asked:
                if looks and first > 15:
                    assert search.best is not None
                search.tell(trial.number, loss(trial.params))
            points += [dict(trial.params) for trial in asked]
        return points

    assert trials(looks=True) == trials(looks=False)


@pytest.mark.parametrize("value", [lambda x: float(x > 0.5), lambda x: math.sin(20 * x)])
def test_a_rough_function_is_not_called_noisy(value: Any) -> None:
    search = hpsearch.ask_tell({f"x{i}": {"min": 0.0, "max": 1.0} for i in range(3)}, trials=40)
    for number in range(40):
        params = search.ask().params
        search.tell(number, value(params["x0"]) + params["x1"] ** 2)
    assert search.best is not None
    assert search.best.expected is None


@pytest.mark.parametrize("noisy", [True, False])
def test_the_best_is_the_expected_one_where_values_are_said_to_be_noisy(noisy: bool) -> None:
    search = hpsearch.ask_tell(SPACE, trials=12, noisy=noisy)
    drive(search, 12, 1)
    assert search.best is not None
    assert (search.best.expected is not None) == noisy


@pytest.mark.parametrize(
    "wrong", [{"trials": "ten"}, {"trials": None}, {"rounds": "a"}, {"noisy": 0.1}]
)
def test_a_wrong_argument_is_told_as_a_wrong_config_is(wrong: Any) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        hpsearch.ask_tell(SPACE, **wrong)


@pytest.mark.parametrize(
    ("number", "value", "words"),
    [
        (7, 0.1, "no trial 7; asked for so far: 0 to 0"),
        ("0", 0.1, "the number of a trial$"),
        (Trial(0, 1, {}, ""), 0.1, "the number of a trial; trial.number is meant"),
        (0, "low", "a value is a number"),
        (0, True, "a value is a number"),
    ],
)
def test_what_cannot_be_told_is_said(number: Any, value: Any, words: str) -> None:
    search = hpsearch.ask_tell(SPACE)
    search.ask()
    with pytest.raises(HpsearchError, match=words):
        search.tell(number, value)
    search.tell(0, 1.0)
    with pytest.raises(HpsearchError, match="trial 0 was told before"):
        search.tell(0, 1.0)


def test_a_wrong_space_is_told_in_the_words_of_the_config() -> None:
    with pytest.raises(ConfigError) as caught:
        hpsearch.ask_tell({"lr": {"scale": "lgo", "min": 1e-4, "max": 1}})
    assert str(caught.value) == (
        "ask_tell: space.lr.scale: must be linear, log or 1-beta, but is lgo. Did you mean log?"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"space": {"x": {"values": [1, 2, 3]}}}, "space: note: the space has 3 points, so at "),
        ({"lag": 4, "sampler": "random"}, "search.lag: note: is of guided search; with random, "),
    ],
)
def test_what_check_would_note_is_warned_of(arguments: Any, words: str) -> None:
    with pytest.warns(UserWarning, match=f"^{words}") as caught:
        hpsearch.ask_tell(**{"space": SPACE, **arguments})
    assert len(caught) == 1


@pytest.mark.parametrize("more", [{}, {"lag": 4}, {"sampler": "random"}])
def test_there_is_no_warning_where_nothing_is_odd(more: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hpsearch.ask_tell(SPACE, **more)


def test_a_lag_makes_the_rounds_of_random_search_wait_for_all_outcomes() -> None:
    with pytest.warns(UserWarning, match="each round after the first depends on all the outcomes"):
        search = hpsearch.ask_tell(SPACE, sampler="random", trials=4, rounds=2, lag=1)
    search.ask()
    search.ask()
    search.tell(1, 0.5)
    with pytest.raises(HpsearchError, match="trial 2 depends on the outcome of trial 0"):
        search.ask()


def test_the_best_of_noisy_values_is_not_the_luckiest() -> None:
    """The true loss is known here, so the trial that is named can be judged by it."""
    import numpy as np

    named, luckiest, called_noisy = [], [], 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        space = {name: {"min": 0.0, "max": 1.0} for name in ("x", "y")}
        search = hpsearch.ask_tell(space, trials=50, seed=seed)
        seen = []
        for number in range(50):
            params = search.ask().params
            true = (params["x"] - 0.6) ** 2 + (params["y"] - 0.3) ** 2
            seen.append((true + 0.1 * rng.normal(), true))
            search.tell(number, seen[-1][0])
        assert search.best is not None
        called_noisy += search.best.expected is not None
        named.append(seen[search.best.number][1])
        luckiest.append(min(seen)[1])
    assert called_noisy >= 4
    assert np.mean(named) < np.mean(luckiest)


@pytest.mark.parametrize("failure", [None, math.nan])
@pytest.mark.parametrize("seed", [1, 3])
def test_a_place_where_trials_fail_is_not_taken_for_noise(failure: float | None, seed: int) -> None:
    search = hpsearch.ask_tell(
        {"x": {"min": -5.0, "max": 5.0}, "y": {"min": -5.0, "max": 5.0}}, trials=40, seed=seed
    )
    values = {}
    for _ in range(40):
        trial = search.ask()
        x, y = trial.params["x"], trial.params["y"]
        value = failure if x > 0 else x * x + y * y
        search.tell(trial.number, value)
        if x <= 0:
            values[trial.number] = x * x + y * y
    assert search.best is not None
    assert search.best.number == min(values, key=lambda number: values[number])
    assert search.best.expected is None


def test_noise_is_seen_beside_a_place_where_trials_fail() -> None:
    search = hpsearch.ask_tell({"x": {"min": -5.0, "max": 5.0}}, trials=40)
    rng = np.random.default_rng(0)
    for _ in range(40):
        trial = search.ask()
        x = trial.params["x"]
        search.tell(trial.number, None if x > 2 else x * x + 8.0 * rng.normal())
    assert search.best is not None
    assert search.best.expected is not None


def test_more_rounds_than_trials_are_refused_and_the_default_is_not() -> None:
    space = {"x": {"min": 0.0, "max": 1.0}}
    with pytest.raises(ConfigError, match="9 rounds need at least as many trials, not 3"):
        hpsearch.ask_tell(space, trials=3, rounds=9)
    assert hpsearch.ask_tell(space, trials=2).ask().number == 0
    assert hpsearch.ask_tell({"x": [1, 2]}, trials=2, sampler="grid").ask().number == 0


@pytest.mark.parametrize(
    "text", ["1e-3", "08", "0o17", ".5", "1_000", "no", "null", "~", "", "1:30"]
)
def test_a_text_stays_a_text_whatever_it_looks_like(text: str) -> None:
    search = hpsearch.ask_tell({"x": {"values": [text, "a"]}, "y": {"value": text}}, trials=2)
    asked = [search.ask().params for _ in range(2)]
    assert {params["x"] for params in asked} == {text, "a"}
    assert all(params["y"] == text and isinstance(params["y"], str) for params in asked)
