"""What `run` and `resume` share: one session from its headline to its last screen, and Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from hpsearch.analysis import OpenedRun, summarize
from hpsearch.cli.screen import print_lines, reference_to, screen_width
from hpsearch.launch import Extension, open_session
from hpsearch.run_folder import RunFolder
from hpsearch.search import Ending, Search
from hpsearch.stopping import StopWatch
from hpsearch.trial import TrialState
from hpsearch.views.progress import Progress
from hpsearch.views.show import show_lines

EXIT_NO_SUCCESS = 3
EXIT_INTERRUPTED = 130
GRACE_AFTER_PATIENCE_S = 5.0
"""Patience (20 s by default) and this fit into the 30 s that batch queues leave before SIGKILL."""


def run_session(
    run: RunFolder,
    runs: Path,
    *,
    jobs: int | None = None,
    extension: Extension | None = None,
    retry_failed: bool = False,
    max_hours: float | None = None,
    until_value: float | None = None,
) -> int:
    """Run one session and print how it went; returns the exit code."""
    with open_session(run, jobs=jobs, extension=extension, retry_failed=retry_failed) as session:
        progress = Progress(
            session.config,
            run.name,
            trials=session.trials,
            rounds=session.rounds,
            jobs=session.jobs,
            stream=sys.stderr,
        )
        for change in session.changes:
            progress.say(f"changed since the start: {change}")
        history = session.strategy.history
        past = [(history.trials[number], o) for number, o in sorted(history.outcomes.items())]
        progress.begin(session.strategy.rounds, past)
        search = session.search(progress, until_value, progress.say)
        with (
            StopWatch(run, search, max_hours),
            _interruptible(search, progress, session.config.execution.grace_s),
        ):
            try:
                ending = search.run()
            finally:
                progress.close()
        succeeded = session.store.counts().get(TrialState.DONE, 0) > 0
    _say_ending(ending, reference_to(run, runs))
    _show(run, runs)
    if ending.kind == "interrupted":
        return EXIT_INTERRUPTED
    return 0 if succeeded else EXIT_NO_SUCCESS


def _show(run: RunFolder, runs: Path) -> None:
    now = time.time()
    with OpenedRun(run) as opened:
        summary = summarize(opened, now)
    print_lines(show_lines(summary, now, screen_width(), reference_to(run, runs)))


def _say_ending(ending: Ending, reference: str) -> None:
    if ending.kind == "interrupted":
        click.echo(f"interrupted; to go on: hpsearch resume {reference}", err=True)
    elif ending.kind == "broken":
        click.echo(
            f"stopped: {ending.detail}\nThe program seems broken, not the values. When it is "
            f"mended: hpsearch resume {reference} --retry-failed",
            err=True,
        )
    elif ending.kind == "stopped":
        click.echo(f"stopped: {ending.detail}; to go on: hpsearch resume {reference}", err=True)
    elif ending.detail:
        click.echo(f"ended early: {ending.detail}", err=True)


@contextmanager
def _interruptible(search: Search, progress: Progress, patience_s: float) -> Iterator[None]:
    """The first SIGINT, SIGTERM or SIGHUP ends the search in good order, the second at once."""
    received = 0

    def handle(signum: int, frame: FrameType | None) -> None:
        nonlocal received
        received += 1
        if received > 2:
            raise KeyboardInterrupt
        patience, grace = (patience_s, GRACE_AFTER_PATIENCE_S) if received == 1 else (0.0, 0.0)
        # A handler must not wait for a lock that the thread it interrupted may hold.
        threading.Thread(
            target=_interrupt, args=(search, progress, patience, grace), daemon=True
        ).start()

    signals = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    # What nohup and shells set to be ignored stays ignored.
    heard = [s for s in signals if signal.getsignal(s) is not signal.SIG_IGN]
    before = {s: signal.signal(s, handle) for s in heard}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def _interrupt(search: Search, progress: Progress, patience_s: float, grace_s: float) -> None:
    running = search.running
    if patience_s > 0 and running:
        trials = "1 running trial" if running == 1 else f"{running} running trials"
        progress.say(
            f"stopping: {trials} may finish within {patience_s:g} s; Ctrl-C again kills them"
        )
    search.end(Ending("interrupted"), patience_s, grace_s)
