"""The space: encode and decode are inverses, conditions and repeats hold, boxes stay inside."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.domains import Categories, Domain, Fixed, FloatRange, IntegerRange, OrderedList
from hpsearch.errors import SpaceError
from hpsearch.space import Box, Condition, Parameter, Space
from tests.spaces import any_space, domains, every_kind


@given(domains(), st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_decoding_what_was_encoded_gives_the_same_values(domain: Domain, xs: list[float]) -> None:
    values = domain.to_value(np.array(xs)).tolist()
    back = domain.to_value(domain.to_unit(values)).tolist()
    if domain.size is None:
        assert back == pytest.approx(values, rel=1e-9, abs=1e-9)
    else:
        assert back == values


@given(any_space(), st.integers(0, 2**32 - 1))
@settings(max_examples=150)
def test_encode_inverts_decode_in_any_space(space: Space, seed: int) -> None:
    x_unit = space.snap(np.random.default_rng(seed).random((7, space.dimensions)))
    points = space.decode(x_unit)
    back = space.encode(points)
    assert np.array_equal(np.isnan(back), np.isnan(x_unit))
    assert np.nan_to_num(back) == pytest.approx(np.nan_to_num(x_unit), abs=1e-7)
    for point, again in zip(points, space.decode(back), strict=True):
        assert point.keys() == again.keys()
        assert space.accept(point) == point


@given(any_space(), st.integers(0, 2**32 - 1))
def test_a_column_is_encoded_as_its_domain_alone_does_it(space: Space, seed: int) -> None:
    points = space.decode(np.random.default_rng(seed).random((5, space.dimensions)))
    x_unit = space.encode(points)
    for i, column in enumerate(space.columns):
        if column.entry is None:
            rows = [n for n, point in enumerate(points) if column.name in point]
            alone = column.domain.to_unit([points[n][column.name] for n in rows])
            assert x_unit[rows, i].tolist() == alone.tolist()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"learning_rate": 2.0}, "2 is not between 0.0001 and 1"),
        ({"momentum": float("nan")}, "nan is not between"),
        ({"layers": 1.5}, "1.5 is not a whole number"),
        ({"layers": 9}, "9.0 is not between 0 and 3"),
    ],
)
def test_what_is_not_in_its_range_is_not_encoded(wrong: dict[str, float], message: str) -> None:
    space = every_kind()
    points = space.decode(np.full((2, space.dimensions), 0.5))
    with pytest.raises(SpaceError, match=message):
        space.encode([points[0], {**points[1], **wrong}])


def test_an_absent_number_is_nan_and_the_others_are_encoded() -> None:
    space = every_kind()
    (point,) = space.decode(np.full((1, space.dimensions), 0.5))
    (whole,) = space.encode([point])
    without = {name: value for name, value in point.items() if name != "dropout"}
    first, second = space.encode([without, point])
    assert np.isnan(first).sum() == np.isnan(whole).sum() + 1
    assert np.isnan(first[space.column_names.index("dropout")])
    assert np.array_equal(second, whole, equal_nan=True)


def test_an_inactive_parameter_is_absent_and_its_column_nan() -> None:
    space = every_kind()
    points = space.decode(np.random.default_rng(0).random((500, space.dimensions)))
    assert {("amsgrad" in p) == (p["optimizer"] == "adam") for p in points} == {True}
    nested = [p for p in points if "beta2" in p]
    assert nested
    assert all(p["amsgrad"] is True and p["layers"] in (1, 2) for p in nested)
    x_unit = space.encode(points)
    beta2 = space.column_names.index("beta2")
    assert [bool(np.isnan(x)) for x in x_unit[:, beta2]] == ["beta2" not in p for p in points]


def test_a_repeated_parameter_is_a_list_as_long_as_its_counter_says() -> None:
    space = every_kind()
    points = space.decode(np.random.default_rng(1).random((200, space.dimensions)))
    assert {len(p["hidden_units"]) - p["layers"] for p in points} == {0}
    assert {p["layers"] for p in points} == {0, 1, 2, 3}
    assert space.column_names.count("hidden_units[2]") == 1


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_the_end_integers_own_their_full_share(scale: str) -> None:
    domain = IntegerRange(2, 5, scale)
    values = domain.to_value((np.arange(100_000) + 0.5) / 100_000)
    shares = np.bincount(values)[2:] / 100_000
    ends = np.array([1.5, 2.5, 3.5, 4.5, 5.5])
    widths = np.diff(np.log(ends) if scale == "log" else ends)
    assert shares == pytest.approx(widths / widths.sum(), abs=1e-4)


def test_listed_values_keep_their_type_and_share() -> None:
    domain = OrderedList((0.5, 1, 0))
    assert domain.to_value(np.array([0.1, 0.5, 0.9])).tolist() == [0, 0.5, 1]
    assert [type(v) for v in domain.to_value(np.array([0.1, 0.5, 0.9]))] == [int, float, int]
    assert Categories((False, True)).to_value(np.array([0.1, 0.9])).tolist() == [False, True]


def test_true_and_one_are_told_apart() -> None:
    with pytest.raises(SpaceError, match="True is not one of"):
        OrderedList((0, 1)).accept(True)


@pytest.mark.parametrize(
    ("parameters", "fragment"),
    [
        ([Parameter("a", Fixed((1,)), (Condition("b", (1,)),))], "b is no earlier parameter"),
        ([Parameter("a", IntegerRange(1, 2), repeat="a")], "a is no earlier parameter"),
        (
            [Parameter("a", FloatRange(0, 1)), Parameter("b", Fixed((1,)), repeat="a")],
            "not a whole number",
        ),
        (
            [
                Parameter("a", FloatRange(0, 1)),
                Parameter("b", Fixed((1,)), (Condition("a", (0.5,)),)),
            ],
            "range of floats",
        ),
        (
            [
                Parameter("n", IntegerRange(1, 2)),
                Parameter("a", IntegerRange(1, 2), repeat="n"),
                Parameter("b", Fixed((1,)), (Condition("a", (1,)),)),
            ],
            "a is a list",
        ),
        ([Parameter("n", IntegerRange(0, 5000)), Parameter("a", Fixed((1,)), repeat="n")], "1000"),
        ([Parameter("a", Fixed((1,))), Parameter("a", Fixed((2,)))], "declared twice"),
    ],
)
def test_an_impossible_reference_is_refused(parameters: list[Parameter], fragment: str) -> None:
    with pytest.raises(SpaceError, match=fragment):
        Space(parameters)


@pytest.mark.parametrize(
    ("change", "fragment"),
    [
        ({"learning_rate": 2.0}, "learning_rate: 2 is not between"),
        ({"learning_rate": "fast"}, "is not a number"),
        ({"layers": 1.5}, "layers: 1.5 is not a whole number"),
        ({"hidden_units": [8]}, "must be a list of 2"),
        ({"optimizer": "sgd"}, "'sgd' is not one of momentum, adam"),
        ({"beta2": 0.99}, "beta2: is not active"),
        ({"speed": 1}, "speed: no parameter is called so"),
        ({"momentum": None}, "momentum: None is not a number"),
    ],
)
def test_accept_names_the_parameter_that_is_wrong(change: dict[str, object], fragment: str) -> None:
    point = {
        "learning_rate": 0.01,
        "momentum": 0.95,
        "dropout": 0,
        "layers": 2,
        "hidden_units": [8, 16],
        "batch_size": 64,
        "optimizer": "rmsprop",
    }
    assert every_kind().accept(point)["epochs"] == 15
    with pytest.raises(SpaceError, match=fragment):
        every_kind().accept(point | change)


def test_points_placed_in_a_box_are_in_it_and_the_others_are_not() -> None:
    space = every_kind()
    d = space.dimensions
    kept: list[tuple[int, ...] | None] = [None] * d
    kept[space.column_names.index("optimizer")] = (0, 2)
    low, high = np.zeros(d), np.ones(d)
    low[0], high[0] = 0.25, 0.5
    box = Box(low, high, tuple(kept))
    rng = np.random.default_rng(0)
    inside = space.snap(box.place(rng.random((300, d)), space))
    assert box.contains(inside, space).all()
    points = space.decode(inside)
    assert {p["optimizer"] for p in points} == {"momentum", "rmsprop"}
    assert all(1e-3 <= p["learning_rate"] <= 1e-2 for p in points)
    everywhere = space.snap(rng.random((3000, d)))
    assert box.contains(everywhere, space).mean() == pytest.approx(0.25 * 2 / 3, abs=0.03)
    assert box.share(space) == pytest.approx(0.25 * 2 / 3)


def test_a_box_survives_json() -> None:
    space = every_kind()
    box = Box(
        np.full(space.dimensions, 0.1), np.full(space.dimensions, 0.7), (None,) * 11 + ((1,),)
    )
    again = Box.from_json(box.to_json())
    assert again.to_json() == box.to_json()


def test_the_ends_of_a_box_are_values_inside_it() -> None:
    space = Space([Parameter("n", IntegerRange(1, 10)), Parameter("b", OrderedList((1, 2, 4, 8)))])
    box = Box(np.array([0.2, 0.25]), np.array([0.5, 0.75]), (None, None))
    assert box.ends(0, space) == (3, 5)
    assert box.ends(1, space) == (2, 4)
    assert Box.whole(space).ends(0, space) == (1, 10)


@given(any_space(), st.integers(0, 2**32 - 1))
def test_a_snapped_point_is_what_its_values_are_encoded_to(space: Space, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x_unit = rng.random((20, space.dimensions))
    x_unit[rng.random(x_unit.shape) < 0.3] = np.nan  # as of another point, inactive there
    snapped = space.snap(x_unit)
    again = space.encode(space.decode(snapped))
    assert (np.isnan(snapped) == np.isnan(again)).all()
    np.testing.assert_allclose(snapped, again, atol=1e-6)
