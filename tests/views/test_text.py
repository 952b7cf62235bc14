from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.analysis.wording import one_line
from hpsearch.views.text import (
    aligned_numbers,
    display_width,
    distinct_names,
    format_age,
    format_duration,
    format_share,
    format_trial_time,
    pad,
    plain_ascii,
    shorten,
    shorten_names,
    terminal_width,
    wrap,
    writes_unicode,
)

texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=60)


def test_wide_and_combining_characters_are_counted_as_a_terminal_shows_them() -> None:
    assert display_width("学习率") == 6
    assert display_width("e\u0301") == 1
    assert display_width("\x1b[1mbold\x1b[0m") == 4


@given(texts, st.integers(1, 30))
def test_a_shortened_text_fits_and_one_that_fits_is_left_alone(text: str, width: int) -> None:
    short = shorten(text, width)
    assert display_width(short) <= width
    if display_width(text) <= width:
        assert short == text
    else:
        assert short.endswith("…")


@given(texts, st.integers(60, 90), st.sampled_from("<>"))
def test_a_padded_text_has_the_width(text: str, width: int, align: str) -> None:
    short = shorten(text, width)
    assert display_width(pad(short, width, align)) == width


@given(texts, st.integers(10, 40))
def test_wrapped_lines_fit_and_lose_no_word(text: str, width: int) -> None:
    lines = wrap(text, width, "  ", "    ")
    assert all(display_width(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_long_names_are_cut_in_the_middle() -> None:
    names = ["learning_rate_of_layer_1", "learning_rate_of_layer_2", "momentum"]
    assert distinct_names(names, 12) == ["learni…yer_1", "learni…yer_2", "momentum"]
    assert distinct_names(["momentum", "layers"], 12) == ["momentum", "layers"]


def test_names_that_begin_and_end_alike_are_cut_where_they_differ_or_numbered() -> None:
    names = [f"learning_rate_of_layer_{i}_of_the_model" for i in "12"]
    assert distinct_names(names, 12) == ["…1_of_the_m…", "…2_of_the_m…"]
    twice = ["a" * 30 + i + "b" * 30 + j + "c" * 30 for i in "12" for j in "12"]
    assert distinct_names(twice, 3) == ["a…1", "a…2", "a…3", "a…4"]


@given(st.lists(texts, max_size=20), st.integers(5, 30))
def test_no_two_names_are_cut_alike(names: list[str], width: int) -> None:
    cut = distinct_names(names, width)
    assert all(display_width(name) <= width for name in cut)
    assert len(set(cut)) == len(set(names))


def test_long_names_in_a_sentence_give_way_before_its_end_does() -> None:
    names = ["lr", "lr_" + "x" * 200 + "_one", "lr_" + "x" * 200 + "_two"]
    text = f"{names[1]} up x1.58 (0.1 to 0.158), lr kept"
    assert shorten_names(text, names, 54) == "lr_xxxxxxx…xxxxx_one up x1.58 (0.1 to 0.158), lr kept"
    assert shorten_names(text, names, 300) == text
    assert shorten_names("lr up", names, 5) == "lr up"
    assert shorten_names(text, names, 12) == "lr_x…_one u…"
    assert shorten_names("nothing changed", [], 8) == "nothing…"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "00:00"),
        (41, "00:41"),
        (59.6, "01:00"),
        (3599, "59:59"),
        (11520, "3h12m"),
        (100000, "1d03h"),
    ],
)
def test_a_duration_has_two_units(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_short_trial_times_keep_their_fraction() -> None:
    assert [format_trial_time(s) for s in (0.0003, 0.31, 9.4, 10, 75)] == [
        "<0.01 s",
        "0.31 s",
        "9.4 s",
        "00:10",
        "01:15",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "just now"), (59, "just now"), (90 * 60, "2 h ago"), (3 * 86400, "3 days ago")],
)
def test_an_age_has_one_unit(seconds: float, text: str) -> None:
    assert format_age(seconds) == text


def test_a_small_share_is_not_rounded_to_nothing() -> None:
    assert [format_share(s) for s in (1.0, 0.31, 0.0081, 2e-7)] == ["100%", "31%", "0.8%", "2e-5%"]


def test_numbers_of_a_column_are_told_apart_and_their_points_aligned() -> None:
    assert aligned_numbers([0.025, 0.02531, None]) == ["0.02500", "0.02531", "-"]
    assert aligned_numbers([0.998712, 0.998713]) == ["0.998712", "0.998713"]
    assert aligned_numbers([1e-5, 0.3]) == ["1e-5", "0.3"]
    assert aligned_numbers([1e9, 1e9 + 0.25, None]) == ["1000000000.0", "1000000000.2", "-"]
    assert aligned_numbers([0.1 + 0.2, 0.3]) == ["0.3", "0.3"]
    assert aligned_numbers([]) == []


def test_ascii_keeps_every_column_in_its_place() -> None:
    line = "digits · ─[█▆▃]─ 0.1 … 0.2 ┤└ ü"
    assert plain_ascii(line).isascii()
    assert len(plain_ascii(line)) == len(line)
    bars = plain_ascii("▁▂▃▄▅▆▇█")
    assert len(set(bars)) == 8


def test_one_line_drops_what_would_break_a_screen() -> None:
    assert one_line("a\x1b[31m\n\tb  c") == "a [31m b c"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_width_is_that_of_a_terminal_and_80_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "123")
    assert terminal_width(Terminal()) == 123
    assert terminal_width(io.StringIO()) == 80


@pytest.mark.parametrize(
    ("encoding", "can"), [("utf-8", True), ("ascii", False), ("latin-1", False)]
)
def test_a_stream_writes_unicode_if_its_encoding_has_the_bars(encoding: str, can: bool) -> None:
    assert writes_unicode(io.TextIOWrapper(io.BytesIO(), encoding=encoding)) is can
