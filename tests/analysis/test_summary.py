from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hpsearch.analysis.summary as summary_module
from hpsearch.analysis import OpenedRun, RunState, Summary, summarize
from hpsearch.run_folder import RunFolder
from hpsearch.store import Store, StoredTrial, StoreReader
from hpsearch.trial import Outcome, Trial, TrialState
from tests.made_runs import DIGITS, ONE, START, digits_outcome, done, failed, make_run


def summary_of(run: RunFolder) -> Summary:
    with OpenedRun(run) as opened:
        return summarize(opened, START)


def value_of(stored: StoredTrial) -> float:
    assert stored.outcome is not None
    assert stored.outcome.value is not None
    return stored.outcome.value


def test_a_summary_agrees_with_the_trials_one_by_one(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    with StoreReader(run) as reader:
        trials = list(reader.trials())
    summary = summary_of(run)
    succeeded = [t for t in trials if t.state is TrialState.DONE]
    ranked = sorted(succeeded, key=lambda t: (value_of(t), t.trial.number))
    assert [t.trial.number for t in summary.top] == [t.trial.number for t in ranked[:10]]
    assert summary.best == ranked[0]
    assert summary.finished == len(trials) == 60
    assert summary.failed == len(trials) - len(succeeded)
    assert summary.trial_time_s == pytest.approx(
        sum(t.outcome.duration_s for t in trials if t.outcome)
    )
    assert summary.planned == 60
    assert summary.planned_rounds == 3


def test_a_round_counts_and_ranks_its_own_trials(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    with StoreReader(run) as reader:
        trials = list(reader.trials())
    for round_ in summary_of(run).rounds:
        own = [t for t in trials if t.trial.round == round_.round.number]
        assert sum(round_.counts.values()) == len(own) == 20
        values = {t.trial.number: value_of(t) for t in own if t.state is TrialState.DONE}
        best = min(values, key=lambda number: values[number])
        assert round_.best == (best, values[best])
        assert len(round_.x_unit) == len(round_.states) == 20


def test_a_long_run_is_sampled_evenly_and_counted_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary_module, "SAMPLED", 30)
    text = DIGITS.replace("trials: 60", "trials: 300")
    run = make_run(tmp_path, text)
    summary = summary_of(run)
    assert [len(round_.x_unit) for round_ in summary.rounds] == [10, 10, 10]
    assert summary.finished == 300
    with StoreReader(run) as reader:
        points = reader.points(range(100, 200, 11))
    evenly = summary.config.space.encode([params for _, _, params in points])
    np.testing.assert_array_equal(summary.rounds[1].x_unit, evenly)


def test_a_run_without_a_trial_and_a_run_without_a_success_can_be_summarized(
    tmp_path: Path,
) -> None:
    empty = summary_of(make_run(tmp_path, stop_after=0, ending=""))
    assert (empty.best, empty.finished, empty.rounds, empty.hints[0].kind) == (
        None,
        0,
        (),
        "unfinished",
    )
    broken = summary_of(make_run(tmp_path, evaluate=failed, stop_after=3, ending="broken"))
    assert broken.best is None
    assert broken.state is RunState.BROKEN
    assert broken.failures[0].trials == 3
    assert broken.curve.best.size == 0


def test_running_and_lost_trials_are_counted_and_not_taken_for_finished(tmp_path: Path) -> None:
    run = make_run(tmp_path, ONE, lambda t: done(t, 1.0), stop_after=2, ending="")
    with Store(run) as store:
        store.start(Trial(2, 1, {"x": 0.0}, "random"), START)
        summary = summary_of(run)
    assert summary.state is RunState.RUNNING
    assert summary.counts == {TrialState.DONE: 2, TrialState.RUNNING: 1}
    assert summary.finished == 2
    assert len(summary.rounds[0].x_unit) == 2


def test_a_stopped_trial_is_neither_best_nor_failed(tmp_path: Path) -> None:
    def stop_the_good(trial: Trial) -> Outcome:
        outcome = done(trial, float(trial.number))
        return replace(outcome, state=TrialState.STOPPED) if trial.number == 0 else outcome

    summary = summary_of(make_run(tmp_path, ONE.replace("maximize", "minimize"), stop_the_good))
    assert summary.best is not None
    assert summary.best.trial.number == 1
    assert summary.failed == 0


def test_the_curve_is_in_the_order_of_the_trials(tmp_path: Path) -> None:
    summary = summary_of(make_run(tmp_path, evaluate=digits_outcome))
    assert (np.diff(summary.curve.numbers) > 0).all()
    assert (np.diff(summary.curve.best) <= 0).all()
