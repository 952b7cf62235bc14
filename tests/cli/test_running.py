"""The verbs that run things, as a person types them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from hpsearch import launch
from hpsearch.cli import main
from hpsearch.cli.run_options import SAMPLER_NAMES
from hpsearch.samplers import SAMPLERS
from hpsearch.store import StoreReader
from hpsearch.trial import TrialState
from tests.whole_runs import (
    command,
    eventually,
    hpsearch,
    last_run,
    start,
    states_of,
    trials_of,
    write_config,
)

CONFIGS = Path(__file__).parent.parent.parent / "configs"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_run_shows_progress_on_stderr_and_the_result_on_stdout() -> None:
    write_config(Path(), "instant_bowl", jobs=1)
    result = invoke("run", "bowl.yaml")
    assert result.exit_code == 0
    assert "bowl-0001 · caviar, random" in result.stderr
    assert "round 3" in result.stderr
    assert "best value" in result.stdout
    assert "hpsearch best bowl-0001" in result.stdout
    assert all(len(line) <= 80 for line in result.output.splitlines())


def test_options_stand_in_place_of_the_config_and_a_resume_remembers_them() -> None:
    write_config(Path(), "instant_bowl", jobs=1)
    invoke("run", "bowl.yaml", "--seed", 7, "--trials", 9, "--rounds", 1, "--sampler", "sobol")
    first = trials_of(last_run(Path()))
    assert len(first) == 9
    assert {t["origin"] for t in first} == {"sobol"}
    invoke("resume", "last", "--trials", 12)
    again = trials_of(last_run(Path()))
    assert again[:9] == first
    assert {t["origin"] for t in again} == {"sobol"}


def test_two_seeds_can_be_compared() -> None:
    write_config(Path(), "instant_bowl", jobs=1)
    for seed in (1, 2):
        assert invoke("run", "bowl.yaml", "--seed", seed).exit_code == 0
    result = invoke("compare", "bowl-0001", "bowl-0002")
    assert result.exit_code == 0
    assert "search.seed" in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_a_run_without_a_success_ends_with_3_and_says_why() -> None:
    write_config(Path(), "always_fails", jobs=1)
    result = invoke("run", "bowl.yaml")
    assert result.exit_code == 3
    assert "RuntimeError: the data is missing" in result.stderr
    assert "hpsearch resume bowl-0001 --retry-failed" in result.stderr
    assert "the data is missing" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "exit_code", "fragment"),
    [
        (("run", "nowhere.yaml"), 1, "nowhere.yaml:1:1: no such file"),
        (("run", "bowl.yaml", "--jobs", "0"), 2, "0 would run nothing"),
        (("run", "bowl.yaml", "--trials", "2"), 1, "3 rounds need at least as many trials"),
        (("run", "bowl.yaml", "--sampler", "best"), 2, "'best' is not one of"),
        (("run", "bowl.yaml", "--sampler", "grid", "--trials", "3"), 1, "smallest grid"),
        (("run", "bowl.yaml", "--runs", "/proc/nowhere"), 1, "/proc/nowhere: No such file"),
        (("resume", "last"), 1, "there are no runs"),
        (("stop", "last"), 1, "there are no runs"),
        (("check", "bowl.yaml", "nowhere.yaml"), 1, "no such file"),
    ],
)
def test_a_mistake_is_one_line_and_makes_no_run(
    arguments: tuple[str, ...], exit_code: int, fragment: str
) -> None:
    write_config(Path(), "instant_bowl")
    result = invoke(*arguments)
    assert result.exit_code == exit_code
    assert fragment in result.stderr
    assert "Traceback" not in result.output
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("early_stop", "said"),
    [
        ("", "every trial is trained to 27 epochs"),
        (
            "early_stop: {}\n",
            "asha by stopping: trials are compared at 1, 3, 9 and end at 27 epochs",
        ),
    ],
)
def test_check_says_what_a_budget_and_early_stopping_mean_where_they_leave_it_out(
    early_stop: str, said: str
) -> None:
    path = write_config(Path(), "instant_bowl", rounds=1)
    path.write_text(path.read_text() + "budget: {max: 27}\n" + early_stop)
    result = invoke("check", path)
    assert result.exit_code == 0
    first, second = result.stdout.splitlines()
    assert first.startswith("bowl.yaml: ok (")
    assert second == f"  {said}"


@pytest.mark.parametrize("command", ["check", "run", "plan"])
def test_a_grid_that_is_too_large_is_told_in_the_line_of_the_sampler(command: str) -> None:
    path = write_config(Path(), "instant_bowl")
    text = path.read_text().rstrip("\n")
    search = next(line for line in text.splitlines() if line.startswith("search:"))
    path.write_text(text.replace(search, "search:\n  trials: 3\n  sampler:  grid"))
    line = path.read_text().splitlines().index("  sampler:  grid") + 1
    result = invoke(command, path)
    assert result.exit_code == 1
    told, total = result.stderr.splitlines()
    assert told.startswith(f"{path}:{line}:13: search.sampler: the smallest grid of this space has")
    assert total == "1 error"
    assert not Path("runs").exists()


def test_a_sampler_of_the_command_line_is_not_told_in_a_line_of_the_config() -> None:
    write_config(Path(), "instant_bowl")
    result = invoke("run", "bowl.yaml", "--sampler", "grid", "--trials", "3")
    assert result.stderr.startswith("error: the smallest grid")


def test_the_samplers_that_the_options_know_are_those_that_there_are() -> None:
    assert set(SAMPLER_NAMES) == set(SAMPLERS)


def test_resume_in_a_batch_queue_starts_a_run_where_there_is_none_to_go_on_with() -> None:
    write_config(Path(), "instant_bowl", jobs=1, trials=6)
    for name in ("bowl-0001", "bowl-0002"):
        assert invoke("run", "bowl.yaml", "--resume").exit_code == 0
        assert last_run(Path()).name == name


def test_until_value_ends_a_run_in_good_order() -> None:
    write_config(Path(), "instant_bowl", jobs=1)
    result = invoke("run", "bowl.yaml", "--until-value", 0.1)
    assert result.exit_code == 0
    assert "has reached" in result.stderr
    assert 1 <= len(trials_of(last_run(Path()))) < 30


def test_max_hours_ends_a_run_in_good_order() -> None:
    write_config(Path(), "bowl", jobs=1, trials=3000)
    result = invoke("run", "bowl.yaml", "--max-hours", 0.0002)
    assert result.exit_code == 0
    assert "stopped: after 0.0002 hours" in result.stderr
    trials = trials_of(last_run(Path()))
    assert len(trials) < 3000
    assert set(states_of(last_run(Path()))) == {TrialState.DONE}


@pytest.mark.parametrize("now", [False, True])
def test_stop_ends_a_run_from_another_shell(tmp_path: Path, now: bool) -> None:
    write_config(tmp_path, "waits_for_a_file", trials=6, rounds=1)
    process = start(tmp_path, "run", "bowl.yaml", TEST_GO=str(tmp_path / "go"))
    assert eventually(lambda: len(list(tmp_path.glob("runs/*/trials/*/runs"))) == 2)
    stopped = hpsearch(tmp_path, "stop", "last", *(["--now"] if now else []))
    assert stopped.returncode == 0
    assert f"(process {process.pid} on " in stopped.stderr
    if not now:
        eventually(lambda: not (last_run(tmp_path).stop_path).exists(), within_s=1.2)
        (tmp_path / "go").touch()
    _, err = process.communicate(timeout=30)
    assert "by hpsearch stop" in err
    states = set(states_of(last_run(tmp_path)))
    assert states == {TrialState.LOST if now else TrialState.DONE}
    assert invoke("stop", "last").exit_code == 1


def test_plan_shows_the_very_trials_that_a_run_tries() -> None:
    write_config(Path(), "instant_bowl", jobs=1)
    planned = json.loads(invoke("plan", "bowl.yaml", "--json", "--samples", 10).stdout)
    assert not Path("runs").exists()
    invoke("run", "bowl.yaml")
    tried = trials_of(last_run(Path()))[:10]
    assert [t["params"] for t in planned["trials"]] == [t["params"] for t in tried]


def test_plan_draws_every_parameter_in_its_own_scale_within_80_columns() -> None:
    result = invoke("plan", CONFIGS / "layers.yaml")
    assert result.exit_code == 0
    assert "hidden_units" in result.stdout
    assert "Nothing was run" in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_plan_says_where_nothing_is_left_to_try() -> None:
    Path("few.yaml").write_text(
        "objective: {function: 'math:sqrt'}\nmetric: {name: y, goal: minimize}\n"
        "space: {a: {values: [1, 2]}, b: {values: [x, y]}}\n"
        "search: {trials: 30, rounds: 1, sampler: random}\n"
    )
    assert "the space has 4 points, so at most 4 trials" in invoke("plan", "few.yaml").stdout


def test_a_printed_schema_is_json() -> None:
    assert json.loads(invoke("schema").stdout)["title"] == "hpsearch config"


NEEDS = {
    "boosting": "lightgbm",
    "keras_digits": "tensorflow",
    "pytorch": "torch",
    "sklearn": "sklearn",
    "tensorflow_quadratic": "tensorflow",
}
SHIPPED = sorted(path.stem for path in CONFIGS.glob("*.yaml"))


@pytest.mark.parametrize("name", [name for name in SHIPPED if name not in NEEDS])
def test_every_shipped_config_runs(name: str) -> None:
    run_shortened(CONFIGS / f"{name}.yaml")


@pytest.mark.slow
@pytest.mark.parametrize("name", NEEDS)
def test_every_shipped_config_of_a_framework_runs(name: str) -> None:
    extra = name.split("_")[0].replace("keras", "tensorflow")
    pytest.importorskip(NEEDS[name], reason=f"needs pip install 'hpsearch[{extra}]'")
    run_shortened(CONFIGS / f"{name}.yaml")


def run_shortened(path: Path) -> None:
    assert invoke("check", path).exit_code == 0
    shortened = yaml.safe_load(path.read_text())
    rounds = min(2, shortened.get("search", {}).get("rounds", 2))
    if "early_stop" in shortened:
        rounds = 1
    is_panda = shortened.get("search", {}).get("strategy") == "panda"  # it has days instead
    shorter = () if is_panda else ("--trials", 4, "--rounds", rounds)
    done = hpsearch(Path(), "run", path, *shorter)
    assert done.returncode == 0, done.stderr
    with StoreReader(last_run(Path())) as reader:
        counts = reader.counts()
    assert counts.get(TrialState.DONE, 0) >= 1
    assert counts.get(TrialState.DONE, 0) + counts.get(TrialState.STOPPED, 0) >= 2


def test_plan_lists_the_trials_and_the_rungs_of_early_stopping() -> None:
    result = invoke("plan", CONFIGS / "digits_asha.yaml", "--json")
    assert len(json.loads(result.stdout)["trials"]) == 5
    screen = invoke("plan", CONFIGS / "digits_asha.yaml", "--samples", 60).stdout
    assert "no point left" not in screen
    assert "compared at 1, 2, 4, 8, 16 and end at 27 epochs" in " ".join(screen.split())


def test_a_run_can_be_resumed_from_another_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def f(params):\n    return params['x']\n")
    Path("a.yaml").write_text(
        "objective: {function: 'mine:f'}\nmetric: {name: y, goal: minimize}\n"
        "space: {x: {min: 0.0, max: 1.0}}\nsearch: {trials: 4, rounds: 1}\n"
    )
    assert hpsearch(tmp_path, "run", "a.yaml").returncode == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move("runs", elsewhere / "runs")
    done = hpsearch(elsewhere, "resume", "last", "--trials", 6)
    assert done.returncode == 0, done.stderr
    assert len(trials_of(last_run(elsewhere))) == 6
    assert os.path.isdir(elsewhere / "runs" / "a-0001" / "trials" / "0005")


def test_a_program_in_another_folder_finds_its_trials_folder(tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "a.yaml").write_text(
        "objective: {command: 'echo {\\\"y\\\": {x}} > {trial_dir}/result.json'}\n"
        "metric: {name: y, goal: minimize}\n"
        "space: {x: {min: 0.0, max: 1.0}}\nsearch: {trials: 2, rounds: 1}\n"
    )
    done = hpsearch(tmp_path, "run", "configs/a.yaml")
    assert done.returncode == 0, done.stderr
    assert [t["value"] for t in trials_of(last_run(tmp_path))] == [
        t["params"]["x"] for t in trials_of(last_run(tmp_path))
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
@pytest.mark.parametrize(("stream", "exit_code"), [("stdout", 1), ("stderr", 0)])
def test_a_full_disk_behind_the_output_is_no_traceback(
    tmp_path: Path, stream: str, exit_code: int
) -> None:
    """The result's loss is an error in one line; the progress's ends no search."""
    write_config(tmp_path, "instant_bowl", jobs=1, trials=6)
    with open("/dev/full", "w") as full:
        env = {**os.environ, "PYTHONPATH": str(CONFIGS.parent)}
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: full}
        done = subprocess.run(
            command("run", "bowl.yaml"), cwd=tmp_path, text=True, env=env, **streams
        )
    assert done.returncode == exit_code
    assert "Traceback" not in f"{done.stdout}{done.stderr}"
    assert set(states_of(last_run(tmp_path))) == {TrialState.DONE}


def test_a_module_that_hangs_while_it_is_imported_ends_the_run_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "stuck.py").write_text("import time\ntime.sleep(60)\ndef train(params): return 1\n")
    (tmp_path / "stuck.yaml").write_text(
        "objective: {function: 'stuck:train'}\nmetric: {name: v, goal: minimize}\n"
        "space: {x: {min: 0.0, max: 1.0}}\nsearch: {trials: 50}\n"
        "execution: {timeout: 1s, grace: 0.1s, jobs: 2}\n"
    )
    done = hpsearch(tmp_path, "run", "stuck.yaml")
    assert done.returncode == 3
    said = " ".join(done.stderr.split())
    assert "stopped: the first 3 trials failed: it took longer than 1s while stuck was" in said
    assert "The program seems broken, not the values" in said
    lines = done.stderr.splitlines()
    assert "  hpsearch resume stuck-0001 --retry-failed" in lines, "it can be copied"
    assert max(map(len, lines)) <= 80
    assert len(list((tmp_path / "runs/stuck-0001/trials").iterdir())) <= 5


GRID = """\
objective: {function: hpsearch.examples.quadratic:evaluate}
metric: {name: value, goal: minimize}
space:
  x: {min: 0.0, max: 1.0}
  y: {min: 0.0, max: 1.0}
  z: {min: 0.0, max: 1.0}
  a: [1, 2, 3, 4]
  b: [1, 2, 3, 4, 5]
search: {SEARCH}
"""
SMALLEST_GRID = 2 * 2 * 2 * 4 * 5
KNOWN_POINT = "start_with: [{x: 0.5, y: 0.5, z: 0.5, a: 1, b: 1}]"


@pytest.mark.parametrize(
    ("search", "size"),
    [
        ("sampler: grid, trials: 24", 24),
        (f"sampler: grid, trials: 24, {KNOWN_POINT}", 24),
        (f"sampler: grid, rounds: 2, trials: {2 * SMALLEST_GRID - 1}", SMALLEST_GRID - 1),
    ],
)
@pytest.mark.parametrize("verb", ["check", "plan", "run"])
def test_a_grid_that_does_not_fit_some_round_is_told_before_there_is_a_run(
    verb: str, search: str, size: int
) -> None:
    Path("grid.yaml").write_text(GRID.replace("SEARCH", search))
    result = invoke(verb, "grid.yaml")
    assert result.exit_code == 1
    assert result.stderr.startswith("grid.yaml:9:19: search.sampler: the smallest grid")
    assert f"has {SMALLEST_GRID} points, but a round has {size} trials" in result.stderr
    assert "or choose sampler: guided" in result.stderr
    assert not Path("runs").exists()


@pytest.mark.parametrize("verb", ["plan", "run"])
def test_so_is_a_grid_that_only_the_command_line_wants(verb: str) -> None:
    Path("grid.yaml").write_text(GRID.replace("SEARCH", f"trials: 24, {KNOWN_POINT}"))
    result = invoke(verb, "grid.yaml", "--sampler", "grid")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: the smallest grid of this space has {SMALLEST_GRID}")
    assert not Path("runs").exists()


def test_a_run_is_not_extended_by_rounds_that_its_grid_does_not_fit() -> None:
    Path("bowl.yaml").write_text(GRID.replace("SEARCH", f"sampler: grid, trials: {SMALLEST_GRID}"))
    assert invoke("run", "bowl.yaml").exit_code == 0
    refused = invoke("resume", "last", "--rounds", 2, "--trials", SMALLEST_GRID + 3)
    assert refused.exit_code == 1
    assert "but a round has 3 trials" in refused.stderr
    assert json.loads(invoke("show", "last", "--json").stdout)["state"] == "finished"


def test_a_run_that_an_error_ends_is_recorded_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_config(Path(), "instant_bowl", jobs=1)
    path.write_text(path.read_text().replace("jobs: 1,", "jobs: 1, gpus: all,"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert invoke("run", "bowl.yaml").exit_code == 0
    for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "")  # no driver's tool is found
    ended = invoke("resume", "last", "--trials", 40)
    assert ended.exit_code == 1
    assert "execution.gpus: all finds no GPU" in ended.stderr
    shown = json.loads(invoke("show", "last", "--json").stdout)
    assert shown["state"] == "failed"
    assert "failed" in invoke("ls").stdout
    assert "execution.gpus: all finds no GPU" in " ".join(invoke("show", "last").stdout.split())


def test_what_no_session_could_run_with_leaves_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_config(Path(), "instant_bowl", jobs=1)
    path.write_text(path.read_text().replace("jobs: 1,", "jobs: 1, gpus: all,"))
    for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "")
    assert "all finds no GPU" in invoke("run", "bowl.yaml").stderr
    assert not Path("runs").exists()


def test_a_finished_run_is_left_as_it_is_unless_it_is_extended() -> None:
    write_config(Path(), "instant_bowl", jobs=1)
    invoke("run", "bowl.yaml")
    before = json.loads(invoke("show", "last", "--json").stdout)
    with StoreReader(last_run(Path())) as reader:
        events = list(reader.events())
    for options, why in (
        ((), "has finished: nothing to do"),
        (("--retry-failed",), "has finished and no trial failed: nothing to do"),
        (("--trials", 30), "has finished: nothing to do"),
    ):
        result = invoke("resume", "last", *options)
        assert result.exit_code == 0
        assert result.stderr == f"bowl-0001 {why}; --trials N extends it\n"
        assert "best value" in result.stdout
    with StoreReader(last_run(Path())) as reader:
        assert list(reader.events()) == events
    assert json.loads(invoke("show", "last", "--json").stdout)["ended"] == before["ended"]
    assert invoke("resume", "last", "--trials", 31).exit_code == 0
    assert len(trials_of(last_run(Path()))) == 31


OPTIONS_OF_A_SEARCH = ("--seed", 7, "--trials", 9, "--sampler", "sobol", "--rounds", 1)


def test_the_same_line_in_a_batch_queue_goes_on_and_another_one_is_refused() -> None:
    write_config(Path(), "instant_bowl", jobs=1)
    line = ("run", "bowl.yaml", "--resume", *OPTIONS_OF_A_SEARCH)
    enough = ("--until-value", 1e9)  # each session ends after its first trial
    assert invoke(*line, *enough).exit_code == 0
    assert invoke(*line, *enough, "--jobs", 2).exit_code == 0
    for option, wanted, own in (
        ("--seed", 8, "seed 7"),
        ("--trials", 10, "trials 9"),
        ("--sampler", "random", "sampler sobol"),
        ("--rounds", 2, "rounds 1"),
    ):
        refused = invoke("run", "bowl.yaml", "--resume", option, wanted)
        assert refused.exit_code == 1
        assert refused.stderr == (
            f"error: bowl-0001, which has not finished, has {own}, not {wanted}: leave the option "
            "out to go on with it, or --resume to start a new run\n"
        )
    assert invoke("resume", "last", "--trials", 12, *enough).exit_code == 0
    assert invoke(*line).exit_code == 0
    assert [path.name for path in Path("runs").iterdir()] == ["bowl-0001"]
    assert len(trials_of(last_run(Path()))) == 12


@pytest.mark.parametrize(
    ("space", "checked", "planned"),
    [
        (
            "{x: {min: 1, max: 3}, y: 2.0}",
            "space: note: the space has 3 points, so at most 3 trials",
            "the space has 3 points, so at most 3 trials",
        ),
        (
            "{x: 1.0, y: 2.0}",
            "space: note: nothing is to be tuned: the space has 1 point, so one trial is run",
            "nothing is to be tuned: the space has 1 point, so one trial is run",
        ),
    ],
)
@pytest.mark.parametrize("sampler", ["guided", "random"])
def test_a_space_with_fewer_points_than_trials_is_told_beforehand(
    sampler: str, space: str, checked: str, planned: str
) -> None:
    text = (CONFIGS / "quadratic.yaml").read_text().partition("space:")[0]
    search = f"search: {{trials: 10, rounds: 1, sampler: {sampler}}}"
    Path("small.yaml").write_text(f"{text}space: {space}\n{search}\n")
    line = text.count("\n") + 1
    assert f"small.yaml:{line}:1: {checked}\n" == invoke("check", "small.yaml").stderr
    assert planned in invoke("plan", "small.yaml").stdout
    assert invoke("plan", "small.yaml", "--samples", 1).stdout.count("\nThe first trial\n") == 1
    assert "at most" not in invoke("plan", "small.yaml", "--trials", 1).stdout


def test_check_counts_parameters_in_one_unit() -> None:
    result = invoke("check", CONFIGS / "layers.yaml")
    written = yaml.safe_load((CONFIGS / "layers.yaml").read_text())["space"]
    fixed = [p for p in written.values() if not isinstance(p, (dict, list)) or "value" in p]
    assert f"ok ({len(written)} parameters, {len(written) - len(fixed)} to tune)" in result.stdout


def test_what_is_learnt_from_and_started_from_is_told_at_its_place() -> None:
    path = write_config(Path(), "instant_bowl", jobs=1, sampler="guided")
    assert invoke("run", "bowl.yaml").exit_code == 0
    text = path.read_text().replace("seed: 3", "seed: 3, learn_from: [bowl-0001, nope]")
    Path("more.yaml").write_text(text)
    column = text.splitlines()[6].index("nope") + 1
    for verb in ("check", "plan", "run"):
        result = invoke(verb, "more.yaml")
        assert result.exit_code == 1
        assert result.stderr == (
            f"more.yaml:7:{column}: search.learn_from: no run 'nope' in runs; the newest is "
            "bowl-0001\n1 error\n"
        )
    panda = (CONFIGS / "digits_panda.yaml").read_text()
    Path("panda.yaml").write_text(panda.partition("  start_with:")[0] + "  start_from: nope\n")
    for verb in ("check", "run"):
        result = invoke(verb, "panda.yaml")
        assert ": search.start_from: no run 'nope' in runs; the newest is" in result.stderr
        assert result.stderr.startswith("panda.yaml:")
    assert len(list(Path("runs").iterdir())) == 1


def test_a_missing_framework_is_told_at_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "hpsearch.objectives.function.FunctionObjective.missing_framework",
        lambda self: "keras_digits needs Keras, which is not installed",
    )
    write_config(Path(), "instant_bowl")
    for verb in ("check", "run"):
        assert invoke(verb, "bowl.yaml").stderr == (
            "bowl.yaml:2:23: objective.function: keras_digits needs Keras, which is not "
            "installed\n1 error\n"
        )


def test_run_says_the_notes_of_its_config() -> None:
    path = write_config(Path(), "instant_bowl", jobs=1, runner="inline")
    path.write_text(path.read_text().replace("grace:", "timeout: 1s, grace:"))
    for verb in ("check", "plan", "run"):
        said = " ".join(invoke(verb, "bowl.yaml").stderr.split())
        assert "execution.timeout: note: has no effect with runner: inline" in said, verb


def test_a_finished_run_whose_space_is_used_up_is_not_told_to_be_extended() -> None:
    text = (CONFIGS / "quadratic.yaml").read_text().partition("space:")[0]
    Path("small.yaml").write_text(f"{text}space: {{x: {{min: 1, max: 3}}, y: 2.0}}\n")
    assert invoke("run", "small.yaml", "--sampler", "random").exit_code == 0
    said = invoke("resume", "last").stderr
    assert said == "small-0001 has finished: nothing to do; every point has been tried\n"


@pytest.fixture
def signals_as_in_a_terminal() -> Iterator[None]:
    """A shell's background job, which these tests may be, begins with SIGINT ignored."""
    terminal = {signal.SIGINT: signal.default_int_handler}
    terminal |= dict.fromkeys((signal.SIGTERM, signal.SIGHUP), signal.SIG_DFL)
    before = {signum: signal.signal(signum, handler) for signum, handler in terminal.items()}
    yield
    for signum, handler in before.items():
        signal.signal(signum, handler)


@pytest.mark.usefixtures("signals_as_in_a_terminal")
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("moment", ["create_run", "make_strategy", "_make_runner"])
def test_a_signal_before_the_first_trial_leaves_an_interrupted_run_and_says_how_to_resume(
    monkeypatch: pytest.MonkeyPatch, signum: signal.Signals, moment: str
) -> None:
    whole = getattr(launch, moment)

    def interrupted(*arguments: Any, **more: Any) -> Any:
        made = whole(*arguments, **more)
        assert signal.getsignal(signum) not in (signal.SIG_DFL, signal.default_int_handler)
        signal.raise_signal(signum)
        return made

    write_config(Path(), "instant_bowl", trials=6, rounds=1)
    before = signal.getsignal(signum)
    with monkeypatch.context() as patch:
        # The sampler is tried out before there is a run.
        patch.setattr("hpsearch.launch.check_sampler_fits", lambda *_: None)
        patch.setattr(launch, moment, interrupted)
        result = invoke("run", "bowl.yaml")
    assert result.exit_code == 130
    assert "interrupted; to go on: hpsearch resume bowl-0001" in result.stderr
    assert json.loads(invoke("show", "--json").stdout)["state"] == "interrupted"
    assert states_of(last_run(Path())) == []
    assert signal.getsignal(signum) is before
    assert invoke("resume", "last").exit_code == 0
    assert states_of(last_run(Path())) == [TrialState.DONE] * 6
