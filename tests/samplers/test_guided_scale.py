"""Wide linear ranges: searched on half a log scale, shown and stored as they are declared."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hpsearch.domains import LARGEST_IN_RANGE, FloatRange, IntegerRange
from hpsearch.history import History, Round
from hpsearch.samplers import Draw, GuidedSampler
from hpsearch.samplers.guided_scale import as_searched, box_between, points_between
from hpsearch.space import Box, Parameter, Space
from hpsearch.trial import Outcome, Trial, TrialState
from tests.spaces import every_kind, floats, wide


def searched_by(space: Space, trials: int, seed: int, name: str, optimum: float) -> History:
    """Trials whose loss is how far a parameter is from its optimum, in orders of magnitude."""
    sampler, history = GuidedSampler(space, float), History(space)
    round_ = Round(1, 0, trials, Box.whole(space), "", ())
    for number in range(trials):
        proposal = sampler.propose(Draw(number, number, round_, seed), history)
        assert proposal is not None
        history.add(Trial(number, 1, proposal.params, proposal.origin))
        loss = abs(math.log10(float(proposal.params[name]) / optimum))
        history.record(number, Outcome(TrialState.DONE, loss))
    return history


@pytest.mark.parametrize("space", [every_kind(), floats(3)])
def test_a_space_without_wide_linear_ranges_is_searched_as_it_is(space: Space) -> None:
    assert as_searched(space) is space


def test_only_linear_ranges_from_two_orders_of_magnitude_on_are_searched_otherwise() -> None:
    scales = {
        FloatRange(0.001, 0.1): "linear-log",
        FloatRange(0.0011, 0.1): "linear",
        FloatRange(0.007, 0.7): "linear-log",  # 0.7 / 0.007 < 100
        FloatRange(0.0, 0.1): "linear",
        FloatRange(-1.0, 1000.0): "linear",
        FloatRange(1e-5, 0.1, "log"): "log",
        IntegerRange(1, 100): "linear-log",
        IntegerRange(1, 99): "linear",
        IntegerRange(1, LARGEST_IN_RANGE["linear-log"]): "linear",
    }
    space = Space([Parameter(f"p{i}", domain) for i, domain in enumerate(scales)])
    found = [column.domain for column in as_searched(space).columns]
    assert [d.scale for d in found if isinstance(d, (FloatRange, IntegerRange))] == [
        *scales.values()
    ]


def test_the_same_points_are_possible() -> None:
    declared, searched = wide(), as_searched(wide())
    assert searched.column_names == declared.column_names
    for point in searched.decode(searched.snap(np.random.default_rng(0).random((200, 9)))):
        assert declared.accept(point) == point
        again = searched.decode(searched.encode([point]))[0]
        numbers = {k: v for k, v in point.items() if isinstance(v, float)}
        assert {k: again[k] for k in numbers} == pytest.approx(numbers, rel=1e-9)
        assert {**again, **numbers} == point


def test_points_lie_where_their_values_do_on_either_scale() -> None:
    declared, searched = wide(), as_searched(wide())
    points = declared.decode(declared.snap(np.random.default_rng(0).random((50, 9))))
    x_unit, expected = declared.encode(points), searched.encode(points)
    moved = points_between(x_unit, declared, searched)
    assert moved == pytest.approx(expected, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("name", "optimum"), [("lr", 3e-4), ("lr", 0.5), ("units", 12)])
def test_good_small_values_of_a_wide_linear_range_are_found(
    name: str, optimum: float, seed: int
) -> None:
    """Sought on the linear scale, the small ones are missed by 0.5 to 2 orders of magnitude."""
    space = Space(
        [
            Parameter("lr", FloatRange(1e-5, 1.0)),
            Parameter("units", IntegerRange(1, 4096)),
            *floats(2).parameters.values(),
        ]
    )
    history = searched_by(space, 24, seed, name, optimum)
    best = min(float(outcome.value or 0.0) for outcome in history.outcomes.values())
    assert best < 0.1


def test_a_rounds_box_is_told_on_the_declared_scale() -> None:
    space = Space([Parameter("lr", FloatRange(1e-5, 1.0)), Parameter("n", IntegerRange(1, 500))])
    history = searched_by(space, 31, 0, "lr", 3e-4)
    opened = GuidedSampler(space, float).open_round(31, history, Box.whole(space))
    assert opened is not None
    low, high = opened.box.ends(0, space)
    assert 1e-5 <= low < 3e-4 < high < 0.1
    assert opened.box.high[0] < 0.1
    assert opened.moves[0].kind == "narrowed"
    assert "% along it, on half a log scale, changes the loss" in opened.moves[0].reason
    round_ = Round(2, 31, 31, opened.box, "", ())
    proposal = GuidedSampler(space, float).propose(Draw(31, 0, round_, 0), history)
    assert proposal is not None
    assert proposal.origin.startswith("box")
    assert low <= float(proposal.params["lr"]) <= high


def test_a_box_keeps_its_ends_on_either_scale() -> None:
    declared, searched = wide(), as_searched(wide())
    rng = np.random.default_rng(0)
    ends = np.sort(rng.random((2, declared.dimensions)), axis=0)
    box = Box(ends[0], ends[1], (None,) * declared.dimensions)
    shown = box_between(box, searched, declared)
    for i, column in enumerate(searched.columns):
        if column.domain.size is None:
            assert shown.ends(i, declared) == pytest.approx(box.ends(i, searched))
    back = box_between(shown, declared, searched)
    assert back.low == pytest.approx(box.low, abs=1e-9)
    assert back.high == pytest.approx(box.high, abs=1e-9)
    whole = box_between(Box.whole(searched), searched, declared)
    assert whole.low.tolist() == [0.0] * declared.dimensions
    assert whole.high.tolist() == [1.0] * declared.dimensions
