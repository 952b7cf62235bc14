"""What the runners of child processes share: limits, places, the guard, and the order to stop."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import replace

from hpsearch.objectives.following import CurveFollower
from hpsearch.objectives.reading import MetricReading
from hpsearch.runners.base import Assignment, Meanwhile, Once, Oversight, do_nothing
from hpsearch.runners.limits import Limits
from hpsearch.runners.places import Places
from hpsearch.runners.process import ProcessGuard, StopRequest
from hpsearch.trial import Outcome, TrialState


class Lookout:
    """Shows a trial's curve to those who oversee it, as it grows."""

    def __init__(self, follower: CurveFollower, oversight: Oversight) -> None:
        self._follower = follower
        self._oversight = oversight

    def __call__(self) -> bool:
        """Look once; returns whether the trial is to be ended."""
        points = self._follower.new_points()
        if points:
            self._oversight.see(points)
        return self._oversight.is_over

    def finish(self) -> None:
        """The trial has ended by itself: show the rest of its curve."""
        points = self._follower.new_points(is_complete=True)
        if points:
            self._oversight.see(points)


class SupervisedRunner(ABC):
    """Runs trials in child processes that it watches.

    Args:
        metric: the number that counts, and how it is read.
    """

    def __init__(
        self, metric: MetricReading, limits: Limits | None = None, places: Places | None = None
    ) -> None:
        self._metric = metric
        self._limits = limits or Limits()
        self._places = places or Places()
        self._guard = ProcessGuard()
        self._stop = StopRequest()

    def run(
        self,
        assignment: Assignment,
        meanwhile: Meanwhile = do_nothing,
        oversight: Oversight | None = None,
    ) -> Outcome:
        """Run one trial to its end."""
        started, clock = time.time(), time.perf_counter()
        hand_over = Once(meanwhile)
        try:
            outcome = self._run(assignment, hand_over, oversight)
        except OSError as error:  # no folder, no process: the machine's trouble, said in the trial
            outcome = Outcome(TrialState.FAILED, reason=f"it could not be started: {error}")
        hand_over()
        return replace(outcome, started=started, duration_s=time.perf_counter() - clock)

    @abstractmethod
    def _run(
        self, assignment: Assignment, meanwhile: Meanwhile, oversight: Oversight | None
    ) -> Outcome:
        """Run one trial; call `meanwhile` once it has been started."""

    def stop(self, grace_s: float) -> None:
        """End all the running trials."""
        self._stop.make(grace_s)

    def close(self) -> None:
        """Kill what the trials have left behind."""
        self._guard.close()
        self._stop.close()
