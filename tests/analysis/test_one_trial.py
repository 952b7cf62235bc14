from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.analysis import OpenedRun, report_trial
from hpsearch.analysis.one_trial import TrialNotFoundError
from tests.made_runs import ONE, done, failed, make_run


def test_a_trial_knows_its_rank_its_curve_and_its_files(tmp_path: Path) -> None:
    run = make_run(tmp_path, ONE, lambda t: done(t, float(t.number)))
    run.trial_dir(1).mkdir()
    (run.trial_dir(1) / "stdout.log").write_text("hello")
    with OpenedRun(run) as opened:
        report = report_trial(opened, 1)
    assert (report.rank, len(report.values)) == (3, 4)  # ONE maximizes
    steps, values = report.curves["val_error"]
    assert steps.tolist() == list(range(12))
    assert values[1] == 0.5
    assert report.files == ("stdout.log",)
    assert report.best is not None
    assert report.best.trial.number == 3


def test_a_failed_trial_has_no_rank(tmp_path: Path) -> None:
    run = make_run(tmp_path, ONE, lambda t: failed(t) if t.number == 1 else done(t, 1.0))
    with OpenedRun(run) as opened:
        report = report_trial(opened, 1)
    assert (report.rank, len(report.values), report.curves) == (None, 3, {})


def test_an_unknown_trial_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    four, none = make_run(tmp_path, ONE, lambda t: done(t, 1.0)), make_run(tmp_path, stop_after=0)
    expected = "has no trial 9; its trials are 0 to 3"
    with OpenedRun(four) as opened, pytest.raises(TrialNotFoundError, match=expected):
        report_trial(opened, 9)
    with OpenedRun(none) as opened, pytest.raises(TrialNotFoundError, match="no trials yet"):
        report_trial(opened, 0)
