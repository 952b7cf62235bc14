"""Earlier runs: what guided search learns from losses of another level.

The level of their losses may differ from this run's, so only their shape counts: the model believes
that two runs are alike as far as the outcomes say so, and a run's own outcomes outvote all others.
`launch` reads the trials from their store; the model gets them as arrays of this run's space.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.domains import Value
from hpsearch.errors import SpaceError
from hpsearch.samplers.guided_points import MOST_EARLIER, EarlierPoints, telling_of
from hpsearch.scales import FloatArray
from hpsearch.space import Column, Space

MIDDLE = 0.5
"""Where an ordered parameter is put that an earlier run did not have: it then says nothing about
it. Of categories it has none."""


@dataclass(frozen=True)
class EarlierTrial:
    """A finished trial of an earlier run.

    Attributes:
        loss: less is better, in whatever unit; +inf if it failed.
    """

    number: int
    params: Mapping[str, Any]
    loss: float


@dataclass(frozen=True)
class EarlierRun:
    """The trials of an earlier run.

    Attributes:
        name: of the run.
        best: number of the trial that it names best where its values are noisy; None where the best
            value decides.
    """

    name: str
    trials: tuple[EarlierTrial, ...]
    best: int | None = None

    def to_json(self) -> dict[str, Any]:
        """What a store keeps of it; a loss of None is a failure."""
        trials = [
            [t.number, dict(t.params), t.loss if math.isfinite(t.loss) else None]
            for t in self.trials
        ]
        return {"name": self.name, "trials": trials, "best": self.best}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> EarlierRun:
        """The run of which `to_json` made this."""
        trials = (
            EarlierTrial(number, params, math.inf if loss is None else loss)
            for number, params, loss in data["trials"]
        )
        return cls(data["name"], tuple(trials), data.get("best"))


def shared_parameters(space: Space, run: EarlierRun) -> list[str]:
    """Names of the parameters that vary here and that the earlier run had, in order."""
    known = {name for trial in run.trials for name in trial.params}
    return [n for n in space.parameters if n in known and len(space.columns_of(n)) > 0]


def trials_inside(space: Space, run: EarlierRun) -> list[EarlierTrial]:
    """The trials of an earlier run that are possible here, in the parameters that both have."""
    return [trial for trial in run.trials if _place(space, trial.params) is not None]


def have_a_value(trials: Sequence[EarlierTrial]) -> bool:
    """Whether any of them has, so that something can be learned from them."""
    return any(math.isfinite(trial.loss) for trial in trials)


def earlier_points(space: Space, runs: Sequence[EarlierRun]) -> list[EarlierPoints]:
    """The trials of each run that lie in this space, as far as it shares their parameters.

    Runs without any such trial that has a value are left out.
    """
    most = max(1, MOST_EARLIER // max(1, len(runs)))
    found = []
    for run in runs:
        placed = [(trial, _place(space, trial.params)) for trial in run.trials]
        inside = [(trial, x) for trial, x in placed if x is not None]
        losses = np.array([trial.loss for trial, _ in inside], dtype=np.float64)
        if not np.isfinite(losses).any():
            continue
        named = [i for i, (trial, _) in enumerate(inside) if trial.number == run.best]
        best = named[0] if named else int(np.argmin(losses))
        kept = np.union1d(telling_of(losses, most), [best])
        told = f"trial {inside[best][0].number} of {run.name}"
        x_unit = np.array([inside[i][1] for i in kept])
        found.append(EarlierPoints(x_unit, losses[kept], told, int(np.searchsorted(kept, best))))
    return found


def _place(space: Space, params: Mapping[str, Any]) -> FloatArray | None:
    """Where an earlier trial lies, (d,); None if one of its values is not possible here, or it has
    none of what varies here."""
    params = _with_what_they_imply(space, params)
    x_unit = np.full(space.dimensions, np.nan)
    has_any = False
    inactive = _inactive_here(space, params)
    for i, column in enumerate(space.columns):
        name = column.parameter.name
        if name in inactive:
            continue
        if name in params:
            value = _entry(params[name], column)
            if value is None:
                continue
            try:
                x_unit[i] = column.domain.to_unit([column.domain.accept(value)])[0]
            except (SpaceError, TypeError):
                return None
            has_any = True
        elif not column.parameter.when and column.parameter.repeat is None:
            x_unit[i] = MIDDLE if column.domain.is_ordered else np.nan
    return x_unit if has_any else None


def _with_what_they_imply(space: Space, params: Mapping[str, Any]) -> dict[str, Any]:
    """The values, and of a parent that an earlier run did not have one with which its children are
    active: they were."""
    known = dict(params)
    for name, parameter in reversed(space.parameters.items()):
        for condition in parameter.when if name in known else ():
            known.setdefault(condition.parameter, condition.values[0])
    return known


def _inactive_here(space: Space, params: Mapping[str, Any]) -> set[str]:
    """Names of the parameters that are not active in this space with these values, whatever an
    earlier run used them for; one whose conditions the values do not settle is not among them."""
    inactive: set[str] = set()
    for name, parameter in space.parameters.items():
        for condition in parameter.when:
            parent = condition.parameter
            is_known = parent in params or parent in inactive
            if is_known and (parent in inactive or params[parent] not in condition.values):
                inactive.add(name)
    return inactive


def _entry(value: Any, column: Column) -> Value | None:
    """The value of one column; None where the list is shorter."""
    if column.entry is None:
        single: Value = value
        return single
    is_list = isinstance(value, (list, tuple))
    return value[column.entry] if is_list and column.entry < len(value) else None
