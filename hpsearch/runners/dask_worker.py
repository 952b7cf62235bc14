"""What runs inside a Dask worker: the same supervised trial as on this machine.

The program runs in a child of the worker, never in the worker itself, so it cannot take the worker
down. Sent there by `dask`; nothing here is called by the coordinator.
"""

from __future__ import annotations

import atexit
import contextlib
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from distributed import Worker, get_worker

from hpsearch.objectives.command import CommandObjective
from hpsearch.objectives.function import FunctionObjective
from hpsearch.objectives.reading import MetricReading
from hpsearch.runners.base import Assignment, Runner
from hpsearch.runners.command import CommandRunner
from hpsearch.runners.limits import Limits
from hpsearch.runners.local import LocalRunner
from hpsearch.runners.places import Places
from hpsearch.trial import Outcome, TrialState

LOOK_EVERY_S = 0.5
IDLE_S = 60.0
"""A warm process without work for so long is ended: its coordinator is probably gone."""
MOST_BYTES_BACK = 64 << 20
NOT_SHARED = "its Dask worker does not share the run's folder, where the checkpoint is"
WANTED_STATES = ("executing", "long-running", "ready", "waiting", "memory")


@dataclass(frozen=True)
class Work:
    """All that a worker needs for the trials of a run.

    Attributes:
        token_path, token: a file in the run's folder and what it says: a worker that reads the
            same shares the folder.
        threads_per_trial: None shares the worker's cores among its threads.
    """

    objective: FunctionObjective | CommandObjective
    metric: MetricReading
    limits: Limits
    threads_per_trial: int | None
    token_path: str
    token: str


@dataclass(frozen=True)
class Answer:
    """What comes back.

    Attributes:
        files: the trial's files by relative path, where the folder is not shared.
    """

    outcome: Outcome
    files: dict[str, bytes]


class _Bench:
    """The runners of this worker process, one for each of its threads and runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runners: dict[tuple[str, int], tuple[Runner, float]] = {}
        self._sweeper: threading.Thread | None = None

    def take(self, work: Work, threads: int) -> Runner:
        with self._lock:
            runner, _ = self._runners.pop((work.token, threading.get_ident()), (None, 0.0))
            if self._sweeper is None:
                self._sweeper = threading.Thread(target=self._sweep, daemon=True)
                self._sweeper.start()
                atexit.register(self.close)
        return runner or _make_runner(work, threads)

    def give_back(self, work: Work, runner: Runner) -> None:
        with self._lock:
            key = work.token, threading.get_ident()
            self._runners[key] = runner, time.monotonic()

    def close(self, token: str | None = None, idle_s: float = 0.0) -> None:
        now = time.monotonic()
        with self._lock:
            over = [
                key
                for key, (_, used) in self._runners.items()
                if (token is None or key[0] == token) and now - used >= idle_s
            ]
            runners = [self._runners.pop(key)[0] for key in over]
        for runner in runners:
            runner.close()

    def _sweep(self) -> None:
        while True:
            time.sleep(IDLE_S / 4)
            self.close(idle_s=IDLE_S)


_BENCH = _Bench()


def _make_runner(work: Work, threads: int) -> Runner:
    places = Places(jobs=max(1, threads), threads_per_trial=work.threads_per_trial)
    if isinstance(work.objective, FunctionObjective):
        return LocalRunner(work.objective, work.metric, work.limits, places)
    return CommandRunner(work.objective, work.metric, work.limits, places)


def close_runners(token: str) -> None:
    """End what the run has left on this worker."""
    _BENCH.close(token)


def run_on_worker(work: Work, assignment: Assignment, key: str) -> Answer:
    """Run one trial to its end, or until nobody wants it any more.

    Args:
        key: of this very task: when the coordinator cancels it, or dies, Dask forgets the key.
    """
    worker = get_worker()
    is_shared = _reads(work.token_path) == work.token
    if is_shared:
        return Answer(_supervised(work, assignment, worker, key), {})
    if assignment.goes_on:
        return Answer(Outcome(TrialState.FAILED, reason=NOT_SHARED), {})
    folder = Path(tempfile.mkdtemp(prefix="hpsearch-"))
    try:
        here = replace(assignment, trial_dir=folder / assignment.trial_dir.name)
        outcome = _supervised(work, here, worker, key)
        return Answer(outcome, _files_of(here.trial_dir))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _supervised(work: Work, assignment: Assignment, worker: Worker, key: str) -> Outcome:
    runner = _BENCH.take(work, worker.state.nthreads)
    is_over = threading.Event()
    watcher = threading.Thread(
        target=_stop_when_unwanted,
        args=(worker, key, runner, is_over, work.limits.grace_s),
        daemon=True,
    )
    watcher.start()
    outcome = runner.run(assignment)
    is_over.set()
    watcher.join()
    if outcome.state is TrialState.LOST:
        runner.close()  # a runner that was stopped does not start again
    else:
        _BENCH.give_back(work, runner)
    return outcome


def _stop_when_unwanted(
    worker: Worker, key: str, runner: Runner, is_over: threading.Event, grace_s: float
) -> None:
    while not is_over.wait(LOOK_EVERY_S):
        task = worker.state.tasks.get(key)
        if task is None or task.state not in WANTED_STATES:
            runner.stop(grace_s)
            return


def _reads(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _files_of(trial_dir: Path) -> dict[str, bytes]:
    """The files that fit; logs first, then the small ones."""
    found: dict[str, bytes] = {}
    left = MOST_BYTES_BACK
    paths = [path for path in trial_dir.rglob("*") if path.is_file()]
    for path in sorted(paths, key=lambda p: (p.suffix != ".log", p.stat().st_size)):
        with contextlib.suppress(OSError):
            if path.stat().st_size <= left:
                found[str(path.relative_to(trial_dir))] = path.read_bytes()
                left -= len(found[str(path.relative_to(trial_dir))])
    return found
