"""The tables of the store, its versions, and how a new one is made.

`reader` and `writer` use it; nothing else knows any SQL.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hpsearch.errors import StoreError

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
    # Budgets: trials of several segments, and what was decided about them.
    """
    ALTER TABLE trials ADD COLUMN parent INTEGER;
    ALTER TABLE trials ADD COLUMN budget INTEGER;
    ALTER TABLE curves ADD COLUMN segment INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE segments (
        ask INTEGER PRIMARY KEY, trial INTEGER NOT NULL, position INTEGER NOT NULL,
        start INTEGER NOT NULL, budget INTEGER NOT NULL, is_last INTEGER NOT NULL,
        state TEXT NOT NULL, value REAL, reason TEXT, started REAL, duration_s REAL,
        began INTEGER, reached INTEGER, note TEXT, UNIQUE (trial, position)
    );
    CREATE TABLE decisions (
        id INTEGER PRIMARY KEY, trial INTEGER NOT NULL, budget INTEGER NOT NULL,
        kind TEXT NOT NULL, reason TEXT NOT NULL, details TEXT NOT NULL,
        UNIQUE (trial, budget, kind)
    );
    """,
)
"""Migration i brings a store from schema version i to i + 1."""

SCHEMA_VERSION = len(MIGRATIONS)


@contextlib.contextmanager
def said_plainly(path: Path) -> Iterator[None]:
    """What SQLite raises in the block becomes a `StoreError` that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a store to the newest version."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for i, migration in enumerate(MIGRATIONS[version:], start=version):
        connection.executescript(
            f"BEGIN IMMEDIATE; {migration} PRAGMA user_version = {i + 1}; COMMIT;"
        )


def create(path: Path, settings: Mapping[str, Any]) -> None:
    """Make a store under another name and move it into place: nobody ever sees half of one."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with said_plainly(path), contextlib.closing(sqlite3.connect(unfinished)) as connection:
        migrate(connection)
        rows = [(key, json.dumps(value)) for key, value in settings.items()]
        with connection:
            connection.executemany("INSERT INTO settings VALUES (?, ?)", rows)
            connection.execute(
                "INSERT INTO events (time, kind, detail) VALUES (?, 'created', '')", (time.time(),)
            )
    os.replace(unfinished, path)
