from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from click import unstyle

from hpsearch.analysis import Comparison, OpenedRun, compare_runs
from hpsearch.run_folder import RunFolder
from hpsearch.store import Store
from hpsearch.trial import INCUMBENT, Decision, Outcome, Trial
from hpsearch.views.compare import compare_lines
from tests.made_runs import DIGITS, ONE, digits_outcome, done, failed, make_run


def compared(*runs: RunFolder) -> Comparison:
    with ExitStack() as stack:
        return compare_runs([stack.enter_context(OpenedRun(run)) for run in runs])


def test_the_better_run_wins_by_the_difference_in_the_metric(tmp_path: Path) -> None:
    good = make_run(tmp_path, ONE, lambda t: done(t, 0.9))
    poor = make_run(tmp_path, ONE, lambda t: done(t, 0.7))
    comparison = compared(poor, good)
    assert comparison.winner == 1  # ONE maximizes
    assert comparison.margin == pytest.approx(0.2)
    turned = ONE.replace("maximize", "minimize")
    comparison = compared(
        make_run(tmp_path, turned, lambda t: done(t, 0.7)),
        make_run(tmp_path, turned, lambda t: done(t, 0.9)),
    )
    assert comparison.winner == 0


def test_equal_runs_and_runs_without_a_success_have_no_winner(tmp_path: Path) -> None:
    run = make_run(tmp_path, ONE, lambda t: done(t, 0.9))
    assert compared(run, run).winner is None
    broken = make_run(tmp_path, ONE, failed)
    comparison = compared(run, broken)
    assert comparison.winner is None
    assert comparison.runs[1].best is None


def test_runs_of_one_name_have_as_much_of_their_paths_as_tells_them_apart(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a/runs", "b/runs", "b/more")]
    for folder in folders:
        folder.mkdir(parents=True)
    first, second, third = (make_run(f, ONE, lambda t: done(t, 0.9)) for f in folders)
    other = make_run(folders[0], ONE, lambda t: done(t, 0.8))
    assert [run.name for run in compared(first, second, third, other).runs] == [
        "a/runs/one-0001",
        "b/runs/one-0001",
        "more/one-0001",
        "one-0002",
    ]
    assert compared(second, first).runs[0].path == second.path.resolve()
    assert [run.name for run in compared(first, first).runs] == ["one-0001", "one-0001"]


def test_different_metrics_are_not_compared(tmp_path: Path) -> None:
    one = make_run(tmp_path, ONE, lambda t: done(t, 0.9))
    other = make_run(tmp_path, ONE.replace("score", "f1"), lambda t: done(t, 0.7))
    comparison = compared(one, other)
    assert comparison.metric is None
    assert comparison.winner is None
    assert comparison.equal_trials is None


def test_runs_of_different_length_are_compared_at_equal_length_too(tmp_path: Path) -> None:
    long = make_run(tmp_path, ONE.replace("trials: 4", "trials: 12"), lambda t: done(t, t.number))
    short = make_run(tmp_path, ONE, lambda t: done(t, 5.5))
    comparison = compared(long, short)
    assert comparison.equal_trials == 4
    assert comparison.best_after == (3, 5.5)
    assert comparison.winner == 0
    assert compared(short, short).equal_trials is None


def test_curves_share_their_trial_numbers_and_end_with_their_run(tmp_path: Path) -> None:
    long = make_run(tmp_path, ONE.replace("trials: 4", "trials: 40"), lambda t: done(t, t.number))
    short = make_run(tmp_path, ONE, lambda t: done(t, 5.5))
    comparison = compared(long, short)
    first, second = comparison.curves
    assert len(first) == len(second) == len(comparison.curve_numbers)
    assert comparison.curve_numbers[-1] == 39
    np.testing.assert_array_equal(first, comparison.curve_numbers)
    assert np.isnan(second[comparison.curve_numbers > 3]).all()
    assert (second[comparison.curve_numbers <= 3] == 5.5).all()


def test_only_what_differs_in_the_configs_is_listed(tmp_path: Path) -> None:
    narrow = DIGITS.replace("max: 0.999}", "max: 0.95}").replace("seed: 0", "seed: 1")
    comparison = compared(make_run(tmp_path), make_run(tmp_path, narrow))
    assert {d.key: d.values for d in comparison.differences} == {
        "space.momentum.max": ("0.999", "0.95"),
        "search.seed": ("0", "1"),
    }


def test_a_parameter_that_only_one_run_has_is_missing_in_the_other(tmp_path: Path) -> None:
    without = DIGITS.replace("  batch_size: {values: [32, 64, 128, 256]}\n", "")
    comparison = compared(make_run(tmp_path), make_run(tmp_path, without))
    assert {d.key: d.values for d in comparison.differences} == {
        "space.batch_size": ("32, 64, 128, 256", None)
    }
    (value,) = [v for v in comparison.values if v.name == "batch_size"]
    assert value.is_there == (True, False)


def test_a_parameter_that_is_fixed_alike_everywhere_is_left_out(tmp_path: Path) -> None:
    names = [v.name for v in compared(make_run(tmp_path), make_run(tmp_path)).values]
    assert "epochs" not in names
    other = make_run(tmp_path, DIGITS.replace("value: 15", "value: 20"))
    (epochs,) = [v for v in compared(make_run(tmp_path), other).values if v.name == "epochs"]
    assert epochs.values == (15, 20)


def test_a_best_value_at_the_edge_is_known_by_its_run(tmp_path: Path) -> None:
    narrow = DIGITS.replace("max: 0.999}", "max: 0.95}")

    def large_momentum(trial: Trial) -> Outcome:
        return done(trial, abs(0.99 - trial.params["momentum"]))

    comparison = compared(
        make_run(tmp_path, narrow, large_momentum), make_run(tmp_path, DIGITS, large_momentum)
    )
    narrow_run, wide_run = comparison.runs
    assert narrow_run.edges["momentum"].side == "max"
    assert "momentum" not in wide_run.edges


def test_a_run_can_be_compared_while_it_has_no_trial(tmp_path: Path) -> None:
    comparison = compared(
        make_run(tmp_path, stop_after=0, ending=""),
        make_run(tmp_path, evaluate=digits_outcome),
    )
    assert np.isnan(comparison.curves[0]).all()
    assert comparison.winner is None


def noisy(folder: Path, best: float, expected: float, noise: float | None = 0.2) -> RunFolder:
    """A run whose trial 1 is named best: the lucky trial 0 has the better value."""
    turned = ONE.replace("maximize", "minimize")
    run = make_run(folder, turned, lambda t: done(t, best + t.number))
    with Store(run) as store:
        details = {"expected": expected, "of": 4}
        if noise is not None:
            details["noise"] = noise
        store.add_decision(Decision(1, None, INCUMBENT, "values are noisy: so", details))
    return run


def test_noisy_runs_are_compared_by_what_is_expected_and_not_by_luck(tmp_path: Path) -> None:
    lucky = noisy(tmp_path, best=0.4, expected=2.0)
    honest = noisy(tmp_path, best=0.8, expected=1.5)
    comparison = compared(lucky, honest)
    assert [run.best_value for run in comparison.runs] == [1.4, 1.8]
    assert comparison.winner == 1
    assert comparison.margin == pytest.approx(0.5)
    assert not comparison.is_within_noise


def test_a_difference_below_the_noise_of_either_run_is_within_it(tmp_path: Path) -> None:
    first = noisy(tmp_path, best=0.4, expected=1.5, noise=0.1)
    second = noisy(tmp_path, best=0.4, expected=1.75, noise=0.3)
    assert compared(first, second).is_within_noise
    assert compared(first, second).noise == 0.3
    assert not compared(first, noisy(tmp_path, best=0.4, expected=1.75)).is_within_noise


def test_a_difference_beside_noise_of_unknown_size_is_told_as_such(tmp_path: Path) -> None:
    first = noisy(tmp_path, best=0.4, expected=1.5, noise=None)
    second = noisy(tmp_path, best=0.4, expected=1.75)
    comparison = compared(first, second)
    assert comparison.is_noise_unknown
    text = " ".join(unstyle(" ".join(compare_lines(comparison))).split())
    assert "is better by 0.25; how noisy it is, is not known yet" in text
    assert not compared(second, noisy(tmp_path, best=0.4, expected=1.5)).is_noise_unknown


def test_a_measured_value_does_not_beat_an_expected_one_but_may_lose_to_it(tmp_path: Path) -> None:
    turned = ONE.replace("maximize", "minimize")
    known = noisy(tmp_path, best=0.4, expected=1.5)
    measured = make_run(tmp_path, turned, lambda t: done(t, 1.2))
    assert compared(known, measured).winner is None
    assert compared(known, measured).in_doubt == 1
    worse = make_run(tmp_path, turned, lambda t: done(t, 1.7))
    assert compared(known, worse).winner == 0


def said_noisy(folder: Path, value: float, noisy: str = "true") -> RunFolder:
    config = ONE.replace("goal: maximize", f"goal: minimize, noisy: {noisy}")
    return make_run(folder, config, lambda t: done(t, value))


def test_where_the_config_says_that_values_are_noisy_a_measured_one_is_no_winner(
    tmp_path: Path,
) -> None:
    runs = said_noisy(tmp_path, 0.4), said_noisy(tmp_path, 0.5)
    assert compared(*runs).winner is None
    assert compared(*runs).in_doubt == 0


def test_a_value_that_is_said_not_to_be_noisy_holds(tmp_path: Path) -> None:
    sure = said_noisy(tmp_path, 0.4, "false")
    assert compared(sure, noisy(tmp_path, best=0.3, expected=1.5)).winner == 0


def test_an_expected_value_that_is_not_known_does_not_count(tmp_path: Path) -> None:
    comparison = compared(noisy(tmp_path, 0.4, float("nan")), noisy(tmp_path, 0.8, float("nan")))
    assert comparison.winner == 0
    assert comparison.margin == pytest.approx(0.4)
