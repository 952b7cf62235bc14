from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hpsearch.views.tables import TableColumn, pair_lines, table_lines
from hpsearch.views.text import display_width

words = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=40)


@given(st.lists(st.tuples(words, st.lists(words, min_size=3, max_size=3)), min_size=1, max_size=9))
def test_a_table_fits_its_width_and_names_what_it_leaves_out(
    parts: list[tuple[str, list[str]]],
) -> None:
    columns = [TableColumn(heading, cells) for heading, cells in parts]
    lines, left_out = table_lines(columns, 60)
    assert len(lines) == 4
    assert all(display_width(line) <= 60 for line in lines)
    room = sum(column.width + 2 for column in columns)
    assert bool(left_out) == (room > 60)


def test_essential_columns_stay_where_others_must_go() -> None:
    columns = [
        TableColumn("a", ["x" * 20]),
        TableColumn("b", ["y" * 20]),
        TableColumn("c", ["z" * 20], is_essential=True),
    ]
    lines, left_out = table_lines(columns, 50)
    assert left_out == ["b"]
    assert "z" * 20 in lines[1]


def test_numbers_stand_below_each_other() -> None:
    lines, _ = table_lines([TableColumn("n", ["1", "100"]), TableColumn("w", ["a", "b"], "<")], 40)
    assert lines == ["    n  w", "    1  a", "  100  b"]


@given(st.lists(st.tuples(words, words), max_size=6))
def test_values_of_a_list_are_aligned_and_fit(pairs: list[tuple[str, str]]) -> None:
    lines = pair_lines(pairs, 50)
    assert all(display_width(line) <= 50 for line in lines)


def test_a_long_value_goes_on_below_itself() -> None:
    lines = pair_lines([("units", " ".join(["[64, 32],"] * 9)), ("x", "1")], 40)
    start = lines[0].index("[")
    assert all(line[:start].strip() == "" for line in lines[1:-1])
    assert lines[-1].index("1") == start
