"""Domains: the values that one parameter can take, as vectorised maps to and from [0, 1].

A continuum (`FloatRange`) uses its scale directly. A lattice (`IntegerRange`, `OrderedList`,
`Categories`, `Fixed`) divides [0, 1] into cells, one for each value, so that every value,
the ends too, owns its full share. `space` composes parameters out of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from hpsearch.errors import SpaceError
from hpsearch.scales import EVERY_SCALE, FloatArray, Scale

Value: TypeAlias = Any  # a number, a text, a boolean or None: what YAML and JSON can write
LARGEST_INTEGER = 2**53  # beyond it, float64 no longer tells neighbours apart
LARGEST_IN_RANGE = {"linear": 2**51, "log": 2**46, "linear-log": 2**46}
"""Below it in size, whole numbers go to [0, 1] and back unchanged, and their cells do not overlap.

Linear: k - 1/2 and k + 1/2 have to be floats, and their share of a range of both signs too. Log:
log(2^46) = 32 has an error of 2^-48, which is a fourth of a cell at 2^46.
"""


class Domain(Protocol):
    """What one parameter can be."""

    @property
    def size(self) -> int | None:
        """How many values there are; None for a continuum."""

    @property
    def is_ordered(self) -> bool:
        """Whether neighbours in [0, 1] are neighbours in meaning (not so for categories)."""

    def to_unit(self, values: Sequence[Value]) -> FloatArray:
        """Unit coordinates of n values, shape (n,); for a lattice a point inside the cell.

        Raises:
            SpaceError: where a value is not in the domain.
        """

    def to_value(self, x_unit: FloatArray) -> npt.NDArray[Any]:
        """Values at n unit coordinates, shape (n,)."""

    def cell(self, x_unit: float) -> tuple[float, float]:
        """The stretch of [0, 1] that has the same value as `x_unit`; a point in a continuum."""

    def accept(self, value: Value) -> Value:
        """The value in the domain's own type.

        Raises:
            SpaceError: if it is not in the domain.
        """


def _written(value: float) -> str:
    """A number as people and YAML write it: `1e-5`, not `1e-05`."""
    text = f"{value:.12g}"
    exact = text if float(text) == value else repr(float(value))
    return re.sub(r"e([+-])0*", lambda match: "e" + match[1].strip("+"), exact)


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


@dataclass(frozen=True)
class FloatRange:
    """Every number from `low` to `high`, evenly in the coordinates of the scale."""

    low: float
    high: float
    scale: str = "linear"
    unit_map: Scale = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit_map", EVERY_SCALE[self.scale](self.low, self.high))

    @property
    def size(self) -> int | None:
        """None: a continuum."""
        return None

    @property
    def is_ordered(self) -> bool:
        """True."""
        return True

    def to_unit(self, values: Sequence[Value]) -> FloatArray:
        """Unit coordinates, shape (n,)."""
        array = np.asarray(values, dtype=np.float64)
        outside = ~((array >= self.low) & (array <= self.high))
        if outside.any():
            self.accept(float(array[outside][0]))
        return self.unit_map.to_unit(array)

    def to_value(self, x_unit: FloatArray) -> npt.NDArray[Any]:
        """Values as float64, shape (n,); the ends exactly, and round numbers without a tail."""
        return self.unit_map.as_written(self.unit_map.to_value(x_unit))

    def cell(self, x_unit: float) -> tuple[float, float]:
        """The point itself."""
        return x_unit, x_unit

    def accept(self, value: Value) -> float:
        """The value as a float."""
        if not _is_number(value):
            raise SpaceError(f"{value!r} is not a number")
        if not self.low <= value <= self.high:
            ends = f"{_written(self.low)} and {_written(self.high)}"
            raise SpaceError(f"{_written(value)} is not between {ends}")
        return float(value)


@dataclass(frozen=True)
class IntegerRange:
    """Every whole number from `low` to `high`, both included.

    The integer k owns the stretch of the scale from k - 1/2 to k + 1/2, so that the two ends have
    their full share too: equal shares on a linear scale, shares in proportion to their length in
    log(value) on a log scale.
    """

    low: int
    high: int
    scale: str = "linear"
    unit_map: Scale = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise SpaceError(f"min must be at most max, but min is {self.low}, max {self.high}")
        if self.scale == "1-beta":
            raise SpaceError(
                "scale: 1-beta is for numbers from 0 to below 1, not for whole numbers"
            )
        if self.scale == "log" and self.low <= 0:
            raise SpaceError(f"{self.low} is not possible with scale: log (it must be above 0)")
        largest = LARGEST_IN_RANGE[self.scale]
        if max(abs(self.low), abs(self.high)) >= largest:
            raise SpaceError(
                f"whole numbers with scale: {self.scale} must lie within "
                f"+-2^{largest.bit_length() - 1}; write the range as floats"
            )
        object.__setattr__(
            self, "unit_map", EVERY_SCALE[self.scale](self.low - 0.5, self.high + 0.5)
        )

    @property
    def size(self) -> int | None:
        """How many integers there are."""
        return self.high - self.low + 1

    @property
    def is_ordered(self) -> bool:
        """True."""
        return True

    def to_unit(self, values: Sequence[Value]) -> FloatArray:
        """Unit coordinates, shape (n,): where the scale puts the integers in their cells."""
        array = np.asarray(values, dtype=np.float64)
        wrong = ~((array >= self.low) & (array <= self.high) & (array == np.floor(array)))
        if wrong.any():
            self.accept(float(array[wrong][0]))
        return self.unit_map.to_unit(array)

    def to_value(self, x_unit: FloatArray) -> npt.NDArray[Any]:
        """Values as int64, shape (n,)."""
        values = self.unit_map.to_value(x_unit)
        values += 0.5
        np.floor(values, out=values)
        np.minimum(values, self.high, out=values)
        return values.astype(np.int64)

    def cell(self, x_unit: float) -> tuple[float, float]:
        """Unit coordinates of k - 1/2 and k + 1/2."""
        k = float(self.to_value(np.array([x_unit]))[0])
        low, high = self.unit_map.to_unit(np.array([k - 0.5, k + 0.5]))
        return float(low), float(high)

    def accept(self, value: Value) -> int:
        """The value as an int."""
        if not _is_number(value) or not math.isfinite(value) or value != math.floor(value):
            raise SpaceError(f"{value!r} is not a whole number")
        if not self.low <= value <= self.high:
            raise SpaceError(f"{value!r} is not between {self.low} and {self.high}")
        return int(value)


def _identity(value: Value) -> tuple[bool, Value]:
    """A key that tells True from 1."""
    return isinstance(value, bool), value


@dataclass(frozen=True)
class _Listed:
    """Values that are written one by one; each owns an equal share of [0, 1]."""

    values: tuple[Value, ...]
    _array: npt.NDArray[Any] = field(init=False, repr=False, compare=False)
    _positions: dict[tuple[bool, Value], int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.values:
            raise SpaceError("an empty list of values")
        positions = {_identity(value): i for i, value in enumerate(self.values)}
        if len(set(self.values)) < len(self.values):
            raise SpaceError("a value is listed twice (true is 1 and false is 0 here)")
        array = np.empty(len(self.values), dtype=object)
        array[:] = self.values
        object.__setattr__(self, "_array", array)
        object.__setattr__(self, "_positions", positions)

    @property
    def size(self) -> int | None:
        """How many values there are."""
        return len(self.values)

    def position(self, value: Value) -> int:
        """Index of the value in the list.

        Raises:
            SpaceError: if it is not in the list.
        """
        try:
            return self._positions[_identity(value)]
        except (KeyError, TypeError):
            listed = ", ".join(
                str(v).lower() if isinstance(v, bool) else str(v) for v in self.values[:12]
            )
            more = ", ..." if len(self.values) > 12 else ""
            raise SpaceError(f"{value!r} is not one of {listed}{more}") from None

    def to_unit(self, values: Sequence[Value]) -> FloatArray:
        """Centres of the values' cells, shape (n,)."""
        positions = np.array([self.position(value) for value in values], dtype=np.float64)
        return (positions + 0.5) / len(self.values)

    def positions_at(self, x_unit: FloatArray) -> npt.NDArray[np.intp]:
        """Indices of the cells that hold the unit coordinates, shape (n,)."""
        count = len(self.values)
        return np.minimum((x_unit * count).astype(np.intp), count - 1)

    def to_value(self, x_unit: FloatArray) -> npt.NDArray[Any]:
        """Values as an object array, shape (n,)."""
        values: npt.NDArray[Any] = self._array[self.positions_at(x_unit)]
        return values

    def cell(self, x_unit: float) -> tuple[float, float]:
        """The cell of the value at `x_unit`."""
        count = len(self.values)
        position = int(self.positions_at(np.array([x_unit]))[0])
        return position / count, (position + 1) / count

    def accept(self, value: Value) -> Value:
        """The value as it is listed."""
        return self.values[self.position(value)]


@dataclass(frozen=True)
class OrderedList(_Listed):
    """Numbers that are written one by one, in ascending order."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(sorted(self.values)))
        super().__post_init__()

    @property
    def is_ordered(self) -> bool:
        """True."""
        return True


@dataclass(frozen=True)
class Categories(_Listed):
    """Words and booleans: values without an order."""

    @property
    def is_ordered(self) -> bool:
        """False."""
        return False


@dataclass(frozen=True)
class Fixed(_Listed):
    """One value that is never varied; it takes no column of the encoded space."""

    @property
    def is_ordered(self) -> bool:
        """False."""
        return False

    @property
    def value(self) -> Value:
        """The value."""
        return self.values[0]
