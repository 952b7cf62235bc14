"""The grid: even in each scale, and refused with its size where it is too large."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hpsearch.domains import Categories, FloatRange, IntegerRange, OrderedList
from hpsearch.errors import SamplerError
from hpsearch.samplers.grid import grid_points
from hpsearch.samplers.lattice import Lattice, levels_of_box
from hpsearch.space import Box, Condition, Parameter, Space
from tests.spaces import every_kind


def points(space: Space, trials: int) -> list[dict[str, object]]:
    return space.decode(np.array(grid_points(space, Box.whole(space), trials)))


def test_a_log_range_is_divided_into_equal_ratios() -> None:
    space = Space([Parameter("lr", FloatRange(1e-4, 1.0, "log"))])
    assert [p["lr"] for p in points(space, 5)] == [1e-4, 1e-3, 1e-2, 1e-1, 1.0]


def test_every_combination_comes_once() -> None:
    space = Space(
        [
            Parameter("lr", FloatRange(0.0, 1.0)),
            Parameter("units", IntegerRange(1, 100)),
            Parameter("optimizer", Categories(("sgd", "adam"))),
        ]
    )
    found = {(p["lr"], p["units"], p["optimizer"]) for p in points(space, 20)}
    expected = set(itertools.product([0.0, 0.5, 1.0], [1, 50, 100], ["sgd", "adam"]))
    assert {(lr, u if u != 51 else 50, o) for lr, u, o in found} == expected


@pytest.mark.parametrize("trials", [4, 5, 12, 30, 31])
def test_a_grid_never_has_more_points_than_trials(trials: int) -> None:
    space = Space([Parameter("a", FloatRange(0, 1)), Parameter("b", FloatRange(0, 1))])
    assert trials / 2 < len(points(space, trials)) <= trials


def test_a_grid_that_is_too_large_is_refused_with_the_number_it_would_take() -> None:
    space = Space(
        [Parameter("b", OrderedList(tuple(range(7))))]
        + [Parameter(f"x{i}", FloatRange(0, 1)) for i in range(3)]
    )
    with pytest.raises(SamplerError, match=r"56 points.* 55 trials"):
        grid_points(space, Box.whole(space), 55)
    assert len(grid_points(space, Box.whole(space), 56)) == 56


def test_an_inactive_parameter_does_not_multiply_the_grid() -> None:
    space = Space(
        [
            Parameter("optimizer", Categories(("sgd", "adam"))),
            Parameter(
                "beta2", OrderedList((0.9, 0.99, 0.999)), (Condition("optimizer", ("adam",)),)
            ),
            Parameter("layers", IntegerRange(1, 2)),
            Parameter("units", OrderedList((8, 16)), repeat="layers"),
        ]
    )
    found = points(space, 24)
    # sgd or adam with 3 betas; 2 one-layer and 4 two-layer networks
    assert len(found) == (1 + 3) * (2 + 4)
    assert len({space.key(p) for p in found}) == len(found)


def test_the_lattice_counts_what_it_lists() -> None:
    space = every_kind()
    levels = [
        np.array([0.1, 0.9])
        if column.domain.size is None or column.domain.size > 9
        else (np.arange(column.domain.size) + 0.5) / column.domain.size
        for column in space.columns
    ]
    lattice = Lattice(space, levels)
    listed = list(lattice.points())
    assert lattice.count() == len(listed)
    distinct = {space.key(p) for p in space.decode(np.array(listed))}
    assert len(distinct) == len(listed)


def test_a_continuum_has_no_levels() -> None:
    assert levels_of_box(every_kind(), Box.whole(every_kind())) is None
