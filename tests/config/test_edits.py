"""Setting one key in the text of a config."""

from __future__ import annotations

import pytest
import yaml

from hpsearch.config import with_value

VALUE = '{function: "a:b"}'


@pytest.mark.parametrize(
    "text",
    [
        "objective: {function: x:y}   # mine\nmetric: 1\n",
        "objective:\n  function: x:y   # mine\n  env:\n    a: b\n\n# next\nmetric: 1\n",
        "objective:\n  command: >-\n    one\n    two\n\n# next\nmetric: 1\n",
        "metric: 1\nobjective:\n  function: x:y",
        "objective:\nmetric: 1\n",
        "objective: 'text'\nmetric: 1",
        "metric: 1\n",
        "# first\nmetric: 1   # last",
        "metric: 1\n\n# the end\n",
        "metric: 1\nspace: |\n  text\n\n",
        "{metric: 1}",
        "{metric: 1, objective: {command: [a,\n b]}, space: 2}\n",
        "--- # a document\nmetric: 1\n...\n",
        "metric: &m 1\nspace: &o {x: 1}\nobjective: *o\n",
        "search: {a: &b 2}\nmetric: 1\nobjective: {function: *b }\n",
    ],
)
def test_the_key_is_set_and_the_others_stay_in_their_lines(text: str) -> None:
    edited = with_value(text, ("objective",), VALUE)
    before, after = yaml.safe_load(text), yaml.safe_load(edited)
    assert after == {**before, "objective": {"function": "a:b"}}
    assert edited.count("\n", 0, edited.index("metric")) == text.count(
        "\n", 0, text.index("metric")
    )
    assert "# next" in edited or "# next" not in text


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n",
        "execution: {jobs: 2}\na: 1\n",
        "execution: {}\n",
        "execution: {runner: local, jobs: 2}",
        "execution:\n  jobs: 2   # two\n  runner: local # here\n# next\na: 1\n",
        "execution:\n    jobs: 2\n\na: 1\n",
        "execution:\na: 1\n",
    ],
)
def test_a_key_of_a_section_is_set_among_its_others(text: str) -> None:
    before, after = (
        yaml.safe_load(t) for t in (text, with_value(text, ("execution", "runner"), "inline"))
    )
    expected = {**(before.get("execution") or {}), "runner": "inline"}
    assert after == {**before, "execution": expected}


@pytest.mark.parametrize("text", ["", "- a\n", "a: [", "\x00", "word"])
def test_what_is_no_mapping_is_left_to_the_loader(text: str) -> None:
    assert with_value(text, ("objective",), VALUE) == text
