"""Reading a store, also while it is being written.

`analysis` calls it from any process; the writer reads through it too.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any

from hpsearch.errors import StoreError
from hpsearch.history import Move, Round
from hpsearch.run_folder import RunFolder
from hpsearch.space import Box
from hpsearch.store.facts import Event, StoredSegment, StoredTrial, Tally
from hpsearch.store.schema import SCHEMA_VERSION, said_plainly
from hpsearch.trial import INCUMBENT, Decision, Outcome, Segment, Trial, TrialState

FINISHED = tuple(state.value for state in TrialState if state.is_finished)


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
        with said_plainly(self._path):
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
        self._version: int = version
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
        with said_plainly(self._path):
            yield from self._connection.execute(sql, parameters)

    # -------------------------------------------------------------------------- trials

    _COLUMNS = (
        "number, round, params, origin, state, attempt, started, duration_s, value, metrics, "
        "reason, exit_code, signal, stderr_tail"
    )

    @property
    def _columns(self) -> str:
        # A run of an older hpsearch is read as it is, before anyone resumes it.
        return f"{self._COLUMNS}, {'parent, budget' if self._version > 1 else 'NULL, NULL'}"

    def trials(self, state: TrialState | None = None) -> Iterator[StoredTrial]:
        """All the trials, or those in one state, in the order of their numbers."""
        where, parameters = ("WHERE state = ?", (state.value,)) if state else ("", ())
        sql = f"SELECT {self._columns} FROM trials {where} ORDER BY number"
        return map(_stored_trial, self._rows(sql, parameters))

    def trial(self, number: int) -> StoredTrial | None:
        """One trial; None if there is none of this number."""
        sql = f"SELECT {self._columns} FROM trials WHERE number = ?"
        return next(map(_stored_trial, self._rows(sql, (number,))), None)

    def best(
        self, goal: str, count: int = 1, incumbent: Decision | None = None
    ) -> list[StoredTrial]:
        """The best trials that have a value, best first; the earlier one where values are equal.

        With a budget those that were trained longest come first: a value at a lower budget is not
        final, and does not compare with one at a higher.

        Args:
            goal: `minimize` or `maximize`.
            incumbent: names the trial that comes first where values are noisy; None where the
                values decide.
        """
        order = "ASC" if goal == "minimize" else "DESC"
        first = f"number <> {incumbent.trial}, " if incumbent is not None else ""
        longest = "state = 'stopped', budget DESC, " if self._version > 1 else ""
        if self.setting("panda") is not None:  # any day can be the best, if it was kept
            longest = "state = 'stopped', "
        sql = (
            f"SELECT {self._columns} FROM trials WHERE state IN ('done', 'stopped') "
            f"AND value IS NOT NULL ORDER BY {first}{longest}value {order}, number LIMIT ?"
        )
        return list(map(_stored_trial, self._rows(sql, (count,))))

    def values(self) -> list[tuple[int, int, float]]:
        """(number, round, value) of each trial that is done, in the order of their numbers."""
        return list(
            self._rows(
                "SELECT number, round, value FROM trials WHERE state = 'done' ORDER BY number"
            )
        )

    def metric_names(self) -> list[str]:
        """Of the other numbers that trials returned, in the order in which they first came."""
        sql = (
            "SELECT key FROM trials, json_each(trials.metrics) WHERE metrics IS NOT NULL "
            "GROUP BY key ORDER BY min(number), min(json_each.id)"
        )
        return [name for (name,) in self._rows(sql)]

    def counts(self) -> dict[TrialState, int]:
        """How many trials are in each state; states without a trial are absent."""
        rows = self._rows("SELECT state, count(*) FROM trials GROUP BY state")
        return {TrialState(state): count for state, count in rows}

    def curve(self, number: int) -> list[tuple[float, dict[str, float]]]:
        """What a trial reported: (step, metrics) in the order of the reports."""
        sql = "SELECT step, metrics FROM curves WHERE trial = ? ORDER BY position"
        return [(step, json.loads(metrics)) for step, metrics in self._rows(sql, (number,))]

    def attempts(self) -> dict[int, int]:
        """How often each trial was started that may be started again."""
        over = [state for state in FINISHED if state != TrialState.STOPPED.value]
        marks = ", ".join("?" * len(over))
        sql = f"SELECT number, attempt FROM trials WHERE state NOT IN ({marks})"
        return dict(self._rows(sql, over))

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

    def failures(self) -> Iterator[tuple[int, TrialState, str, int | None]]:
        """(number, state, reason, exit code) of the failed, timed out and diverged trials, by
        number."""
        sql = (
            "SELECT number, state, coalesce(reason, ''), exit_code FROM trials "
            "WHERE state IN ('failed', 'timeout', 'diverged') ORDER BY number"
        )
        return ((number, TrialState(state), *how) for number, state, *how in self._rows(sql))

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

    # -------------------------------------------------------------------------- budgets

    def segments(self, trial: int | None = None) -> list[StoredSegment]:
        """The segments of trials that have a budget, in the order of asking; or those of one."""
        if self._version < 2:
            return []
        where, parameters = ("WHERE s.trial = ?", (trial,)) if trial is not None else ("", ())
        sql = (
            "SELECT s.position, s.start, s.budget, s.is_last, s.state, s.value, s.reason, "
            "s.started, s.duration_s, s.began, s.reached, s.note, "
            "t.number, t.round, t.params, t.origin, t.parent "
            f"FROM segments s JOIN trials t ON t.number = s.trial {where} ORDER BY s.ask"
        )
        return list(map(_stored_segment, self._rows(sql, parameters)))

    def segment_curves(self) -> dict[tuple[int, int], list[tuple[float, dict[str, float]]]]:
        """(trial, position of the segment) -> what was reported in it."""
        curves: dict[tuple[int, int], list[tuple[float, dict[str, float]]]] = {}
        sql = "SELECT trial, segment, step, metrics FROM curves ORDER BY trial, position"
        for trial, segment, step, metrics in self._rows(sql) if self._version > 1 else ():
            curves.setdefault((trial, segment), []).append((step, json.loads(metrics)))
        return curves

    def decisions(self, trial: int | None = None) -> list[Decision]:
        """What the strategy decided, in order; or what it decided about one trial."""
        if self._version < 2:
            return []
        where, parameters = ("WHERE trial = ?", (trial,)) if trial is not None else ("", ())
        sql = f"SELECT trial, budget, kind, reason, details FROM decisions {where} ORDER BY id"
        return [
            Decision(number, budget or None, kind, reason, json.loads(details))
            for number, budget, kind, reason, details in self._rows(sql, parameters)
        ]

    def incumbent(self) -> Decision | None:
        """Which trial is the best of noisy ones, and why; None where the best value decides.

        It was named when a search ended, and does not hold once more trials have.
        """
        if self._version < 2:
            return None
        sql = "SELECT trial FROM decisions WHERE kind = ? ORDER BY id DESC LIMIT 1"
        for (trial,) in self._rows(sql, (INCUMBENT,)):
            decision = [d for d in self.decisions(trial) if d.kind == INCUMBENT][-1]
            ended = (n for state, n in self.counts().items() if state.is_finished)
            if decision.details["of"] == sum(ended):
                return decision
        return None

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


def _stored_trial(row: tuple[Any, ...]) -> StoredTrial:
    (number, round_, params, origin, state_name, attempt, started, duration_s, *rest) = row
    value, metrics, reason, exit_code, signal, stderr_tail, parent, budget = rest
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
            budget=budget,
        )
    trial = Trial(number, round_, json.loads(params), origin, parent)
    return StoredTrial(trial, state, attempt, started, outcome)


def _stored_segment(row: tuple[Any, ...]) -> StoredSegment:
    (position, start, budget, is_last, state_name, value, reason, started, duration_s, *rest) = row
    began, reached, note, number, round_, params, origin, parent = rest
    state = TrialState(state_name)
    outcome = None
    if state.is_finished:
        outcome = Outcome(
            state=state,
            value=value,
            reason=reason or "",
            started=started or 0.0,
            duration_s=duration_s or 0.0,
            budget=budget,
        )
    trial = Trial(number, round_, json.loads(params), origin, parent)
    segment = Segment(trial, position, budget, start, bool(is_last))
    return StoredSegment(segment, state, outcome, began, reached, note or "")
