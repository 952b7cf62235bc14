"""Telling what happened only when it is on the disk, without any slot waiting for the disk.

A thread of its own: news that come faster than it can sync share one sync. Used by `search`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Protocol, TypeAlias, cast

from hpsearch.history import Round
from hpsearch.store import Store
from hpsearch.trial import Outcome, Trial

SYNC_EVERY_S = 0.25
"""A sync costs 2 ms of the disk's time; more often than this, no screen need change."""

Result: TypeAlias = tuple[Trial, Outcome, int]
"""A trial, how it stands, and what its segment has spent of the budget (0 without one)."""
News: TypeAlias = Round | Result | Trial
"""A round that begins, a result, or a trial that goes on."""


class Listener(Protocol):
    """Who is told what happens, to show it."""

    def round_opened(self, round_: Round) -> None:
        """A round begins."""

    def results(self, results: Sequence[Result]) -> None:
        """Trials have ended, and are on the disk."""

    def goes_on(self, trial: Trial) -> None:
        """A trial that had ended at a rung is trained further: it is not finished any more."""


class Announcer:
    """Syncs the store, then tells the listener, in the order of events.

    Args:
        on_error: called from the thread with what the store or the listener raised.
    """

    def __init__(
        self, store: Store, listener: Listener, on_error: Callable[[BaseException], None]
    ) -> None:
        self._store = store
        self._listener = listener
        self._on_error = on_error
        self._changed = threading.Condition()
        self._news: list[News] = []
        self._is_closing = False
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def put(self, news: News) -> None:
        """Something that the store has; returns at once."""
        with self._changed:
            self._news.append(news)
            self._changed.notify()

    def close(self) -> None:
        """Tell what is left, and end."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._news or self._is_closing)
                    news, self._news = self._news, []
                if not news:
                    return
                self._store.sync()
                self._tell(news)
                with self._changed:
                    self._changed.wait_for(lambda: self._is_closing, timeout=SYNC_EVERY_S)
        except BaseException as error:
            self._on_error(error)

    def _tell(self, news: Sequence[News]) -> None:
        for kind, part in groupby(news, type):
            if kind is Round:
                for round_ in part:
                    self._listener.round_opened(cast(Round, round_))
            elif kind is Trial:
                for trial in part:
                    self._listener.goes_on(cast(Trial, trial))
            else:
                self._listener.results(cast(list[Result], list(part)))
