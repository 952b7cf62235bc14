"""The command runner against programs that misbehave, and what a good one gets and gives."""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from hpsearch.objectives.command import CommandObjective
from hpsearch.objectives.handle import read_curve
from hpsearch.objectives.take import Take
from hpsearch.objectives.template import Template
from hpsearch.runners import Assignment, CommandRunner, Limits, MetricReading, Places
from hpsearch.trial import Outcome, Trial, TrialState
from tests.runners.hostile_programs import CASES, Case, shell
from tests.runners.test_local import carriers
from tests.whole_runs import hpsearch, last_run

HOSTILE_VALUES = [
    "$(touch x)",
    "; rm -rf /tmp/nothing",
    "it's",
    'say "hi"',
    "two\nlines",
    "{}",
    "{x}",
    "{{y}}",
    "*",
    "~",
    "a b  c",
    "`id`",
    "$HOME",
    "--flag",
    "é✓",
    "\\n",
    "",
]


def runner_of(
    command: str | tuple[str, ...],
    parameters: tuple[str, ...] = (),
    *,
    metric: MetricReading | None = None,
    limits: Limits | None = None,
    places: Places | None = None,
    working_dir: str | None = None,
) -> CommandRunner:
    objective = CommandObjective(
        Template(command, parameters), working_dir or os.getcwd(), {"FROM_CONFIG": "1"}
    )
    return CommandRunner(objective, metric or MetricReading("loss"), limits, places)


def run_once(
    runner: CommandRunner, folder: Path, number: int = 0, slot: int = 0, **params: Any
) -> Outcome:
    trial = Trial(number, 1, params, "test")
    return runner.run(Assignment(trial, slot, folder / f"{number:04d}", seed=77, budget=9))


def check(case: Case, outcome: Outcome) -> None:
    assert outcome.state is case.state, outcome
    assert outcome.reason.startswith(case.reason), outcome
    assert outcome.value == pytest.approx(case.value) if case.value is not None else True
    assert (outcome.exit_code, outcome.signal) == (case.exit_code, case.signal)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_program_is_recorded_as_what_it_did(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_COORDINATOR", str(os.getpid()))
    limits = Limits(**{"timeout_s": 20.0, "grace_s": 0.2, **case.limits})
    runner = runner_of(case.argv, limits=limits)
    outcome = run_once(runner, tmp_path)
    runner.close()
    check(case, outcome)
    assert sys.platform != "linux" or not carriers(os.getpid())


def test_neighbours_do_not_notice_and_the_coordinator_stays_small(tmp_path: Path) -> None:
    steady = shell(
        "i=0; while [ $i -lt 20 ]; do echo epoch $i loss 0.$i; sleep 0.02; i=$((i+1)); done"
    )
    neighbour = runner_of(steady)
    outcomes: list[Outcome] = []
    is_over = threading.Event()

    def keep_running() -> None:
        while not is_over.is_set():
            outcomes.append(run_once(neighbour, tmp_path, 1000 + len(outcomes), slot=1))

    thread = threading.Thread(target=keep_running)
    thread.start()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number, case in enumerate(CASES):
        runner = runner_of(case.argv, limits=Limits(timeout_s=0.5, grace_s=0.1, memory=2**30))
        run_once(runner, tmp_path, number)
        runner.close()
    is_over.set()
    thread.join()
    neighbour.close()
    assert {o.state for o in outcomes} == {TrialState.DONE}
    assert {o.value for o in outcomes} == {0.19}
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mb < 20


@pytest.mark.parametrize("value", HOSTILE_VALUES)
@pytest.mark.parametrize("form", ["text", "list", "args in a text", "args in a list", "file"])
def test_a_value_reaches_the_program_exactly_as_written(
    tmp_path: Path, value: str, form: str
) -> None:
    script = tmp_path / "show.py"
    script.write_text(
        "import json, os, sys\nopen(sys.argv[1], 'w').write(json.dumps(\n"
        "    [sys.argv[2:], os.environ['HPSEARCH_PARAM_WORD']]))\nprint('loss: 1')\n"
    )
    out = tmp_path / "out.json"
    python = f"{sys.executable} -S"
    command: str | tuple[str, ...] = {
        "text": f"{python} {script} {out} {{word}}",
        "args in a text": f"{python} {script} {out} {{args}}",
        "list": (sys.executable, "-S", str(script), str(out), "{word}"),
        "args in a list": (sys.executable, "-S", str(script), str(out), "{args}"),
        "file": f"{python} {script} {out} {{params_json}}",
    }[form]
    runner = runner_of(command, ("word",), working_dir=str(tmp_path))
    assert run_once(runner, tmp_path, word=value).state is TrialState.DONE
    runner.close()
    (given, *_), variable = json.loads(out.read_text())
    if form == "file":
        assert json.loads(Path(given).read_text()) == {"word": value}
    else:
        assert given == (f"--word={value}" if "args" in form else value)
    assert variable == value
    assert not (tmp_path / "x").exists()


def test_the_program_learns_all_about_its_trial(tmp_path: Path) -> None:
    script = (
        "echo $HPSEARCH_TRIAL $HPSEARCH_SEED $HPSEARCH_BUDGET $HPSEARCH_PARAM_NUM_LAYERS"
        " $HPSEARCH_PARAM_UNITS $HPSEARCH_PARAM_NORM $FROM_CONFIG $OMP_NUM_THREADS"
        " $CUDA_VISIBLE_DEVICES $HIP_VISIBLE_DEVICES; echo {trial} {seed} {budget} {num.layers}"
        " {units} {norm}; echo $HPSEARCH_TRIAL_DIR; echo {trial_dir}; pwd; echo loss=1"
    )
    runner = runner_of(
        script,
        ("num.layers", "units", "norm"),
        places=Places(4, 3, ("0", "7"), trials_per_gpu=2),
        working_dir=str(tmp_path),
    )
    params = {"num.layers": 2, "units": [64, 32], "norm": True}
    assert run_once(runner, tmp_path, 5, slot=3, **params).state is TrialState.DONE
    runner.close()
    trial_dir = tmp_path / "0005"
    assert (trial_dir / "stdout.log").read_text().splitlines() == [
        "5 77 9 2 64,32 true 1 3 7 7",
        "5 77 9 2 64,32 true",
        str(trial_dir),
        str(trial_dir),
        str(tmp_path),
        "loss=1",
    ]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("echo --beta {beta} --lr {lr}; echo loss=1", ["--lr 0.5"]),
        ("echo --beta={beta} --lr={lr}; echo loss=1", ["--lr=0.5"]),
        ("echo {args}; echo loss=1", ["--lr=0.5"]),
    ],
)
def test_an_inactive_parameter_takes_its_option_along(
    tmp_path: Path, command: str, expected: list[str]
) -> None:
    runner = runner_of(command, ("lr", "beta"))
    run_once(runner, tmp_path, lr=0.5)
    runner.close()
    assert (tmp_path / "0000" / "stdout.log").read_text().split("\n")[:1] == expected


def test_an_inactive_parameter_takes_its_option_along_in_a_list() -> None:
    template = Template(("train", "--beta", "{beta}", "--lr", "{lr}", "-b={beta}"), ("lr", "beta"))
    assert template.render({"lr": 0.5}, {}) == ["train", "--lr", "0.5"]
    assert template.render({"lr": 0.5, "beta": 1}, {}) == [
        "train",
        "--beta",
        "1",
        "--lr",
        "0.5",
        "-b=1",
    ]


@pytest.mark.parametrize(
    ("take", "value"),
    [
        (Take(), 0.75),
        (Take("min"), 0.25),
        (Take("max"), 1.0),
        (Take("mean", 2), 0.5),
        (Take("mean", 99), (1 + 0.5 + 0.25 + 0.75) / 4),
    ],
)
def test_what_is_taken_of_the_curve_is_what_the_config_says(
    tmp_path: Path, take: Take, value: float
) -> None:
    script = shell("for l in 1 0.5 0.25 0.75; do echo loss: $l; done")
    runner = runner_of(script, metric=MetricReading("loss", take))
    assert run_once(runner, tmp_path).value == value
    runner.close()
    assert read_curve(tmp_path / "0000") == [
        (0, {"loss": 1}),
        (1, {"loss": 0.5}),
        (2, {"loss": 0.25}),
        (3, {"loss": 0.75}),
    ]


@pytest.mark.parametrize("take", [Take("min"), Take("max"), Take("mean", 2)], ids=str)
def test_a_number_with_a_comma_anywhere_may_be_the_one_that_is_taken(
    tmp_path: Path, take: Take
) -> None:
    script = shell("echo loss: 3; echo loss: 1,5; echo loss: 2")
    runner = runner_of(script, metric=MetricReading("loss", take))
    outcome = run_once(runner, tmp_path)
    runner.close()
    assert outcome.state is TrialState.FAILED
    assert "1,5 is no number here" in outcome.reason


def test_a_pattern_that_matches_nothing_is_named(tmp_path: Path) -> None:
    runner = runner_of(
        shell("echo Score 0.5"), metric=MetricReading("loss", pattern="Score = (.*)")
    )
    outcome = run_once(runner, tmp_path)
    runner.close()
    assert "metric.pattern matches nothing on standard output" in outcome.reason


def test_a_very_long_curve_is_thinned_and_its_last_point_kept(tmp_path: Path) -> None:
    script = "i=0; while [ $i -lt 5000 ]; do echo step $i loss $i; i=$((i+1)); done"
    runner = runner_of(shell(script))
    assert run_once(runner, tmp_path).value == 4999
    runner.close()
    curve = read_curve(tmp_path / "0000")
    assert 1000 <= len(curve) <= 2001
    assert curve[0] == (0, {"loss": 0})
    assert curve[-1] == (4999, {"loss": 4999})


@pytest.mark.parametrize(
    ("end", "limits", "state"),
    [
        ("exec sleep 60", {"timeout_s": 0.4}, TrialState.TIMEOUT),
        ("exec sleep 60", {"silence_s": 0.4}, TrialState.TIMEOUT),
        ("trap 'exit 0' TERM; sleep 60 & wait", {"timeout_s": 0.4}, TrialState.TIMEOUT),
        ("exit 3", {}, TrialState.FAILED),
        ("kill -9 $$", {}, TrialState.FAILED),
    ],
    ids=["timeout", "silence", "a good end after SIGTERM", "crash", "kill"],
)
def test_a_program_that_does_not_end_well_keeps_its_curve(
    tmp_path: Path, end: str, limits: dict[str, float], state: TrialState
) -> None:
    script = shell(
        f"for e in 1 2; do echo epoch $e loss 0.$e; done; printf 'epoch 3 loss 0.'; {end}"
    )
    runner = runner_of(script, limits=Limits(grace_s=5.0, **limits))
    trial = Trial(0, 1, {}, "test")
    outcome = runner.run(Assignment(trial, 0, tmp_path / "0000", seed=0))
    runner.close()
    assert outcome.state is state, outcome
    # The last line may have been cut short anywhere, so it is no point.
    assert read_curve(tmp_path / "0000") == [(1, {"loss": 0.1}), (2, {"loss": 0.2})]


def test_a_program_that_is_stopped_with_the_run_keeps_its_curve(tmp_path: Path) -> None:
    runner = runner_of(shell("echo epoch 1 loss 0.5; exec sleep 60"), limits=Limits(grace_s=0.1))
    log = tmp_path / "0000" / "stdout.log"

    def stop_once_it_has_printed() -> None:
        while not log.exists() or not log.read_text():
            threading.Event().wait(0.01)
        runner.stop(0.0)

    thread = threading.Thread(target=stop_once_it_has_printed)
    thread.start()
    outcome = runner.run(Assignment(Trial(0, 1, {}, "test"), 0, tmp_path / "0000", seed=0))
    thread.join()
    runner.close()
    assert outcome.state is TrialState.LOST
    assert read_curve(tmp_path / "0000") == [(1, {"loss": 0.5})]


def test_a_report_of_its_own_is_not_replaced_by_what_a_crashed_program_printed(
    tmp_path: Path,
) -> None:
    report = 'echo \'{"step": 1, "loss": 0.25}\' > "$HPSEARCH_TRIAL_DIR/metrics.jsonl"'
    runner = runner_of(shell(f"echo epoch 7 loss 0.5; {report}; exit 1"))
    assert run_once(runner, tmp_path).state is TrialState.FAILED
    runner.close()
    assert read_curve(tmp_path / "0000") == [(1, {"loss": 0.25})]


def test_an_earlier_attempt_keeps_its_logs(tmp_path: Path) -> None:
    runner = runner_of("echo attempt; echo loss: {x}", ("x",))
    for attempt, x in ((1, 0.5), (2, 0.25)):
        trial = Trial(0, 1, {"x": x}, "")
        runner.run(Assignment(trial, 0, tmp_path / "0000", seed=0, attempt=attempt))
    runner.close()
    folder = tmp_path / "0000"
    assert (folder / "stdout.attempt-1.log").read_text() == "attempt\nloss: 0.5\n"
    assert (folder / "stdout.log").read_text() == "attempt\nloss: 0.25\n"
    assert read_curve(folder) == [(0, {"loss": 0.25})]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_program_of_a_shell_has_its_grace_though_the_shell_ends_at_once(tmp_path: Path) -> None:
    (tmp_path / "saves.py").write_text(
        "import pathlib, signal, sys, time\n"
        "def end(*_):\n"
        "    time.sleep(0.3)\n"
        "    pathlib.Path(sys.argv[1], 'saved').touch()\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "time.sleep(60)\n"
    )
    (tmp_path / "saves.yaml").write_text(
        f"objective: {{command: '{sys.executable} saves.py {{trial_dir}} {{x}}; true'}}\n"
        "metric: {name: value, goal: minimize}\nspace: {x: {min: 0.0, max: 1.0}}\n"
        "search: {trials: 1}\nexecution: {timeout: 1s, grace: 10s}\n"
    )
    assert hpsearch(tmp_path, "run", "saves.yaml").returncode == 3
    assert (last_run(tmp_path).trial_dir(0) / "saved").exists()
