"""`hpsearch.current_trial()`: the trial that a script runs in, or one that does nothing outside.

For scripts that are started by a command objective; they run unchanged without hpsearch.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, SupportsFloat

from hpsearch.objectives.handle import TrialHandle
from hpsearch.objectives.variables import (
    BUDGET_VARIABLE,
    PARAMS_VARIABLE,
    SEED_VARIABLE,
    TRIAL_DIR_VARIABLE,
    TRIAL_VARIABLE,
)


class CurrentTrial(Protocol):
    """What a script can ask of its trial."""

    @property
    def number(self) -> int:
        """Of the trial in its run; 0 outside hpsearch."""

    @property
    def params(self) -> Mapping[str, Any]:
        """The trial's values; empty outside hpsearch."""

    @property
    def seed(self) -> int:
        """For the script's own randomness; 0 outside hpsearch."""

    @property
    def budget(self) -> float | None:
        """How long to train; None if nobody says."""

    @property
    def dir(self) -> Path:
        """A folder for the script's files; the current folder outside hpsearch."""

    def report(self, step: float, **metrics: SupportsFloat) -> None:
        """Add a point to the learning curve; does nothing outside hpsearch."""


class _NoTrial:
    """Stands in outside hpsearch: same interface, no effect."""

    number = 0
    seed = 0
    budget: float | None = None

    @property
    def params(self) -> Mapping[str, Any]:
        return {}

    @property
    def dir(self) -> Path:
        return Path()

    def report(self, step: float, **metrics: SupportsFloat) -> None:
        return


def _number(text: str) -> float:
    return int(text) if text.isdigit() else float(text)


def current_trial() -> CurrentTrial:
    """The trial that this process belongs to."""
    environ = os.environ
    if TRIAL_DIR_VARIABLE not in environ:
        return _NoTrial()
    budget = environ.get(BUDGET_VARIABLE)
    return TrialHandle(
        int(environ.get(TRIAL_VARIABLE, "0")),
        json.loads(environ.get(PARAMS_VARIABLE, "{}")),
        Path(environ[TRIAL_DIR_VARIABLE]),
        int(environ.get(SEED_VARIABLE, "0")),
        None if budget is None else _number(budget),
    )
