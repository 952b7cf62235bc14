"""What a runner is: the place where one trial runs.

The search hands it an `Assignment` and gets an `Outcome` back, whatever happens in between.
The contract of every runner is tested in tests/contracts/.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hpsearch.trial import Outcome, Trial


@dataclass(frozen=True)
class Assignment:
    """One trial, ready to run.

    Attributes:
        slot: which of the slots runs it, from 0; one slot runs one trial at a time.
        trial_dir: the trial's own folder; the runner makes it when it is needed.
        seed: an integer in [0, 2^32) for the program's own randomness; the same in every rerun.
        budget: how long to train (epochs, steps, ...); None if the config sets none.
        attempt: 1, and one more for each time the trial was started before.
    """

    trial: Trial
    slot: int
    trial_dir: Path
    seed: int
    budget: float | None = None
    attempt: int = 1


class Runner(Protocol):
    """Runs trials for several slots, each called from its own thread; it obeys and never raises."""

    def run(self, assignment: Assignment) -> Outcome:
        """Run one trial to its end. A trial that `stop` cut short comes back as `lost`."""

    def stop(self, grace_s: float) -> None:
        """End all the running trials: ask them, wait `grace_s` seconds, kill them.

        May be called from any thread and more than once; a later call with a shorter grace wins.
        """

    def close(self) -> None:
        """Leave no process behind."""
