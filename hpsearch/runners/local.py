"""The local runner: each slot has a warm worker process of its own for a Python function.

A crash, a kill or a time limit ends that worker and its trial alone; the slot's next trial gets a
new one. A round trip costs about 0.1 ms; a process for each trial would cost 100 ms with NumPy.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hpsearch.objectives.function import FunctionObjective
from hpsearch.objectives.reading import MetricReading
from hpsearch.runners.base import Assignment, Meanwhile
from hpsearch.runners.limits import Limits
from hpsearch.runners.logs import STDERR_LOG, read_tail
from hpsearch.runners.places import Places
from hpsearch.runners.process import ChildProcess, describe_end
from hpsearch.runners.supervised import SupervisedRunner
from hpsearch.runners.supervisor import Verdict, Watch, outcome_of_limit, watch
from hpsearch.runners.trial_folder import prepare_folder
from hpsearch.trial import Outcome, TrialState

GOODBYE_S = 2.0
"""How long a worker may take to end by itself when there is no more work."""


@dataclass(frozen=True)
class _Worker:
    child: ChildProcess
    commands_fd: int
    replies_fd: int

    def send(self, job: bytes) -> None:
        while job:
            job = job[os.write(self.commands_fd, job) :]

    def close_pipes(self) -> None:
        os.close(self.commands_fd)
        os.close(self.replies_fd)


class LocalRunner(SupervisedRunner):
    """Runs Python functions in worker processes on this machine."""

    def __init__(
        self,
        objective: FunctionObjective,
        metric: MetricReading,
        limits: Limits | None = None,
        places: Places | None = None,
    ) -> None:
        super().__init__(metric, limits, places)
        self._setup = json.dumps(
            {
                "reference": objective.reference,
                "folders": objective.folders,
                "metric": [metric.name, metric.take.how, metric.take.count],
            }
        )
        self._workers: dict[int, _Worker] = {}

    def close(self) -> None:
        """Let idle workers end by themselves; kill what is left of them."""
        workers, self._workers = list(self._workers.values()), {}
        for worker in workers:
            worker.close_pipes()
        deadline = time.monotonic() + GOODBYE_S
        for worker in workers:
            while not worker.child.has_ended() and time.monotonic() < deadline:
                time.sleep(0.005)
            worker.child.reap()
        super().close()

    def _run(self, assignment: Assignment, meanwhile: Meanwhile) -> Outcome:
        prepare_folder(assignment)
        trial_dir = assignment.trial_dir
        worker = self._send(assignment)
        meanwhile()
        seen = watch(
            worker.child,
            self._stop,
            self._limits,
            reply_fd=worker.replies_fd,
            trial_dir=trial_dir,
        )
        if seen.verdict is Verdict.ANSWERED:
            outcome = _outcome_of_answer(json.loads(seen.answer), trial_dir)
            note = self._limits.memory_note(outcome.stderr_tail)
            return replace(outcome, reason=outcome.reason + note) if note else outcome
        del self._workers[assignment.slot]
        code = worker.child.reap()
        worker.close_pipes()
        return self._outcome_of_end(seen, code, trial_dir)

    def _send(self, assignment: Assignment) -> _Worker:
        trial = assignment.trial
        job = {
            "number": trial.number,
            "params": dict(trial.params),
            "trial_dir": str(assignment.trial_dir),
            "seed": assignment.seed,
            "budget": assignment.budget,
        }
        line = (json.dumps(job) + "\n").encode()
        worker = self._workers.get(assignment.slot)
        if worker is not None:
            try:
                worker.send(line)
                return worker
            except BrokenPipeError:  # it was killed while it was idle: no trial's fault
                worker.child.reap()
                worker.close_pipes()
        worker = self._workers[assignment.slot] = self._start_worker(assignment)
        # A worker that cannot even start is found by the watch.
        with contextlib.suppress(BrokenPipeError):
            worker.send(line)
        return worker

    def _start_worker(self, assignment: Assignment) -> _Worker:
        commands_read, commands_write = os.pipe()
        replies_read, replies_write = os.pipe()
        # What goes wrong before the worker redirects its own output is the first trial's to show.
        log = os.open(
            assignment.trial_dir / STDERR_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644
        )
        command = [sys.executable, "-m", "hpsearch.runners.worker", self._setup]
        try:
            child = self._guard.start(
                [*command, str(commands_read), str(replies_write)],
                env=self._places.environment(os.environ, assignment.slot),
                stdout=log,
                stderr=log,
                pass_fds=(commands_read, replies_write),
            )
        except OSError:
            os.close(commands_write)
            os.close(replies_read)
            raise
        finally:
            for fd in (commands_read, replies_write, log):
                os.close(fd)
        self._limits.limit_memory(child.pid)
        return _Worker(child, commands_write, replies_read)

    def _outcome_of_end(self, seen: Watch, code: int, trial_dir: Path) -> Outcome:
        if seen.verdict is Verdict.STOPPED:
            return Outcome(TrialState.LOST, reason="it was stopped with the run")
        tail = read_tail(trial_dir / STDERR_LOG)
        if seen.verdict in (Verdict.TIMED_OUT, Verdict.SILENT):
            return outcome_of_limit(seen.verdict, self._limits, tail)
        words, exit_code, signal_name = describe_end(code)
        return Outcome(
            TrialState.FAILED,
            reason=f"the process {words} before the function returned"
            + self._limits.memory_note(tail),
            exit_code=exit_code,
            signal=signal_name,
            stderr_tail=tail,
        )


def _outcome_of_answer(answer: Mapping[str, object], trial_dir: Path) -> Outcome:
    outcome = Outcome(**{**answer, "state": TrialState(answer["state"])})  # type: ignore[arg-type]
    if outcome.state is TrialState.FAILED:
        return replace(outcome, stderr_tail=read_tail(trial_dir / STDERR_LOG))
    return outcome
