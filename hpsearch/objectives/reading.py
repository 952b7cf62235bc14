"""How the metric of a trial is read, whatever its objective is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from hpsearch.objectives.take import Take
from hpsearch.trial import Outcome, TrialState


@dataclass(frozen=True)
class MetricReading:
    """How a trial's metric is read.

    Attributes:
        name: of the metric.
        take: which of its values counts.
        pattern: for programs that print differently; see `OutputParser`.
    """

    name: str
    take: Take = field(default_factory=Take)
    pattern: str | None = None

    def outcome(self, value: float | None, metrics: Mapping[str, float]) -> Outcome:
        """`done` with the value, or `diverged`, with the other metrics beside it."""
        others = {name: number for name, number in metrics.items() if name != self.name}
        if value is None or not math.isfinite(value):
            return Outcome(TrialState.DIVERGED, metrics=others, reason=f"{self.name} is {value}")
        return Outcome(TrialState.DONE, value, others)
