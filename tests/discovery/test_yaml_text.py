"""What is written is read back as it was meant, by the loader's own reader."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hpsearch.config.report import Report
from hpsearch.config.yaml_nodes import MapNode, ScalarNode, read_yaml
from hpsearch.discovery import yaml_text
from hpsearch.discovery.guess import Range, Values


def read_back(written: str) -> object:
    report = Report("x")
    node = read_yaml(f"key: {{inner: {written}}}", report)
    report.raise_if_any()
    assert isinstance(node, MapNode)
    inner = node.entries["key"].node
    assert isinstance(inner, MapNode)
    value = inner.entries["inner"].node
    assert isinstance(value, ScalarNode)
    return value.value


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_a_text_is_the_same_text(words: str) -> None:
    assert read_back(yaml_text.text(words)) == words


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_a_float_of_twelve_digits(number: float) -> None:
    value = read_back(yaml_text.number(number))
    assert isinstance(value, float)
    assert value == float(f"{number:.12g}")


@given(st.integers(-(10**15), 10**15))
def test_a_whole_number_is_whole(number: int) -> None:
    value = read_back(yaml_text.number(number))
    assert isinstance(value, int)
    assert value == number


def test_words_that_yaml_takes_for_something_else_are_quoted() -> None:
    for words in ("true", "null", "1e-4", "12", "", "a: b", "- a", "#a", "{a}", "1_000"):
        assert yaml_text.text(words).startswith('"'), words
    for words in ("adam", "val_loss", "Average loss", "val/f1", "resnet-50"):
        assert yaml_text.text(words) == words


def test_numbers_are_written_as_a_person_would() -> None:
    written = [yaml_text.number(n) for n in (1e-5, 3e-4, 0.001, 0.25, 1.0, 1e6, 64, -0.5)]
    assert written == ["1e-5", "3e-4", "0.001", "0.25", "1.0", "1000000.0", "64", "-0.5"]


def test_domains_in_one_line() -> None:
    assert yaml_text.domain(Range("log", 1e-5, 1.0)) == {
        "scale": "log",
        "min": "1e-5",
        "max": "1.0",
    }
    assert yaml_text.domain(Range("linear", 1, 4)) == {"min": "1", "max": "4"}
    assert yaml_text.domain(Values(("a", 2, True))) == {"values": "[a, 2, true]"}


def test_comments_fit_a_page_and_keep_their_words() -> None:
    lines = yaml_text.comment("word " * 60, "  ")
    assert all(len(line) <= yaml_text.WIDTH and line.startswith("  # ") for line in lines)
    assert sum(line.count("word") for line in lines) == 60
