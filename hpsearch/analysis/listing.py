"""A run in one line: what `ls` says. A run that cannot be read is listed too, with its error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hpsearch.analysis.opened_run import OpenedRun, RunState
from hpsearch.config import Metric
from hpsearch.errors import HpsearchError
from hpsearch.run_folder import RunFolder
from hpsearch.trial import TrialState


@dataclass(frozen=True)
class ListedRun:
    """One run, briefly.

    Attributes:
        state: None if the run cannot be read.
        counts: trials in each state.
        planned: trials that were asked for.
        best: number and value of the best trial; None if none is done.
        is_expected_best: whether values are noisy, and the best trial is the one with the best
            expected value.
        began: seconds since the epoch.
        error: why it cannot be read; empty if it can.
    """

    name: str
    state: RunState | None
    counts: Mapping[TrialState, int]
    planned: int
    metric: Metric | None
    best: tuple[int, float] | None
    began: float | None
    is_expected_best: bool = False
    error: str = ""


def list_run(folder: RunFolder) -> ListedRun:
    """Read one run, whatever it looks like."""
    try:
        with OpenedRun(folder) as run:
            metric = run.config.metric
            best = next(iter(run.best()), None)
            value = best.outcome.value if best is not None and best.outcome is not None else None
            return ListedRun(
                name=run.name,
                state=run.state,
                counts=run.reader.counts(),
                planned=run.planned,
                metric=metric,
                best=None if best is None or value is None else (best.trial.number, value),
                began=run.began,
                is_expected_best=run.incumbent is not None,
            )
    except HpsearchError as error:
        first_line = str(error).splitlines()[0]
        return ListedRun(folder.name, None, {}, 0, None, None, None, error=first_line)
