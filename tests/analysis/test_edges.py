from __future__ import annotations

from typing import Any

import pytest

from hpsearch.analysis.edges import best_edges, edges_of, side_of
from hpsearch.domains import Domain, FloatRange, IntegerRange, OrderedList
from hpsearch.space import Parameter, Space
from tests.spaces import every_kind

LOG = FloatRange(1e-4, 1.0, "log")


@pytest.mark.parametrize(
    ("domain", "value", "side"),
    [
        # 2% of four decades is 0.08 of a decade: 10^-0.08 = 0.832; linearly it would be 0.98.
        (LOG, 0.84, "max"),
        (LOG, 0.82, None),
        (LOG, 1.1e-4, "min"),
        # 1 - beta from 1e-1 to 1e-3: 2% of two decades is 10^0.04 = 1.096 of 1e-3.
        (FloatRange(0.9, 0.999, "1-beta"), 0.99892, "max"),
        (FloatRange(0.9, 0.999, "1-beta"), 0.9988, None),
        # The mean of 0.5% of the range and of 43% of four decades.
        (FloatRange(1e-5, 0.1), 5e-4, None),
        (FloatRange(1e-5, 0.1), 1.2e-5, "min"),
        (IntegerRange(2, 9), 9, "max"),
        (IntegerRange(2, 9), 8, None),
        (IntegerRange(2, 9), 2, "min"),
        (OrderedList((16, 32, 64, 128)), 128, "max"),
        (OrderedList((16, 32, 64, 128)), 64, None),
    ],
)
def test_edges_are_measured_on_the_scale_and_on_a_lattice_at_the_last_value(
    domain: Domain, value: Any, side: str | None
) -> None:
    assert side_of(domain, value) == side


@pytest.mark.parametrize(
    ("domain", "value"),
    [
        (IntegerRange(1, 9), 1),  # fewer than one layer
        (FloatRange(0.0, 0.6), 0.0),  # less than no dropout
        (FloatRange(0.0, 1.0), 1.0),  # more than all
        (OrderedList((0, 1, 2)), 0),
        (IntegerRange(4, 5), 5),  # both values are ends
    ],
)
def test_an_end_that_cannot_be_moved_is_no_edge(domain: Domain, value: Any) -> None:
    assert side_of(domain, value) is None


def test_categories_and_inactive_parameters_have_no_edge() -> None:
    edges = edges_of(every_kind(), {"learning_rate": 0.99, "optimizer": "rmsprop", "epochs": 15})
    assert [(edge.parameter.name, edge.side) for edge in edges] == [("learning_rate", "max")]


def test_a_list_is_at_the_edge_if_all_its_entries_are() -> None:
    space = every_kind()
    assert not edges_of(space, {"layers": 2, "hidden_units": [512, 100]})
    (edge,) = edges_of(space, {"layers": 2, "hidden_units": [512, 512]})
    assert (edge.parameter.name, edge.value) == ("hidden_units", 512)


def test_one_trial_at_the_end_of_a_short_lattice_is_chance_and_three_are_not() -> None:
    space = Space([Parameter("batch_size", OrderedList((32, 64, 128)))])
    assert not best_edges(space, [{"batch_size": 128}, {"batch_size": 64}, {"batch_size": 128}])
    (edge,) = best_edges(space, [{"batch_size": 128}] * 3)
    assert edge.is_strong


def test_a_float_at_the_edge_is_a_weak_sign_alone_and_a_strong_one_threefold() -> None:
    space = Space([Parameter("learning_rate", LOG)])
    (weak,) = best_edges(space, [{"learning_rate": 0.98}, {"learning_rate": 0.1}])
    (strong,) = best_edges(space, [{"learning_rate": 0.98}] * 3)
    assert (weak.is_strong, strong.is_strong) == (False, True)
