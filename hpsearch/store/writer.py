"""Writing a store: the one writer of a run.

Every change is committed before the call returns, so it survives the death of the process;
`Store.sync` makes it survive the loss of power too, and is called before a screen shows a result.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hpsearch.errors import StoreError
from hpsearch.history import Round
from hpsearch.lock import WriterLock
from hpsearch.run_folder import RunFolder
from hpsearch.store.facts import StoredSegment
from hpsearch.store.reader import StoreReader
from hpsearch.store.schema import SCHEMA_VERSION, create, migrate, said_plainly
from hpsearch.trial import Decision, Outcome, Segment, Trial

_FINISH = (
    "UPDATE trials SET state = ?, started = ?, duration_s = ?, value = ?, metrics = ?, reason = ?, "
    "exit_code = ?, signal = ?, stderr_tail = ?, budget = ? WHERE number = ?"
)


class Store(StoreReader):
    """The one writer; made by a search, used by its slots under the search's lock.

    A trial that was running when an earlier writer died is `lost` from here on.

    Args:
        settings: for a store that is made now; they are in it from its first moment.
    Raises:
        RunBusyError: if another process writes this run.
        StoreError: if the disk is full, the file is damaged, and the like.
    """

    def __init__(self, run: RunFolder, settings: Mapping[str, Any] | None = None) -> None:
        self._lock = WriterLock(run.lock_path)
        self._wal_fd = -1
        try:
            if not run.store_path.exists():
                create(run.store_path, settings or {})
            super().__init__(run)
            self._write("UPDATE trials SET state = 'lost' WHERE state = 'running'")
            self._write("UPDATE segments SET state = 'lost' WHERE state = 'running'")
        except BaseException:
            self._lock.release()
            raise

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=30, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        # A commit is in the system's hands at once (0.06 ms); `sync` puts it on the disk (2 ms).
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _check_version(self) -> None:
        super()._check_version()
        migrate(self._connection)
        self._version = SCHEMA_VERSION

    def close(self) -> None:
        """Put everything on the disk and let the next writer in."""
        try:
            super().close()
        finally:
            if self._wal_fd >= 0:
                os.close(self._wal_fd)
                self._wal_fd = -1
            self._lock.release()

    def __enter__(self) -> Store:
        return self

    def _write(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        with said_plainly(self._path):
            self._connection.execute(sql, parameters)

    @contextlib.contextmanager
    def one_change(self) -> Iterator[None]:
        """Everything that is written in the block becomes one commit: all of it, or nothing."""
        if self._connection.in_transaction:
            yield
            return
        self._write("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # a full disk has rolled back already
                self._connection.execute("ROLLBACK")
            raise
        self._write("COMMIT")

    def sync(self) -> None:
        """Wait until everything written so far is on the disk.

        All that is not yet in the database file is in the WAL, and fsync of any descriptor of a
        file writes all of it; SQLite itself syncs what it moves from the one to the other.
        """
        try:
            if self._wal_fd < 0:
                self._wal_fd = os.open(f"{self._path}-wal", os.O_RDONLY)
            os.fsync(self._wal_fd)
        except OSError as error:
            raise StoreError(f"{self._path}-wal: {error.strerror}") from error

    # -------------------------------------------------------------------------- trials

    def add_trial(self, trial: Trial) -> None:
        """A trial was drawn, and waits for its slot; one that is known already waits again."""
        self._write(
            "INSERT INTO trials (number, round, params, origin, parent, state, attempt) "
            "VALUES (?, ?, ?, ?, ?, 'pending', 0) "
            "ON CONFLICT (number) DO UPDATE SET state = 'pending'",
            (trial.number, trial.round, json.dumps(trial.params), trial.origin, trial.parent),
        )

    def start(self, trial: Trial, started: float) -> None:
        """A slot has taken the trial: it is running. One that is known already starts again."""
        with said_plainly(self._path):
            known = self._connection.execute(
                "UPDATE trials SET state = 'running', started = ?, attempt = attempt + 1 "
                "WHERE number = ?",
                (started, trial.number),
            )
        if known.rowcount == 0:
            self._write(
                "INSERT INTO trials "
                "(number, round, params, origin, parent, state, attempt, started) "
                "VALUES (?, ?, ?, ?, ?, 'running', 1, ?)",
                (
                    trial.number,
                    trial.round,
                    json.dumps(trial.params),
                    trial.origin,
                    trial.parent,
                    started,
                ),
            )

    def finish(
        self,
        number: int,
        outcome: Outcome,
        curve: Iterable[tuple[float, Mapping[str, float]]] = (),
        segment: int = 0,
    ) -> None:
        """Record how a trial ended or stands, with what it reported in a segment, as one change.

        The points of a segment that is run again replace its former ones, and those from its first
        step on (it may have started over).
        """
        points = [(step, json.dumps(metrics)) for step, metrics in curve]
        if points:
            with self.one_change():
                self._write_curve(number, segment, points)
                self._write_end(number, outcome, segment)
        else:
            self._write_end(number, outcome, segment)

    def _write_end(self, number: int, outcome: Outcome, segment: int) -> None:
        if segment:  # a trial took as long as all its segments together
            sql = "SELECT total(duration_s) FROM segments WHERE trial = ? AND position < ?"
            before = next(self._rows(sql, (number, segment)))[0]
            outcome = replace(outcome, duration_s=before + outcome.duration_s)
        self._write(_FINISH, _finish_row(number, outcome))

    def _write_curve(self, number: int, segment: int, points: Sequence[tuple[float, str]]) -> None:
        first = 0
        if segment == 0:
            self._write("DELETE FROM curves WHERE trial = ?", (number,))
        else:
            self._write(
                "DELETE FROM curves WHERE trial = ? AND (segment >= ? OR step >= ?)",
                (number, segment, points[0][0]),
            )
            sql = "SELECT coalesce(max(position) + 1, 0) FROM curves WHERE trial = ?"
            first = next(self._rows(sql, (number,)))[0]
        rows = [
            (number, position, step, metrics, segment)
            for position, (step, metrics) in enumerate(points, start=first)
        ]
        with said_plainly(self._path):
            self._connection.executemany("INSERT INTO curves VALUES (?, ?, ?, ?, ?)", rows)

    def revise(self, number: int, outcome: Outcome) -> None:
        """A rule has decided about a trial that had ended: it stands otherwise now."""
        self._write(
            "UPDATE trials SET state = ?, value = ?, reason = ?, budget = ? "
            "WHERE number = ? AND state NOT IN ('pending', 'running', 'lost')",
            (outcome.state.value, outcome.value, outcome.reason or None, outcome.budget, number),
        )

    def queue_again(self, numbers: Iterable[int]) -> None:
        """Forget how these trials ended, and stood at rungs; they wait for a slot again."""
        rows = [(number,) for number in numbers]
        with self.one_change(), said_plainly(self._path):
            self._connection.executemany(
                "UPDATE trials SET state = 'pending', value = NULL, metrics = NULL, reason = NULL, "
                "exit_code = NULL, signal = NULL, stderr_tail = NULL WHERE number = ?",
                rows,
            )
            self._connection.executemany(
                "UPDATE segments SET state = 'pending' WHERE ask = "
                "(SELECT max(ask) FROM segments WHERE trial = ?)",
                rows,
            )
            self._connection.executemany(
                "DELETE FROM decisions WHERE trial = ? "
                "AND kind IN ('promoted', 'stopped', 'undecided')",
                rows,
            )

    # -------------------------------------------------------------------------- budgets

    def add_segment(self, segment: Segment) -> None:
        """A segment was asked for; one that is known already waits again."""
        self._write(
            "INSERT INTO segments (trial, position, start, budget, is_last, state) "
            "VALUES (?, ?, ?, ?, ?, 'pending') "
            "ON CONFLICT (trial, position) DO UPDATE SET state = 'pending'",
            (
                segment.trial.number,
                segment.index,
                segment.start,
                segment.budget,
                segment.is_last,
            ),
        )

    def start_segment(self, segment: Segment) -> None:
        """A slot has taken the segment."""
        self._write(
            "UPDATE segments SET state = 'running' WHERE trial = ? AND position = ?",
            (segment.trial.number, segment.index),
        )

    def finish_segment(self, ended: StoredSegment) -> None:
        """Record how a segment ended by itself."""
        segment, outcome = ended.segment, ended.outcome
        assert outcome is not None
        self._write(
            "UPDATE segments SET state = ?, value = ?, reason = ?, started = ?, duration_s = ?, "
            "began = ?, reached = ?, note = ? WHERE trial = ? AND position = ?",
            (
                outcome.state.value,
                outcome.value,
                outcome.reason or None,
                outcome.started,
                outcome.duration_s,
                ended.began,
                ended.reached,
                ended.note or None,
                segment.trial.number,
                segment.index,
            ),
        )

    def add_decision(self, decision: Decision) -> None:
        """Record what the strategy decided; the same kind at the same budget replaces it."""
        self._write(
            "INSERT OR REPLACE INTO decisions (trial, budget, kind, reason, details) "
            "VALUES (?, ?, ?, ?, ?)",
            (
                decision.trial,
                decision.budget or 0,
                decision.kind,
                decision.reason,
                json.dumps(dict(decision.details)),
            ),
        )

    # -------------------------------------------------------------------------- the run

    def add_round(self, round_: Round) -> None:
        """Record that a round was opened; a round that grew replaces its earlier self."""
        moves = [{"column": m.column, "kind": m.kind, "reason": m.reason} for m in round_.moves]
        self._write(
            "INSERT OR REPLACE INTO rounds VALUES (?, ?, ?, ?, ?, ?)",
            (
                round_.number,
                round_.first_trial,
                round_.trials,
                json.dumps(round_.box.to_json()),
                round_.summary,
                json.dumps(moves),
            ),
        )

    def add_event(self, kind: str, detail: str = "") -> None:
        """Record what happened to the run, now."""
        self._write(
            "INSERT INTO events (time, kind, detail) VALUES (?, ?, ?)", (time.time(), kind, detail)
        )

    def set_setting(self, key: str, value: Any) -> None:
        """Record a setting (anything that JSON can write)."""
        self._write("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, json.dumps(value)))


def _finish_row(number: int, outcome: Outcome) -> tuple[Any, ...]:
    return (
        outcome.state.value,
        outcome.started,
        outcome.duration_s,
        outcome.value,
        json.dumps(dict(outcome.metrics)) if outcome.metrics else None,
        outcome.reason or None,
        outcome.exit_code,
        outcome.signal,
        outcome.stderr_tail or None,
        outcome.budget,
        number,
    )
