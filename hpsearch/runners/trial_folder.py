"""The folder of a trial before each attempt: there, and free of what an earlier attempt printed."""

from __future__ import annotations

import contextlib
import os

from hpsearch.objectives.handle import METRICS_FILE
from hpsearch.runners.base import Assignment
from hpsearch.runners.logs import STDERR_LOG, STDOUT_LOG

RESULT_FILE = "result.json"


def prepare_folder(assignment: Assignment) -> None:
    """Make the folder; of an earlier attempt, keep the logs and reports under its number.

    `stdout.log` becomes `stdout.attempt-1.log`; checkpoints and other files stay as they are.

    Raises:
        OSError: if the folder cannot be made.
    """
    trial_dir = assignment.trial_dir
    try:
        os.mkdir(trial_dir)
    except FileExistsError:
        if assignment.attempt == 1:
            # A search that was killed before it had written down that the trial was started.
            for name in (STDOUT_LOG, STDERR_LOG, METRICS_FILE, RESULT_FILE):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(trial_dir / name)
    except FileNotFoundError:
        os.makedirs(trial_dir, exist_ok=True)
    if assignment.attempt > 1:
        for name in (STDOUT_LOG, STDERR_LOG, METRICS_FILE, RESULT_FILE):
            stem, dot, suffix = name.partition(".")
            kept = f"{stem}.attempt-{assignment.attempt - 1}{dot}{suffix}"
            with contextlib.suppress(FileNotFoundError):
                os.replace(trial_dir / name, trial_dir / kept)
