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

from hpsearch.objectives.following import CurveFollower
from hpsearch.objectives.function import FunctionObjective
from hpsearch.objectives.reading import MetricReading
from hpsearch.runners import worker as worker_program
from hpsearch.runners.base import (
    ENDED_BY_A_RULE,
    Assignment,
    Meanwhile,
    Oversight,
    do_nothing,
)
from hpsearch.runners.limits import Limits
from hpsearch.runners.logs import STDERR_LOG, read_tail
from hpsearch.runners.places import Places
from hpsearch.runners.process import ChildProcess, describe_end
from hpsearch.runners.supervised import Lookout, SupervisedRunner
from hpsearch.runners.supervisor import Verdict, Watch, outcome_of_limit, watch
from hpsearch.runners.trial_folder import prepare_folder
from hpsearch.trial import Outcome, TrialState

GOODBYE_S = 2.0
"""How long a worker may take to end by itself when there is no more work."""


@dataclass
class _Worker:
    child: ChildProcess
    commands_fd: int
    replies_fd: int
    has_imported: bool = False

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
        self._objective = objective
        self._setup = json.dumps(
            {
                "reference": objective.reference,
                "folders": objective.folders,
                "metric": [metric.name, metric.take.how, metric.take.count],
            }
        )
        self._workers: dict[int, _Worker] = {}
        self._busy: set[int] = set()

    def run(
        self,
        assignment: Assignment,
        meanwhile: Meanwhile = do_nothing,
        oversight: Oversight | None = None,
    ) -> Outcome:
        """Run one trial in the slot's worker."""
        self._busy.add(assignment.slot)
        try:
            return super().run(assignment, meanwhile, oversight)
        finally:
            self._busy.discard(assignment.slot)

    def close(self) -> None:
        """Stop what still runs, let idle workers end by themselves, kill what is left of them."""
        deadline = time.monotonic() + GOODBYE_S
        if self._busy:
            self._stop.make(0.0)
        while self._busy and time.monotonic() < deadline:
            time.sleep(0.005)
        workers, self._workers = list(self._workers.values()), {}
        for worker in workers:
            worker.close_pipes()
        for worker in workers:
            while not worker.child.has_ended() and time.monotonic() < deadline:
                time.sleep(0.005)
            worker.child.reap()
        super().close()

    def _run(
        self, assignment: Assignment, meanwhile: Meanwhile, oversight: Oversight | None
    ) -> Outcome:
        trial_dir = assignment.trial_dir
        try:
            prepare_folder(assignment)
            worker = self._send(assignment)
        except (OSError, TypeError, ValueError) as error:  # no folder, no process, no such JSON
            return Outcome(TrialState.FAILED, reason=f"it could not be started: {error}")
        look = None if oversight is None else Lookout(CurveFollower(trial_dir), oversight)
        try:
            meanwhile()
            seen = watch(
                worker.child,
                self._stop,
                self._limits,
                reply_fd=worker.replies_fd,
                trial_dir=trial_dir,
                is_out=look,
            )
        except BaseException:
            self._discard(assignment.slot)  # its answer, still to come, is nobody's
            raise
        worker.has_imported |= seen.answer.startswith(worker_program.IMPORTED)
        if look is not None and seen.verdict is Verdict.ANSWERED:
            look.finish()
        if seen.verdict is Verdict.ANSWERED:
            outcome = _outcome_of_answer(json.loads(seen.answer), trial_dir)
            if seen.was_asked_to_end and outcome.state is TrialState.FAILED:
                return Outcome(TrialState.LOST, reason="it was stopped with the run")
            note = self._limits.memory_note(outcome.stderr_tail)
            return replace(outcome, reason=outcome.reason + note) if note else outcome
        code = self._discard(assignment.slot)
        outcome = self._outcome_of_end(seen, code, trial_dir)
        if outcome.state is TrialState.TIMEOUT and not worker.has_imported:
            return self._of_an_import(outcome)
        return outcome

    def _discard(self, slot: int) -> int:
        """Kill the slot's worker, if there is one, and return its code."""
        worker = self._workers.pop(slot, None)
        if worker is None:
            return 0
        code = worker.child.reap()
        worker.close_pipes()
        return code

    def _send(self, assignment: Assignment) -> _Worker:
        trial = assignment.trial
        job = {
            "number": trial.number,
            "params": dict(trial.params),
            "trial_dir": os.path.abspath(assignment.trial_dir),  # the function may change folders
            "seed": assignment.seed,
            "budget": assignment.budget,
        }
        line = (json.dumps(job) + "\n").encode()
        worker = self._workers.get(assignment.slot)
        if worker is not None:
            # Killed while it was idle: no trial's fault. What it forked may hold its pipe open.
            if not worker.child.has_ended():
                with contextlib.suppress(BrokenPipeError):
                    worker.send(line)
                    return worker
            self._discard(assignment.slot)
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
        program = [sys.executable, "-c", worker_program.START, self._setup]
        search_path = [os.path.abspath(folder) for folder in sys.path]
        env = self._places.environment(os.environ, assignment.slot)
        command = [*program, str(commands_read), str(replies_write), *search_path]
        try:
            child = self._guard.start(
                self._limits.limiting(command, env),
                env=env,
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
        return _Worker(child, commands_write, replies_read)

    def _outcome_of_end(self, seen: Watch, code: int, trial_dir: Path) -> Outcome:
        if seen.verdict is Verdict.OUT:
            return ENDED_BY_A_RULE
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

    def _of_an_import(self, outcome: Outcome) -> Outcome:
        """The limit was reached before the function was called: no fault of the trial's values."""
        module = self._objective.module
        so = f"while {module} was being imported; {self._objective.name} was never called"
        reason = f"{outcome.reason} {so}"
        return replace(outcome, state=TrialState.FAILED, reason=reason)


def _outcome_of_answer(answer: Mapping[str, object], trial_dir: Path) -> Outcome:
    outcome = Outcome(**{**answer, "state": TrialState(answer["state"])})  # type: ignore[arg-type]
    if outcome.state is TrialState.FAILED:
        return replace(outcome, stderr_tail=read_tail(trial_dir / STDERR_LOG))
    return outcome
