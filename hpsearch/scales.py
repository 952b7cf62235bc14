"""Scales: vectorised maps between values and the unit interval. No I/O, no randomness.

A scale bends the value axis (`warp`), so that equal steps in the unit interval are equal steps of
what matters: of the value (linear), of its logarithm (log), or of log(1 - value) (1-beta).
`domains` builds on it; Andrew Ng, Deep Learning course 2, week 3, is where the three come from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from hpsearch.errors import SpaceError

FloatArray: TypeAlias = npt.NDArray[np.float64]
Number = TypeVar("Number", float, FloatArray)
Ends: TypeAlias = float | FloatArray
ROUND_DIGITS = 6
"""A round number has no more digits than this of what a walk over the whole range changes."""
LARGEST_CORRECTION = 1e-9
"""Of the whole range: where floats are coarser than this, neighbours stay apart as they are."""
EPSILON = float(np.finfo(np.float64).eps)
MOST_NEWTON_STEPS, NEWTON_ENDS = 50, 1e-9
"""A step of 1e-9 leaves an error of its square; over 12 orders of magnitude it takes 7 of them."""
FEW = 16
"""So many values are looked at one by one; more of them as an array, which costs 20 us first."""


@dataclass(frozen=True)
class Scale:
    """A map of the values [low, high] onto [0, 1].

    Attributes:
        low, high: the ends, as values; finite, low < high, and inside what the scale can show.
    Raises:
        SpaceError: if the ends cannot be.
    """

    low: float
    high: float
    name: ClassVar[str]
    _warped_low: float = field(init=False, repr=False, compare=False)
    _warped_span: float = field(init=False, repr=False, compare=False)
    _rounding_error: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise SpaceError(f"the ends must be finite, but are {self.low:g} and {self.high:g}")
        if not self.low < self.high:
            raise SpaceError(f"min must be below max, but min is {self.low:g}, max {self.high:g}")
        self._check_ends()
        warped_low, warped_high = self.warp(np.array([self.low, self.high], dtype=np.float64))
        with np.errstate(over="ignore"):
            span = float(warped_high - warped_low)
        if not (math.isfinite(span) and span > 0):
            raise SpaceError(
                f"{self.low:g} to {self.high:g} is too wide or too narrow a range for this scale"
            )
        object.__setattr__(self, "_warped_low", float(warped_low))
        object.__setattr__(self, "_warped_span", span)
        object.__setattr__(self, "_rounding_error", self._largest_rounding_error())

    def _largest_rounding_error(self) -> float:
        """How far the floats may go astray on the way between a value and its warped coordinate.

        A few roundings of the coordinate itself; and the ends were rounded when they were written
        in binary: beside 1, the last bit of beta is a large part of 1 - beta.
        """
        ends = np.array([self.low, self.high])
        warped = self.warp(ends)
        moved = self.warp(np.nextafter(ends, ends[::-1]))
        return float(np.abs(moved - warped).max() + 4 * EPSILON * np.abs(warped).max())

    def _check_ends(self) -> None:
        """Raise SpaceError where the scale cannot show one of its ends."""

    def warp(self, values: FloatArray) -> FloatArray:
        """Bent coordinates of the values, any shape; a new array."""
        raise NotImplementedError

    def unwarp(self, warped: FloatArray) -> FloatArray:
        """Inverse of `warp`; works in place and returns its argument."""
        raise NotImplementedError

    def slope(self, values: Number) -> Number:
        """How much a value changes for each unit of its warped coordinate, any shape; above 0."""
        raise NotImplementedError

    def to_unit(self, values: npt.ArrayLike) -> FloatArray:
        """Unit coordinates of the values, any shape; values beyond the ends go to the ends."""
        array = np.asarray(values, dtype=np.float64)
        return self._unit(array, self.low, self.high, self._warped_low, self._warped_span)

    def _unit(
        self, values: FloatArray, low: Ends, high: Ends, warped_low: Ends, warped_span: Ends
    ) -> FloatArray:
        x_unit = self.warp(np.clip(values, low, high))
        x_unit -= warped_low
        x_unit /= warped_span
        return np.clip(x_unit, 0.0, 1.0, out=x_unit)

    def to_value(self, x_unit: npt.ArrayLike) -> FloatArray:
        """Values at the unit coordinates, any shape; inside [low, high], the ends exactly."""
        x: FloatArray = np.asarray(x_unit, dtype=np.float64)
        flat = x.reshape(-1)
        warped: FloatArray = flat * self._warped_span
        warped += self._warped_low
        values = self.unwarp(warped)
        np.maximum(values, self.low, out=values)
        np.minimum(values, self.high, out=values)
        np.copyto(values, self.low, where=flat <= 0)  # rounding may end beside the ends
        np.copyto(values, self.high, where=flat >= 1)
        shaped: FloatArray = values.reshape(x.shape)
        return shaped

    def as_written(self, values: FloatArray) -> FloatArray:
        """The values of `to_value`, shape (n,), as a person would write them.

        Where only rounding errors set one apart from a round number it becomes that number:
        0.010000000000000004, halfway from 1e-4 to 1, becomes 0.01. Works in place.
        """
        for i in self._perhaps_round(values):
            values[i] = self._as_written(float(values[i]))
        return values

    def _perhaps_round(self, values: FloatArray) -> Iterable[int]:
        """Positions of the few among many that may lie beside a round number; of all, of a few."""
        if len(values) <= FEW:
            return range(len(values))
        with np.errstate(over="ignore"):
            slopes = self.slope(values)
        errors = 2.0 * (slopes * self._rounding_error + EPSILON * np.abs(values))
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            changes = np.minimum(slopes * self._warped_span, self.high - self.low)
            powers = 10.0 ** (ROUND_DIGITS - np.floor(np.log10(changes)))
            scaled = values * powers
            is_far = np.abs(scaled - np.rint(scaled)) > errors * powers
        perhaps_round: list[int] = np.flatnonzero(~is_far).tolist()
        return perhaps_round

    def _as_written(self, value: float) -> float:
        slope = self.slope(value)
        change = max(min(slope * self._warped_span, self.high - self.low), math.ulp(0.0))
        nearest = round(value, ROUND_DIGITS - math.floor(math.log10(change)))
        error = slope * self._rounding_error + EPSILON * abs(value)
        if abs(value - nearest) > min(error, LARGEST_CORRECTION * change):
            return value
        return min(max(nearest, self.low), self.high) + 0.0  # which makes 0.0 of -0.0


class Linear(Scale):
    """Uniform in the value: layers, units, dropout."""

    name = "linear"

    def warp(self, values: FloatArray) -> FloatArray:
        """The values themselves."""
        warped: FloatArray = values.copy()
        return warped

    def unwarp(self, warped: FloatArray) -> FloatArray:
        """The values themselves."""
        return warped

    def slope(self, values: Number) -> Number:
        """1."""
        return values * 0.0 + 1.0


class Log(Scale):
    """Uniform in log(value): learning rates, weight decay. `low` must be above 0."""

    name = "log"

    def _check_ends(self) -> None:
        if self.low <= 0:
            raise SpaceError(f"{self.low:g} is not possible with scale: log (it must be above 0)")

    def warp(self, values: FloatArray) -> FloatArray:
        """log(value)."""
        warped: FloatArray = np.log(values)
        return warped

    def unwarp(self, warped: FloatArray) -> FloatArray:
        """exp(warped)."""
        values: FloatArray = np.exp(warped, out=warped)
        return values

    def slope(self, values: Number) -> Number:
        """The value: a step multiplies it."""
        return values


class OneMinusBeta(Scale):
    """Uniform in log(1 - beta): momentum and other weights of running averages, 0 <= beta < 1.

    With u = -log(1 - beta) (Ng, course 2, week 3: sample r uniformly, beta = 1 - 10^r) the median
    of [0.9, 0.999] is 0.990. It is not the "reverse log" of other tools, which mirrors a log scale
    inside [low, high] (median 0.951). log1p and expm1 keep the digits of 1 - beta, so that
    0.999999 survives.
    """

    name = "1-beta"

    def _check_ends(self) -> None:
        if self.low < 0:
            raise SpaceError(
                f"{self.low:g} is not possible with scale: 1-beta (it must be 0 or above)"
            )
        if self.high >= 1:
            raise SpaceError(
                f"{self.high:g} is not possible with scale: 1-beta (it must be below 1)"
            )

    def warp(self, values: FloatArray) -> FloatArray:
        """u = -log(1 - beta)."""
        warped: FloatArray = np.negative(values)
        np.log1p(warped, out=warped)
        return np.negative(warped, out=warped)

    def unwarp(self, warped: FloatArray) -> FloatArray:
        """beta = 1 - exp(-u)."""
        values: FloatArray = np.negative(warped, out=warped)
        np.expm1(values, out=values)
        return np.negative(values, out=values)

    def slope(self, values: Number) -> Number:
        """1 - beta: a step multiplies it."""
        return 1.0 - values


class LinearLog(Scale):
    """Half linear, half log: the mean of both scales' unit coordinates. `low` must be above 0.

    For a range over orders of magnitude of which nobody knows on which scale it acts: no part of
    [0, 1] is narrower by more than half than on the scale that is right. Only guided search uses
    it (`guided_scale`); a config cannot name it.
    """

    name = "linear-log"

    def _check_ends(self) -> None:
        if self.low <= 0:
            raise SpaceError(f"{self.low:g} is not possible on half a log scale")

    def _unit(
        self, values: FloatArray, low: Ends, high: Ends, warped_low: Ends, warped_span: Ends
    ) -> FloatArray:
        inside = np.clip(values, low, high)
        x_unit: FloatArray = np.log(inside)
        x_unit -= np.log(low)
        x_unit /= np.log(high) - np.log(low)
        x_unit += (inside - low) / (high - low)
        x_unit *= 0.5
        return np.clip(x_unit, 0.0, 1.0, out=x_unit)

    def warp(self, values: FloatArray) -> FloatArray:
        """The unit coordinates themselves."""
        return self._unit(values, self.low, self.high, 0.0, 1.0)

    def unwarp(self, warped: FloatArray) -> FloatArray:
        """The root of a convex function of log(value), by Newton's steps.

        They begin above it, where neither half alone exceeds the coordinate, so each stays above.
        """
        span, log_low = self.high - self.low, math.log(self.low)
        log_span = math.log(self.high) - log_low
        share = np.minimum(2.0 * warped, 1.0)
        logs = np.minimum(np.log(self.low + span * share), log_low + log_span * share)
        for _ in range(MOST_NEWTON_STEPS):
            values = np.exp(logs)
            excess = 0.5 * ((values - self.low) / span + (logs - log_low) / log_span)
            excess -= warped
            excess /= 0.5 * (values / span + 1.0 / log_span)
            logs -= excess
            if np.abs(excess).max(initial=0.0) < NEWTON_ENDS:
                break
        values = np.exp(logs, out=warped)
        return values

    def slope(self, values: Number) -> Number:
        """Between that of the linear scale and that of the log scale."""
        log_span = math.log(self.high) - math.log(self.low)
        slope: Number = 2.0 / (1.0 / (self.high - self.low) + 1.0 / (log_span * values))
        return slope


class SideBySide:
    """k scales of one kind, each for a column of an array: one call for all of them.

    Args:
        scales: of one name.
    """

    def __init__(self, scales: Sequence[Scale]) -> None:
        self._first = scales[0]
        assert all(scale.name == self._first.name for scale in scales)
        self._ends = [
            np.array(ends)
            for ends in zip(
                *((s.low, s.high, s._warped_low, s._warped_span) for s in scales), strict=True
            )
        ]

    def to_unit(self, values: FloatArray) -> FloatArray:
        """Unit coordinates of the values, (n, k), as each scale's own `to_unit` has them."""
        return self._first._unit(values, *self._ends)


SCALES: dict[str, Callable[[float, float], Scale]] = {
    scale.name: scale for scale in (Linear, Log, OneMinusBeta)
}
"""Those that a config can name."""
EVERY_SCALE = {**SCALES, LinearLog.name: LinearLog}
