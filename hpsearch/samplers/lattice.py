"""The distinct points of a part of the space in which every column has finitely many levels.

Used to count a grid before it is made, and to find what is left of a discrete space. Conditions
and repeats are respected: a point is counted once, whatever its inactive columns would have been.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from hpsearch.domains import Categories, Domain, Fixed, IntegerRange, OrderedList, Value
from hpsearch.scales import FloatArray
from hpsearch.space import Box, Parameter, Space

# More values than this in one column count as a continuum: no run exhausts them.
MOST_LEVELS = 100_000


def is_continuum(domain: Domain) -> bool:
    """Whether it has more values than a run can try."""
    return domain.size is None or domain.size > MOST_LEVELS


def levels_of_box(space: Space, box: Box) -> list[FloatArray] | None:
    """Unit coordinates of the values that each column has inside the box; None for a continuum."""
    if any(is_continuum(column.domain) for column in space.columns):
        return None
    return [lattice_levels(space, box, position) for position in range(space.dimensions)]


def lattice_levels(space: Space, box: Box, position: int) -> FloatArray:
    """Unit coordinates of one lattice column's values inside the box, ascending."""
    domain = space.columns[position].domain
    kept = box.kept[position]
    size = domain.size
    assert size is not None
    if kept is not None:
        return (np.asarray(kept, dtype=np.float64) + 0.5) / size
    assert isinstance(domain, (IntegerRange, OrderedList, Categories, Fixed))
    values = (
        range(domain.low, domain.high + 1) if isinstance(domain, IntegerRange) else domain.values
    )
    x_unit = domain.to_unit(values)
    inside: FloatArray = x_unit[(box.low[position] <= x_unit) & (x_unit <= box.high[position])]
    return inside


class Lattice:
    """The points that the levels span.

    Args:
        levels: for each column its unit coordinates, shape (levels,), at least one.
    """

    def __init__(self, space: Space, levels: Sequence[FloatArray]) -> None:
        self._space = space
        self._levels = levels
        self._parameters = list(space.parameters.values())
        self._last_use = self._last_uses()
        self._counts: dict[tuple[int, tuple[Value, ...]], int] = {}

    def _last_uses(self) -> dict[str, int]:
        """For each parameter that others refer to, the position of the last that does."""
        last: dict[str, int] = {}
        for i, parameter in enumerate(self._parameters):
            for condition in parameter.when:
                last[condition.parameter] = i
            if parameter.repeat is not None:
                last[parameter.repeat] = i
        return last

    def count(self) -> int:
        """How many distinct points there are."""
        return self._count_from(0, {})

    def _count_from(self, i: int, chosen: Mapping[str, Value]) -> int:
        if i == len(self._parameters):
            return 1
        relevant = {n: v for n, v in chosen.items() if self._last_use.get(n, -1) >= i}
        key = (i, tuple(relevant.items()))
        if key not in self._counts:
            self._counts[key] = self._count_parameter(i, relevant)
        return self._counts[key]

    def _count_parameter(self, i: int, chosen: Mapping[str, Value]) -> int:
        parameter = self._parameters[i]
        if not _is_active(parameter, chosen):
            return self._count_from(i + 1, chosen)
        if parameter.name in self._last_use:
            return sum(
                self._count_from(i + 1, {**chosen, parameter.name: value})
                for value in self._values(parameter)
            )
        ways = 1
        for position in self._positions(parameter, chosen):
            ways *= len(self._levels[position])
        return ways * self._count_from(i + 1, chosen)

    def points(self) -> Iterator[FloatArray]:
        """Each distinct point once, (d,), NaN where inactive; the last column varies fastest."""
        x_unit = np.full(self._space.dimensions, np.nan)
        return self._points_from(0, {}, x_unit)

    def _points_from(
        self, i: int, chosen: dict[str, Value], x_unit: FloatArray
    ) -> Iterator[FloatArray]:
        if i == len(self._parameters):
            yield x_unit.copy()
            return
        parameter = self._parameters[i]
        if not _is_active(parameter, chosen):
            yield from self._points_from(i + 1, chosen, x_unit)
            return
        if isinstance(parameter.domain, Fixed) and parameter.repeat is None:
            following = {**chosen, parameter.name: parameter.domain.value}
            yield from self._points_from(i + 1, following, x_unit)
            return
        yield from self._vary(i, list(self._positions(parameter, chosen)), chosen, x_unit)

    def _vary(
        self, i: int, positions: list[int], chosen: dict[str, Value], x_unit: FloatArray
    ) -> Iterator[FloatArray]:
        if not positions:
            yield from self._points_from(i + 1, chosen, x_unit)
            return
        parameter = self._parameters[i]
        for level in self._levels[positions[0]]:
            x_unit[positions[0]] = level
            if parameter.name in self._last_use:
                chosen = {**chosen, parameter.name: _value_at(parameter, level)}
            yield from self._vary(i, positions[1:], chosen, x_unit)
        x_unit[positions[0]] = np.nan

    def point(self, rank: int) -> FloatArray:
        """The point that `points` gives after `rank` others, without these; (d,).

        Args:
            rank: 0 <= rank < count().
        """
        x_unit = np.full(self._space.dimensions, np.nan)
        chosen: dict[str, Value] = {}
        for i, parameter in enumerate(self._parameters):
            if not _is_active(parameter, chosen):
                continue
            if parameter.name in self._last_use:
                rank = self._choose(i, rank, chosen, x_unit)
                continue
            positions = self._positions(parameter, chosen)
            ways = self._count_from(i + 1, chosen)
            for position in positions:
                ways *= len(self._levels[position])
            for position in positions:
                ways //= len(self._levels[position])
                level, rank = divmod(rank, ways)
                x_unit[position] = self._levels[position][level]
        return x_unit

    def _choose(self, i: int, rank: int, chosen: dict[str, Value], x_unit: FloatArray) -> int:
        """Choose a value that others refer to, and return the rank among the points with it."""
        parameter = self._parameters[i]
        level, values = 0, self._values(parameter)
        chosen[parameter.name] = values[0]
        while rank >= (ways := self._count_from(i + 1, chosen)):
            rank -= ways
            level += 1
            chosen[parameter.name] = values[level]
        for position in self._space.columns_of(parameter.name):
            x_unit[position] = self._levels[position][level]
        return rank

    def _positions(self, parameter: Parameter, chosen: Mapping[str, Value]) -> Sequence[int]:
        positions = self._space.columns_of(parameter.name)
        return positions if parameter.repeat is None else positions[: chosen[parameter.repeat]]

    def _values(self, parameter: Parameter) -> list[Value]:
        if isinstance(parameter.domain, Fixed):
            return [parameter.domain.value]
        levels = self._levels[self._space.columns_of(parameter.name).start]
        return [_value_at(parameter, level) for level in levels]


def _value_at(parameter: Parameter, level: float) -> Value:
    return parameter.domain.to_value(np.array([level])).tolist()[0]


def _is_active(parameter: Parameter, chosen: Mapping[str, Value]) -> bool:
    if parameter.repeat is not None and parameter.repeat not in chosen:
        return False
    return all(
        condition.parameter in chosen and chosen[condition.parameter] in condition.values
        for condition in parameter.when
    )
