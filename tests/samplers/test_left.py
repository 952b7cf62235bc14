"""The end of a discrete space: every point once, none twice, and no more listed than is needed."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

import numpy as np
import pytest

from hpsearch.domains import Categories, FloatRange, IntegerRange, OrderedList
from hpsearch.history import History, Round
from hpsearch.samplers import Draw, make_sampler
from hpsearch.samplers.lattice import Lattice, levels_of_box
from hpsearch.samplers.left import Left
from hpsearch.samplers.untried import Untried
from hpsearch.space import Box, Condition, Parameter, Space
from hpsearch.trial import Trial
from tests.spaces import discrete


def layered() -> Space:
    """A repeat, a condition on words, and one on a number."""
    return Space(
        [
            Parameter("layers", IntegerRange(0, 2)),
            Parameter("units", OrderedList((8, 16, 32)), repeat="layers"),
            Parameter("optimizer", Categories(("sgd", "adam"))),
            Parameter("nesterov", Categories((False, True)), (Condition("optimizer", ("sgd",)),)),
            Parameter("skip", IntegerRange(1, 2), (Condition("layers", (1, 2)),)),
        ]
    )


def all_of_layered() -> set[tuple[Any, ...]]:
    """By plain loops; 3 x (1 + 2 x 3 + 2 x 9) = 75."""
    keys = set()
    for layers in (0, 1, 2):
        skips: tuple[tuple[Any, ...], ...] = ((("skip", 1),), (("skip", 2),)) if layers else ((),)
        for units, skip in product(product((8, 16, 32), repeat=layers), skips):
            start = (("layers", layers), ("units", units))
            keys.add((*start, ("optimizer", "adam"), *skip))
            for nesterov in (False, True):
                keys.add((*start, ("optimizer", "sgd"), ("nesterov", nesterov), *skip))
    assert len(keys) == 75
    return keys


def try_point(history: History, params: dict[str, Any]) -> None:
    history.add(Trial(len(history.trials), 1, params, ""))


def run_through(name: str, space: Space, given: list[dict[str, Any]], fresh: bool) -> History:
    """All that a sampler proposes after given points, while nothing is known of any outcome."""
    history = History(space)
    for params in given:
        try_point(history, params)
    sampler = make_sampler(name, space, float, 1000)
    round_ = Round(1, 0, 1000, Box.whole(space), "", ())
    for number in range(len(given), 400):
        if fresh:
            sampler = make_sampler(name, space, float, 1000)
        proposal = sampler.propose(Draw(number, number, round_, 3), history)
        if proposal is None:
            break
        try_point(history, proposal.params)
    return history


@pytest.mark.parametrize("name", ["random", "sobol", "guided"])
def test_conditions_and_repeats_are_tried_in_full_after_given_points(name: str) -> None:
    space = layered()
    given = [{"layers": 0, "units": [], "optimizer": "sgd", "nesterov": True}] * 2
    history = run_through(name, space, given, fresh=False)
    keys = [space.key(trial.params) for trial in history.trials]
    assert set(keys) == all_of_layered()
    assert len(keys) == 76  # the given point twice, as a person may give it


@pytest.mark.parametrize("name", ["random", "sobol", "guided"])
def test_a_resumed_run_ends_a_space_as_one_that_was_never_interrupted(name: str) -> None:
    plain = run_through(name, layered(), [], fresh=False)
    resumed = run_through(name, layered(), [], fresh=True)
    assert [t.params for t in resumed.trials] == [t.params for t in plain.trials]


def test_a_point_is_found_by_its_rank() -> None:
    space = layered()
    levels = levels_of_box(space, Box.whole(space))
    assert levels is not None
    lattice = Lattice(space, levels)
    points = list(lattice.points())
    assert len(points) == lattice.count() == 75
    by_rank = [lattice.point(rank) for rank in range(75)]
    np.testing.assert_array_equal(by_rank, points)


@pytest.mark.parametrize("tried", [2, 8])  # most of it is left; most of it was tried
def test_what_is_left_is_drawn_evenly(tried: int) -> None:
    space = Space([Parameter("k", IntegerRange(1, 12, "log"))])
    history = History(space)
    for k in range(1, tried + 1):
        try_point(history, {"k": k})
    left, rng = Left(space, Box.whole(space)), np.random.default_rng(0)
    counts: Counter[int] = Counter()
    for _ in range(2000):
        params = left.draw(rng, history)
        assert params is not None
        counts[params["k"]] += 1
    assert set(counts) == set(range(tried + 1, 13))
    expected = 2000 / (12 - tried)
    assert all(abs(count - expected) < 5 * expected**0.5 for count in counts.values())


def test_a_space_is_listed_once_however_many_points_its_end_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = []
    points = Lattice.points
    monkeypatch.setattr(Lattice, "points", lambda self: listed.append(self) or points(self))  # type: ignore[func-returns-value]
    assert len(run_through("random", discrete(a=20, b=15), [], fresh=False).trials) == 300
    assert len(listed) == 1


def test_a_small_box_that_is_used_up_does_not_list_an_astronomic_space() -> None:
    space = discrete(**{f"p{i}": 1000 for i in range(50)})
    corner = Box(np.zeros(50), np.full(50, 1 / 1000), (None,) * 50)
    history, untried, rng = History(space), Untried(), np.random.default_rng(0)
    for _ in range(4):
        params = untried.draw(rng, corner, history)
        assert params is not None
        try_point(history, params)
    assert len(history.tried) == 4
    assert set(history.trials[0].params.values()) == {1}


def rare(hidden: FloatRange | IntegerRange) -> Space:
    """Nearly all of its points are those where k is 1, and a random point is hardly ever one."""
    return Space(
        [
            Parameter("k", IntegerRange(1, 3000)),
            Parameter("x", hidden, (Condition("k", (1,)),)),
            Parameter("y", IntegerRange(1, 90_000), (Condition("k", (1,)),)),
        ]
    )


@pytest.mark.parametrize("hidden", [IntegerRange(1, 90_000), FloatRange(0.0, 1.0)])
def test_what_a_rare_condition_hides_is_found_when_all_else_was_tried(
    hidden: FloatRange | IntegerRange,
) -> None:
    history = History(rare(hidden))
    for k in range(2, 3001):
        try_point(history, {"k": k})
    untried, rng = Untried(), np.random.default_rng(0)
    for _ in range(10):
        params = untried.draw(rng, Box.whole(history.space), history)
        assert params is not None
        assert params["k"] == 1
        try_point(history, params)
    assert len({trial.params["x"] for trial in history.trials[-10:]}) == 10
