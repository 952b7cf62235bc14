from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.domains import Categories, FloatRange, IntegerRange
from hpsearch.history import Move, Round
from hpsearch.space import Box, Parameter, Space
from hpsearch.views.rounds import looked_at, round_headline, round_lines
from hpsearch.views.text import display_width
from tests.spaces import any_space, every_kind, floats

WORSE = "the best 4 lie here; 9 trials beyond were worse"


def a_round(box: Box, moves: Sequence[Move], number: int = 2) -> Round:
    return Round(number, 20, 20, box, "made from the best 4 of 20 trials", tuple(moves))


def kept(space: Space) -> list[Move]:
    return [Move(name, "kept", "no sign yet") for name in space.column_names]


def narrowed(space: Space, columns: Sequence[int]) -> Round:
    box, moves = Box.whole(space), kept(space)
    for i in columns:
        box.low[i], box.high[i] = 0.4, 0.6
        moves[i] = Move(space.column_names[i], "narrowed", WORSE)
    return a_round(box, moves)


def test_a_line_has_the_range_the_box_and_its_ends_as_values() -> None:
    space = Space([Parameter("learning_rate", FloatRange(1e-4, 1.0, "log"))])
    x_unit = np.array([[0.45], [0.45], [0.55], [0.99]])
    (line,) = round_lines(space, narrowed(space, [0]), x_unit, 120)
    # The middle fifth of four decades: 10^-2.4 = 0.004 to 10^-1.6 = 0.025.
    assert line.startswith("  learning_rate  1e-4 ")
    assert "] ───" not in line
    assert line.endswith(f" 1  0.004 … 0.025   {WORSE}")
    inside = line[line.index("[") + 1 : line.index("]")]
    assert inside[len(inside) // 4] == "█"
    assert inside[-len(inside) // 4] == "▄"  # half as many
    before, after = line.index("[") - line.index("─"), line.rindex("─") - line.index("]")
    assert abs(before - after) <= 1


def test_the_box_lies_where_it_lies_on_the_scale() -> None:
    space = floats(1)
    box = Box(np.array([0.75]), np.array([1.0]), (None,))
    (line,) = round_lines(space, a_round(box, [Move("x0", "narrowed", "")]), np.empty((0, 1)), 80)
    axis = line[line.index("0 ") + 2 : line.rindex("]") + 1]
    assert axis.index("[") / len(axis) > 0.65
    assert "0.75 … 1" in line


def test_a_whole_range_shows_no_ends_but_its_reason() -> None:
    space = floats(1)
    (line,) = round_lines(space, a_round(Box.whole(space), kept(space)), np.empty((0, 1)), 80)
    assert line.endswith("] 1  kept: no sign yet")


def test_a_value_of_a_short_lattice_fills_its_cell() -> None:
    space = Space([Parameter("layers", IntegerRange(2, 4))])
    x_unit = space.encode([{"layers": 2}, {"layers": 4}, {"layers": 4}])
    (line,) = round_lines(space, a_round(Box.whole(space), kept(space)), x_unit, 80)
    inside = line[line.index("[") + 1 : line.index("]")]
    third = len(inside) // 3
    assert set(inside[: third - 1]) == {"▄"}
    assert set(inside[third + 1 : 2 * third - 1]) == {" "}
    assert set(inside[2 * third + 2 :]) == {"█"}


def test_categories_are_told_in_words() -> None:
    space = Space([Parameter("optimizer", Categories(("momentum", "adam", "sgd")))])
    box = Box(np.zeros(1), np.ones(1), ((0, 1),))
    move = Move("optimizer", "dropped", "dropped sgd (9 trials): none is among the best 4")
    (line,) = round_lines(space, a_round(box, [move]), np.empty((0, 1)), 120)
    assert line.startswith("  optimizer  momentum adam (sgd dropped)   dropped sgd (9 trials)")


def test_entries_of_a_list_that_are_alike_share_a_line() -> None:
    space = every_kind()
    lines = round_lines(space, a_round(Box.whole(space), kept(space)), np.empty((0, 11)), 80)
    assert any(line.startswith("  hidden_units[0..2]") for line in lines)
    first = [i for i, name in enumerate(space.column_names) if name == "hidden_units[0]"]
    lines = round_lines(space, narrowed(space, first), np.empty((0, 11)), 80)
    assert any(line.startswith("  hidden_units[0] ") for line in lines)
    assert any(line.startswith("  hidden_units[1..2]") for line in lines)


def test_of_sixty_columns_the_narrowed_ones_come_first_and_the_rest_is_counted() -> None:
    space = floats(60)
    lines = round_lines(space, narrowed(space, [7, 50]), np.empty((0, 60)), 80)
    assert len(lines) == 17
    assert [line.split()[0] for line in lines[:2]] == ["x7", "x50"]
    assert lines[-1] == "  … 44 more kept whole"
    lines = round_lines(space, narrowed(space, range(20)), np.empty((0, 60)), 80)
    assert lines[-1] == "  … 4 more narrowed, 40 more kept whole"


def test_only_what_is_not_the_whole_range_is_shown_on_request() -> None:
    space = floats(5)
    round_ = narrowed(space, [3])
    lines = round_lines(space, round_, np.empty((0, 5)), 80, only_telling=True)
    assert [line.split()[0] for line in lines] == ["x3"]
    whole = a_round(Box.whole(space), [], number=1)
    assert round_lines(space, whole, np.empty((0, 5)), 80, only_telling=True) == []


def test_a_box_that_stays_narrow_is_drawn_again_and_one_that_became_whole_once() -> None:
    space = floats(3)
    box = narrowed(space, [0]).box
    moves = [Move("x0", "kept", "no sign yet"), Move("x1", "kept", ""), Move("x2", "widened", "so")]
    lines = round_lines(space, a_round(box, moves, 3), np.empty((0, 3)), 80, only_telling=True)
    assert [line.split()[0] for line in lines] == ["x0", "x2"]
    assert lines[0].endswith("kept: no sign yet")


def test_a_box_whose_ends_would_be_written_as_those_of_the_range_counts_as_whole() -> None:
    space = Space([Parameter("x", FloatRange(1.0, 2.0))])
    box = Box(np.array([1e-9]), np.array([1.0]), (None,))
    round_ = a_round(box, [Move("x", "narrowed", "the best 4 lie here")])
    assert round_lines(space, round_, np.empty((0, 1)), 80, only_telling=True) == []
    assert looked_at(box, space) == "nearly the whole space"


def test_the_share_that_is_looked_at_is_one_of_the_space_and_never_100_percent() -> None:
    space = floats(2)
    half = Box(np.array([0.5, 0.0]), np.array([1.0, 0.5]), (None, None))
    assert looked_at(half, space) == "zoomed to 25% of the space"
    assert looked_at(half, space, briefly=True) == "zoomed to 25%"
    for low, share in ((0.0, 1.0), (0.004, 0.996), (0.0051, 0.9949)):
        box = Box(np.array([low, 0.0]), np.ones(2), (None, None))
        assert box.share(space) == pytest.approx(share)
        assert "100%" not in looked_at(box, space)
    assert looked_at(Box.whole(space), space) == "whole space"


def test_a_reason_is_cut_to_the_width_or_wrapped_on_request() -> None:
    space = floats(1)
    (cut,) = round_lines(space, narrowed(space, [0]), np.empty((0, 1)), 60)
    assert cut.endswith("…")
    wrapped = round_lines(space, narrowed(space, [0]), np.empty((0, 1)), 60, wrap_reasons=True)
    assert WORSE in " ".join(" ".join(wrapped[1:]).split())


def test_a_space_of_fixed_values_has_no_line() -> None:
    space = Space([])
    assert round_lines(space, a_round(Box.whole(space), []), np.empty((3, 0)), 80) == []


@given(any_space(), st.integers(0, 5), st.sampled_from([60, 80, 120]), st.booleans(), st.booleans())
def test_the_lines_of_any_space_fit_and_can_be_ascii(
    space: Space, seed: int, width: int, unicode: bool, wrap_reasons: bool
) -> None:
    rng = np.random.default_rng(seed)
    d = space.dimensions
    low = rng.random(d) * 0.5
    box = Box(low, low + rng.random(d) * 0.5, (None,) * d)
    for i, column in enumerate(space.columns):
        box.low[i], box.high[i] = column.domain.cell(low[i])[0], column.domain.cell(box.high[i])[1]
    moves = [Move(name, "narrowed", WORSE) for name in space.column_names]
    x_unit = space.snap(rng.random((9, d)))
    lines = round_lines(
        space, a_round(box, moves), x_unit, width, unicode, wrap_reasons=wrap_reasons
    )
    assert all(display_width(line) <= width for line in lines)
    assert unicode or all(line.isascii() for line in lines)


@given(space=any_space(), width=st.integers(40, 120))
def test_a_round_in_one_line_fits_any_width(space: Space, width: int) -> None:
    round_ = narrowed(space, [i for i, c in enumerate(space.columns) if c.domain.is_ordered])
    line = round_headline(space, round_, width)
    assert display_width(line) <= width
    assert line.startswith("round 2  ")


def test_a_round_in_one_line_counts_the_names_that_have_no_room() -> None:
    line = round_headline(floats(40), narrowed(floats(40), range(40)), 80)
    shown = line.partition(", in ")[2].split(", ")
    assert shown[0] == "x0"
    assert shown[-1] == f"{40 - len(shown) + 1} more"
