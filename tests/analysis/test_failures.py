from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hpsearch.analysis import OpenedRun
from hpsearch.analysis.failures import _log_chance, failure_culprit, failure_groups
from hpsearch.domains import Categories, FloatRange
from hpsearch.space import Parameter, Space
from hpsearch.trial import Outcome, Trial, TrialState
from tests.made_runs import ONE, done, failed, make_run

SPACE = Space(
    [
        Parameter("learning_rate", FloatRange(1e-4, 1.0, "log")),
        Parameter("optimizer", Categories(("sgd", "adam", "momentum"))),
        Parameter("dropout", FloatRange(0.0, 0.5)),
    ]
)


def test_reasons_that_differ_in_numbers_only_are_one_group_and_the_largest_comes_first(
    tmp_path: Path,
) -> None:
    def evaluate(trial: Trial) -> Outcome:
        if trial.number % 3 == 0:
            return failed(trial, f"loss is nan at step {trial.number}", TrialState.DIVERGED)
        if trial.number == 7:
            return failed(trial, "exit code 1", stderr_tail="boom")
        return done(trial, 1.0)

    run = make_run(tmp_path, ONE.replace("trials: 4", "trials: 40"), evaluate)
    with OpenedRun(run) as opened:
        first, second = failure_groups(opened)
    assert (first.state, first.trials) == (TrialState.DIVERGED, 14)
    assert first.reason == "loss is nan at step 0"
    assert first.numbers == (0, 3, 6, 9, 12, 15, 18, 21)
    assert (second.trials, second.stderr_tail) == (1, "boom")
    assert second.stderr_path == run.trial_dir(7) / "stderr.log"


def test_the_same_reason_in_another_state_is_another_group(tmp_path: Path) -> None:
    def evaluate(trial: Trial) -> Outcome:
        state = TrialState.TIMEOUT if trial.number % 2 else TrialState.FAILED
        return failed(trial, "too slow", state)

    with OpenedRun(make_run(tmp_path, ONE, evaluate)) as opened:
        assert sorted(group.state.value for group in failure_groups(opened)) == [
            "failed",
            "timeout",
        ]


def test_another_exit_code_is_another_group(tmp_path: Path) -> None:
    def evaluate(trial: Trial) -> Outcome:
        return failed(trial, f"exit code {1 + trial.number % 2} after step {trial.number}")

    with OpenedRun(make_run(tmp_path, ONE, evaluate)) as opened:
        assert sorted(group.reason[:11] for group in failure_groups(opened)) == [
            "exit code 1",
            "exit code 2",
        ]


def test_the_same_words_with_another_exit_code_are_another_group(tmp_path: Path) -> None:
    """As `sys.exit(3)` and `sys.exit(4)` of a function leave them."""

    def evaluate(trial: Trial) -> Outcome:
        code = 3 + trial.number % 2
        return replace(failed(trial, f"it called sys.exit({code})"), exit_code=code)

    with OpenedRun(make_run(tmp_path, ONE, evaluate)) as opened:
        told = {group.reason: group.numbers for group in failure_groups(opened)}
    assert told == {"it called sys.exit(3)": (0, 2), "it called sys.exit(4)": (1, 3)}


def points(seed: int, n: int) -> np.ndarray:
    return SPACE.snap(np.random.default_rng(seed).random((n, 3)))


def test_the_parameter_on_whose_one_side_trials_fail_is_named() -> None:
    x = points(0, 60)
    culprit = failure_culprit(SPACE, x, x[:, 0] > 0.8)
    assert culprit is not None
    assert (culprit.parameter, culprit.side) == ("learning_rate", "above")
    assert culprit.failed == culprit.of_failed
    assert culprit.others == 0
    assert math.log10(culprit.value) / 4 + 1 == pytest.approx(0.8, abs=0.05)
    below = failure_culprit(SPACE, x, x[:, 2] < 0.25)
    assert below is not None
    assert (below.parameter, below.side) == ("dropout", "below")


def test_the_category_in_which_trials_fail_is_named() -> None:
    x = points(1, 60)
    culprit = failure_culprit(SPACE, x, x[:, 1] < 1 / 3)
    assert culprit is not None
    assert (culprit.parameter, culprit.side, culprit.value) == ("optimizer", "is", "sgd")


def test_trials_that_fail_at_random_have_no_culprit() -> None:
    found = 0
    for seed in range(200):
        has_failed = np.random.default_rng(10_000 + seed).random(40) < 0.2
        found += failure_culprit(SPACE, points(seed, 40), has_failed) is not None
    assert found <= 8  # the bound promises 2 of 200


def test_no_culprit_where_all_or_none_failed_or_the_column_is_inactive() -> None:
    x = points(2, 20)
    assert failure_culprit(SPACE, x, np.ones(20, dtype=bool)) is None
    assert failure_culprit(SPACE, x, np.zeros(20, dtype=bool)) is None
    assert failure_culprit(SPACE, np.full((20, 3), np.nan), x[:, 0] > 0.5) is None


def test_the_chance_is_the_tail_of_the_hypergeometric_distribution() -> None:
    # The source of the expected numbers: scipy.stats.hypergeom.
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    for n in (5, 30, 500):
        there, failed_ = rng.random(n) < 0.4, rng.random(n) < 0.3
        hits = int((there & failed_).sum())
        expected = stats.hypergeom.logsf(hits - 1, n, int(failed_.sum()), int(there.sum()))
        assert _log_chance(there, failed_) == pytest.approx(expected, abs=1e-8)
