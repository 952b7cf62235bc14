"""The rungs of a run: what their columns count, and that it agrees with the run's own counts."""

from __future__ import annotations

from pathlib import Path

from hpsearch.analysis import OpenedRun
from hpsearch.analysis.failures import count_failed
from hpsearch.analysis.rungs import summarize_budget
from hpsearch.store import Store, StoredSegment
from hpsearch.trial import Outcome, Segment, Trial, TrialState
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
