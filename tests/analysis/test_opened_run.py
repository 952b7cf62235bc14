from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.analysis import OpenedRun, RunState
from hpsearch.errors import StoreError
from hpsearch.run_folder import create_run_folder
from hpsearch.store import Store
from hpsearch.trial import Outcome, Trial
from tests.made_runs import ONE, START, done, make_run


def bowl(trial: Trial) -> Outcome:
    return done(trial, trial.params["x"])


@pytest.mark.parametrize("ending", ["finished", "interrupted", "broken", "failed"])
def test_the_state_of_a_run_is_its_last_ending(tmp_path: Path, ending: str) -> None:
    run = make_run(tmp_path, ONE, bowl, ending=ending, detail="why")
    with OpenedRun(run) as opened:
        assert opened.state is RunState(ending)
        assert opened.detail == "why"


def test_a_run_without_an_ending_was_killed_unless_a_process_holds_it(tmp_path: Path) -> None:
    run = make_run(tmp_path, ONE, bowl, stop_after=2, ending="")
    with OpenedRun(run) as opened:
        assert opened.state is RunState.KILLED
    with Store(run), OpenedRun(run) as opened:
        assert opened.state is RunState.RUNNING
        assert opened.writer is not None


def test_a_finished_run_that_was_resumed_and_killed_is_killed(tmp_path: Path) -> None:
    run = make_run(tmp_path, ONE, bowl)
    with Store(run) as store:
        store.add_event("resumed", "python 3.10 -> 3.11")
    with OpenedRun(run) as opened:
        assert opened.state is RunState.KILLED
        assert opened.detail == ""


def test_what_the_command_line_said_is_part_of_the_config(tmp_path: Path) -> None:
    overrides = {"sampler": None, "rounds": None, "trials": 9, "seed": 7, "jobs": None}
    run = make_run(tmp_path, ONE, bowl, setup={"overrides": overrides})
    with OpenedRun(run) as opened:
        assert opened.config.search.trials == 9
        assert opened.config.search.seed == 7


def test_the_plan_is_what_the_run_was_last_extended_to(tmp_path: Path) -> None:
    run = make_run(tmp_path, ONE, bowl, setup={"round_sizes": [4, 6]})
    with OpenedRun(run) as opened:
        assert opened.planned == 10


def test_a_run_that_was_never_set_up_says_so(tmp_path: Path) -> None:
    run = create_run_folder(tmp_path, "early")
    Store(run).close()
    with OpenedRun(run) as opened, pytest.raises(StoreError, match="before it was set up"):
        _ = opened.config


def test_elapsed_time_counts_the_sessions_and_not_the_nights_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Sessions: 0-10 (interrupted), 100-104 (killed; its trial ended at 104), 200-207 (finished).
    run = create_run_folder(tmp_path, "nights")
    clock = {"now": START}
    monkeypatch.setattr("hpsearch.store.writer.time.time", lambda: clock["now"])
    with Store(run) as store:
        for at, kind in [(0, "created"), (0, "started"), (10, "interrupted"), (100, "resumed")]:
            clock["now"] = START + at
            store.add_event(kind)
        store._write(  # a trial of the session that was killed
            "INSERT INTO trials (number, round, params, origin, state, attempt, started, "
            "duration_s) VALUES (0, 1, '{}', 'random', 'done', 1, ?, 3)",
            (START + 101,),
        )
        for at, kind in [(200, "resumed"), (207, "finished")]:
            clock["now"] = START + at
            store.add_event(kind)
    with OpenedRun(run) as opened:
        assert opened.elapsed_s(START + 10_000) == pytest.approx(10 + 4 + 7)
        assert opened.ended(START + 10_000) == START + 207
        assert opened.began == START


def test_a_running_run_has_lasted_until_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create_run_folder(tmp_path, "now")
    monkeypatch.setattr("hpsearch.store.writer.time.time", lambda: START)
    with Store(run) as store:
        store.add_event("started")
        with OpenedRun(run) as opened:
            assert opened.elapsed_s(START + 5) == 5
            assert opened.ended(START + 5) == START + 5
