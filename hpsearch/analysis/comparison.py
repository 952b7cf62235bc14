"""Comparison of runs, side by side: which is better, and what was different.

The runs keep the order in which they were given. Values of a metric are compared only where all
the runs have the same metric and goal; where values are noisy, those that are expected.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hpsearch.analysis.curves import BestSoFar, best_so_far
from hpsearch.analysis.edges import AGREEING, Edge, best_edges
from hpsearch.analysis.flat_config import flatten_config
from hpsearch.analysis.opened_run import OpenedRun, RunState
from hpsearch.analysis.summary import count_finished
from hpsearch.config import Metric
from hpsearch.domains import Fixed
from hpsearch.scales import FloatArray
from hpsearch.space import Parameter
from hpsearch.store import StoredTrial
from hpsearch.trial import Decision, TrialState

CURVE_POINTS = 24


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """One of the runs.

    Attributes:
        name: as people call it, with as much of its path as tells it from others of that name.
        path: its folder.
        counts: trials in each state.
        planned: trials that were asked for.
        best: the best trial; None if none is done.
        best_value: its value, as it was measured.
        incumbent: why that trial is the best of noisy ones; None where the values decide.
        edges: where the best trial lies at an end of its range, by parameter.
        curve: best so far.
    """

    name: str
    path: Path
    state: RunState
    metric: Metric
    counts: Mapping[TrialState, int]
    planned: int
    best: StoredTrial | None
    best_value: float | None
    edges: Mapping[str, Edge]
    curve: BestSoFar
    incumbent: Decision | None = None

    @property
    def finished(self) -> int:
        """Trials that have an outcome."""
        return count_finished(self.counts)

    @property
    def expected(self) -> float | None:
        """The best trial's value by the model's mean; None where values are not known as noisy."""
        return self._of_noise("expected")

    @property
    def noise(self) -> float | None:
        """Standard deviation of a value that is measured again; None likewise, and where it is not
        known yet."""
        return self._of_noise("noise")

    @property
    def judged_value(self) -> float | None:
        """What the run is compared by: a value that noise made good is not one that holds."""
        return self.best_value if self.expected is None else self.expected

    def _of_noise(self, name: str) -> float | None:
        details = self.incumbent.details if self.incumbent is not None else {}
        number = details.get(name, math.nan)
        return number if math.isfinite(number) else None


@dataclass(frozen=True)
class ComparedValue:
    """A parameter in the best trials of the runs.

    Attributes:
        parameters: as each run declares it; None where it does not.
        values: in each run's best trial; None where it has none.
        is_there: whether each run's best trial has a value.
    """

    name: str
    parameters: tuple[Parameter | None, ...]
    values: tuple[Any, ...]
    is_there: tuple[bool, ...]


@dataclass(frozen=True)
class Difference:
    """A key of the config that is not the same everywhere.

    Attributes:
        key: dotted path (`space.momentum.max`).
        values: of each run, in words; None where the run has no such key.
    """

    key: str
    values: tuple[str | None, ...]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs side by side.

    Attributes:
        metric: what all of them are judged by; None if they differ.
        winner: position of the run with the best `judged_value`; None if there is no telling.
        margin: by how much it is better than the next one, at least 0.
        noise: the larger one of these two; None if neither has any.
        is_noise_unknown: whether the values of one of them are noisy, and nobody knows how much.
        in_doubt: position of the run with the best `judged_value` where that is no winner: it was
            measured, where its config or another run says that values are noisy, and may be luck.
        equal_trials: the number of trials that all runs have had, where their totals differ.
        best_after: best value of each run after that many trials.
        curve_numbers: trial numbers at which the curves are sampled, (m,).
        curves: best so far of each run there; NaN before its first success and after its end.
        values: the best trials' values, in the order of the configs.
        differences: of the configs.
    """

    runs: tuple[ComparedRun, ...]
    metric: Metric | None
    winner: int | None
    margin: float | None
    equal_trials: int | None
    best_after: tuple[float | None, ...]
    curve_numbers: FloatArray
    curves: tuple[FloatArray, ...]
    values: tuple[ComparedValue, ...]
    differences: tuple[Difference, ...]
    noise: float | None = None
    is_noise_unknown: bool = False
    in_doubt: int | None = None

    @property
    def is_within_noise(self) -> bool:
        """Whether the winner is ahead by less than what a value differs by when measured again."""
        return self.margin is not None and self.noise is not None and self.margin < self.noise


def compare_runs(opened: Sequence[OpenedRun]) -> Comparison:
    """Compare two or more runs."""
    paths = [run.folder.path.resolve() for run in opened]
    runs = tuple(
        _compared_run(run, name, path)
        for run, name, path in zip(opened, _names(paths), paths, strict=True)
    )
    judged_by = {(run.metric.name, run.metric.goal, run.metric.take) for run in runs}
    metric = runs[0].metric if len(judged_by) == 1 else None
    ranked = _ranked(runs, metric) if metric is not None else []
    is_settled = len(ranked) > 1 and ranked[0][0] < ranked[1][0]
    in_doubt = _in_doubt(runs, ranked) if is_settled else None
    is_settled = is_settled and in_doubt is None
    totals = {run.finished for run in runs}
    equal_trials = min(totals) if metric is not None and len(totals) > 1 and min(totals) else None
    first_two = [runs[i] for _, i in ranked[:2]] if is_settled else []
    lengths = [_length(run) for run in runs]
    numbers = np.floor(np.linspace(0, max(1, *lengths) - 1, CURVE_POINTS))
    return Comparison(
        runs=runs,
        metric=metric,
        winner=ranked[0][1] if is_settled else None,
        margin=ranked[1][0] - ranked[0][0] if is_settled else None,
        equal_trials=equal_trials,
        best_after=tuple(run.curve.after(equal_trials) if equal_trials else None for run in runs),
        curve_numbers=numbers,
        curves=tuple(_sampled(run, numbers) for run in runs),
        values=_values(opened, runs),
        differences=_differences(opened),
        noise=_noise_of(first_two),
        is_noise_unknown=any(r.expected is not None and r.noise is None for r in first_two),
        in_doubt=in_doubt,
    )


def _names(paths: Sequence[Path]) -> list[str]:
    """The name of each run, after the folders that are needed to tell it from the others.

    One run that is given twice has the same name twice.
    """
    names = []
    for path in paths:
        alike = [other for other in paths if other.name == path.name and other != path]
        parts = 1
        while any(other.parts[-parts:] == path.parts[-parts:] for other in alike):
            parts += 1
        names.append("/".join(path.parts[-parts:]).replace("//", "/"))
    return names


def _compared_run(run: OpenedRun, name: str, path: Path) -> ComparedRun:
    metric, counts = run.config.metric, run.reader.counts()
    top = run.best(AGREEING)
    best = top[0] if top else None
    edges = best_edges(run.config.space, [stored.trial.params for stored in top]) if top else []
    return ComparedRun(
        name=name,
        path=path,
        state=run.state,
        metric=metric,
        counts=counts,
        planned=run.planned,
        best=best,
        best_value=best.outcome.value if best is not None and best.outcome is not None else None,
        edges={edge.parameter.name: edge for edge in edges},
        curve=best_so_far(run.reader.values(), metric),
        incumbent=run.incumbent,
    )


def _ranked(runs: Sequence[ComparedRun], metric: Metric) -> list[tuple[float, int]]:
    """(loss, position) of the runs that have a value, best first."""
    return sorted(
        (metric.loss(run.judged_value), i)
        for i, run in enumerate(runs)
        if run.judged_value is not None
    )


def _in_doubt(runs: Sequence[ComparedRun], ranked: Sequence[tuple[float, int]]) -> int | None:
    best = ranked[0][1]
    is_noisy = any(run.expected is not None or run.metric.noisy for run in runs)
    is_measured = runs[best].expected is None and runs[best].metric.noisy is not False
    return best if is_noisy and is_measured else None


def _noise_of(runs: Sequence[ComparedRun]) -> float | None:
    return max((run.noise for run in runs if run.noise is not None), default=None)


def _length(run: ComparedRun) -> int:
    """How many trials the curve of a run covers: to the last that is done."""
    return int(run.curve.numbers[-1]) + 1 if len(run.curve.numbers) else 0


def _sampled(run: ComparedRun, numbers: FloatArray) -> FloatArray:
    return np.where(numbers < _length(run), run.curve.sampled(numbers), np.nan)


def _values(opened: Sequence[OpenedRun], runs: Sequence[ComparedRun]) -> tuple[ComparedValue, ...]:
    """Of every parameter that at least one run varies, or that the runs fix differently."""
    spaces = [run.config.space.parameters for run in opened]
    compared = []
    for name in dict.fromkeys(name for parameters in spaces for name in parameters):
        parameters = tuple(parameters.get(name) for parameters in spaces)
        params = [run.best.trial.params if run.best is not None else {} for run in runs]
        values = tuple(point.get(name) for point in params)
        is_fixed = all(p is not None and isinstance(p.domain, Fixed) for p in parameters)
        if not is_fixed or any(value != values[0] for value in values):
            is_there = tuple(name in point for point in params)
            compared.append(ComparedValue(name, parameters, values, is_there))
    return tuple(compared)


def _differences(opened: Sequence[OpenedRun]) -> tuple[Difference, ...]:
    names = [set(run.config.space.parameters) for run in opened]
    not_everywhere = names[0].union(*names) - names[0].intersection(*names)
    flat = [flatten_config(run.config, not_everywhere) for run in opened]
    keys = dict.fromkeys(key for entries in flat for key in entries)
    rows = (Difference(key, tuple(entries.get(key) for entries in flat)) for key in keys)
    return tuple(row for row in rows if len(set(row.values)) > 1)
