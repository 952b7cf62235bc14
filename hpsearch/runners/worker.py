"""The worker process of one slot: it loads the objective once and runs trial after trial.

Started by `local` with `START`; trials come as lines of JSON on one pipe, outcomes go back on
another, and what a trial prints goes to its logs.
"""

from __future__ import annotations

import contextlib
import faulthandler
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

START = "import sys; sys.path[:] = sys.argv[4:]; from hpsearch.runners.worker import start; start()"
"""Program of a worker; its arguments are SETUP, COMMANDS, REPLIES and the coordinator's `sys.path`.

Not `python -m`, which looks into the current folder first: a `json.py` there would end the worker.
"""

IMPORTED = b" "
"""Begins the first line that is written once the objective is imported: JSON does not mind, and who
waits in vain for the rest knows that it is the trial that hangs. Each time it would cost 0.3 ms.
"""


def start() -> None:
    """Run as the arguments say; the objective sees a program without any."""
    setup_json, commands_fd, replies_fd = sys.argv[1:4]
    del sys.argv[1:]
    try:
        main(setup_json, int(commands_fd), int(replies_fd))
    except BrokenPipeError:  # nobody waits for the answer any more
        os._exit(1)


def main(setup_json: str, commands_fd: int, replies_fd: int) -> None:
    """Run trials until the pipe of commands ends."""
    for fd in (commands_fd, replies_fd):
        os.set_inheritable(fd, False)  # what the objective starts must not hold the pipes open
    setup = json.loads(setup_json)
    objective = FunctionObjective(setup["reference"], tuple(setup["folders"]))
    name, how, count = setup["metric"]
    metric = MetricReading(name, Take(how, count))
    home, own_pid = os.getcwd(), os.getpid()
    faulthandler.enable(2)  # a segfault leaves its Python traceback in the trial's stderr.log
    bound: BoundObjective | None = None
    with open(commands_fd, encoding="utf-8") as commands:
        for line in commands:
            job = json.loads(line)
            with contextlib.suppress(OSError):
                os.chdir(home)  # the trial before may have gone elsewhere
            _redirect_to(job["trial_dir"])
            try:
                if bound is None:
                    bound = BoundObjective(objective.load(), metric)
                    os.write(replies_fd, IMPORTED)
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
            if os.getpid() != own_pid:  # the function forked and both came back: one answer only
                os._exit(0)
            _flush()
            if outcome.stderr_tail:
                _write_traceback(job["trial_dir"], outcome.stderr_tail)
            _reply(replies_fd, outcome)


def _redirect_to(trial_dir: str) -> None:
    for fd, name in ((1, STDOUT_LOG), (2, STDERR_LOG)):
        log = os.open(f"{trial_dir}/{name}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        if log == fd:  # the trial before had closed it
            os.set_inheritable(fd, True)
            continue
        os.dup2(log, fd)
        os.close(log)
    # Trials put streams of their own in the place of these (a "tee"), and close what they find.
    sys.stdout = sys.__stdout__ = _text(sys.__stdout__, 1)  # type: ignore[assignment,misc]
    sys.stderr = sys.__stderr__ = _text(sys.__stderr__, 2)  # type: ignore[assignment,misc]


def _text(stream: TextIO | None, fd: int) -> TextIO:
    """The stream, or a new one where a trial has closed it."""
    if stream is not None and not stream.closed:
        return stream
    return open(fd, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        # Closed, or the disk is full, or a trial's own object that has no such method.
        with contextlib.suppress(Exception):
            stream.flush()  # type: ignore[union-attr]


def _write_traceback(trial_dir: str, text: str) -> None:
    """Into the log by its name: the trial may have closed its standard error."""
    with (
        contextlib.suppress(OSError),
        open(f"{trial_dir}/{STDERR_LOG}", "a", encoding="utf-8", errors="backslashreplace") as log,
    ):
        log.write(text + "\n")


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
