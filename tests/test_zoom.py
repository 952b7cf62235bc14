"""Zoom: what is cut, what is kept, and that it says why."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hpsearch.domains import Categories, FloatRange, IntegerRange
from hpsearch.history import History
from hpsearch.space import Box, Parameter, Space
from hpsearch.trial import Outcome, Trial, TrialState
from hpsearch.zoom import NARROWEST_SIDE, zoom
from tests.spaces import every_kind, floats


def identity(value: float) -> float:
    return value


def history_of(
    space: Space, value_of: Callable[[dict[str, Any]], float | None], n: int = 30, seed: int = 0
) -> History:
    history = History(space)
    points = space.decode(np.random.default_rng(seed).random((n, space.dimensions)))
    for number, params in enumerate(points):
        history.add(Trial(number, 1, params, "random"))
        value = value_of(params)
        state = TrialState.FAILED if value is None else TrialState.DONE
        history.record(number, Outcome(state, value))
    return history


def test_a_parameter_that_matters_is_narrowed_around_the_best_and_one_that_does_not_is_kept() -> (
    None
):
    space = floats(2)
    narrowed = kept = 0
    for seed in range(40):
        history = history_of(space, lambda p: (p["x0"] - 0.3) ** 2, seed=seed)
        zoomed = zoom(history, Box.whole(space), identity)
        assert zoomed.box.low[0] <= 0.3 <= zoomed.box.high[0]
        narrowed += zoomed.moves[0].kind == "narrowed"
        kept += zoomed.moves[1].kind == "kept"
    assert narrowed == 40
    assert kept > 25


def test_no_side_gets_narrower_than_the_stated_minimum() -> None:
    space = floats(1)
    history = history_of(space, lambda p: abs(p["x0"] - 0.5), n=2000)
    for _ in range(5):
        box = zoom(history, Box.whole(space), identity).box
        assert box.high[0] - box.low[0] >= NARROWEST_SIDE - 1e-12


def test_the_box_widens_again_where_the_best_lies_on_its_edge() -> None:
    space = floats(1)
    box = Box(np.array([0.4]), np.array([0.6]), (None,))
    history = History(space)
    for number, x in enumerate(np.linspace(0.401, 0.599, 20)):
        history.add(Trial(number, 1, {"x0": float(x)}, "random"))
        history.record(number, Outcome(TrialState.DONE, float(x)))
    zoomed = zoom(history, box, identity)
    assert zoomed.box.low[0] == pytest.approx(0.3)
    assert "low end" in zoomed.moves[0].reason
    # Its high end was cut by more: the box has moved on, and is not said to have become wider.
    assert zoomed.box.high[0] - zoomed.box.low[0] < 0.2
    assert zoomed.moves[0].kind == "moved"


def test_a_box_is_called_widened_only_where_it_has_become_larger() -> None:
    space = floats(1)
    box = Box(np.array([0.4]), np.array([0.6]), (None,))
    history = History(space)
    for number, x in enumerate([0.401, 0.599, 0.45, 0.55, 0.5]):
        history.add(Trial(number, 1, {"x0": x}, "random"))
        history.record(number, Outcome(TrialState.DONE, float(number)))
    zoomed = zoom(history, box, identity)
    assert zoomed.box.high[0] - zoomed.box.low[0] > 0.2
    assert zoomed.moves[0].kind == "widened"


def test_the_box_never_leaves_the_space() -> None:
    space = floats(1)
    box = Box(np.array([0.05]), np.array([0.6]), (None,))
    history = history_of(space, lambda p: abs(p["x0"] - 0.06))
    zoomed = zoom(history, box, identity)
    assert zoomed.box.low[0] == 0.0


def test_failed_and_diverged_trials_count_as_bad_places() -> None:
    space = floats(1)
    crashing = history_of(space, lambda p: None if p["x0"] > 0.5 else 1.0, n=40)
    zoomed = zoom(crashing, Box.whole(space), identity)
    assert zoomed.box.high[0] < 0.7
    for number in list(crashing.outcomes):
        if crashing.outcomes[number].state is TrialState.FAILED:
            crashing.record(number, Outcome(TrialState.DIVERGED))
    again = zoom(crashing, Box.whole(space), identity)
    assert again.box.to_json() == zoomed.box.to_json()


def test_without_a_success_the_box_stays_and_says_so() -> None:
    space = every_kind()
    zoomed = zoom(history_of(space, lambda p: None), Box.whole(space), identity)
    assert zoomed.box.to_json() == Box.whole(space).to_json()
    assert "no trial has succeeded" in zoomed.summary
    assert {move.kind for move in zoomed.moves} == {"kept"}


def test_a_category_is_dropped_only_with_evidence() -> None:
    space = Space([Parameter("optimizer", Categories(("good", "bad", "rare")))])

    def history(times_bad: int) -> History:
        history = History(space)
        names = ["good"] * 12 + ["bad"] * times_bad + ["rare"]
        for number, name in enumerate(names):
            history.add(Trial(number, 1, {"optimizer": name}, "random"))
            value = 0.0 if name == "good" else 1.0
            history.record(number, Outcome(TrialState.DONE, value))
        return history

    with_evidence = zoom(history(12), Box.whole(space), identity)
    assert with_evidence.box.kept == ((0, 2),)
    assert "bad (12 trials)" in with_evidence.moves[0].reason
    assert zoom(history(1), Box.whole(space), identity).box.kept == (None,)


def test_integers_narrow_to_whole_cells() -> None:
    space = Space([Parameter("units", IntegerRange(1, 100)), Parameter("x", FloatRange(0, 1))])
    history = history_of(space, lambda p: abs(p["units"] - 30), n=60)
    box = zoom(history, Box.whole(space), identity).box
    first, last = box.ends(0, space)
    assert 1 < first <= 30 <= last < 100
    assert box.low[0] == pytest.approx((first - 1) / 100)
    assert box.high[0] == pytest.approx(last / 100)


def test_maximizing_mirrors_minimizing() -> None:
    space = every_kind()
    low = history_of(space, lambda p: math.log(p["learning_rate"]) ** 2)
    high = history_of(space, lambda p: -(math.log(p["learning_rate"]) ** 2))
    first = zoom(low, Box.whole(space), identity)
    second = zoom(high, Box.whole(space), lambda value: -value)
    assert first.box.to_json() == second.box.to_json()
    assert first.moves == second.moves


def test_log_and_one_minus_beta_zoom_as_evenly_as_linear() -> None:
    boxes = []
    for domain in (
        FloatRange(0, 1),
        FloatRange(1e-6, 1.0, "log"),
        FloatRange(0.9, 0.99999, "1-beta"),
    ):
        space = Space([Parameter("p", domain)])
        history = history_of(space, lambda p, d=domain: abs(float(d.to_unit([p["p"]])[0]) - 0.4))
        boxes.append(zoom(history, Box.whole(space), identity).box)
    assert boxes[1].low == pytest.approx(boxes[0].low, abs=1e-9)
    assert boxes[2].high == pytest.approx(boxes[0].high, abs=1e-9)
