"""The Dask runner: each trial is one task on a worker that this runner chooses.

It chooses the worker itself, and gives none more tasks than it has threads: so a worker that dies
takes down exactly the trials that ran there, and nobody else is blamed. `dask_worker` is the far
end. Needs the extra `hpsearch[dask]`.
"""

from __future__ import annotations

import importlib
import logging
import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from distributed import Client, Future
from distributed import TimeoutError as DaskTimeoutError
from distributed.comm import CommClosedError
from tqdm import tqdm

from hpsearch.errors import HpsearchError
from hpsearch.objectives.command import CommandObjective
from hpsearch.objectives.function import FunctionObjective
from hpsearch.objectives.reading import MetricReading
from hpsearch.runners.base import Assignment, Meanwhile, Once, Oversight, do_nothing
from hpsearch.runners.dask_worker import Answer, Work, close_runners, run_on_worker
from hpsearch.runners.limits import Limits
from hpsearch.trial import Outcome, TrialState

LOOK_EVERY_S = 0.5
CONNECT_S = 60.0
LOSSES_ALLOWED = 3
"""How many workers a trial may lose where the config says nothing of retries."""
TOKEN_FILE = ".dask-token"


class DaskRunner:
    """Runs trials on the workers of a Dask cluster.

    Args:
        scheduler: address of a running scheduler, such as tcp://host:8786; or None with
        cluster: `class` and its arguments, such as dask_jobqueue.SLURMCluster.
        run_dir: the run's folder.
        retries: how often a trial whose worker is lost runs again; None: three times.
    Raises:
        HpsearchError: if the cluster cannot be reached or made.
    """

    def __init__(
        self,
        objective: FunctionObjective | CommandObjective,
        metric: MetricReading,
        limits: Limits,
        threads_per_trial: int | None,
        run_dir: Path,
        *,
        scheduler: str | None,
        cluster: Mapping[str, Any] | None,
        retries: int | None,
    ) -> None:
        for name in ("asyncio", "distributed.client"):
            logging.getLogger(name).addFilter(_is_news)
        self._cluster = None if cluster is None else _make_cluster(cluster)
        self._client = _connect(scheduler if self._cluster is None else self._cluster)
        self._address = str(self._client.scheduler.address)
        token_path = run_dir.resolve() / TOKEN_FILE
        token = secrets.token_hex(16)
        token_path.write_text(token)
        self._work = Work(objective, metric, limits, threads_per_trial, str(token_path), token)
        self._losses_allowed = LOSSES_ALLOWED if retries is None else retries
        self._is_stopping = threading.Event()
        self._is_closed = False
        self._places = threading.Condition()
        self._busy: Counter[str] = Counter()
        self._threads: dict[str, int] = {}
        self._looked_at = float("-inf")
        self._has_workers = True

    def slots(self) -> int:
        """Twice the threads of the workers that are there now; waits for the first worker.

        A slot without a place waits for one, so the run follows workers as they come, up to this.
        """
        deadline = time.monotonic() + CONNECT_S
        while not (threads := self._workers(fresh=True)):
            if time.monotonic() > deadline:
                raise HpsearchError(f"no Dask worker has come within {CONNECT_S:g} s")
            time.sleep(LOOK_EVERY_S)
        return 2 * sum(threads.values())

    def run(
        self,
        assignment: Assignment,
        meanwhile: Meanwhile = do_nothing,
        oversight: Oversight | None = None,
    ) -> Outcome:
        """Run one trial on a worker, and again on another one if that is lost."""
        assert oversight is None, "the config does not allow it"
        hand_over = Once(meanwhile)
        started, clock = time.time(), time.perf_counter()
        outcome = self._run(assignment, hand_over)
        hand_over()
        if outcome.started:
            return outcome
        return replace(outcome, started=started, duration_s=time.perf_counter() - clock)

    def stop(self, grace_s: float) -> None:
        """Cancel all the running trials; their workers end them with the config's grace."""
        self._is_stopping.set()
        with self._places:
            self._places.notify_all()

    def close(self) -> None:
        """End what is left on the workers, and the cluster if it is ours."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self._tidy_up()
        except Exception as error:  # a cluster that is gone has nothing left
            if self._client.status == "running":
                raise HpsearchError(f"the Dask workers could not be tidied up: {error}") from error
        finally:
            self._client.close()
            if self._cluster is not None:
                self._cluster.close()
            Path(self._work.token_path).unlink(missing_ok=True)

    def _tidy_up(self) -> None:
        answers = self._client.run(close_runners, self._work.token, on_error="return")
        there = self._workers(fresh=True)
        for worker, answer in answers.items():
            has_died = worker not in there or isinstance(answer, CommClosedError)
            if isinstance(answer, Exception) and not has_died:
                raise answer

    def _run(self, assignment: Assignment, hand_over: Once) -> Outcome:
        losses = 0
        while True:
            worker = self._take_place()
            if worker is None:  # it has waited, not run
                reason = "it was stopped with the run"
                return Outcome(TrialState.LOST, reason=reason, started=time.time())
            try:
                outcome = self._run_on(worker, assignment, hand_over)
            finally:
                self._give_place_back(worker)
            if outcome is not None:
                return outcome
            losses += 1
            if losses > self._losses_allowed:
                times = "time" if losses == 1 else "times"
                reason = f"its Dask worker was lost {losses} {times} while it ran"
                return Outcome(TrialState.FAILED, reason=reason)
            assignment = replace(assignment, attempt=assignment.attempt + 1)

    def _run_on(self, worker: str, assignment: Assignment, hand_over: Once) -> Outcome | None:
        """The outcome; None if the worker was lost."""
        key = f"hpsearch-{self._work.token[:8]}-{assignment.trial.number}-{secrets.token_hex(4)}"
        future = self._client.submit(
            run_on_worker,
            self._work,
            assignment,
            key,
            key=key,
            workers=[worker],
            allow_other_workers=False,
            pure=False,
            retries=0,
        )
        hand_over()
        answer = self._wait(future, worker)
        if not isinstance(answer, Answer):
            future.cancel()
            return answer
        for name, data in answer.files.items():
            path = assignment.trial_dir / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return answer.outcome

    def _wait(self, future: Future, worker: str) -> Answer | Outcome | None:
        while True:
            try:
                answer: Answer = future.result(timeout=LOOK_EVERY_S)
                return answer
            except (DaskTimeoutError, TimeoutError):
                if self._is_stopping.is_set():
                    return Outcome(TrialState.LOST, reason="it was stopped with the run")
                if worker not in self._workers():
                    return None
            except Exception as error:
                if type(error).__name__ in ("KilledWorker", "FutureCancelledError"):
                    return None
                if future.cancelled():
                    return None
                reason = f"Dask: {type(error).__name__}: {error}"
                return Outcome(TrialState.FAILED, reason=" ".join(reason.split())[:300])

    def _workers(self, fresh: bool = False) -> dict[str, int]:
        """Threads of each worker that is there, at most LOOK_EVERY_S old."""
        if fresh or time.monotonic() - self._looked_at > LOOK_EVERY_S:
            try:
                self._threads = dict(self._client.nthreads())
            except (OSError, DaskTimeoutError, TimeoutError) as error:
                raise HpsearchError(
                    f"the Dask scheduler {self._address} is gone; what is done is kept, and "
                    "hpsearch resume goes on"
                ) from error
            self._looked_at = time.monotonic()
        return self._threads

    def _take_place(self) -> str | None:
        with self._places:
            while not self._is_stopping.is_set():
                workers = self._workers()
                self._tell_of_workers(bool(workers))
                free = {
                    worker: threads - self._busy[worker]
                    for worker, threads in workers.items()
                    if threads > self._busy[worker]
                }
                if free:
                    worker = max(free, key=lambda name: (free[name], name))
                    self._busy[worker] += 1
                    return worker
                self._places.wait(LOOK_EVERY_S)
        return None

    def _tell_of_workers(self, has_workers: bool) -> None:
        """Say on the screen that all are gone, and that one is there again."""
        if has_workers != self._has_workers:
            self._has_workers = has_workers
            news = "a worker is there again" if has_workers else "no worker is left; trials wait"
            tqdm.write(f"Dask: {news}", file=sys.stderr)

    def _give_place_back(self, worker: str) -> None:
        with self._places:
            self._busy[worker] -= 1
            self._places.notify()


def _is_news(record: logging.LogRecord) -> bool:
    """Not that a worker was lost with an answer on its way: that trial runs again by itself. Nor
    that the scheduler is gone, which the run itself says."""
    kind = record.exc_info[0] if record.exc_info else None
    is_loss = kind is not None and kind.__name__ == "AllExit"
    is_told = str(record.msg).startswith(("Couldn't gather", "Failed to reconnect to scheduler"))
    return not (is_loss or is_told)


def _make_cluster(settings: Mapping[str, Any]) -> Any:
    arguments = dict(settings)
    reference = str(arguments.pop("class"))
    module, _, name = reference.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)(**arguments)
    except Exception as error:
        raise HpsearchError(f"execution.cluster: {reference}: {error}") from error


def _connect(where: Any) -> Client:
    try:
        return Client(where, timeout=CONNECT_S, set_as_default=False)
    except OSError as error:
        raise HpsearchError(f"execution.scheduler: {where} does not answer: {error}") from error
