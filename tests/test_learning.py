"""`search.learn_from` promises: a run learns from what another found, and needs it no more then."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from hpsearch.analysis import OpenedRun
from hpsearch.config import Config, load_config
from hpsearch.errors import HpsearchError
from hpsearch.learning import read_earlier_runs
from hpsearch.samplers import EarlierRun
from hpsearch.trial import Outcome, Trial, TrialState
from tests.made_runs import ONE, done, failed, make_run
from tests.whole_runs import hpsearch, last_run, trials_of, write_config


def learning_from(config: Config, run: str) -> Config:
    return replace(config, search=replace(config.search, learn_from=(run,)))


def configured(tmp_path: Path, name: str, learn_from: str) -> Path:
    path = write_config(tmp_path, "instant_bowl", sampler="guided", jobs=1, trials=6)
    text = path.read_text().replace("search: {", f"search: {{learn_from: {learn_from}, ")
    other = tmp_path / f"{name}.yaml"
    other.write_text(text.replace("name: bowl", f"name: {name}"))
    return other


@pytest.fixture
def with_a_run(tmp_path: Path) -> Path:
    write_config(tmp_path, "instant_bowl", jobs=1, trials=12)
    assert hpsearch(tmp_path, "run", "bowl.yaml").returncode == 0
    return tmp_path


def test_a_run_goes_on_without_the_one_that_it_learned_from(with_a_run: Path) -> None:
    configured(with_a_run, "again", "bowl-0001")
    best = min(trials_of(last_run(with_a_run)), key=lambda t: t["value"])
    done = hpsearch(with_a_run, "run", "again.yaml")
    assert done.returncode == 0
    assert "learns from bowl-0001: 12 of 12 trials are possible here, in x, y" in done.stderr
    first = trials_of(last_run(with_a_run))[0]
    assert first["params"] == best["params"]
    shutil.rmtree(with_a_run / "runs" / "bowl-0001")
    resumed = hpsearch(with_a_run, "resume", "again-0001", "--trials", "9")
    assert resumed.returncode == 0, resumed.stderr
    assert len(trials_of(last_run(with_a_run))) == 9


@pytest.mark.parametrize(
    ("learn_from", "words"),
    [("bowl-0002", "did you mean bowl-0001"), ("[bowl-0001, nothing]", "no run 'nothing'")],
)
def test_a_run_that_is_not_there_is_one_line_and_makes_no_folder(
    with_a_run: Path, learn_from: str, words: str
) -> None:
    configured(with_a_run, "again", learn_from)
    done = hpsearch(with_a_run, "run", "again.yaml")
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (with_a_run / "runs" / "again-0001").exists()


def test_what_is_kept_in_the_store_is_what_was_read(with_a_run: Path) -> None:
    config = load_config(with_a_run / "bowl.yaml")
    runs = read_earlier_runs(learning_from(config, "bowl-0001"), with_a_run / "runs")
    assert tuple(EarlierRun.from_json(run.to_json()) for run in runs) == runs


def test_a_run_of_other_parameters_has_nothing_to_teach(with_a_run: Path) -> None:
    path = with_a_run / "strange.yaml"
    path.write_text(
        "objective: {function: 'math:sqrt'}\nmetric: {name: y, goal: minimize}\n"
        "space: {strange: {min: 0.0, max: 1.0}}\n"
    )
    with pytest.raises(HpsearchError, match="none of the parameters that vary here: strange"):
        read_earlier_runs(learning_from(load_config(path), "bowl-0001"), with_a_run / "runs")


def test_the_opposite_of_the_same_metric_is_refused(with_a_run: Path) -> None:
    path = configured(with_a_run, "high", "bowl-0001")
    path.write_text(path.read_text().replace("goal: minimize", "goal: maximize"))
    for verb in ("check", "plan", "run"):
        done = hpsearch(with_a_run, verb, "high.yaml")
        assert done.returncode == 1
        assert "bowl-0001 wanted to minimize value" in done.stderr


def test_another_metric_is_noted_and_the_same_is_not(with_a_run: Path) -> None:
    path = configured(with_a_run, "same", "bowl-0001")
    other = with_a_run / "other.yaml"
    other.write_text(path.read_text().replace("{name: value,", "{name: cost,"))
    line = next(i for i, text in enumerate(other.read_text().splitlines(), 1) if "learn_" in text)
    for verb in ("check", "plan", "run"):
        told = " ".join(hpsearch(with_a_run, verb, "other.yaml").stderr.split())
        assert f"other.yaml:{line}:" in told
        assert (
            "search.learn_from: note: bowl-0001 was about value (minimize), this config is about "
            "cost (minimize): what was good there is taken to be good here"
        ) in told
        assert "note: " not in hpsearch(with_a_run, verb, "same.yaml").stderr


def test_show_names_the_runs_that_were_learned_from(with_a_run: Path) -> None:
    configured(with_a_run, "again", "bowl-0001")
    hpsearch(with_a_run, "run", "again.yaml")
    assert "learned from bowl-0001" in hpsearch(with_a_run, "show", "again").stdout.splitlines()
    assert "learned from" not in hpsearch(with_a_run, "show", "bowl").stdout
    shown = json.loads(hpsearch(with_a_run, "show", "again", "--json").stdout)
    assert shown["learned_from"] == ["bowl-0001"]


def test_a_run_named_in_two_ways_is_refused(with_a_run: Path) -> None:
    path = configured(with_a_run, "twice", "[bowl-0001, runs/bowl-0001]")
    done = hpsearch(with_a_run, "run", path.name)
    assert done.returncode == 1
    assert "search.learn_from: bowl-0001 is named twice" in done.stderr


def test_show_names_no_run_of_which_no_trial_is_possible(with_a_run: Path) -> None:
    path = configured(with_a_run, "far", "bowl-0001")
    path.write_text(path.read_text().replace("min: ", "min: 1000").replace("max: ", "max: 1001"))
    assert "learns nothing from bowl-0001" in hpsearch(with_a_run, "run", "far.yaml").stderr
    assert "learned from" not in hpsearch(with_a_run, "show", "far").stdout
    assert json.loads(hpsearch(with_a_run, "show", "far", "--json").stdout)["learned_from"] == []


def test_plan_shows_what_the_run_begins_with(with_a_run: Path) -> None:
    configured(with_a_run, "again", "bowl-0001")
    planned = json.loads(hpsearch(with_a_run, "plan", "again.yaml", "--json").stdout)
    assert hpsearch(with_a_run, "run", "again.yaml").returncode == 0
    assert planned["trials"][0]["params"] == trials_of(last_run(with_a_run))[0]["params"]


def test_a_trial_that_a_rule_stopped_is_no_failure_and_no_better_than_the_middle(
    tmp_path: Path,
) -> None:
    def evaluate(trial: Trial) -> Outcome:
        if trial.number in (1, 2):
            return Outcome(TrialState.STOPPED, {1: 0.1, 2: 9.0}[trial.number], reason="it is out")
        return failed(trial) if trial.number == 3 else done(trial, float(trial.number))

    text = ONE.replace("maximize", "minimize").replace("trials: 4", "trials: 8")
    run = make_run(tmp_path, text, evaluate)
    config = load_config(run.config_path, check_objective=False)
    (earlier,) = read_earlier_runs(learning_from(config, run.name), run.path.parent)
    losses = {trial.number: trial.loss for trial in earlier.trials}
    middle = median(loss for number, loss in losses.items() if number not in (1, 2, 3))
    assert losses[1] == middle
    assert losses[2] == 9.0
    assert losses[3] == math.inf


def test_the_best_of_noisy_values_comes_first_though_the_run_was_killed(tmp_path: Path) -> None:
    def lucky(trial: Trial) -> Outcome:
        luck = -5.0 if trial.number == 3 else 0.0
        return done(trial, (trial.params["x"] - 1) ** 2 + luck)

    text = ONE.replace("maximize", "minimize, noisy: true").replace("trials: 4", "trials: 30")
    text = text.replace("sampler: random", "sampler: guided")
    run = make_run(tmp_path, text, lucky, stop_after=25, ending="")
    with OpenedRun(run) as opened:
        (named,) = opened.best()
    config = load_config(run.config_path, check_objective=False)
    (earlier,) = read_earlier_runs(learning_from(config, run.name), tmp_path)
    assert earlier.best == earlier.trials[0].number == named.trial.number != 3
