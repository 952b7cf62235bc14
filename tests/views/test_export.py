from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

from hpsearch.config import Metric
from hpsearch.run_folder import RunFolder
from hpsearch.store import StoreReader
from hpsearch.trial import Decision, Outcome, Trial, TrialState
from hpsearch.views.export import csv_pieces, iso_time, json_pieces, jsonl_pieces
from tests.made_runs import DIGITS, ONE, done, failed, make_run

METRIC = Metric("score", "maximize")


def no_constants(name: str) -> Any:
    raise AssertionError(f"{name} is not strict JSON")


def exported(run: RunFolder, incumbent: Decision | None = None) -> dict[str, Any]:
    with StoreReader(run) as reader:
        text = "".join(json_pieces(run.name, METRIC, 2, incumbent, reader.trials()))
    result: dict[str, Any] = json.loads(text, parse_constant=no_constants)
    return result


def odd(trial: Trial) -> Outcome:
    if trial.number == 1:
        return failed(trial, "score is nan", TrialState.DIVERGED)
    return done(trial, 1.5, train=math.nan, other=math.inf)


def test_json_says_what_is_expected_of_the_best_of_noisy_values(tmp_path: Path) -> None:
    details = {"expected": 1.25, "noise": math.inf}
    named = Decision(2, None, "named best", "expected 1.25", details)
    data = exported(make_run(tmp_path, ONE, odd), named)
    assert (data["best"], data["expected"], data["noise"]) == (2, 1.25, None)


def test_json_is_one_strict_object_with_a_list_of_trials(tmp_path: Path) -> None:
    data = exported(make_run(tmp_path, ONE, odd))
    assert list(data) == ["run", "metric", "goal", "best", "expected", "noise", "trials"]
    assert (data["run"], data["metric"], data["goal"]) == ("one-0001", "score", "maximize")
    assert (data["best"], data["expected"], data["noise"]) == (2, None, None)
    assert [trial["number"] for trial in data["trials"]] == [0, 1, 2, 3]
    first, second = data["trials"][:2]
    assert list(first) == [
        "number",
        "round",
        "state",
        "value",
        "params",
        "started",
        "duration_s",
        "metrics",
        "reason",
        "attempt",
        "origin",
    ]
    assert first["value"] == 1.5
    assert first["metrics"] == {"train": None, "other": None}
    assert first["started"] == "2023-11-14T22:13:20.000+00:00"
    assert first["duration_s"] == 2.0
    assert (second["state"], second["value"], second["reason"]) == (
        "diverged",
        None,
        "score is nan",
    )


def test_a_run_without_trials_exports_an_empty_list(tmp_path: Path) -> None:
    assert exported(make_run(tmp_path, ONE, stop_after=0))["trials"] == []


def test_json_lines_hold_the_same_trials(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    with StoreReader(run) as reader:
        lines = [json.loads(piece) for piece in jsonl_pieces(reader.trials())]
    assert lines == exported(run)["trials"]


def test_csv_has_a_column_for_each_parameter_and_values_that_read_back(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    names = ["learning_rate", "momentum", "layers", "hidden_units", "optimizer", "beta2"]
    with StoreReader(run) as reader:
        text = "".join(csv_pieces(names, reader.trials()))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0])[:7] == [
        "number",
        "round",
        "state",
        "value",
        "started",
        "duration_s",
        "param.learning_rate",
    ]
    for row, trial in zip(rows, exported(run)["trials"], strict=True):
        assert float(row["param.learning_rate"]) == trial["params"]["learning_rate"]
        assert json.loads(row["param.hidden_units"]) == trial["params"]["hidden_units"]
        assert (row["param.beta2"] == "") == ("beta2" not in trial["params"])
        assert row["value"] == ("" if trial["value"] is None else repr(trial["value"]))


def test_csv_has_all_that_the_json_tells_of_a_trial_after_the_old_columns(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    with StoreReader(run) as reader:
        metrics = reader.metric_names()
        text = "".join(csv_pieces(["layers"], reader.trials(), metrics=metrics))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0])[6:] == [
        "param.layers",
        "reason",
        "attempt",
        "origin",
        "metric.train_error",
    ]
    trials = exported(run)["trials"]
    assert {trial["state"] for trial in trials} == {"done", "failed", "diverged"}
    for row, trial in zip(rows, trials, strict=True):
        number = trial["metrics"].get("train_error")
        assert row["metric.train_error"] == ("" if number is None else repr(number))
        assert row["reason"] == trial["reason"]
        assert (row["attempt"], row["origin"]) == (str(trial["attempt"]), trial["origin"])


def test_the_other_metrics_come_in_the_order_in_which_they_were_first_seen(tmp_path: Path) -> None:
    names = [{"b": 1.0}, {"a": 1.0, "b": 2.0}, {}, {"c": 3.0, "a": 0.0}]
    run = make_run(tmp_path, ONE, lambda t: done(t, 0.5, **names[t.number]))
    with StoreReader(run) as reader:
        assert reader.metric_names() == ["b", "a", "c"]


def test_a_text_with_a_comma_survives_the_csv(tmp_path: Path) -> None:
    text = DIGITS.replace("[momentum, adam, sgd]", '["a,b", adam, sgd]')
    run = make_run(tmp_path, text, lambda t: done(t, 1.0), stop_after=20)
    with StoreReader(run) as reader:
        rows = list(
            csv.DictReader(io.StringIO("".join(csv_pieces(["optimizer"], reader.trials()))))
        )
    assert {row["param.optimizer"] for row in rows} == {"a,b", "adam", "sgd"}


def test_a_trial_that_never_started_has_no_time() -> None:
    assert iso_time(None) is None
