"""What a strategy is: it says which trial runs next, and is told how each one ended.

A strategy has no clock, no process and no file; what it decides follows from the config and from
the outcomes alone, so a resumed run goes on as if nothing had happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from hpsearch.history import History, Round
from hpsearch.trial import Outcome, Trial


class Pause(Enum):
    """Why there is no trial to run at this moment."""

    WAIT = auto()  # the next trial depends on one that is still running
    END = auto()  # there will be none


@dataclass(frozen=True)
class PastTrial:
    """A trial of an earlier session; without an outcome it is queued again."""

    trial: Trial
    outcome: Outcome | None


class Strategy(Protocol):
    """Who runs when."""

    @property
    def rounds(self) -> Sequence[Round]:
        """The rounds that were opened so far."""

    @property
    def history(self) -> History:
        """The trials that were asked for so far."""

    @property
    def exhausted(self) -> bool:
        """Whether it ended because nothing is left to try."""

    def restore(self, rounds: Iterable[Round], trials: Iterable[PastTrial]) -> None:
        """Take in what an earlier session did; before the first `ask`."""

    def ask(self) -> Trial | Pause:
        """The next trial."""

    def tell(self, number: int, outcome: Outcome) -> None:
        """How a trial ended. One that is `lost` is queued again."""
