"""The results store of one run: SQLite in WAL mode, one writer, readers that never wait.

Every change is committed before the call returns, so it survives the death of the process;
`Store.sync` makes it survive the loss of power too, and is called before a screen shows a result.
The search writes; `analysis` reads, at any time and from any process.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from hpsearch.errors import StoreError
from hpsearch.history import Move, Round
from hpsearch.lock import WriterLock
from hpsearch.run_folder import RunFolder
from hpsearch.space import Box
from hpsearch.trial import Outcome, Trial, TrialState

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE rounds (
        number INTEGER PRIMARY KEY, first_trial INTEGER NOT NULL, trials INTEGER NOT NULL,
        box TEXT NOT NULL, summary TEXT NOT NULL, moves TEXT NOT NULL
    );
    CREATE TABLE trials (
        number INTEGER PRIMARY KEY, round INTEGER NOT NULL, params TEXT NOT NULL,
        origin TEXT NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL,
        started REAL, duration_s REAL, value REAL, metrics TEXT, reason TEXT,
        exit_code INTEGER, signal TEXT, stderr_tail TEXT
    );
    CREATE TABLE curves (
        trial INTEGER NOT NULL, position INTEGER NOT NULL, step REAL NOT NULL,
        metrics TEXT NOT NULL, PRIMARY KEY (trial, position)
    ) WITHOUT ROWID;
    CREATE TABLE events (
        id INTEGER PRIMARY KEY, time REAL NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL
    );
    """,
)
"""Migration i brings a store from schema version i to i + 1."""

SCHEMA_VERSION = len(MIGRATIONS)
_FINISH = (
    "UPDATE trials SET state = ?, started = ?, duration_s = ?, value = ?, metrics = ?, reason = ?, "
    "exit_code = ?, signal = ?, stderr_tail = ? WHERE number = ?"
)
FINISHED = tuple(state.value for state in TrialState if state.is_finished)


@dataclass(frozen=True)
class StoredTrial:
    """A trial as the store has it.

    Attributes:
        attempt: 1, and one more for each time it was queued again.
        outcome: None while it is not finished.
        started: seconds since the epoch; None before its first start.
    """

    trial: Trial
    state: TrialState
    attempt: int
    started: float | None
    outcome: Outcome | None


@dataclass(frozen=True)
class Tally:
    """How many trials of a round are in a state.

    Attributes:
        duration_s: wall seconds of all of them together.
    """

    round: int
    state: TrialState
    trials: int
    duration_s: float


@dataclass(frozen=True)
class Event:
    """Something that happened to the run as a whole.

    Attributes:
        time: seconds since the epoch.
        kind: `created`, `started`, `resumed` or `extended`, or how a session ended: `finished`,
            `stopped`, `interrupted` or `broken`.
        detail: more words; may be empty.
    """

    time: float
    kind: str
    detail: str


@contextlib.contextmanager
def _said_plainly(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error


class StoreReader:
    """Reads a store, also while it is being written.

    Raises:
        StoreError: if the file cannot be read, or a newer hpsearch wrote it.
    """

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self._path = run.store_path
        if not self._path.is_file():
            raise StoreError(f"{self._path}: there is no results store here")
        with _said_plainly(self._path):
            self._connection = self._connect()
            self._check_version()

    def _connect(self) -> sqlite3.Connection:
        uri = self._path.resolve().as_uri()
        connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=30)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError:
            # A folder that cannot be written has no room for WAL's index; nobody writes there then.
            connection.close()
            connection = sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True)
        return connection

    def _check_version(self) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{self._path}: written by a newer hpsearch (store version {version}; this one "
                f"reads up to {SCHEMA_VERSION}); update hpsearch"
            )

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> StoreReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        with _said_plainly(self._path):
            yield from self._connection.execute(sql, parameters)

    # -------------------------------------------------------------------------- trials

    _COLUMNS = (
        "number, round, params, origin, state, attempt, started, duration_s, value, metrics, "
        "reason, exit_code, signal, stderr_tail"
    )

    def trials(self, state: TrialState | None = None) -> Iterator[StoredTrial]:
        """All the trials, or those in one state, in the order of their numbers."""
        where, parameters = ("WHERE state = ?", (state.value,)) if state else ("", ())
        sql = f"SELECT {self._COLUMNS} FROM trials {where} ORDER BY number"
        return map(_stored_trial, self._rows(sql, parameters))

    def trial(self, number: int) -> StoredTrial | None:
        """One trial; None if there is none of this number."""
        sql = f"SELECT {self._COLUMNS} FROM trials WHERE number = ?"
        return next(map(_stored_trial, self._rows(sql, (number,))), None)

    def best(self, goal: str, count: int = 1) -> list[StoredTrial]:
        """The best trials that are done, best first; the earlier one where values are equal.

        Args:
            goal: `minimize` or `maximize`.
        """
        order = "ASC" if goal == "minimize" else "DESC"
        sql = (
            f"SELECT {self._COLUMNS} FROM trials WHERE state = 'done' "
            f"ORDER BY value {order}, number LIMIT ?"
        )
        return list(map(_stored_trial, self._rows(sql, (count,))))

    def values(self) -> list[tuple[int, int, float]]:
        """(number, round, value) of each trial that is done, in the order of their numbers."""
        return list(
            self._rows(
                "SELECT number, round, value FROM trials WHERE state = 'done' ORDER BY number"
            )
        )

    def counts(self) -> dict[TrialState, int]:
        """How many trials are in each state; states without a trial are absent."""
        rows = self._rows("SELECT state, count(*) FROM trials GROUP BY state")
        return {TrialState(state): count for state, count in rows}

    def curve(self, number: int) -> list[tuple[float, dict[str, float]]]:
        """What a trial reported: (step, metrics) in the order of the reports."""
        sql = "SELECT step, metrics FROM curves WHERE trial = ? ORDER BY position"
        return [(step, json.loads(metrics)) for step, metrics in self._rows(sql, (number,))]

    def attempts(self) -> dict[int, int]:
        """How often each trial that is not finished was started."""
        marks = ", ".join("?" * len(FINISHED))
        sql = f"SELECT number, attempt FROM trials WHERE state NOT IN ({marks})"
        return dict(self._rows(sql, FINISHED))

    def busy_span_s(self) -> float:
        """Wall seconds that all the finished trials took together."""
        sql = "SELECT coalesce(sum(duration_s), 0) FROM trials"
        return float(next(self._rows(sql))[0])

    def tallies(self) -> list[Tally]:
        """How the trials of each round stand, in one pass over the store."""
        sql = (
            "SELECT round, state, count(*), coalesce(sum(duration_s), 0) FROM trials "
            "GROUP BY round, state ORDER BY round"
        )
        return [
            Tally(round_, TrialState(state), trials, duration_s)
            for round_, state, trials, duration_s in self._rows(sql)
        ]

    def failures(self) -> Iterator[tuple[int, TrialState, str]]:
        """(number, state, reason) of the failed, timed out and diverged trials, by number."""
        sql = (
            "SELECT number, state, coalesce(reason, '') FROM trials "
            "WHERE state IN ('failed', 'timeout', 'diverged') ORDER BY number"
        )
        rows = self._rows(sql)
        return ((number, TrialState(state), reason) for number, state, reason in rows)

    def points(self, numbers: Iterable[int]) -> list[tuple[int, TrialState, dict[str, Any]]]:
        """(number, state, values) of those of these trials that there are, by number."""
        sql = (
            "SELECT number, state, params FROM trials "
            "WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number"
        )
        rows = self._rows(sql, (json.dumps(list(numbers)),))
        return [(number, TrialState(state), json.loads(params)) for number, state, params in rows]

    def last_activity(self, before: float) -> float | None:
        """When a trial was last seen to start or end, of those started before a time (epoch)."""
        sql = "SELECT max(started + coalesce(duration_s, 0)) FROM trials WHERE started < ?"
        last: float | None = next(self._rows(sql, (before,)))[0]
        return last

    # -------------------------------------------------------------------------- the run

    def rounds(self) -> list[Round]:
        """The rounds that were opened, in order."""
        sql = "SELECT number, first_trial, trials, box, summary, moves FROM rounds ORDER BY number"
        return [
            Round(
                number,
                first_trial,
                trials,
                Box.from_json(json.loads(box)),
                summary,
                tuple(Move(**move) for move in json.loads(moves)),
            )
            for number, first_trial, trials, box, summary, moves in self._rows(sql)
        ]

    def events(self) -> list[Event]:
        """What happened to the run, in order."""
        return [
            Event(*row) for row in self._rows("SELECT time, kind, detail FROM events ORDER BY id")
        ]

    def setting(self, key: str) -> Any:
        """A stored setting (JSON); None if it was never set."""
        rows = self._rows("SELECT value FROM settings WHERE key = ?", (key,))
        return next((json.loads(value) for (value,) in rows), None)


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
                _create(run.store_path, settings or {})
            super().__init__(run)
            self._write("UPDATE trials SET state = 'lost' WHERE state = 'running'")
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
        _migrate(self._connection)

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
        with _said_plainly(self._path):
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
            "INSERT INTO trials (number, round, params, origin, state, attempt) "
            "VALUES (?, ?, ?, ?, 'pending', 0) "
            "ON CONFLICT (number) DO UPDATE SET state = 'pending'",
            (trial.number, trial.round, json.dumps(trial.params), trial.origin),
        )

    def start(self, trial: Trial, started: float) -> None:
        """A slot has taken the trial: it is running. One that is known already starts again."""
        with _said_plainly(self._path):
            known = self._connection.execute(
                "UPDATE trials SET state = 'running', started = ?, attempt = attempt + 1 "
                "WHERE number = ?",
                (started, trial.number),
            )
        if known.rowcount == 0:
            self._write(
                "INSERT INTO trials (number, round, params, origin, state, attempt, started) "
                "VALUES (?, ?, ?, ?, 'running', 1, ?)",
                (trial.number, trial.round, json.dumps(trial.params), trial.origin, started),
            )

    def finish(
        self,
        number: int,
        outcome: Outcome,
        curve: Iterable[tuple[float, Mapping[str, float]]] = (),
    ) -> None:
        """Record how a trial ended, with its learning curve, as one change."""
        points = [
            (number, position, step, json.dumps(metrics))
            for position, (step, metrics) in enumerate(curve)
        ]
        values = (
            outcome.state.value,
            outcome.started,
            outcome.duration_s,
            outcome.value,
            json.dumps(dict(outcome.metrics)) if outcome.metrics else None,
            outcome.reason or None,
            outcome.exit_code,
            outcome.signal,
            outcome.stderr_tail or None,
            number,
        )
        if points:
            with self.one_change():
                self._write("DELETE FROM curves WHERE trial = ?", (number,))
                with _said_plainly(self._path):
                    self._connection.executemany("INSERT INTO curves VALUES (?, ?, ?, ?)", points)
                self._write(_FINISH, values)
        else:
            self._write(_FINISH, values)

    def queue_again(self, numbers: Iterable[int]) -> None:
        """Forget how these trials ended; they wait for a slot again."""
        with self.one_change(), _said_plainly(self._path):
            self._connection.executemany(
                "UPDATE trials SET state = 'pending', value = NULL, metrics = NULL, reason = NULL, "
                "exit_code = NULL, signal = NULL, stderr_tail = NULL WHERE number = ?",
                [(number,) for number in numbers],
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


def _migrate(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for i, migration in enumerate(MIGRATIONS[version:], start=version):
        connection.executescript(
            f"BEGIN IMMEDIATE; {migration} PRAGMA user_version = {i + 1}; COMMIT;"
        )


def _create(path: Path, settings: Mapping[str, Any]) -> None:
    """Make a store under another name and move it into place: nobody ever sees half of one."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with _said_plainly(path), contextlib.closing(sqlite3.connect(unfinished)) as connection:
        _migrate(connection)
        rows = [(key, json.dumps(value)) for key, value in settings.items()]
        with connection:
            connection.executemany("INSERT INTO settings VALUES (?, ?)", rows)
            connection.execute(
                "INSERT INTO events (time, kind, detail) VALUES (?, 'created', '')", (time.time(),)
            )
    os.replace(unfinished, path)


def _stored_trial(row: tuple[Any, ...]) -> StoredTrial:
    (number, round_, params, origin, state_name, attempt, started, duration_s, *rest) = row
    value, metrics, reason, exit_code, signal, stderr_tail = rest
    state = TrialState(state_name)
    outcome = None
    if state.is_finished:
        outcome = Outcome(
            state=state,
            value=value,
            metrics=json.loads(metrics) if metrics else {},
            reason=reason or "",
            exit_code=exit_code,
            signal=signal,
            stderr_tail=stderr_tail or "",
            started=started or 0.0,
            duration_s=duration_s or 0.0,
        )
    trial = Trial(number, round_, json.loads(params), origin)
    return StoredTrial(trial, state, attempt, started, outcome)
