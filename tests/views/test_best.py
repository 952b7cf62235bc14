from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import Any

import yaml

from hpsearch.config import Metric
from hpsearch.config.yaml_scalars import plain_value
from hpsearch.store import StoredTrial
from hpsearch.trial import Outcome, Trial, TrialState
from hpsearch.views.best import as_args, as_json, as_yaml

PARAMS: dict[str, Any] = {
    "learning_rate": 1.23456789012e-05,
    "hidden_units": [64, 32],
    "batch_norm": True,
    "schedule": None,
    "optimizer": "adam w'",
    "no": 0.9998765432101,
}
STORED = StoredTrial(
    Trial(7, 1, PARAMS, "random"), TrialState.DONE, 1, 0.0, Outcome(TrialState.DONE, 0.25)
)
METRIC = Metric("val_error", "minimize")


def test_yaml_reads_back_to_the_exact_values() -> None:
    text = as_yaml([STORED], "digits-0001", METRIC, as_list=False)
    assert text.splitlines()[0] == "# digits-0001, trial 7: val_error 0.25"
    assert yaml.safe_load(text) == PARAMS
    assert list(yaml.safe_load(text)) == list(PARAMS)


def test_a_list_in_yaml_is_a_list_of_sets_of_values() -> None:
    assert yaml.safe_load(as_yaml([STORED, STORED], "r", METRIC, as_list=True)) == [PARAMS, PARAMS]


def test_json_reads_back_to_the_exact_values() -> None:
    assert json.loads(as_json([STORED], as_list=False)) == PARAMS
    assert json.loads(as_json([STORED], as_list=True)) == [PARAMS]


def test_arguments_survive_the_shell() -> None:
    assert shlex.split(as_args([STORED])) == [
        "--learning_rate=1.23456789012e-05",
        "--hidden_units=64,32",
        "--batch_norm=true",
        "--schedule=None",
        "--optimizer=adam w'",
        "--no=0.9998765432101",
    ]
    assert len(as_args([STORED, STORED]).splitlines()) == 2


def test_a_config_reads_the_same_values_from_what_it_prints() -> None:
    params = {"a": "1e-3", "b": "08", "c": 1e-3, "d": "no", "e": "two words", "f": True}
    trial = replace(STORED.trial, params=params)
    text = as_yaml([replace(STORED, trial=trial)], "r", METRIC, as_list=False)
    mapping = yaml.compose(text)
    assert isinstance(mapping, yaml.MappingNode)
    read = {k.value: plain_value(v.value) if v.style is None else v.value for k, v in mapping.value}
    assert read == params
