"""What `run` and `resume` share: one session, its last screen, and the exit code."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from pathlib import Path

from hpsearch.analysis import OpenedRun, summarize
from hpsearch.cli.screen import print_lines, reference_to, screen_width
from hpsearch.errors import NobodyReadsError
from hpsearch.resuming import Extension
from hpsearch.run_folder import RunFolder
from hpsearch.running import run_session as run_watched
from hpsearch.signals import Signals
from hpsearch.trial import TrialState
from hpsearch.views.show import show_lines

EXIT_NO_SUCCESS = 3
EXIT_INTERRUPTED = 130


def run_session(
    run: RunFolder,
    runs: Path,
    *,
    jobs: int | None = None,
    extension: Extension | None = None,
    retry_failed: bool = False,
    max_hours: float | None = None,
    until_value: float | None = None,
    notes: tuple[str, ...] = (),
    signals: Signals | None = None,
) -> int:
    """Run one session and print how it went, after the notes; returns the exit code."""
    result = run_watched(
        run,
        reference_to(run, runs),
        sys.stderr,
        jobs=jobs,
        extension=extension,
        retry_failed=retry_failed,
        max_hours=max_hours,
        until_value=until_value,
        notes=notes,
        signals=signals,
    )
    exit_code = show_result(run, runs)
    if result.ending.kind == "interrupted":
        return EXIT_INTERRUPTED
    return exit_code


def show_result(run: RunFolder, runs: Path) -> int:
    """Print how the run stands; returns the exit code that says whether a trial has succeeded."""
    now = time.time()
    with OpenedRun(run) as opened:
        summary = summarize(opened, now)
    with suppress(NobodyReadsError):  # the exit code is about the trials, whoever reads the screen
        print_lines(show_lines(summary, now, screen_width(), reference_to(run, runs)))
    return 0 if summary.counts.get(TrialState.DONE) else EXIT_NO_SUCCESS
