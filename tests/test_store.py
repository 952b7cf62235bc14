"""The store: what was committed survives, readers never wait, and there is one writer."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.errors import RunBusyError, StoreError
from hpsearch.history import Move, Round
from hpsearch.lock import current_writer
from hpsearch.run_folder import RunFolder, create_run_folder
from hpsearch.space import Box
from hpsearch.store import MIGRATIONS, SCHEMA_VERSION, Store, StoredSegment, StoreReader
from hpsearch.trial import Decision, Outcome, Segment, Trial, TrialState
from tests.spaces import every_kind

WRITER = """
import sys
from pathlib import Path
from hpsearch.run_folder import RunFolder
from hpsearch.store import Store
from hpsearch.trial import Decision, Outcome, Segment, Trial, TrialState
store = Store(RunFolder(Path(sys.argv[1])))
for number in range(10**6):
    store.start(Trial(number, 1, {"x": number}, "random"), 1.0)
    store.finish(number, Outcome(TrialState.DONE, float(number)), [(1, {"loss": 0.5})])
    print(number, flush=True)
"""


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return create_run_folder(tmp_path / "runs", "digits")


def trial(number: int) -> Trial:
    return Trial(number, 1, {"lr": 0.1 * number, "units": [8, 16]}, "random")


def test_a_trial_comes_back_as_it_was_written(run: RunFolder) -> None:
    outcome = Outcome(
        TrialState.FAILED,
        metrics={"loss": 0.25, "other": float("nan")},
        reason="exit code 3",
        exit_code=3,
        stderr_tail="Traceback\n  boom",
        started=12.5,
        duration_s=0.5,
    )
    with Store(run) as store:
        store.start(trial(0), 12.5)
        store.finish(0, outcome, [(1, {"loss": 0.5}), (2, {"loss": 0.25})])
    with StoreReader(run) as reader:
        stored = reader.trial(0)
        assert stored is not None
        assert stored.trial == trial(0)
        assert stored.outcome is not None
        assert stored.outcome.metrics["loss"] == 0.25
        assert stored.outcome.metrics["other"] != stored.outcome.metrics["other"]
        assert (stored.outcome.reason, stored.outcome.exit_code) == ("exit code 3", 3)
        assert reader.curve(0) == [(1, {"loss": 0.5}), (2, {"loss": 0.25})]
        assert reader.trial(1) is None


def test_the_best_are_those_of_the_goal_and_the_earlier_where_they_are_equal(
    run: RunFolder,
) -> None:
    with Store(run) as store:
        for number, value in enumerate([3.0, 1.0, 2.0, 1.0, 3.0]):
            store.start(trial(number), 0.0)
            store.finish(number, Outcome(TrialState.DONE, value))
        store.start(trial(5), 0.0)
        store.finish(5, Outcome(TrialState.DIVERGED))
        assert [s.trial.number for s in store.best("minimize", 3)] == [1, 3, 2]
        assert [s.trial.number for s in store.best("maximize", 2)] == [0, 4]
        assert store.counts() == {TrialState.DONE: 5, TrialState.DIVERGED: 1}


def test_a_round_comes_back_with_its_box_and_reasons(run: RunFolder) -> None:
    space = every_kind()
    moves = tuple(Move(name, "kept", "no sign yet") for name in space.column_names)
    written = Round(2, 20, 20, Box.whole(space), "made from the best 4", moves)
    with Store(run) as store:
        store.add_round(written)
        (back,) = store.rounds()
    assert back.box.to_json() == written.box.to_json()
    assert (back.number, back.first_trial, back.summary, back.moves) == (
        2,
        20,
        "made from the best 4",
        moves,
    )


def test_a_killed_writer_loses_nothing_that_it_said_was_written(run: RunFolder) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(run.path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = [int(process.stdout.readline()) for _ in range(50)][-1]
    os.kill(process.pid, signal.SIGKILL)
    said = max([said, *(int(line) for line in process.stdout.read().split("\n")[:-1] if line)])
    process.wait()
    with Store(run) as store:
        stored = list(store.trials())
        assert [s.trial.number for s in stored] == list(range(len(stored)))
        assert all(s.state is TrialState.DONE for s in stored[: said + 1])
        assert {s.state for s in stored[said + 1 :]} <= {TrialState.DONE, TrialState.LOST}
        assert all(len(store.curve(s.trial.number)) == 1 for s in stored[: said + 1])


def test_a_second_writer_is_refused_with_pid_and_host_of_the_first(run: RunFolder) -> None:
    with Store(run):
        holder = current_writer(run.lock_path)
        assert holder is not None
        assert holder.pid == os.getpid()
        with pytest.raises(RunBusyError, match=f"process {os.getpid()} on ") as caught:
            Store(run)
        assert caught.value.pid == os.getpid()
    assert current_writer(run.lock_path) is None
    Store(run).close()


def test_a_reader_sees_each_result_while_the_writer_is_in_the_middle_of_another(
    run: RunFolder,
) -> None:
    with Store(run) as store:
        store.start(trial(0), 0.0)
        with StoreReader(run) as reader:
            store._connection.execute("BEGIN IMMEDIATE")
            assert reader.counts() == {TrialState.RUNNING: 1}
            store._connection.execute("UPDATE trials SET state = 'done', value = 1.0")
            assert reader.counts() == {TrialState.RUNNING: 1}
            store._connection.execute("COMMIT")
            assert reader.counts() == {TrialState.DONE: 1}


def test_what_was_running_is_lost_and_queued_again_by_the_next_writer(run: RunFolder) -> None:
    with Store(run) as store:
        store.start(trial(0), 0.0)
    with Store(run) as store:
        assert store.counts() == {TrialState.LOST: 1}
        store.start(trial(0), 1.0)
        stored = store.trial(0)
        assert stored is not None
        assert (stored.state, stored.attempt) == (TrialState.RUNNING, 2)


def test_a_store_of_a_newer_version_is_refused_and_left_alone(run: RunFolder) -> None:
    Store(run).close()
    with sqlite3.connect(run.store_path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    for opener in (Store, StoreReader):
        with pytest.raises(StoreError, match="newer hpsearch"):
            opener(run)
    assert current_writer(run.lock_path) is None


def test_a_file_that_is_no_store_is_named_in_one_line(run: RunFolder) -> None:
    run.store_path.write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(StoreError, match=r"results\.db: file is not a database"):
        StoreReader(run)


def test_a_finished_run_can_be_read_from_a_folder_that_cannot_be_written(run: RunFolder) -> None:
    with Store(run) as store:
        store.start(trial(0), 0.0)
        store.finish(0, Outcome(TrialState.DONE, 1.0))
    run.path.chmod(0o555)
    try:
        with StoreReader(run) as reader:
            assert reader.counts() == {TrialState.DONE: 1}
    finally:
        run.path.chmod(0o755)


def test_settings_and_events_come_back(run: RunFolder) -> None:
    with Store(run) as store:
        store.set_setting("round_sizes", [20, 20])
        store.set_setting("round_sizes", [20, 30])
        store.add_event("started")
        store.add_event("interrupted", "by SIGTERM")
        assert store.setting("round_sizes") == [20, 30]
        assert store.setting("unknown") is None
        assert [(e.kind, e.detail) for e in store.events()][1:] == [
            ("started", ""),
            ("interrupted", "by SIGTERM"),
        ]


def test_a_full_disk_is_said_in_one_line(run: RunFolder) -> None:
    with Store(run) as store:
        store._connection.execute("PRAGMA max_page_count = 16")
        for number in range(10):
            store.start(Trial(number, 1, {"text": "x"}, "random"), 0.0)
        with pytest.raises(StoreError, match=r"results\.db: database or disk is full"):
            store.start(Trial(10, 1, {"text": "x" * 50_000}, "random"), 0.0)
        assert store.counts() == {TrialState.RUNNING: 10}


OLD_TRIAL = (
    "INSERT INTO trials (number, round, params, origin, state, attempt, value) "
    "VALUES (0, 1, '{\"x\": 1}', 'random', 'done', 1, 0.5)"
)


def test_a_store_of_the_first_version_is_read_as_it_is_and_brought_up_by_its_next_writer(
    run: RunFolder,
) -> None:
    with sqlite3.connect(run.store_path) as connection:
        connection.executescript(MIGRATIONS[0] + "PRAGMA user_version = 1;")
        connection.execute(OLD_TRIAL)
    with StoreReader(run) as reader:
        (best,) = reader.best("minimize")
        assert best.outcome is not None
        assert (best.outcome.value, best.outcome.budget, best.trial.parent) == (0.5, None, None)
        assert reader.segments() == []
        assert reader.decisions() == []
    with Store(run) as store:
        assert store.best("minimize") == [best]
        store.add_segment(Segment(Trial(0, 1, {"x": 1}, "random"), 0, 3, is_last=False))
        assert len(store.segments()) == 1
    with sqlite3.connect(run.store_path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_a_value_at_a_lower_budget_is_never_better_than_one_at_a_higher(run: RunFolder) -> None:
    ends = [
        (TrialState.STOPPED, 0.1, 1),
        (TrialState.DONE, 0.4, 27),
        (TrialState.STOPPED, 0.2, 9),
        (TrialState.DONE, 0.3, 27),
        (TrialState.FAILED, None, 27),
    ]
    with Store(run) as store:
        for number, (state, value, budget) in enumerate(ends):
            store.start(trial(number), 0.0)
            store.finish(number, Outcome(state, value, budget=budget))
        assert [s.trial.number for s in store.best("minimize", 9)] == [3, 1, 2, 0]


def test_segments_come_back_in_the_order_of_asking_and_a_second_ask_adds_none(
    run: RunFolder,
) -> None:
    first = Segment(trial(0), 0, 1, 0, is_last=False)
    other = Segment(trial(1), 0, 1, 0, is_last=False)
    second = Segment(trial(0), 1, 3, 1)
    with Store(run) as store:
        for segment in (first, other, second, first):
            store.add_trial(segment.trial)
            store.add_segment(segment)
        done = Outcome(TrialState.DONE, 0.5, budget=3)
        store.finish_segment(StoredSegment(second, done.state, done, 0, 3, "it started over"))
        stored = store.segments()
        assert [s.segment for s in stored] == [first, other, second]
        assert (stored[2].outcome, stored[2].spent) == (done, 3)
        assert store.segments(1)[0].segment == other


def test_what_a_segment_reported_replaces_what_it_had_reported_before(run: RunFolder) -> None:
    with Store(run) as store:
        store.start(trial(0), 0.0)
        outcome = Outcome(TrialState.STOPPED, 0.5)
        store.finish(0, outcome, [(1, {"loss": 1.0})], 0)
        store.finish(0, outcome, [(2, {"loss": 0.9}), (3, {"loss": 0.8})], 1)
        store.finish(0, outcome, [(2, {"loss": 0.7}), (3, {"loss": 0.6})], 1)
        assert [m["loss"] for _, m in store.curve(0)] == [1.0, 0.7, 0.6]
        store.finish(0, outcome, [(step, {"loss": 0.1}) for step in range(1, 5)], 2)
        assert store.curve(0) == [(step, {"loss": 0.1}) for step in range(1, 5)]


def test_a_decision_of_a_kind_replaces_that_of_before(run: RunFolder) -> None:
    with Store(run) as store:
        store.add_decision(Decision(3, 1, "stopped", "5th of 9 so far", {"rank": 5}))
        store.add_decision(Decision(3, None, "kept", "a note"))
        last = Decision(3, 1, "stopped", "7th of 12", {"rank": 7})
        store.add_decision(last)
        assert store.decisions(3) == [Decision(3, None, "kept", "a note"), last]
