"""Running whole searches in processes of their own, and comparing what their stores hold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hpsearch.run_folder import RunFolder, find_run
from hpsearch.store import StoreReader
from hpsearch.trial import TrialState

CONFIG = """\
name: bowl
objective: {{function: "tests.objectives.steady:{function}"}}
metric: {{name: value, goal: {goal}}}
space:
  x: {{min: 0.0, max: 1.0}}
  y: {{min: 0.0, max: 1.0}}
search: {{sampler: {sampler}, rounds: {rounds}, trials: {trials}, seed: 3}}
execution: {{jobs: {jobs}, runner: {runner}, grace: {grace}}}
"""

STARTED: list[subprocess.Popen[str]] = []
"""What `start` has started; conftest kills what a failed test has left."""


def write_config(
    folder: Path,
    function: str = "bowl",
    *,
    sampler: str = "random",
    rounds: int = 3,
    trials: int = 30,
    jobs: int = 2,
    runner: str = "local",
    grace: str = "5s",
    goal: str = "minimize",
) -> Path:
    path = folder / "bowl.yaml"
    path.write_text(
        CONFIG.format(
            function=function,
            sampler=sampler,
            rounds=rounds,
            trials=trials,
            jobs=jobs,
            runner=runner,
            grace=grace,
            goal=goal,
        )
    )
    return path


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "hpsearch", *map(str, arguments)]


def _hear_every_signal() -> None:
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_DFL)  # nohup had them ignored, and that is inherited


def wait_for_line(process: subprocess.Popen[str], fragment: str) -> None:
    """Read stderr up to the line that has the fragment."""
    assert process.stderr is not None
    for line in process.stderr:
        if fragment in line:
            return
    raise AssertionError(f"it ended without a line that says {fragment!r}")


def start(folder: Path, *arguments: object, **environment: str) -> subprocess.Popen[str]:
    """hpsearch in the folder, in a session of its own as in a terminal of its own."""
    root = Path(__file__).parent.parent
    path = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    # As in an activated environment: `python` in a command is the one that runs the tests.
    programs = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    process = subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PATH": programs, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_hear_every_signal,
    )
    STARTED.append(process)
    return process


def hpsearch(
    folder: Path, *arguments: object, **environment: str
) -> subprocess.CompletedProcess[str]:
    process = start(folder, *arguments, **environment)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def last_run(folder: Path) -> RunFolder:
    return find_run(folder / "runs", "last")


def trials_of(run: RunFolder) -> list[dict[str, Any]]:
    """All that must be the same in every run of the same config and seed."""
    with StoreReader(run) as reader:
        return [
            {
                "number": s.trial.number,
                "round": s.trial.round,
                "params": s.trial.params,
                "origin": s.trial.origin,
                "state": s.state,
                "value": s.outcome.value if s.outcome else None,
            }
            for s in reader.trials()
        ]


def states_of(run: RunFolder) -> list[TrialState]:
    """States of the trials that have been started; the next ones are drawn ahead, and pending."""
    states = [trial["state"] for trial in trials_of(run)]
    return [state for state in states if state is not TrialState.PENDING]


def boxes_of(run: RunFolder) -> list[dict[str, Any]]:
    with StoreReader(run) as reader:
        return [round_.box.to_json() for round_ in reader.rounds()]


def done_numbers(run: RunFolder) -> set[int]:
    with StoreReader(run) as reader:
        return {s.trial.number for s in reader.trials(TrialState.DONE)}


def eventually(condition: Callable[[], object], within_s: float = 20.0) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
