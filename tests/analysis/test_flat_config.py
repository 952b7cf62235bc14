from __future__ import annotations

from pathlib import Path

from hpsearch.analysis.flat_config import flatten_config
from hpsearch.config import parse_config
from tests.made_runs import DIGITS


def flat(text: str) -> dict[str, str]:
    return flatten_config(parse_config(text, Path("c.yaml"), check_objective=False))


def test_a_config_is_flat_with_the_keys_of_the_yaml_and_its_defaults() -> None:
    keys = flat(DIGITS)
    assert keys["objective.function"] == "hpsearch.examples.digits:train"
    assert keys["metric.name"] == "val_error"
    assert keys["space.learning_rate.min"] == "1e-4"
    assert keys["space.momentum.scale"] == "1-beta"
    assert keys["space.hidden_units.repeat"] == "layers"
    assert keys["space.beta2.when.optimizer"] == "[adam]"
    assert keys["space.batch_size.values"] == "[32, 64, 128, 256]"
    assert keys["space.epochs.value"] == "15"
    assert keys["search.trials"] == "60"
    assert "execution.timeout" in keys


def test_two_ways_to_write_the_same_are_flat_alike() -> None:
    other = DIGITS.replace("min: 1e-4, max: 1}", "min: 0.0001, max: 1.0}").replace(
        "execution: {jobs: 2}", "execution:\n  jobs: 2\n  timeout: 600"
    )
    minutes = DIGITS.replace("{jobs: 2}", "{jobs: 2, timeout: 10m}")
    assert flat(other) == flat(minutes)


def test_a_command_is_flat_as_it_would_be_typed() -> None:
    command = DIGITS.replace(
        'objective: {function: "hpsearch.examples.digits:train"}',
        'objective: {command: [python, "my train.py", "{args}"]}',
    )
    keys = flat(command)
    assert keys["objective.command"] == "python 'my train.py' '{args}'"
    assert "objective.function" not in keys
