"""Reading YAML: numbers as people write them, and the rest as YAML 1.2 says, not as PyYAML does."""

from __future__ import annotations

import math

import pytest

from hpsearch.config.yaml_scalars import number_meant, plain_value
from tests.config.configs import HEAD, as_data, load, problems_of

NUMBERS = {
    # YAML 1.2.2, chapter 10.3.2, example 10.8 and the table of tags above it
    "0": 0,
    "-19": -19,
    "0o7": 7,
    "0x3A": 58,
    "0.": 0.0,
    "-0.0": 0.0,
    ".5": 0.5,
    "+12e03": 12000.0,
    "-2E+05": -200000.0,
    ".inf": math.inf,
    "-.Inf": -math.inf,
    "+.INF": math.inf,
    # what PyYAML 6.0 takes for text
    "1e-4": 1e-4,
    "5e-3": 5e-3,
    "1e4": 1e4,
    "1E-4": 1e-4,
    "1E4": 1e4,
    ".001": 1e-3,
    "+3": 3,
    "010": 10,
}


@pytest.mark.parametrize(("text", "number"), NUMBERS.items())
def test_numbers_are_read_as_people_write_them(text: str, number: float) -> None:
    value = plain_value(text)
    assert value == number
    assert type(value) is type(number)


def test_a_number_that_is_none_is_nan() -> None:
    value = plain_value(".NaN")
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    "text",
    ["no", "yes", "on", "off", "y", "n", "No", "OFF", "1:30", "2024-01-01", "1_000", "1-beta",
     "0b1", "1e", "e4", ".", "-", "1.2.3", "tRUE", "nUll", "0o8", "1e4.5", "٣"],
)  # fmt: skip
def test_what_only_looks_like_something_else_is_text(text: str) -> None:
    assert plain_value(text) == text


@pytest.mark.parametrize("text", ["true", "True", "TRUE"])
def test_only_true_is_true(text: str) -> None:
    assert plain_value(text) is True


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_null(text: str) -> None:
    assert plain_value(text) is None


def test_an_integer_with_thousands_of_digits_is_no_error_of_python() -> None:
    assert plain_value("9" * 5000) == math.inf


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1_000", "1000"), ("10^-4", "1e-4"), ("10**3", "1e3"), ("0.1", "0.1"), ("one", None)],
)
def test_a_number_is_guessed_from_text(text: str, meant: str | None) -> None:
    assert number_meant(text) == meant


def test_quotes_make_text_of_anything() -> None:
    assert as_data("[\"1\", 'true', \"~\", '1e-4']") == ["1", "true", "~", "1e-4"]


def test_anchors_aliases_and_merge_keys_work() -> None:
    text = """
common: &common {min: 1, max: 8}
a: *common
b: {<<: *common, max: 16}
c: {<<: [{min: 2}, *common], type: int}
"""
    data = as_data(text)
    assert data["a"] == {"min": 1, "max": 8}
    assert data["b"] == {"min": 1, "max": 16}
    assert data["c"] == {"min": 2, "max": 8, "type": "int"}


def test_an_anchor_may_be_given_again() -> None:
    assert as_data("[&a 1, *a, &a 2, *a]") == [1, 1, 2, 2]


def test_names_that_yaml_takes_for_something_else_are_names() -> None:
    config = load(f"{HEAD}space: {{32: [1, 2], true: [1, 2], on: [1, 2], ~: [1, 2]}}")
    assert list(config.space.parameters) == ["32", "true", "on", "~"]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    text = "\ufeff" + f"{HEAD}space: {{x: [1, 2]}}\n".replace("\n", "\r\n")
    config = load(text)
    assert list(config.space.parameters) == ["x"]
    assert config.text == text


def test_the_column_after_a_byte_order_mark_is_what_an_editor_shows() -> None:
    (problem, *_) = problems_of("\ufeffnane: x\n")
    assert (problem.line, problem.column) == (1, 1)


def test_json_is_yaml() -> None:
    text = """{"objective": {"function": "a:b"}, "metric": {"name": "v", "goal": "minimize"},
               "space": {"x": {"min": 0.5, "max": 1.5}}}"""
    assert load(text).space.dimensions == 1


def test_a_problem_in_a_merged_mapping_is_told_where_it_is_written() -> None:
    text = f"{HEAD}space:\n  a: &a {{min: 1, max: 2, scael: log}}\n  b: {{<<: *a, max: 3}}\n"
    assert {(p.line, p.column) for p in problems_of(text)} == {(4, 26)}
