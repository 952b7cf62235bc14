from __future__ import annotations

from pathlib import Path

from hpsearch.analysis import RunState, list_run
from hpsearch.analysis.summary import count_finished
from tests.made_runs import ONE, done, make_run


def test_a_run_is_listed_with_its_best_and_its_progress(tmp_path: Path) -> None:
    run = make_run(tmp_path, ONE, lambda t: done(t, float(t.number)), stop_after=3, ending="")
    listed = list_run(run)
    assert listed.state is RunState.KILLED
    assert (count_finished(listed.counts), listed.planned) == (3, 4)
    assert listed.best == (2, 2.0)
    assert listed.error == ""


def test_a_run_that_cannot_be_read_is_listed_with_its_error(tmp_path: Path) -> None:
    damaged = make_run(tmp_path, ONE, lambda t: done(t, 1.0))
    damaged.store_path.write_bytes(b"not a database" * 500)
    listed = list_run(damaged)
    assert listed.state is None
    assert "not a database" in listed.error
    edited = make_run(tmp_path, ONE, lambda t: done(t, 1.0))
    edited.config_path.write_text("space: {")
    assert str(edited.config_path) in list_run(edited).error
