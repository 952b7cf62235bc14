"""The worker process of one slot: it loads the objective once and runs trial after trial.

Started by `local` as `python -m hpsearch.runners.worker SETUP COMMANDS REPLIES`; trials come as
lines of JSON on one pipe, outcomes go back on another, and what a trial prints goes to its logs.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from hpsearch.objectives.call import BoundObjective, outcome_of_error
from hpsearch.objectives.function import FunctionObjective
from hpsearch.objectives.handle import TrialHandle
from hpsearch.objectives.reading import MetricReading
from hpsearch.objectives.take import Take
from hpsearch.runners.logs import STDERR_LOG, STDOUT_LOG
from hpsearch.trial import Outcome


def main(setup_json: str, commands_fd: int, replies_fd: int) -> None:
    """Run trials until the pipe of commands ends."""
    for fd in (commands_fd, replies_fd):
        os.set_inheritable(fd, False)  # what the objective starts must not hold the pipes open
    setup = json.loads(setup_json)
    objective = FunctionObjective(setup["reference"], tuple(setup["folders"]))
    name, how, count = setup["metric"]
    metric = MetricReading(name, Take(how, count))
    home = os.getcwd()
    bound: BoundObjective | None = None
    with open(commands_fd, encoding="utf-8") as commands:
        for line in commands:
            job = json.loads(line)
            _redirect_to(job["trial_dir"])
            with contextlib.suppress(OSError):
                os.chdir(home)  # the trial before may have gone elsewhere
            try:
                bound = bound or BoundObjective(objective.load(), metric)
                handle = TrialHandle(
                    job["number"],
                    job["params"],
                    Path(job["trial_dir"]),
                    job["seed"],
                    job["budget"],
                )
                outcome = bound.run(handle)
            except (Exception, SystemExit) as error:
                outcome = outcome_of_error(error)
            if outcome.stderr_tail:
                print(outcome.stderr_tail, file=sys.stderr)
            _flush()
            _reply(replies_fd, outcome)


def _redirect_to(trial_dir: str) -> None:
    for fd, name in ((1, STDOUT_LOG), (2, STDERR_LOG)):
        log = os.open(f"{trial_dir}/{name}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        if log == fd:  # the trial before had closed it
            os.set_inheritable(fd, True)
            continue
        os.dup2(log, fd)
        os.close(log)
    sys.stdout, sys.stderr = _text(sys.stdout, 1), _text(sys.stderr, 2)


def _text(stream: TextIO | None, fd: int) -> TextIO:
    """The stream, or a new one where a trial has closed it."""
    if stream is not None and not stream.closed:
        return stream
    return open(fd, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # closed, or the disk is full
            stream.flush()


def _reply(fd: int, outcome: Outcome) -> None:
    answer: dict[str, Any] = {
        "state": outcome.state.value,
        "value": outcome.value,
        "metrics": dict(outcome.metrics),
        "reason": outcome.reason,
        "exit_code": outcome.exit_code,
    }
    data = (json.dumps(answer) + "\n").encode()
    while data:
        data = data[os.write(fd, data) :]


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    except BrokenPipeError:  # nobody waits for the answer any more
        os._exit(1)
