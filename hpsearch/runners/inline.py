"""The inline runner: trials run in this process and thread, so that a debugger can step into them.

No output is captured, no time limit holds, and a crash is a crash of everything.
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import replace
from typing import Any, SupportsFloat

from hpsearch.objectives.call import BoundObjective, outcome_of_error
from hpsearch.objectives.function import FunctionObjective
from hpsearch.objectives.handle import TrialHandle
from hpsearch.objectives.reading import MetricReading
from hpsearch.runners.base import (
    ENDED_BY_A_RULE,
    Assignment,
    Meanwhile,
    Oversight,
    do_nothing,
)
from hpsearch.runners.trial_folder import prepare_folder
from hpsearch.trial import Outcome, TrialState


class _Ended(BaseException):
    """Leaves the function where it reported last; it is no error that it should handle."""


class _OverseenHandle(TrialHandle):
    """A handle whose reports are looked at at once."""

    def __init__(self, oversight: Oversight, *facts: Any) -> None:
        super().__init__(*facts)
        self._oversight = oversight

    def report(self, step: float, **metrics: SupportsFloat) -> None:
        """Add a point to the learning curve; does not return if the trial is to be ended."""
        super().report(step, **metrics)
        point = float(step), {name: float(value) for name, value in metrics.items()}
        self._oversight.see([point])
        if self._oversight.is_over:
            raise _Ended


class InlineRunner:
    """Calls a Python function.

    Args:
        metric: the number of the function's result that counts.
    """

    def __init__(self, objective: FunctionObjective, metric: MetricReading) -> None:
        self._objective = objective
        self._metric = metric
        self._bound: BoundObjective | None = None

    def run(
        self,
        assignment: Assignment,
        meanwhile: Meanwhile = do_nothing,
        oversight: Oversight | None = None,
    ) -> Outcome:
        """Run one trial; Ctrl-C in its middle makes it `lost`."""
        meanwhile()
        started, clock = time.time(), time.perf_counter()
        trial, home = assignment.trial, "."
        with contextlib.suppress(OSError):
            home = os.getcwd()
        # Lists of their own, so that no function can change the trial's.
        params = {k: list(v) if isinstance(v, list) else v for k, v in trial.params.items()}
        try:
            trial_dir = assignment.trial_dir.absolute()
            facts = (trial.number, params, trial_dir, assignment.seed, assignment.budget)
            handle = (
                TrialHandle(*facts) if oversight is None else _OverseenHandle(oversight, *facts)
            )
            if assignment.attempt > 1:
                prepare_folder(assignment)
            if self._bound is None:
                self._bound = BoundObjective(self._objective.load(), self._metric)
            outcome = self._bound.run(handle)
        except (Exception, SystemExit) as error:
            outcome = outcome_of_error(error)
        except _Ended:
            outcome = ENDED_BY_A_RULE
        except KeyboardInterrupt:
            outcome = Outcome(TrialState.LOST, reason="it was stopped with the run")
        with contextlib.suppress(OSError):
            os.chdir(home)
        return replace(outcome, started=started, duration_s=time.perf_counter() - clock)

    def stop(self, grace_s: float) -> None:
        """The trial in hand cannot be ended from outside; there will be no other."""

    def close(self) -> None:
        """Nothing is left behind."""
