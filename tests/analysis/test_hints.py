from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.analysis import OpenedRun, summarize
from hpsearch.analysis.hints import Hint
from hpsearch.trial import Outcome, Trial, TrialState
from tests.made_runs import DIGITS, START, Evaluate, digits_outcome, done, failed, make_run


def hints_of(folder: Path, evaluate: Evaluate, text: str = DIGITS, **how: object) -> list[Hint]:
    with OpenedRun(make_run(folder, text, evaluate, **how)) as opened:  # type: ignore[arg-type]
        return list(summarize(opened, START).hints)


def test_a_run_that_raises_no_question_has_no_hint(tmp_path: Path) -> None:
    def bowl(trial: Trial) -> Outcome:
        return done(trial, abs(trial.params["learning_rate"] - 0.01))

    assert hints_of(tmp_path, bowl) == []


def test_three_best_trials_at_an_edge_are_a_plain_advice(tmp_path: Path) -> None:
    def the_larger_the_better(trial: Trial) -> Outcome:
        return done(trial, -trial.params["batch_size"])

    (hint,) = hints_of(tmp_path, the_larger_the_better)
    assert (hint.kind, hint.parameter) == ("edge", "batch_size")
    assert "the best 3 trials all have batch_size" in hint.sentence
    assert "(32 … 256)" in hint.sentence
    assert "add a larger value" in hint.sentence


def test_one_best_trial_at_an_edge_is_a_question(tmp_path: Path) -> None:
    point = (
        "learning_rate: 0.98, momentum: 0.95, layers: 2, hidden_units: [64, 64], "
        "batch_size: 64, optimizer: sgd"
    )
    text = DIGITS.replace("search: {", f"search: {{start_with: [{{{point}}}], ")

    def first_is_best(trial: Trial) -> Outcome:
        return done(trial, trial.number + 1 + abs(trial.params["learning_rate"] - 0.1))

    (hint,) = hints_of(tmp_path, first_is_best, text)
    assert hint.sentence == (
        "the best learning_rate (0.98) lies at the edge of its range (1e-4 … 1): raise its max?"
    )


def test_failures_of_one_kind_name_their_parameter_though_others_fail_too(tmp_path: Path) -> None:
    diverged = [h for h in hints_of(tmp_path, digits_outcome) if h.kind == "failures"]
    assert not diverged  # two trials are too few
    text = DIGITS.replace("trials: 60", "trials: 400").replace("rounds: 3", "rounds: 1")
    (hint,) = [h for h in hints_of(tmp_path, digits_outcome, text) if h.kind == "failures"]
    assert hint.parameter == "learning_rate"
    assert "trials that diverged have learning_rate of 0.5" in hint.sentence
    assert hint.sentence.endswith("lower its max?")


def test_many_failures_without_a_culprit_are_said(tmp_path: Path) -> None:
    def every_third(trial: Trial) -> Outcome:
        if trial.number % 3 == 0:
            return failed(trial)
        return done(trial, abs(trial.params["learning_rate"] - 0.01))

    (hint,) = hints_of(tmp_path, every_third)
    assert (hint.kind, hint.parameter) == ("failures", None)
    assert hint.sentence.startswith("20 of 60 trials failed")


def test_a_few_failures_are_no_hint(tmp_path: Path) -> None:
    def two(trial: Trial) -> Outcome:
        if trial.number in (3, 30):
            return failed(trial)
        return done(trial, abs(trial.params["learning_rate"] - 0.01))

    assert hints_of(tmp_path, two) == []


def test_equal_values_are_questioned_and_not_taken_for_edges(tmp_path: Path) -> None:
    (hint,) = hints_of(tmp_path, lambda trial: done(trial, 1.0))
    assert hint.kind == "constant"
    assert "all 60 values are equal (1)" in hint.sentence


@pytest.mark.parametrize("ending", ["interrupted", "failed", ""])
def test_an_unfinished_run_names_the_command_that_goes_on(tmp_path: Path, ending: str) -> None:
    hints = hints_of(tmp_path, digits_outcome, stop_after=10, ending=ending)
    assert hints[-1].kind == "unfinished"
    assert hints[-1].sentence.endswith("hpsearch resume digits-0001")


def test_a_broken_run_is_resumed_with_its_failed_trials(tmp_path: Path) -> None:
    hints = hints_of(tmp_path, failed, stop_after=3, ending="broken")
    assert hints[-1].sentence.endswith("hpsearch resume digits-0001 --retry-failed")


def test_a_culprit_that_is_one_value_is_told_by_that_value(tmp_path: Path) -> None:
    def deep_is_slow(trial: Trial) -> Outcome:
        if trial.params["layers"] == 4:
            return failed(trial, "no result within 600 s", TrialState.TIMEOUT)
        return done(trial, abs(trial.params["learning_rate"] - 0.01))

    (hint,) = hints_of(tmp_path, deep_is_slow)
    assert hint.sentence == (
        "all 7 trials that timed out have layers = 4, and none of the 53 that are done: "
        "lower its max?"
    )
