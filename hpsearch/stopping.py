"""Ending a running search from outside: a stop file from another shell, or its time is up.

A thread that looks twice a second; `cli` starts it beside a search and decides what it looks for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

from hpsearch.run_folder import RunFolder
from hpsearch.search import Ending, Search

LOOK_EVERY_S = 0.5
NOW = "now"
GRACE_S = 5.0


def request_stop(run: RunFolder, now: bool) -> None:
    """Ask the process that runs the run to end it; with `now`, not to wait for its trials."""
    run.stop_path.write_text(NOW if now else "when the running trials have ended")


class StopWatch:
    """Ends a search when it is asked to, or when its time is up.

    Args:
        max_hours: from now; None for no limit.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        run: RunFolder,
        search: Search,
        max_hours: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run = run
        self._search = search
        self._clock = clock
        self._max_hours = max_hours
        self._ends_at = float("inf") if max_hours is None else clock() + 3600 * max_hours
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        run.stop_path.unlink(missing_ok=True)  # meant for an earlier session

    def __enter__(self) -> StopWatch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()
        self._run.stop_path.unlink(missing_ok=True)

    def _watch(self) -> None:
        while not self._is_over.wait(LOOK_EVERY_S):
            self.look()

    def look(self) -> None:
        """End the search if there is a reason to."""
        if self._run.stop_path.exists():
            ending = Ending("stopped", "by hpsearch stop")
            if self._run.stop_path.read_text() == NOW:
                self._search.end(ending, 0.0, GRACE_S)
            else:
                self._search.start_no_more(ending)
        elif self._clock() >= self._ends_at:
            self._search.start_no_more(Ending("stopped", f"after {self._max_hours:g} hours"))
