"""Nudges: one live parameter, moved by a step in the unit coordinates of its scale.

How large the steps are and which way they go; whether a nudge was worth it is in `panda_rules`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.domains import Domain, FloatRange, IntegerRange, OrderedList
from hpsearch.space import Space

FIRST_STEP = 0.1
"""Of the range: about x2.5 on 1e-4 ... 1, x3 on 1e-4 ... 10."""
LARGEST_STEP = 0.25
SMALLEST_STEP = 0.025
UP, DOWN = 1, -1
_LEARNING_RATE = re.compile(r"(^|_)(lr|eta|alpha|learning_?rate|step_?size)(_?0|_init)?$", re.I)


@dataclass(frozen=True)
class Gait:
    """How the next step of one parameter goes.

    Attributes:
        size: in unit coordinates.
        direction: UP or DOWN.
    """

    size: float = FIRST_STEP
    direction: int = UP

    def after_success(self, direction: int) -> Gait:
        """On in the same direction, twice as far."""
        return Gait(min(2 * self.size, LARGEST_STEP), direction)

    def after_failure(self, direction: int) -> Gait:
        """The other way, half as far."""
        return Gait(max(self.size / 2, SMALLEST_STEP), -direction)


@dataclass(frozen=True)
class Change:
    """A live parameter that differs from the day before.

    Attributes:
        step: in unit coordinates; above 0 is up.
    """

    name: str
    before: Any
    after: Any
    step: float

    @property
    def direction(self) -> int:
        """UP or DOWN."""
        return UP if self.step > 0 else DOWN


class Gaits:
    """The gaits of all the live parameters, in the order of their importance."""

    def __init__(self, live: Sequence[str]) -> None:
        self._gaits = {name: Gait() for name in live}

    def __getitem__(self, name: str) -> Gait:
        return self._gaits[name]

    def succeeded(self, changes: Sequence[Change]) -> None:
        """The nudge was kept."""
        for change in changes:
            self._gaits[change.name] = self._gaits[change.name].after_success(change.direction)

    def failed(self, changes: Sequence[Change]) -> None:
        """The nudge was not kept."""
        for change in changes:
            self._gaits[change.name] = self._gaits[change.name].after_failure(change.direction)


def is_learning_rate(name: str) -> bool:
    """Whether the parameter is called as learning rates are: such a one is lowered at the end.

    >>> is_learning_rate("learning_rate"), is_learning_rate("optimizer.lr"), is_learning_rate("l2")
    (True, True, False)
    """
    return bool(_LEARNING_RATE.search(re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")))


def moved(space: Space, values: Mapping[str, Any], name: str, step: float) -> dict[str, Any] | None:
    """The values with one parameter moved by `step`; None if it is at the end of its range.

    A step of a whole number or a listed value goes to the next one at least.
    """
    domain = space.parameters[name].domain
    position = float(domain.to_unit([values[name]])[0])
    target = min(1.0, max(0.0, position + step))
    if domain.size is not None:
        low, high = domain.cell(position)
        target = max(target, high + 1e-9) if step > 0 else min(target, low - 1e-9)
        target = min(1.0, max(0.0, target))
    value = _rounded(domain, domain.to_value(np.array([target])).tolist()[0])
    if value == values[name] or abs(target - position) < SMALLEST_STEP / 10:
        return None
    return {**values, name: value}


def set_value(space: Space, values: Mapping[str, Any], name: str, target: float) -> dict[str, Any]:
    """The values with one parameter as near to `target` as its domain allows."""
    domain = space.parameters[name].domain
    if isinstance(domain, OrderedList):
        return {**values, name: _nearest(domain, target)}
    low, high = domain.to_value(np.array([0.0, 1.0])).tolist()
    return {**values, name: _rounded(domain, min(high, max(low, target)))}


def _nearest(domain: OrderedList, target: float) -> Any:
    """By the ratio where all are above 0, as learning rates are compared; the smaller of two."""
    if target > 0 and min(domain.values) > 0:
        return min(domain.values, key=lambda value: abs(math.log(value / target)))
    return min(domain.values, key=lambda value: abs(value - target))


def _rounded(domain: Domain, value: Any) -> Any:
    """Three digits of what matters: a schedule is to be read, and typed elsewhere."""
    if isinstance(domain, IntegerRange):
        return domain.accept(round(value))
    if not isinstance(domain, FloatRange):
        return domain.accept(value)
    if domain.scale == "1-beta" and value > 0.5:
        value = round(1 - float(f"{1 - value:.3g}"), 12)
    else:
        value = float(f"{value:.3g}")
    return domain.accept(min(domain.high, max(domain.low, value)))


def step_words(space: Space, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """`learning_rate up x3.2 (0.01 to 0.032)`, `momentum up (0.98 to 0.99, 1-momentum x0.5)`."""
    return ", ".join(
        _change_words(space, change) for change in changes_between(space, before, after)
    )


def _change_words(space: Space, change: Change) -> str:
    domain, name = space.parameters[change.name].domain, change.name
    way = f"{name} {'up' if change.step > 0 else 'down'}"
    ends = f"{_written(change.before)} to {_written(change.after)}"
    if isinstance(domain, FloatRange) and domain.scale == "1-beta":
        return f"{way} ({ends}, 1-{name} x{(1 - change.after) / (1 - change.before):.2g})"
    return f"{way}{_times(change)} ({ends})"


def _times(change: Change) -> str:
    before, after = change.before, change.after
    if not isinstance(before, float) or min(before, after) <= 0:
        return ""
    return f" x{after / before:.3g}"


def _written(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def changes_between(
    space: Space, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[Change, ...]:
    """What differs, in the order of the space."""
    return tuple(
        Change(name, before[name], value, _distance(space, name, before[name], value))
        for name, value in after.items()
        if name in before and before[name] != value
    )


def _distance(space: Space, name: str, before: Any, after: Any) -> float:
    first, second = space.parameters[name].domain.to_unit([before, after])
    return float(second - first)
