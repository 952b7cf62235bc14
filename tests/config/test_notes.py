"""Notes: what a config may say, but perhaps does not mean."""

from __future__ import annotations

import pytest

import hpsearch
from hpsearch.errors import ConfigError
from tests.config.configs import HEAD, load, load_space, problems_of


def notes_of(body: str) -> list[str]:
    return [str(note) for note in load_space(body).notes]


@pytest.mark.parametrize("written", ["[1e-5, 1]", "[1e-5, 1.0]", "[0, 0.5]"])
def test_a_short_list_of_two_numbers_that_looks_like_a_range_is_noted(written: str) -> None:
    low, high = written.strip("[]").split(", ")
    assert notes_of(f"lr: {written}") == [
        f"a.yaml:4:7: space.lr: note: 2 values; for a range write {{min: {low}, max: {high}}}"
    ]


@pytest.mark.parametrize(
    "written",
    ["{values: [1e-5, 1]}", "[32, 64]", "[1e-5, 1e-3, 1]", "[1.0, 0.5]", "[a, b]", "[true, 0.5]"],
)
def test_other_lists_are_not_noted(written: str) -> None:
    assert notes_of(f"lr: {written}") == []


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("1e-5 .. 1", "1e-5", "1"),
        ("1e-5-1", "1e-5", "1"),
        ("0.1 to 1", "0.1", "1"),
        ("1e-5:1", "1e-5", "1"),
        ("-3 - -1", "-3", "-1"),
        ("16-256", "16", "256"),
        ("0.9…0.999", "0.9", "0.999"),
        ("{value: 1e-5..1}", "1e-5.", "1"),
    ],
)
def test_a_text_that_looks_like_a_range_is_told_how_to_write_one(
    written: str, low: str, high: str
) -> None:
    (problem,) = problems_of(f"{HEAD}space:\n  lr: {written}\n")
    assert (problem.line, problem.key.split(".value")[0]) == (4, "space.lr")
    assert problem.message.endswith(
        f"would be text here; put it in quotes if that is meant. "
        f"Did you mean {{min: {low.rstrip('.')}, max: {high}}}?"
    )


@pytest.mark.parametrize("written", ['"1-5"', "2024-01-05", "5-1", "resnet-50", "v1 to v2", "0,5"])
def test_other_texts_are_values(written: str) -> None:
    assert len(load_space(f"lr: {written}").space.parameters) == 1


def test_entries_of_a_list_may_look_like_ranges() -> None:
    assert load_space("age: [0-10, 10-20]").space.parameters["age"].domain.size == 2


def test_ask_tell_warns_of_a_pair_and_refuses_a_text() -> None:
    with pytest.warns(UserWarning, match=r"space\.lr: note: 2 values; for a range write \{min: "):
        hpsearch.ask_tell({"lr": (1e-5, 1.0)}, trials=2)
    with pytest.raises(ConfigError, match=r"Did you mean \{min: 1e-5, max: 1\}"):
        hpsearch.ask_tell({"lr": "1e-5 .. 1"})


FUNCTION = "objective: {function: hpsearch.examples.quadratic:evaluate}\n"
COMMAND = "objective: {command: 'train {args}'}\n"
CONFIG = """\
metric: {{name: value, goal: minimize{metric}}}
space: {{x: {{min: 0.0, max: 1.0{parameter}}}}}
search: {{trials: 9{search}}}
execution: {{jobs: 1{execution}}}
"""


def all_notes(objective: str = FUNCTION, **more: str) -> list[str]:
    keys = {"metric": "", "parameter": "", "search": "", "execution": "", **more}
    return [str(note) for note in load(objective + CONFIG.format(**keys)).notes]


@pytest.mark.parametrize("key", ["timeout: 1s", "silence: 1s", "memory: 1GB", "gpus: [0]"])
def test_limits_that_the_inline_runner_does_not_hold_are_noted(key: str) -> None:
    name = key.partition(":")[0]
    column = len(f"execution: {{jobs: 1, runner: inline, {name}: ") + 1
    assert all_notes(execution=f", runner: inline, {key}") == [
        f"a.yaml:5:{column}: execution.{name}: note: has no effect with runner: inline"
    ]
    assert all_notes(execution=f", {key}") == []


def test_a_pattern_a_lag_and_live_are_noted_where_they_do_nothing() -> None:
    assert all_notes(metric=", pattern: 'v ([0-9]+)'") == [
        "a.yaml:2:48: metric.pattern: note: has no effect: it goes with a command, not with a "
        "function"
    ]
    assert all_notes(COMMAND, metric=", pattern: 'v ([0-9]+)'") == []
    (note,) = all_notes(search=", sampler: random, lag: 4")
    assert note.endswith(
        "search.lag: note: has no effect: it goes with sampler: guided, not random"
    )
    assert all_notes(search=", lag: 4") == []
    (note,) = all_notes(parameter=", live: true")
    assert note.endswith("space.x.live: note: has no effect: it goes with strategy: panda")


def test_noisy_is_noted_where_it_does_nothing() -> None:
    (note,) = all_notes(metric=", noisy: true", search=", sampler: random")
    assert note.endswith(
        "metric.noisy: note: has no effect: it goes with sampler: guided, not random"
    )
    assert all_notes(metric=", noisy: true") == []
    assert all_notes(metric=", noisy: null", search=", sampler: random") == []
    early = "budget: {max: 9}\nearly_stop: {rule: median}\n" + COMMAND
    (note,) = [n for n in all_notes(early, metric=", noisy: true") if "noisy" in n]
    assert note.endswith(
        "noisy: note: guides the search; with early_stop the best value is still named best"
    )


def test_a_point_to_start_with_that_is_given_twice_is_noted_unless_a_panda_starts_there() -> None:
    twice = "start_with: [{x: 0.5}, {x: 0.25}, {x: 5.0e-1}]"
    assert all_notes(search=f", {twice}") == [
        f"a.yaml:4:{len(f'search: {{trials: 9, {twice}') - len('{x: 5.0e-1}]') + 1}: "
        "search.start_with[2]: note: has the values of search.start_with[0]; no point is tried "
        "twice"
    ]
    assert all_notes(search=", start_with: [{x: 0.5}, {x: 0.25}]") == []
    keys = {"metric": "", "parameter": "", "search": f", {twice}", "execution": ""}
    few = (FUNCTION + CONFIG.format(**keys)).replace("trials: 9", "trials: 2")
    assert load(few).search.start_with == ({"x": 0.5}, {"x": 0.25}), "two points, two trials"
    panda = f"search: {{strategy: panda, segments: 6, population: 3, {twice}}}"
    text = CONFIG.format(metric="", parameter=", live: true", search="", execution="")
    text = COMMAND + text.replace("search: {trials: 9}", panda)
    assert not [note for note in load(text).notes if "twice" in str(note)]


@pytest.mark.parametrize(
    ("gpus", "fragment"),
    [
        ("2", "is GPU number 2 alone; for 2 GPUs write [0, 1]"),
        ("1", "is GPU number 1 alone; for 1 GPU write [0]"),
        ("16", "for 16 GPUs write [0, 1, 2, 3, 4, 5, 6, 7, ...]"),
    ],
)
def test_a_number_of_gpus_is_noted_as_the_name_of_one(gpus: str, fragment: str) -> None:
    (note,) = all_notes(execution=f", gpus: {gpus}")
    assert "execution.gpus: note: " in note
    assert fragment in note


@pytest.mark.parametrize("gpus", ["0", "all", "[2]", "GPU-8f6a"])
def test_other_gpus_are_not_noted(gpus: str) -> None:
    assert all_notes(execution=f", gpus: {gpus}") == []
