"""What every runner must do with a Python function, whatever the function does."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpsearch.objectives.function import FunctionObjective
from hpsearch.objectives.handle import read_curve
from hpsearch.runners import Assignment, InlineRunner, LocalRunner, MetricReading, Runner
from hpsearch.trial import Outcome, Trial, TrialState

BEHAVE = FunctionObjective("tests.objectives.hostile:behave", ())
LOSS = MetricReading("loss")
RUNNERS = {"inline": InlineRunner, "local": LocalRunner}


class Bench:
    """A runner and the trials it is given, one after the other."""

    def __init__(self, runner: Runner, folder: Path) -> None:
        self.runner = runner
        self.folder = folder
        self.count = 0

    def run(self, how: str, slot: int = 0, **params: Any) -> Outcome:
        return self.runner.run(self.assignment(how, slot, **params))

    def assignment(self, how: str, slot: int = 0, **params: Any) -> Assignment:
        number, self.count = self.count, self.count + 1
        trial = Trial(number, 1, {"how": how, **params}, "test")
        return Assignment(trial, slot, self.folder / f"{number:04d}", seed=1000 + number)


@pytest.fixture(params=RUNNERS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    runner: Runner = RUNNERS[request.param](BEHAVE, LOSS)
    yield Bench(runner, tmp_path)
    runner.close()


@pytest.mark.parametrize("how", ["number", "numpy", "metrics", "tensor"])
def test_the_metric_comes_back(bench: Bench, how: str) -> None:
    outcome = bench.run(how)
    assert (outcome.state, outcome.value, outcome.reason) == (TrialState.DONE, 0.25, "")
    assert outcome.metrics == ({"accuracy": 0.75} if how == "metrics" else {})
    assert outcome.started > 0
    assert outcome.duration_s > 0


@pytest.mark.parametrize(("how", "reason"), [("nan", "loss is nan"), ("infinite", "loss is inf")])
def test_a_metric_that_is_not_finite_is_diverged(bench: Bench, how: str, reason: str) -> None:
    outcome = bench.run(how)
    assert (outcome.state, outcome.value) == (TrialState.DIVERGED, None)
    assert outcome.reason == reason


@pytest.mark.parametrize(
    ("how", "fragment"),
    [
        ("raise", "ValueError: bad shape (hostile.py:"),
        ("text", "it returned '0.25'; expected a number, or a dict with loss"),
        ("boolean", "it returned True"),
        ("nothing", "it returned None"),
        ("other_metric", "the result has no loss; it has los. Did you mean los?"),
        ("sys_exit", "it called sys.exit(3)"),
        ("fail_in_library", "1 column 2 (char 1) (hostile.py:"),
    ],
)
def test_a_function_that_fails_is_a_failed_trial_with_its_reason(
    bench: Bench, how: str, fragment: str
) -> None:
    outcome = bench.run(how)
    assert outcome.state is TrialState.FAILED
    assert fragment in outcome.reason
    assert outcome.value is None
    assert bench.run("number").value == 0.25


def test_an_exception_leaves_its_traceback(bench: Bench) -> None:
    assert 'raise ValueError("bad shape")' in bench.run("raise").stderr_tail


def test_reports_become_a_curve(bench: Bench) -> None:
    assert bench.run("report").state is TrialState.DONE
    curve = read_curve(bench.folder / "0000")
    assert [step for step, _ in curve] == [0, 1, 2]
    assert [m["loss"] for _, m in curve] == pytest.approx([1, 1 / 2, 1 / 3])


def test_the_function_gets_its_seed_number_and_folder(bench: Bench) -> None:
    bench.run("number")
    outcome = bench.run("seed")
    assert outcome.value == 1001
    assert outcome.metrics == {"number": 1}
    bench.run("file")
    assert (bench.folder / "0002" / "model.txt").read_text() == "weights"


def test_a_function_that_is_not_there_fails_each_trial_and_raises_nothing(tmp_path: Path) -> None:
    for kind in RUNNERS.values():
        runner: Runner = kind(FunctionObjective("tests.objectives.hostile:nobody", ()), LOSS)
        outcome = Bench(runner, tmp_path).run("number")
        runner.close()
        assert outcome.state is TrialState.FAILED
        assert "has no nobody" in outcome.reason


def test_values_reach_the_function_as_they_are(tmp_path: Path) -> None:
    for kind in RUNNERS.values():
        runner: Runner = kind(FunctionObjective("tests.objectives.hostile:square", ()), LOSS)
        outcome = runner.run(Assignment(Trial(0, 1, {"x": 0.1 + 0.2}, ""), 0, tmp_path / "0000", 0))
        runner.close()
        assert outcome.value is not None
        assert math.isclose(outcome.value, (0.1 + 0.2) ** 2, rel_tol=0, abs_tol=0)


def test_a_function_cannot_change_the_values_of_its_trial(bench: Bench) -> None:
    job = bench.assignment("change_values", layers=[1, 2])
    assert bench.runner.run(job).state is TrialState.DONE
    assert job.trial.params["layers"] == [1, 2]


def test_a_new_attempt_does_not_read_the_reports_of_the_last(bench: Bench) -> None:
    job = bench.assignment("report_value", value=0.1)
    assert bench.runner.run(job).value == 0.1
    again = Trial(job.trial.number, 1, {"how": "report_value", "value": 0.7}, "test")
    assert bench.runner.run(replace(job, trial=again, attempt=2)).value == 0.7
    assert read_curve(job.trial_dir) == [(1, {"loss": 0.7})]


def test_a_trial_folder_is_the_same_wherever_the_function_goes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bench.folder)
    bench.folder = Path()
    assert bench.run("write_elsewhere").state is TrialState.DONE
    assert read_curve(Path("0000")) == [(1, {"loss": 0.5})]
    assert bench.run("number").state is TrialState.DONE


@pytest.mark.parametrize(
    ("name", "budget", "value"),
    [("default_budget", None, 10), ("default_budget", 3.0, 3), ("values_first", 3.0, 1)],
)
def test_only_what_a_function_asks_for_is_given(
    tmp_path: Path, name: str, budget: float | None, value: float
) -> None:
    for kind in RUNNERS.values():
        runner: Runner = kind(FunctionObjective(f"tests.objectives.hostile:{name}", ()), LOSS)
        job = Assignment(Trial(0, 1, {"x": 1}, ""), 0, tmp_path, 0, budget)
        assert runner.run(job).value == value
        runner.close()
