"""The space: parameters, conditions and repeats, and how they become arrays in the unit cube.

`Space.encode` and `Space.decode` map n sets of values to an array of shape (n, d) and back; an
inactive column is NaN. A `Box` is a part of the space. Nothing here draws a random number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from hpsearch.domains import (
    Categories,
    Domain,
    Fixed,
    FloatRange,
    IntegerRange,
    OrderedList,
    Value,
)
from hpsearch.errors import SpaceError
from hpsearch.number_columns import NumberColumns
from hpsearch.scales import FloatArray

BoolArray = npt.NDArray[np.bool_]
LONGEST_REPEAT = 1000


@dataclass(frozen=True)
class Condition:
    """A parameter is active only where another one has one of these values."""

    parameter: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Parameter:
    """One name of the space.

    Attributes:
        name: any text.
        domain: the values it can take (each entry, where it repeats).
        when: all of these must hold for the parameter to be active.
        repeat: the parameter whose value is the length of this one's list; None for a single value.
        live: whether it can change during training; a panda nudges these.
    """

    name: str
    domain: Domain
    when: tuple[Condition, ...] = ()
    repeat: str | None = None
    live: bool = False


@dataclass(frozen=True)
class Column:
    """One dimension of the encoded space.

    Attributes:
        parameter: what it belongs to.
        entry: which entry of a repeated parameter, from 0; None for a single value.
    """

    parameter: Parameter
    entry: int | None = None

    @property
    def name(self) -> str:
        """`momentum`, or `hidden_units[0]` for an entry of a list."""
        name = self.parameter.name
        return name if self.entry is None else f"{name}[{self.entry}]"

    @property
    def domain(self) -> Domain:
        """The values the column can take."""
        return self.parameter.domain


class Space:
    """Parameters in the order of the config; a condition or repeat refers to earlier ones only.

    Attributes:
        parameters: the parameters by name, in order.
        columns: the d dimensions of the encoded space. A fixed parameter has none; a repeated one
            has as many as its list can be long.
    Raises:
        SpaceError: where a condition or a repeat refers to what it cannot.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.parameters: dict[str, Parameter] = {}
        self._slices: dict[str, slice] = {}
        columns: list[Column] = []
        for parameter in parameters:
            self._check_references(parameter)
            first = len(columns)
            if parameter.repeat is not None:
                longest = self._longest(self.parameters[parameter.repeat])
                columns += [Column(parameter, entry) for entry in range(longest)]
            elif not isinstance(parameter.domain, Fixed):
                columns.append(Column(parameter))
            self._slices[parameter.name] = slice(first, len(columns))
            self.parameters[parameter.name] = parameter
        self.columns = tuple(columns)
        self._is_flat = not any(p.when or p.repeat for p in self.parameters.values())

    @cached_property
    def _numbers(self) -> NumberColumns:
        """The columns of ranges that are active everywhere."""
        return NumberColumns(
            {
                name: (self._slices[name].start, parameter.domain)
                for name, parameter in self.parameters.items()
                if isinstance(parameter.domain, (FloatRange, IntegerRange))
                and not parameter.when
                and parameter.repeat is None
            }
        )

    @cached_property
    def _snapped(self) -> dict[str, Parameter]:
        """All but the continua that are active everywhere: what `snap` changes."""
        return {
            name: parameter
            for name, parameter in self.parameters.items()
            if parameter.domain.size is not None or parameter.when or parameter.repeat is not None
        }

    @property
    def dimensions(self) -> int:
        """d, the number of columns."""
        return len(self.columns)

    @cached_property
    def lattice_columns(self) -> tuple[int, ...]:
        """Positions of the columns that are no continua."""
        return tuple(i for i, column in enumerate(self.columns) if column.domain.size is not None)

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Names of the d columns."""
        return tuple(column.name for column in self.columns)

    def columns_of(self, name: str) -> range:
        """Positions of a parameter's columns."""
        part = self._slices[name]
        return range(part.start, part.stop)

    def _check_references(self, parameter: Parameter) -> None:
        if parameter.name in self.parameters:
            raise SpaceError(f"{parameter.name}: declared twice")
        for condition in parameter.when:
            parent = self._earlier(parameter.name, "when", condition.parameter)
            if parent.repeat is not None:
                raise SpaceError(f"{parameter.name}: when: {parent.name} is a list")
            if parent.domain.size is None:
                raise SpaceError(
                    f"{parameter.name}: when: {parent.name} is a range of floats; "
                    "a condition needs whole numbers or listed values"
                )
            for value in condition.values:
                parent.domain.accept(value)
        if parameter.repeat is not None:
            self._longest(self._earlier(parameter.name, "repeat", parameter.repeat))

    def _earlier(self, name: str, key: str, other: str) -> Parameter:
        try:
            return self.parameters[other]
        except KeyError:
            raise SpaceError(f"{name}: {key}: {other} is no earlier parameter") from None

    @staticmethod
    def _longest(counter: Parameter) -> int:
        """How long a list can be that `counter` counts."""
        domain = counter.domain
        if counter.repeat is None and isinstance(domain, IntegerRange):
            shortest, longest = domain.low, domain.high
        elif counter.repeat is None and isinstance(domain, (OrderedList, Fixed)):
            if not all(isinstance(v, int) and not isinstance(v, bool) for v in domain.values):
                raise SpaceError(f"repeat: {counter.name} is not a whole number")
            shortest, longest = min(domain.values), max(domain.values)
        else:
            raise SpaceError(f"repeat: {counter.name} is not a whole number")
        if shortest < 0 or longest > LONGEST_REPEAT:
            raise SpaceError(f"repeat: {counter.name} must lie within 0 and {LONGEST_REPEAT}")
        return int(longest)

    # ------------------------------------------------------------------ arrays to values

    def decode_arrays(
        self, x_unit: FloatArray, *, with_continua: bool = True
    ) -> tuple[dict[str, npt.NDArray[Any]], dict[str, BoolArray]]:
        """Values and activity of each parameter, as arrays.

        Args:
            x_unit: float64, (n, d), in [0, 1]; columns that turn out inactive are not read.
            with_continua: whether the values of ranges of floats are wanted: what is active depends
                on the others alone.
        Returns:
            The values by parameter, (n,), or (n, longest) for a list, of which the counting
            parameter says how many entries count; and where each parameter is active, (n,). A
            value where it is inactive means nothing.
        Raises:
            SpaceError: if d differs.
        """
        n, d = x_unit.shape
        if d != self.dimensions:
            raise SpaceError(f"{d} columns, but the space has {self.dimensions}")
        values: dict[str, npt.NDArray[Any]] = {}
        active: dict[str, BoolArray] = {}
        everywhere = np.ones(n, dtype=bool)
        for name, parameter in self.parameters.items():
            active[name] = (
                everywhere
                if self._is_flat
                else self._activity(parameter, values, active, everywhere)
            )
            if isinstance(parameter.domain, Fixed) and parameter.repeat is None:
                values[name] = np.full(n, parameter.domain.value, dtype=object)
                continue
            if parameter.domain.size is None and not with_continua:
                continue
            part = x_unit[:, self._slices[name]]
            if not self._is_flat:
                part = np.nan_to_num(part, nan=0.5)
            flat = parameter.domain.to_value(part.T.reshape(-1))
            values[name] = flat if parameter.repeat is None else flat.reshape(-1, n).T
        return values, active

    @staticmethod
    def _activity(
        parameter: Parameter,
        values: Mapping[str, npt.NDArray[Any]],
        active: Mapping[str, BoolArray],
        everywhere: BoolArray,
    ) -> BoolArray:
        is_active: BoolArray = everywhere.copy()
        for condition in parameter.when:
            holds = np.zeros(len(everywhere), dtype=bool)
            for value in condition.values:
                holds |= values[condition.parameter] == value
            is_active &= holds & active[condition.parameter]
        if parameter.repeat is not None:
            is_active &= active[parameter.repeat]
        return is_active

    def decode(self, x_unit: FloatArray) -> list[dict[str, Value]]:
        """n sets of values, each a dict in the order of the config without inactive parameters.

        Args:
            x_unit: float64, (n, d), in [0, 1]; NaN where inactive.
        """
        values, active = self.decode_arrays(x_unit)
        lists = {name: column.tolist() for name, column in values.items()}
        if self._is_flat:
            names = tuple(lists)
            if not names:
                return [{} for _ in range(len(x_unit))]
            return [dict(zip(names, row, strict=True)) for row in zip(*lists.values(), strict=True)]
        points: list[dict[str, Value]] = [{} for _ in range(len(x_unit))]
        for name, parameter in self.parameters.items():
            rows = zip(points, lists[name], active[name].tolist(), strict=True)
            for point, value, is_active in rows:
                if is_active:
                    counter = parameter.repeat
                    point[name] = value if counter is None else value[: point[counter]]
        return points

    # ------------------------------------------------------------------ values to arrays

    def encode(self, points: Sequence[Mapping[str, Value]]) -> FloatArray:
        """Unit coordinates of n sets of values, float64 (n, d); NaN where inactive or absent.

        Raises:
            SpaceError: where a value is not in its parameter's domain.
        """
        x_unit = np.full((len(points), self.dimensions), np.nan)
        filled = self._numbers.fill(x_unit, points)
        for name, parameter in self.parameters.items():
            if name in filled:
                continue
            positions = self.columns_of(name)
            rows, values = _present(name, points)
            if not values or not positions:
                continue
            if parameter.repeat is None:
                x_unit[rows, positions.start] = parameter.domain.to_unit(values)
                continue
            for entry, position in enumerate(positions):
                with_entry = [i for i, value in enumerate(values) if len(value) > entry]
                if with_entry:
                    column = parameter.domain.to_unit([values[i][entry] for i in with_entry])
                    x_unit[rows[with_entry], position] = column
        return x_unit

    def accept(self, point: Mapping[str, Value]) -> dict[str, Value]:
        """A person's set of values in the space's types and order; fixed ones may be left out.

        Raises:
            SpaceError: naming the first parameter that is unknown, missing, inactive or wrong.
        """
        unknown = [name for name in point if name not in self.parameters]
        if unknown:
            raise SpaceError(f"{unknown[0]}: no parameter is called so")
        accepted: dict[str, Value] = {}
        for name, parameter in self.parameters.items():
            if not self._is_active_in(parameter, accepted):
                if name in point:
                    raise SpaceError(f"{name}: is not active with these values")
                continue
            if name not in point and not isinstance(parameter.domain, Fixed):
                raise SpaceError(f"{name}: has no value")
            try:
                accepted[name] = self._accept_value(parameter, point, accepted)
            except SpaceError as error:
                raise SpaceError(f"{name}: {error}") from None
        return accepted

    @staticmethod
    def _is_active_in(parameter: Parameter, point: Mapping[str, Value]) -> bool:
        if parameter.repeat is not None and parameter.repeat not in point:
            return False
        return all(
            condition.parameter in point and point[condition.parameter] in condition.values
            for condition in parameter.when
        )

    @staticmethod
    def _accept_value(
        parameter: Parameter, point: Mapping[str, Value], accepted: Mapping[str, Value]
    ) -> Value:
        domain = parameter.domain
        if parameter.repeat is None:
            if parameter.name not in point and isinstance(domain, Fixed):
                return domain.value
            return domain.accept(point[parameter.name])
        length = accepted[parameter.repeat]
        if parameter.name not in point and isinstance(domain, Fixed):
            return [domain.value] * length
        entries = point[parameter.name]
        if not isinstance(entries, (list, tuple)) or len(entries) != length:
            raise SpaceError(f"must be a list of {length}, as {parameter.repeat} says")
        return [domain.accept(entry) for entry in entries]

    def snap(self, x_unit: FloatArray) -> FloatArray:
        """The points in their one canonical form: on the lattices, and NaN where inactive.

        Args:
            x_unit: float64, (n, d), in [0, 1]; NaN stands for the middle where it is active.
        """
        snapped = np.nan_to_num(x_unit, nan=0.5)
        values, active = self.decode_arrays(snapped, with_continua=False)
        for name, parameter in self._snapped.items():
            for entry, position in enumerate(self.columns_of(name)):
                is_active = active[name]
                if parameter.repeat is not None:
                    is_active = is_active & (values[parameter.repeat] > entry)
                if parameter.domain.size is not None:
                    column = values[name].reshape(len(x_unit), -1)[:, entry]
                    snapped[:, position] = parameter.domain.to_unit(column.tolist())
                snapped[~is_active, position] = np.nan
        return snapped

    def key(self, point: Mapping[str, Value]) -> tuple[Any, ...]:
        """What two equal sets of values share, hashable."""
        return tuple(
            (name, tuple(value) if isinstance(value, list) else value)
            for name, value in point.items()
        )


def _present(
    name: str, points: Sequence[Mapping[str, Value]]
) -> tuple[npt.NDArray[np.intp], list[Any]]:
    """Positions of the points that have this parameter, and their values of it.

    Mostly all of them have it.
    """
    try:
        return np.arange(len(points)), list(map(itemgetter(name), points))
    except KeyError:
        rows = [i for i, point in enumerate(points) if name in point]
        return np.array(rows, dtype=np.intp), [points[i][name] for i in rows]


@dataclass(frozen=True, eq=False)
class Box:
    """A part of the space: a stretch of each ordered column, and the categories that are left.

    Attributes:
        low, high: unit coordinates, float64 (d,), 0 <= low <= high <= 1; on a lattice they stand
            between cells.
        kept: for each column, the positions of the categories that are left; None for the
            ordered ones and where all are left.
    """

    low: FloatArray
    high: FloatArray
    kept: tuple[tuple[int, ...] | None, ...]

    @classmethod
    def whole(cls, space: Space) -> Box:
        """The whole space."""
        d = space.dimensions
        return cls(np.zeros(d), np.ones(d), (None,) * d)

    def place(self, u: FloatArray, space: Space) -> FloatArray:
        """Points of the box at coordinates of the unit cube, both (n, d): uniform stays uniform."""
        x_unit: FloatArray = self.low + u * (self.high - self.low)
        for column, kept in enumerate(self.kept):
            if kept is None:
                continue
            count = space.columns[column].domain.size
            assert count is not None
            chosen = np.minimum((u[:, column] * len(kept)).astype(np.intp), len(kept) - 1)
            x_unit[:, column] = (np.asarray(kept)[chosen] + 0.5) / count
        return x_unit

    def contains(self, x_unit: FloatArray, space: Space) -> BoolArray:
        """For each of n points, (n, d), whether all its active columns are inside."""
        inactive = np.isnan(x_unit)
        inside = np.empty(x_unit.shape, dtype=bool)
        np.logical_or(inactive, (x_unit >= self.low) & (x_unit <= self.high), out=inside)
        for column, kept in enumerate(self.kept):
            domain = space.columns[column].domain
            if kept is not None and isinstance(domain, Categories):
                positions = domain.positions_at(np.nan_to_num(x_unit[:, column]))
                inside[:, column] = np.logical_or(inactive[:, column], np.isin(positions, kept))
        all_inside: BoolArray = np.logical_and.reduce(inside, axis=1)
        return all_inside

    def sides(self, space: Space) -> FloatArray:
        """The share of each column that is left, (d,), each in (0, 1]."""
        sides: FloatArray = self.high - self.low
        for column, kept in enumerate(self.kept):
            size = space.columns[column].domain.size
            if kept is not None and size is not None:
                sides[column] = len(kept) / size
        return sides

    def share(self, space: Space) -> float:
        """The share of the space's volume that is left, in (0, 1]."""
        return float(np.prod(self.sides(space)))

    def ends(self, column: int, space: Space) -> tuple[Value, Value]:
        """Smallest and largest value that is left of an ordered column."""
        ends = np.array(self._inside(column, space))
        first, last = space.columns[column].domain.to_value(ends).tolist()
        return first, last

    def corners(self, space: Space) -> tuple[FloatArray, FloatArray]:
        """Its lowest and its highest point, each (d,): whatever lies between them is in the box."""
        low, high = self.low.copy(), self.high.copy()
        for column in space.lattice_columns:
            low[column], high[column] = self._inside(column, space)
        return low, high

    def _inside(self, column: int, space: Space) -> tuple[float, float]:
        """The ends of a column; on a lattice they stand between cells: a step inside."""
        low, high = float(self.low[column]), float(self.high[column])
        domain = space.columns[column].domain
        if domain.size is None or not domain.is_ordered:
            return low, high
        half = 0.5 * min(np.diff(domain.cell(low))[0], np.diff(domain.cell(high))[0])
        inset = min(1e-9, float(half))
        return low + inset, high - inset

    def kept_values(self, column: int, space: Space) -> tuple[Value, ...]:
        """The categories that are left of a column of categories."""
        domain = space.columns[column].domain
        assert isinstance(domain, Categories)
        kept = self.kept[column]
        return domain.values if kept is None else tuple(domain.values[i] for i in kept)

    def to_json(self) -> dict[str, Any]:
        """The box as JSON can write it."""
        kept = [None if k is None else list(k) for k in self.kept]
        return {"low": self.low.tolist(), "high": self.high.tolist(), "kept": kept}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Box:
        """The box that `to_json` wrote."""
        kept = tuple(None if k is None else tuple(k) for k in data["kept"])
        return cls(np.array(data["low"], float), np.array(data["high"], float), kept)
