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


def test_a_stopped_trial_that_crashed_before_it_was_killed_is_not_counted_as_failed(
    tmp_path: Path,
) -> None:
    run = make_run(tmp_path, WATCHED, evaluate)
    with Store(run) as store:
        for stored in list(store.trials()):
            segment = Segment(stored.trial, 0, 9, 0)
            store.add_segment(segment)
            outcome = failed(stored.trial) if stored.trial.number < 2 else done(stored.trial, 1.0)
            reached = 4 if stored.trial.number < 2 else 9
            store.finish_segment(StoredSegment(segment, outcome.state, outcome, 0, reached, ""))
    with OpenedRun(run) as opened:
        summary = summarize_budget(opened)
        assert summary is not None
        assert [rung.failed for rung in summary.rungs] == [0, 0, 1]
        assert count_failed(opened.reader.counts()) == 1
