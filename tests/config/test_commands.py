"""Commands in a config: what they receive is checked before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.config import Config, parse_config
from hpsearch.errors import ConfigError
from hpsearch.objectives.command import CommandObjective
from hpsearch.objectives.take import Take

CONFIG = """\
objective: {{{objective}}}
metric: {{name: val_loss, goal: minimize{metric}}}
space:
  learning_rate: {{scale: log, min: 1e-4, max: 1}}
  num.layers: {{min: 1, max: 3}}
execution: {{{execution}}}
"""


def load(objective: str, metric: str = "", execution: str = "") -> Config:
    text = CONFIG.format(objective=objective, metric=metric, execution=execution)
    return parse_config(text, Path("a.yaml"))


def problem(objective: str, metric: str = "", execution: str = "") -> str:
    with pytest.raises(ConfigError) as caught:
        load(objective, metric, execution)
    assert len(caught.value.problems) == 1, str(caught.value)
    return str(caught.value.problems[0])


@pytest.mark.parametrize(
    "command",
    [
        "'train --lr {learning_rate} -n {num.layers}'",
        "[train, '{learning_rate}', '--layers={num.layers}']",
        "'train {args}'",
        "[train, '{args}']",
        "'train {params_json}'",
        "'train $HPSEARCH_PARAM_LEARNING_RATE ${HPSEARCH_PARAM_NUM_LAYERS}'",
        "'awk \"{{print $1}}\" {learning_rate} {num.layers}'",
        "[bash, -c, 'echo ${HOME} {learning_rate} { echo; } {num.layers}']",
    ],
)
def test_a_command_that_receives_all_is_accepted(command: str) -> None:
    objective = load(f"command: {command}").objective
    assert isinstance(objective, CommandObjective)
    assert objective.template.unreceived() == []


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (
            "command: 'train {learning_rate}'",
            "a.yaml:1:22: objective.command: the parameter num.layers never reaches the command; "
            "add {num.layers}, {args} or $HPSEARCH_PARAM_NUM_LAYERS",
        ),
        (
            "command: 'train {learning_rat} {num.layers}'",
            "a.yaml:1:22: objective.command: {learning_rat} is no parameter; for a literal brace "
            "write {{learning_rat}}. Did you mean {learning_rate}?",
        ),
        ("command: 'train {args} {trial_dri}'", "Did you mean {trial_dir}?"),
        (
            "command: \"train '{learning_rate}' {num.layers}\"",
            "{learning_rate} stands inside quotes; leave them out",
        ),
        ("command: ''", "must be a command, such as"),
        ("command: []", "must be a command, such as"),
        ("command: [train, {args}]", "put {name} in quotes"),
        ("function: 'math:sqrt', command: 'train {args}'", "a function or a command, not both"),
        ("function: 'math:sqrt', env: {A: 1}", "goes with a command, not with a function"),
        ("command: 'train {args}', working_dir: nowhere", "there is no folder"),
        ("working_dir: .", "write function: module:name, or command: ..."),
    ],
)
def test_one_that_does_not_is_refused_with_what_was_meant(objective: str, expected: str) -> None:
    assert expected in problem(objective)


DEPENDENT = """\
objective: {{command: 'train {command}'}}
metric: {{name: loss, goal: minimize}}
space:
  layers: {{min: 1, max: 3}}
  units: {{min: 8, max: 64, repeat: layers}}
  optimizer: {{values: [sgd, adam]}}
  beta2: {{min: 0.9, max: 0.99, when: {{optimizer: adam}}}}
  decays: {{values: [1, 2], when: {{optimizer: sgd}}}}
  decay: {{min: 0.1, max: 0.9, repeat: decays}}
"""


def dependent(command: str) -> Config:
    return parse_config(DEPENDENT.format(command=command), Path("a.yaml"))


def test_what_only_says_how_long_a_list_is_reaches_the_command_in_the_list() -> None:
    assert dependent("{units} {optimizer} {beta2} {decay}").notes == ()


def test_what_others_depend_on_is_noted_to_reach_the_command_only_in_these() -> None:
    (note,) = dependent("{units} {beta2} {decay}").notes
    assert note.message == (
        "note: the parameter optimizer reaches the command only in whether beta2 or decays is there"
    )


def test_what_only_unreceived_ones_depend_on_never_reaches_the_command() -> None:
    with pytest.raises(ConfigError) as caught:
        dependent("{optimizer} {beta2} {decay}")
    told = [problem.message.split(" never ")[0] for problem in caught.value.problems]
    assert told == ["the parameter layers", "the parameter units"]


@pytest.mark.parametrize(
    ("take", "expected"),
    [("last", Take()), ("min", Take("min")), ("{mean: 5}", Take("mean", 5))],
)
def test_what_counts_of_a_curve_is_read(take: str, expected: Take) -> None:
    assert load("command: 'train {args}'", f", take: {take}").metric.take == expected


@pytest.mark.parametrize(
    ("metric", "execution", "expected"),
    [
        (", take: best", "", "metric.take: must be last, min, max or {mean: 5}"),
        (", take: {median: 5}", "", "must be last, min, max or {mean: 5}"),
        (", take: {mean: 0}", "", "metric.take.mean: must be a whole number from 1"),
        (", pattern: 'score ([0-9'", "", "is no regular expression"),
        (", pattern: 'score'", "", "with the value in a group"),
        ("", "memory: 4 apples", "execution.memory: must be an amount of memory"),
        ("", "memory: 10", "at least 1MB"),
        ("", "retries: -1", "must be a whole number from 0"),
        ("", "gpus: []", "must be all, or a list of GPUs"),
        ("", "gpus: [0, 0]", "0 is listed twice"),
        ("", "silence: soon", "must be a time above 0"),
        ("", "runner: inline", "inline is for functions"),
    ],
)
def test_a_wrong_limit_is_refused(metric: str, execution: str, expected: str) -> None:
    assert expected in problem("command: 'train {args}'", metric, execution)


SPACE_OF_TWO = """\
objective: {{command: {command}}}
metric: {{name: val_loss, goal: minimize}}
space:
  {first}: {{min: 0.0, max: 1.0}}
  {second}: {{min: 0.0, max: 1.0}}
"""


def problems_of_two(first: str, second: str, command: str) -> str:
    text = SPACE_OF_TWO.format(first=first, second=second, command=command)
    with pytest.raises(ConfigError) as caught:
        parse_config(text, Path("a.yaml"))
    return "\n".join(map(str, caught.value.problems))


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("trial", "the trial's number"),
        ("trial_dir", "the trial's folder"),
        ("seed", "the trial's seed"),
        ("budget", "the trial's budget"),
        ("args", "every parameter as --name=value"),
        ("params_json", "the path of a file with all the values"),
    ],
)
def test_a_parameter_that_is_called_like_a_placeholder_of_the_command_is_refused(
    name: str, means: str
) -> None:
    assert problems_of_two("x", name, f"'train {{x}} {{{name}}}'") == (
        f"a.yaml:5:3: space.{name}: {{{name}}} in the command is hpsearch's own: {means}; "
        "give the parameter another name"
    )


def test_such_a_name_is_possible_where_it_means_one_thing() -> None:
    text = SPACE_OF_TWO.format(first="seed", second="trial", command="'train {args} {trial_dir}'")
    assert list(parse_config(text, Path("a.yaml")).space.parameters) == ["seed", "trial"]


def test_how_such_a_parameter_could_reach_the_command_is_not_by_its_placeholder() -> None:
    said = problems_of_two("x", "seed", "'train {x}'")
    assert (
        "the parameter seed never reaches the command; add {args} or $HPSEARCH_PARAM_SEED" in said
    )


@pytest.mark.parametrize(("first", "second"), [("lr", "LR"), ("l-r", "l_r")])
def test_two_parameters_with_one_variable_are_refused_where_the_command_reads_it(
    first: str, second: str
) -> None:
    variable = "HPSEARCH_PARAM_" + second.upper()
    assert problems_of_two(first, second, f"'train ${variable}'") == (
        f"a.yaml:5:3: space.{second}: shares the environment variable {variable} with {first}, "
        "and the command reads it; give one of them another name"
    )
    by_option = SPACE_OF_TWO.format(first=first, second=second, command="'train {args}'")
    (note,) = parse_config(by_option, Path("a.yaml")).notes
    assert str(note) == (
        f"a.yaml:5:3: space.{second}: note: shares the environment variable {variable} with "
        f"{first}; it has the value of {second}"
    )


def test_a_variable_is_not_read_by_a_command_that_names_a_longer_one() -> None:
    said = problems_of_two("lr", "lr2", "'train $HPSEARCH_PARAM_LR2'")
    assert "the parameter lr never reaches the command" in said
