"""What a function gets as `trial=`: its folder, its seed, and a way to report as it trains.

Reports are lines of JSON in the trial's folder, so a killed trial loses at most the last one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, SupportsFloat, TypeAlias

METRICS_FILE = "metrics.jsonl"
Point: TypeAlias = tuple[float, dict[str, float]]  # step, metrics


class TrialHandle:
    """The trial as the objective sees it.

    Attributes:
        number: of the trial in its run.
        params: its values.
        seed: an integer in [0, 2^32) for the program's own randomness; the same in every rerun.
        budget: how long to train; None if the config sets none.
        folder: the same as `dir`, but it may not exist yet.
    """

    def __init__(
        self,
        number: int,
        params: Mapping[str, Any],
        trial_dir: Path,
        seed: int,
        budget: float | None = None,
    ) -> None:
        self.number = number
        self.params = params
        self.seed = seed
        self.budget = budget
        self.folder = trial_dir

    @property
    def dir(self) -> Path:
        """The trial's own folder; it exists."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder

    def report(self, step: float, **metrics: SupportsFloat) -> None:
        """Add a point to the learning curve.

        Args:
            step: how far the training is (epochs, steps, ...).
            metrics: numbers by name.
        Raises:
            TypeError: if something is not a number.
        """
        numbers = {name: _number(name, value) for name, value in metrics.items()}
        line = json.dumps({"step": _number("step", step), **numbers}) + "\n"
        # One write of a whole line, so that two processes of one trial do not mix their lines.
        fd = os.open(self.dir / METRICS_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(fd, line.encode())
        finally:
            os.close(fd)


def _number(name: str, value: SupportsFloat) -> float:
    if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} must be a number, but is {value!r}")
    return float(value)


def read_curve(trial_dir: Path) -> list[Point]:
    """What a trial reported, in order; a line that a kill cut short is left out."""
    try:
        with open(f"{trial_dir}/{METRICS_FILE}", encoding="utf-8", errors="replace") as file:
            return points_in(file.readlines())
    except OSError:
        return []


def points_in(lines: Iterable[str]) -> list[Point]:
    """The points of the lines; what is none is left out."""
    curve = []
    for line in lines:
        try:
            metrics = json.loads(line)
            step = float(metrics.pop("step"))
            curve.append((step, {name: float(value) for name, value in metrics.items()}))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return curve
