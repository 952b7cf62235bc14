"""The command runner: each trial is a process of its own, of any program, on this machine.

The program writes straight into its logs, so nothing it prints, however much, goes through the
coordinator; its metrics are read from there when it has ended.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from hpsearch.objectives.command import PARAMS_FILE, CommandObjective
from hpsearch.objectives.following import CurveFollower
from hpsearch.objectives.handle import METRICS_FILE, Point, read_curve
from hpsearch.objectives.missing import unclear_metric, why_missing
from hpsearch.objectives.output import OutputParser, OutputReader
from hpsearch.objectives.reading import MetricReading
from hpsearch.objectives.result_file import read_result
from hpsearch.runners.base import ENDED_BY_A_RULE, Assignment, Meanwhile, Oversight
from hpsearch.runners.limits import Limits
from hpsearch.runners.logs import STDERR_LOG, STDOUT_LOG, read_tail
from hpsearch.runners.places import Places
from hpsearch.runners.process import ChildProcess, describe_end
from hpsearch.runners.supervised import Lookout, SupervisedRunner
from hpsearch.runners.supervisor import Verdict, outcome_of_limit, watch
from hpsearch.runners.trial_folder import RESULT_FILE, prepare_folder
from hpsearch.trial import Outcome, TrialState

MOST_POINTS = 2000
"""A longer learning curve is thinned: every second point goes, again and again."""


@dataclass(frozen=True)
class Printed:
    """What a program printed of its metric.

    Attributes:
        values: all of them.
        points: its learning curve, thinned where it is long.
        unclear: a value that may count and is no clear number, as it was printed; empty for none.
    """

    values: list[float]
    points: list[Point]
    unclear: str


class CommandRunner(SupervisedRunner):
    """Runs a program for each trial."""

    def __init__(
        self,
        objective: CommandObjective,
        metric: MetricReading,
        limits: Limits | None = None,
        places: Places | None = None,
    ) -> None:
        super().__init__(metric, limits, places)
        self._objective = objective

    def _run(
        self, assignment: Assignment, meanwhile: Meanwhile, oversight: Oversight | None
    ) -> Outcome:
        prepare_folder(assignment)
        trial_dir = assignment.trial_dir
        look = None if oversight is None else Lookout(self._follower(trial_dir), oversight)
        child = self._start(assignment)
        meanwhile()
        seen = watch(child, self._stop, self._limits, trial_dir=trial_dir, is_out=look)
        code = child.reap()
        tail = read_tail(trial_dir / STDERR_LOG)
        if look is not None and code == 0:
            look.finish()
        unfinished = _outcome_of_unfinished(seen.verdict, code, tail, self._limits)
        if unfinished is None:
            return replace(self._outcome_of_success(trial_dir, tail), exit_code=0)
        with contextlib.suppress(OSError):  # a full disk is not to hide why the program ended
            _keep_curve(trial_dir, self._printed(trial_dir, is_complete=False).points)
        return unfinished

    def _start(self, assignment: Assignment) -> ChildProcess:
        trial, trial_dir, objective = assignment.trial, assignment.trial_dir, self._objective
        facts = {
            "number": trial.number,
            "trial_dir": trial_dir,
            "seed": assignment.seed,
            "budget": assignment.budget,
        }
        if objective.wants_params_json:
            text = json.dumps(dict(trial.params), indent=2)
            (trial_dir / PARAMS_FILE).write_text(text + "\n", encoding="utf-8")
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        stdout = os.open(trial_dir / STDOUT_LOG, flags, 0o644)
        stderr = os.open(trial_dir / STDERR_LOG, flags, 0o644)
        arguments = objective.arguments(trial.params, **facts)  # type: ignore[arg-type]
        env = {
            **self._places.environment(os.environ, assignment.slot),
            **objective.variables(trial.params, **facts),  # type: ignore[arg-type]
        }
        try:
            return self._guard.start(
                self._limits.limiting(arguments, env, objective.working_dir),
                env=env,
                stdout=stdout,
                stderr=stderr,
                cwd=objective.working_dir,
            )
        finally:
            os.close(stdout)
            os.close(stderr)

    def _follower(self, trial_dir: Path) -> CurveFollower:
        parser = OutputParser(self._metric.name, self._metric.pattern)
        return CurveFollower(trial_dir, (trial_dir / STDOUT_LOG, parser))

    def _printed(self, trial_dir: Path, is_complete: bool) -> Printed:
        parser = OutputParser(self._metric.name, self._metric.pattern)
        reader = OutputReader(trial_dir / STDOUT_LOG, parser)
        values, points = _gather(reader, self._metric.name, is_complete)
        counts_last = self._metric.take.how == "last"
        is_in_doubt = parser.ends_unclear or not counts_last
        return Printed(values, points, parser.unclear if is_in_doubt else "")

    def _outcome_of_success(self, trial_dir: Path, tail: str) -> Outcome:
        name, take = self._metric.name, self._metric.take
        printed = self._printed(trial_dir, is_complete=True)
        if printed.values and not printed.unclear:
            _keep_curve(trial_dir, printed.points)
            return self._metric.outcome(take.of(printed.values), printed.points[-1][1])
        result, problem = read_result(trial_dir / RESULT_FILE, name)
        if name in result:
            return self._metric.outcome(result[name], result)
        reported = [metrics for _, metrics in read_curve(trial_dir) if name in metrics]
        if reported:
            return self._metric.outcome(take.of([m[name] for m in reported]), reported[-1])
        if printed.unclear:
            _keep_curve(trial_dir, printed.points)
            reason = unclear_metric(name, printed.unclear)
        else:
            stdout, stderr = trial_dir / STDOUT_LOG, trial_dir / STDERR_LOG
            reason = why_missing(self._metric, stdout, stderr, list(result), problem)
        return Outcome(TrialState.FAILED, reason=reason, exit_code=0, stderr_tail=tail)


def _outcome_of_unfinished(
    verdict: Verdict, code: int, tail: str, limits: Limits
) -> Outcome | None:
    """What became of a program that did not end by itself and well; None if it did."""
    if verdict is Verdict.OUT:
        return ENDED_BY_A_RULE
    if verdict is Verdict.STOPPED and code != 0:
        return Outcome(TrialState.LOST, reason="it was stopped with the run")
    if verdict in (Verdict.TIMED_OUT, Verdict.SILENT):
        return outcome_of_limit(verdict, limits, tail)
    return _outcome_of_failure(code, tail, limits) if code != 0 else None


def _outcome_of_failure(code: int, tail: str, limits: Limits) -> Outcome:
    words, exit_code, signal_name = describe_end(code)
    last = tail.splitlines()[-1].strip()[:160] if tail.strip() else ""
    reason = f"it {words}" + (f": {last}" if last else "") + limits.memory_note(tail)
    return Outcome(
        TrialState.FAILED,
        reason=reason,
        exit_code=exit_code,
        signal=signal_name,
        stderr_tail=tail,
    )


def _gather(reader: OutputReader, name: str, is_complete: bool) -> tuple[list[float], list[Point]]:
    """All the values of the metric, and the learning curve, thinned where it is long."""
    values: list[float] = []
    points: list[Point] = []
    every = 1
    for step, metrics in reader.new_points(is_complete):
        last = (step, metrics)
        values.append(metrics[name])
        if (len(values) - 1) % every == 0:
            points.append(last)
        if len(points) > MOST_POINTS:
            points, every = points[::2], 2 * every
    if values and points[-1] is not last:
        points.append(last)
    return values, points


def _keep_curve(trial_dir: Path, points: list[Point]) -> None:
    """The learning curve as lines of JSON, unless the program reported one itself."""
    path = trial_dir / METRICS_FILE
    if points and not path.exists():
        lines = (json.dumps({"step": step, **metrics}) for step, metrics in points)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
