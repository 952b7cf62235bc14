"""`hpsearch.run`: the engine of the command line, started from Python."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import hpsearch
from hpsearch.errors import ConfigError, ObjectiveError, SamplerError
from hpsearch.run_folder import RunFolder
from tests.objectives.steady import instant_bowl
from tests.whole_runs import hpsearch as shell
from tests.whole_runs import trials_of, write_config

ROOT = Path(__file__).parent.parent
SPACE = {"x": {"min": 0.0, "max": 1.0}, "y": {"min": 0.0, "max": 1.0}}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HPSEARCH_RUNS", raising=False)


def config(jobs: int = 1, trials: int = 6, **more: object) -> dict[str, Any]:
    return {
        "metric": {"name": "value", "goal": "minimize"},
        "space": SPACE,
        "search": {"trials": trials, "seed": 3},
        "execution": {"jobs": jobs},
        **more,
    }


def stored_config(run: hpsearch.Run) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((run.folder / "config.yaml").read_text())
    return loaded


def script(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "tune.py").write_text(text)
    return subprocess.run(
        [sys.executable, "tune.py", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )


SCRIPT = """
import hpsearch

def train(params, trial, seed):
    trial.report(1, value=seed)
    return {"value": (params["x"] - 0.3) ** 2 + params["y"]}

if __name__ == "__main__":
    run = hpsearch.run("bowl.yaml", objective=train)
    print(run.best.value, run.name)
"""
BOWL = """\
metric: {name: value, goal: minimize}
space: {x: {min: 0.0, max: 1.0}, y: {min: 0.0, max: 1.0}}
search: {trials: 20, seed: 5}
execution: {jobs: 2}
"""


def test_a_script_of_two_jobs_tries_what_the_command_line_tries(tmp_path: Path) -> None:
    (tmp_path / "bowl.yaml").write_text(BOWL)
    done = script(tmp_path, SCRIPT)
    assert done.returncode == 0, done.stderr
    (tmp_path / "same.yaml").write_text(BOWL + "objective: {function: 'tune:train'}\n")
    assert shell(tmp_path, "run", "same.yaml").returncode == 0
    mine = trials_of(RunFolder(tmp_path / "runs" / "bowl-0001"))
    assert len(mine) == 20
    assert mine == trials_of(RunFolder(tmp_path / "runs" / "same-0001"))
    best = min(trial["value"] for trial in mine)
    assert done.stdout.split() == [str(best), "bowl-0001"]


def test_the_command_line_goes_on_with_a_scripts_run(tmp_path: Path) -> None:
    (tmp_path / "bowl.yaml").write_text(BOWL)
    project = tmp_path / "elsewhere"
    project.mkdir()
    assert script(project, SCRIPT.replace("bowl.yaml", "../bowl.yaml")).returncode == 0
    done = shell(tmp_path, "resume", "elsewhere/runs/bowl-0001", "--trials", 22)
    assert done.returncode == 0, done.stderr
    assert [t["state"] for t in trials_of(RunFolder(project / "runs/bowl-0001"))] == ["done"] * 22


def test_a_script_without_a_guard_is_told_its_line_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "bowl.yaml").write_text(BOWL)
    done = script(tmp_path, SCRIPT.replace('if __name__ == "__main__":', "if True:"))
    assert done.returncode == 1
    assert "ObjectiveError: tune.py:9: worker processes import tune.py" in done.stderr
    assert 'if __name__ == "__main__":' in done.stderr.splitlines()[-1]
    assert not (tmp_path / "runs").exists()


def test_a_module_that_searches_while_it_is_imported_fails_its_trials_and_starts_none(
    tmp_path: Path,
) -> None:
    (tmp_path / "tune.py").write_text(SCRIPT.replace('if __name__ == "__main__":', "if True:"))
    (tmp_path / "bowl.yaml").write_text(BOWL + "objective: {function: 'tune:train'}\n")
    done = shell(tmp_path, "run", "bowl.yaml")
    assert done.returncode == 3
    assert 'put the call below if __name__ == "__main__":' in " ".join(done.stderr.split())
    assert os.listdir(tmp_path / "runs") == ["bowl-0001"]


def test_a_module_that_python_runs_by_its_name_is_found_by_it(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "tune.py").write_text(SCRIPT)
    (tmp_path / "bowl.yaml").write_text(BOWL)
    done = subprocess.run(
        [sys.executable, "-m", "package.tune"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    stored = yaml.safe_load((tmp_path / "runs/bowl-0001/config.yaml").read_text())
    assert stored["objective"] == {"function": "package.tune:train"}
    assert shell(tmp_path, "resume", "last", "--trials", 21).returncode == 0


def test_a_function_that_no_import_would_define_is_called_in_the_script(tmp_path: Path) -> None:
    (tmp_path / "bowl.yaml").write_text(BOWL)
    below = """
import hpsearch

if __name__ == "__main__":
    def train(params):
        return params["x"]

    print(len(hpsearch.run("bowl.yaml", train).trials()))
"""
    done = script(tmp_path, below)
    assert done.stdout == "20\n", done.stderr
    assert "called in this process" in done.stderr


def test_a_function_gets_the_trials_own_seed_if_it_asks() -> None:
    run = hpsearch.run(config(), lambda params, trial, seed: seed - trial.seed, quiet=True)
    assert [trial["value"] for trial in run.trials()] == [0.0] * 6


def test_a_function_of_a_module_runs_in_worker_processes() -> None:
    run = hpsearch.run(config(jobs=2), instant_bowl, quiet=True)
    assert stored_config(run)["objective"] == {"function": "tests.objectives.steady:instant_bowl"}
    assert "runner" not in stored_config(run)["execution"]
    assert (run.folder / "trials" / "0000" / "stdout.log").exists()
    assert run.name == "instant_bowl-0001"


def test_a_closure_is_called_in_this_process_and_tries_the_same() -> None:
    seen = []

    def objective(params: dict[str, Any]) -> float:
        seen.append(os.getpid())
        return instant_bowl(params)

    run = hpsearch.run(config(), objective, quiet=True)
    assert seen == [os.getpid()] * 6
    assert stored_config(run)["execution"]["runner"] == "inline"
    assert run.name == "objective-0001"
    other = hpsearch.run(config(), instant_bowl, quiet=True)
    assert trials_of(RunFolder(run.folder)) == trials_of(RunFolder(other.folder))


def test_two_jobs_call_a_closure_in_two_threads_at_once() -> None:
    together = threading.Barrier(2, timeout=20)

    def objective(params: dict[str, Any]) -> float:
        together.wait()  # breaks where one trial waits for the other's end
        return float(params["x"])

    run = hpsearch.run(config(jobs=2, search={"trials": 8, "rounds": 1}), objective, quiet=True)
    assert [trial["state"] for trial in run.trials()] == ["done"] * 8


class Method:
    def objective(self, params: dict[str, Any]) -> float:
        return float(params["x"])

    __call__ = objective


@pytest.mark.parametrize(
    ("function", "reference"),
    [
        (lambda params: params["x"], "tests.test_api:<lambda>"),
        (functools.partial(instant_bowl), "functools:<partial>"),
        (Method().objective, "tests.test_api:<objective>"),
        (Method(), "tests.test_api:<Method>"),
    ],
    ids=["lambda", "partial", "method", "object"],
)
def test_a_run_that_only_this_process_can_go_on_with_says_so(
    tmp_path: Path, function: Any, reference: str
) -> None:
    run = hpsearch.run(config(trials=3), function, quiet=True)
    assert stored_config(run)["objective"]["function"] == reference
    assert len(run.trials()) == 3
    for verb in ("show", "export", "best"):
        assert shell(tmp_path, verb, "last").returncode == 0
    done = shell(tmp_path, "resume", "last", "--trials", 4)
    assert done.returncode == 1
    assert "only the Python program which started the run has" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_trials_are_those_of_the_export(tmp_path: Path) -> None:
    run = hpsearch.run(config(), instant_bowl, quiet=True)
    exported = json.loads(shell(tmp_path, "export", "last", "--format", "json").stdout)
    assert run.trials() == exported["trials"]
    best = min(run.trials(), key=lambda trial: float(trial["value"]))
    assert run.best == hpsearch.Best(best["number"], best["params"], best["value"])


def test_a_run_without_a_success_returns_and_has_no_best(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def objective(params: dict[str, Any]) -> float:
        raise ValueError("no such data")

    run = hpsearch.run(config(execution={"timeout": "1m"}), objective)
    assert run.best is None
    assert [trial["state"] for trial in run.trials()][:3] == ["failed"] * 3
    err = capsys.readouterr().err
    assert "no such data" in err
    assert "timeout cannot hold here" in err
    assert "hpsearch resume" not in err


def test_quiet_is_quiet_and_otherwise_no_bar_is_drawn_where_there_is_no_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    hpsearch.run(config(), instant_bowl, quiet=True)
    assert capfd.readouterr() == ("", "")
    hpsearch.run(config(), instant_bowl)
    out, err = capfd.readouterr()
    assert out == ""
    assert "instant_bowl-0002" in err
    assert "\r" not in err


def test_the_runs_lie_where_the_program_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = hpsearch.run(config(), instant_bowl, runs_dir="here", quiet=True)
    assert said.folder == tmp_path / "here" / "instant_bowl-0001"
    monkeypatch.setenv("HPSEARCH_RUNS", str(tmp_path / "there"))
    assert hpsearch.run(config(), instant_bowl, quiet=True).folder.parent == tmp_path / "there"


def test_a_config_of_its_own_objective_needs_none(tmp_path: Path) -> None:
    by_path = hpsearch.run(write_config(tmp_path, "instant_bowl", trials=4), quiet=True)
    command = {"command": "echo value: {x} {y}"}
    by_dict = hpsearch.run(config(objective=command, name="mine"), quiet=True)
    assert (by_path.name, by_dict.name) == ("bowl-0001", "mine-0001")
    assert by_dict.best is not None
    assert by_dict.best.value == by_dict.best.params["x"]


def test_a_given_objective_stands_in_place_of_the_configs_and_the_rest_is_kept(
    tmp_path: Path,
) -> None:
    path = write_config(tmp_path, "no_such_function", trials=4)
    path.write_text("# mine\n" + path.read_text())
    run = hpsearch.run(path, lambda params: params["x"], quiet=True)
    assert (run.folder / "config.yaml").read_text().startswith("# mine\nname: bowl\n")
    assert stored_config(run)["objective"] == {"function": "tests.test_api:<lambda>"}
    assert len(run.trials()) == 4


def test_numbers_of_numpy_and_tuples_are_as_good_as_pythons_own() -> None:
    space = {
        "x": {"scale": "log", "min": np.float32(0.25), "max": np.int64(2)},
        "y": {"values": (1, 2)},
        "z": np.array([0.5, 1.5]),
    }
    run = hpsearch.run(config(space=space), lambda params: params["x"], quiet=True)
    assert stored_config(run)["space"]["z"] == [0.5, 1.5]


def test_problems_of_a_dict_are_named_by_their_keys_and_have_no_lines() -> None:
    wrong = config(space={"x": {"min": 2.0, "max": 1.0}}, execution={"jobs": 0})
    with pytest.raises(hpsearch.HpsearchError) as caught:
        hpsearch.run(wrong, instant_bowl)
    assert isinstance(caught.value, ConfigError)
    first, second = str(caught.value).splitlines()  # and no count, as a report of a file has it
    assert first.startswith("config: space.x.min: ")
    assert second.startswith("config: execution.jobs: ")
    assert not Path("runs").exists()


def test_problems_of_a_file_keep_its_lines(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("# mine\n" + BOWL.replace("max: 1.0}}", "max: -1}}"))
    with pytest.raises(ConfigError, match=r"^a\.yaml:3:43: space\.y\.min: .*\n1 error$"):
        hpsearch.run("a.yaml", instant_bowl)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: hpsearch.run(config()), ConfigError, "config: objective: is missing"),
        (lambda: hpsearch.run("no.yaml"), ConfigError, "no such file"),
        (lambda: hpsearch.run(config(), 3), ObjectiveError, "must be a function, but is 3"),
        (lambda: hpsearch.run(config(name=object()), max), hpsearch.HpsearchError, "config: "),
        (
            lambda: hpsearch.run(
                config(execution={"runner": "dask", "scheduler": "tcp://a:1"}), lambda params: 0
            ),
            ObjectiveError,
            "runner: dask needs",
        ),
        (
            lambda: hpsearch.run(config(search={"sampler": "grid", "trials": 2}), instant_bowl),
            SamplerError,
            "grid",
        ),
    ],
    ids=["no-objective", "no-file", "no-function", "no-yaml", "dask", "sampler"],
)
def test_a_mistake_is_one_of_hpsearchs_errors(call: Any, error: type, message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        call()
    assert isinstance(caught.value, hpsearch.HpsearchError)
    assert not Path("runs").exists()


def test_a_table_has_a_column_for_each_parameter() -> None:
    pytest.importorskip("pandas")
    run = hpsearch.run(config(), instant_bowl, quiet=True)
    frame = run.to_dataframe()
    assert list(frame["param.x"]) == [trial["params"]["x"] for trial in run.trials()]
    assert frame.loc[frame["value"].idxmin(), "number"] == run.best.number  # type: ignore[union-attr]
    assert frame["started"].dt.tz is not None


def test_without_pandas_a_table_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    run = hpsearch.run(config(trials=3), instant_bowl, quiet=True)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(hpsearch.HpsearchError, match="pip install pandas"):
        run.to_dataframe()


SIGNALLED = """
import os, signal, time
import hpsearch

def train(params, trial):
    if trial.number == 2:
        os.kill(os.getppid(), signal.SIGNAL)
        time.sleep(0.3)
    return params["x"]

if __name__ == "__main__":
    # A shell's background jobs, of which these tests may be one, begin with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        hpsearch.run("bowl.yaml", train)
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.parametrize(
    ("name", "said", "code"), [("SIGINT", "interrupted\n", 0), ("SIGTERM", "", -signal.SIGTERM)]
)
def test_a_signal_lets_the_running_trials_finish_and_then_has_its_own_effect(
    tmp_path: Path, name: str, said: str, code: int
) -> None:
    (tmp_path / "bowl.yaml").write_text(BOWL.replace("jobs: 2", "jobs: 1"))
    done = script(tmp_path, SIGNALLED.replace("SIGNAL", name))
    assert (done.stdout, done.returncode) == (said, code), done.stderr
    assert "to go on: hpsearch resume ./runs/bowl-0001" in done.stderr
    states = [trial["state"] for trial in trials_of(RunFolder(tmp_path / "runs/bowl-0001"))]
    assert states[:3] == ["done"] * 3
    assert set(states[3:]) <= {"pending"}
    assert shell(tmp_path, "resume", "last").returncode == 0


def test_a_search_in_another_thread_leaves_the_signals_alone() -> None:
    found: list[hpsearch.Run] = []
    thread = threading.Thread(
        target=lambda: found.append(hpsearch.run(config(), instant_bowl, quiet=True))
    )
    thread.start()
    thread.join(30)
    assert found[0].best is not None


def test_what_is_imported_late_is_there_and_nothing_else() -> None:
    assert {"run", "Run", "Best", "HpsearchError"} <= set(hpsearch.__all__)
    with pytest.raises(AttributeError, match="no attribute 'ran'"):
        hpsearch.ran  # noqa: B018


def test_an_interpreter_that_has_just_imported_hpsearch_lists_all_public_names() -> None:
    code = "import hpsearch; print(sorted(set(hpsearch.__all__) - set(dir(hpsearch))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def never(params: dict[str, Any]) -> float:
    raise ValueError("no such layer")


@pytest.mark.parametrize(
    ("objective", "state", "reason"),
    [
        (instant_bowl, "finished", ""),
        (never, "broken", "the first 3 trials failed: ValueError: no such layer"),
    ],
)
def test_a_run_says_how_it_ended_and_why_as_show_does(
    tmp_path: Path, objective: Callable[..., Any], state: str, reason: str
) -> None:
    run = hpsearch.run(config(), objective, quiet=True)
    assert (run.state, run.reason.split(" (")[0]) == (state, reason)
    shown = json.loads(shell(tmp_path, "show", run.folder, "--json").stdout)
    assert (run.state, run.reason) == (shown["state"], shown["detail"])


TAKES_VALUES_APART = """
def train(x, y):
    return x + y
"""


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (lambda x, y: x + y, "objective needs y, which nothing gives it"),
        (lambda: 1.0, "objective has no argument for the values"),
        (lambda x=0.0, y=0.0: x + y, "objective has x and y as arguments of their own"),
        (functools.partial(lambda params, data: 1.0), "objective needs data"),
    ],
)
def test_a_function_that_no_trial_could_call_is_refused_before_anything_is_written(
    function: Any, why: str, tmp_path: Path
) -> None:
    with pytest.raises(ObjectiveError, match=why):
        hpsearch.run(config(), function, quiet=True)
    assert list(tmp_path.iterdir()) == []


def test_a_function_of_a_module_that_no_trial_could_call_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "apart.py").write_text(TAKES_VALUES_APART)
    monkeypatch.syspath_prepend(tmp_path)
    import apart  # type: ignore[import-not-found]

    monkeypatch.delitem(sys.modules, "apart")
    named = {**config(), "objective": {"function": "apart:train"}}
    for given in (lambda: hpsearch.run(named), lambda: hpsearch.run(config(), apart.train)):
        with pytest.raises((ConfigError, ObjectiveError), match="train needs y"):
            given()
    assert not (tmp_path / "runs").exists()


def test_check_tells_of_a_function_that_no_trial_could_call(tmp_path: Path) -> None:
    (tmp_path / "apart.py").write_text(TAKES_VALUES_APART)
    (tmp_path / "bowl.yaml").write_text(BOWL + "objective: {function: 'apart:train'}\n")
    checked = shell(tmp_path, "check", "bowl.yaml")
    assert checked.returncode == 1
    assert "objective.function: train needs y" in checked.stderr
