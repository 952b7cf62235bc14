"""The rungs of a run: what their columns count, and that it agrees with the run's own counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from hpsearch.analysis import OpenedRun, summarize
from hpsearch.analysis.failures import count_failed
from hpsearch.analysis.rungs import summarize_budget
from hpsearch.budget import Budget, brackets
from hpsearch.store import Store, StoredSegment
from hpsearch.trial import Decision, Outcome, Segment, Trial, TrialState
from tests.made_runs import ONE, done, failed, make_run

WATCHED = ONE + (
    "budget: {unit: epochs, min: 1, max: 9, factor: 3}\nearly_stop: {rule: asha, form: stopping}\n"
)


def evaluate(trial: Trial) -> Outcome:
    """Trial 0 was ended by the rule at 1 epoch, trial 1 failed; the others ran to their ends."""
    if trial.number == 0:
        return Outcome(TrialState.STOPPED, 0.5, reason="it is out at 1 epoch", budget=1)
    return failed(trial) if trial.number == 1 else done(trial, 1.0)


def run_of_segments(folder: Path) -> Path:
    """Trials 0 and 1 were trained to 4 of 9 epochs, where their programs broke."""
    run = make_run(folder, WATCHED, evaluate)
    with Store(run) as store:
        for stored in list(store.trials()):
            segment = Segment(stored.trial, 0, 9, 0)
            store.add_segment(segment)
            outcome = failed(stored.trial) if stored.trial.number < 2 else done(stored.trial, 1.0)
            reached = 4 if stored.trial.number < 2 else 9
            store.finish_segment(StoredSegment(segment, outcome.state, outcome, 0, reached, ""))
    return run


def test_a_stopped_trial_that_crashed_before_it_was_killed_is_not_counted_as_failed(
    tmp_path: Path,
) -> None:
    with OpenedRun(run_of_segments(tmp_path)) as opened:
        summary = summarize_budget(opened)
        assert summary is not None
        assert [rung.failed for rung in summary.rungs] == [0, 0, 1]
        assert count_failed(opened.reader.counts()) == 1


def test_what_a_broken_program_did_not_train_is_not_called_saved(tmp_path: Path) -> None:
    with OpenedRun(run_of_segments(tmp_path)) as opened:
        summary = summarize_budget(opened)
        assert summary is not None
        trials = sum(opened.reader.counts().values())
        assert summary.spent == 4 + 4 + 9 * (trials - 2)
        assert summary.full == 9 + 4 + 9 * (trials - 2)  # the rule saved 5 epochs of trial 0


def diverged_run(folder: Path, stop: str, form: str, number: int, target: int) -> Path:
    """One trial printed NaN at epoch 1, on its way to `target`; the others trained to 1 or more.

    Of a watched trial, the rule had judged before its end that too few were known to stop it.
    """
    text = ONE.replace("trials: 4", "trials: 16")
    text = text.replace(
        '{function: "hpsearch.examples.quadratic:evaluate"}', '{command: "./t {x} {budget}"}'
    )
    text += "budget: {unit: epochs, min: 1, max: 27, factor: 3}\n"
    text += f"early_stop: {{rule: {stop}, form: {form}}}\n"
    run = make_run(
        folder,
        text,
        lambda trial: (
            failed(trial, "score is nan", TrialState.DIVERGED)
            if trial.number == number
            else replace(done(trial, 1.0), budget=27)
        ),
    )
    with Store(run) as store:
        for stored in list(store.trials()):
            is_it = stored.trial.number == number
            segment = Segment(stored.trial, 0, target if is_it else 27, 0)
            store.add_segment(segment)
            outcome = stored.outcome
            assert outcome is not None
            store.finish_segment(
                StoredSegment(segment, outcome.state, outcome, 0, 1 if is_it else 27, "")
            )
            if form == "stopping" and not (is_it and stop == "hyperband"):
                value = {} if is_it else {"value": 1.0}
                store.add_decision(Decision(stored.trial.number, 1, "promoted", "", value))
    return run


@pytest.mark.parametrize(
    ("stop", "form", "number", "target", "expected"),
    [
        ("asha", "promotion", 2, 1, [1, 0, 0, 0]),
        ("median", "promotion", 2, 1, [1, 0, 0, 0]),
        ("hyperband", "promotion", 2, 3, [0, 1, 0, 0]),
        ("asha", "stopping", 2, 27, [1, 0, 0, 0]),
        # Shares of 27, 12, 6 and 4 of 49: the fourth trial is the first one that begins at 9.
        ("hyperband", "stopping", 3, 27, [0, 0, 1, 0]),
    ],
)
def test_a_failed_trial_counts_at_the_rung_that_it_was_on_its_way_to(
    tmp_path: Path, stop: str, form: str, number: int, target: int, expected: list[int]
) -> None:
    with OpenedRun(diverged_run(tmp_path, stop, form, number, target)) as opened:
        summary = summarize_budget(opened)
        assert summary is not None
        assert [rung.failed for rung in summary.rungs] == expected


def test_a_trial_that_went_on_without_a_value_is_a_failed_one_and_not_one_that_went_on(
    tmp_path: Path,
) -> None:
    with OpenedRun(diverged_run(tmp_path, "asha", "stopping", 2, 27)) as opened:
        summary = summarize_budget(opened)
        assert summary is not None
        lowest = summary.rungs[0]
        assert (lowest.reached, lowest.went_on, lowest.failed) == (15, 15, 1)


def hyperband_run(folder: Path, at_nine: float, *, trials: int = 16, best: float = 0.5) -> Path:
    """Trial 5 was trained to the end, trial 1 to 9 epochs, all the others to 1."""
    text = ONE.replace("maximize", "minimize").replace("trials: 4", f"trials: {trials}")
    text += "budget: {unit: epochs, min: 1, max: 27, factor: 3}\n"
    text += "early_stop: {rule: hyperband, form: stopping}\n"

    def evaluate(trial: Trial) -> Outcome:
        if trial.number == 5:
            return replace(done(trial, best), budget=27)
        value, budget = (at_nine, 9) if trial.number == 1 else (0.3, 1)
        return Outcome(TrialState.STOPPED, value, reason="it waits", budget=budget)

    return make_run(folder, text, evaluate)


def test_a_trial_that_was_better_before_its_end_than_the_best_and_was_left_behind_is_told(
    tmp_path: Path,
) -> None:
    with OpenedRun(hyperband_run(tmp_path, 0.4)) as opened:
        summary = summarize(opened, 0.0)
    assert summary.budget is not None
    left = summary.budget.left_behind
    assert left is not None
    assert (left.trial, left.budget, left.value) == (1, 9, 0.4)
    assert (left.best, left.best_value) == (5, 0.5)
    # Li et al. 2018, algorithm 1, for R = 27 and eta = 3: brackets of 27, 12, 6 and 4.
    assert left.trials_needed == 49
    (hint,) = [hint for hint in summary.hints if hint.kind == "left behind"]
    assert "trial 1 was better at 9 epochs than trial 5, named best, is at 27 epochs" in (
        hint.sentence
    )
    assert "hpsearch resume one-0001 --trials 49" in hint.sentence


def test_nobody_is_left_behind_by_a_better_one_nor_where_every_bracket_is_full(
    tmp_path: Path,
) -> None:
    with OpenedRun(hyperband_run(tmp_path, 0.6, best=0.2)) as opened:
        summary = summarize_budget(opened)
        assert summary is not None
        assert summary.left_behind is None
    with OpenedRun(hyperband_run(tmp_path, 0.4, trials=49)) as opened:
        summary = summarize_budget(opened)
        assert summary is not None
        assert summary.left_behind is None


def test_one_pass_of_hyperband_gives_every_bracket_a_trial_that_is_trained_to_the_end() -> None:
    for most, factor in ((27, 3), (81, 3), (16, 2), (52, 4)):
        budget = Budget("epochs", 1, most, factor)
        rungs = len(budget.rungs)
        drawn = islice(brackets("hyperband", rungs, factor), sum(budget.hyperband_sizes))
        starts = Counter(drawn)
        assert [starts[at] for at in range(rungs)] == list(budget.hyperband_sizes)
        assert all(starts[at] >= factor ** (rungs - 1 - at) for at in range(rungs))
