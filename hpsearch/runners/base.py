"""What a runner is: the place where one trial runs.

The search hands it an `Assignment` and gets an `Outcome` back, whatever happens in between.
The contract of every runner is tested in tests/contracts/.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from hpsearch.objectives.handle import Point
from hpsearch.trial import Outcome, Trial, TrialState


@dataclass(frozen=True)
class Assignment:
    """One trial, ready to run.

    Attributes:
        slot: which of the slots runs it, from 0; one slot runs one trial at a time.
        trial_dir: the trial's own folder; the runner makes it when it is needed.
        seed: an integer in [0, 2^32) for the program's own randomness; the same in every rerun.
        budget: how long to have trained in all at its end; None if the config sets none.
        attempt: 1, and one more for each time the trial was started before.
        goes_on: whether a checkpoint to go on from lies in the trial's folder.
    """

    trial: Trial
    slot: int
    trial_dir: Path
    seed: int
    budget: float | None = None
    attempt: int = 1
    goes_on: bool = False


Meanwhile: TypeAlias = Callable[[], None]


ENDED_BY_A_RULE = Outcome(TrialState.STOPPED, reason="it was ended by a rule")


def do_nothing() -> None:
    """For trials beside which nothing is to be done."""


class Once:
    """Calls a function the first time it is called itself, and never again."""

    def __init__(self, function: Meanwhile) -> None:
        self._function: Meanwhile | None = function

    def __call__(self) -> None:
        """Call it, unless that was done."""
        function, self._function = self._function, None
        if function is not None:
            function()


class Oversight(Protocol):
    """Who looks at a trial while it runs, and may want it ended; called from the slot's thread."""

    def see(self, points: Sequence[Point]) -> None:
        """What the trial has reported or printed since the last call."""

    @property
    def is_over(self) -> bool:
        """Whether the trial is to be ended."""


class Runner(Protocol):
    """Runs trials for several slots, each called from its own thread; it obeys and never raises."""

    def run(
        self,
        assignment: Assignment,
        meanwhile: Meanwhile = do_nothing,
        oversight: Oversight | None = None,
    ) -> Outcome:
        """Run one trial to its end. A trial that `stop` cut short comes back as `lost`.

        Args:
            meanwhile: called once, when the trial has been started, or could not be.
            oversight: sees the trial's curve as it grows; a trial that it wants ended comes back
                as `stopped`, without a value.
        """

    def stop(self, grace_s: float) -> None:
        """End all the running trials: ask them, wait `grace_s` seconds, kill them.

        May be called from any thread and more than once; a later call with a shorter grace wins.
        """

    def close(self) -> None:
        """Leave no process behind."""
