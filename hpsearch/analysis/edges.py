"""Edges: where the best values lie so close to the end of a range that better ones may lie beyond.

`hints` says what to widen, `comparison` what an earlier run could not have found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from hpsearch.domains import Domain, FloatRange, IntegerRange, OrderedList
from hpsearch.errors import SpaceError
from hpsearch.samplers.guided_scale import searched_domain
from hpsearch.space import Parameter, Space

EDGE = 0.02
"""A float is at the edge within this share of the whole range, in unit coordinates; of a wide
linear range in those in which guided search looks at it."""
FEWEST_VALUES = 3
"""With two values each of them is an end, which says nothing."""
FEWEST_FOR_ONE = 5
"""On a lattice of fewer values one trial is at an end too often by chance."""
AGREEING = 3
"""So many of the best trials on the same edge make a strong sign."""

Side = Literal["min", "max"]


@dataclass(frozen=True)
class Edge:
    """A value at the end of its whole range.

    Attributes:
        parameter: whose value it is; for a list, one of its entries is at the edge.
        side: which end.
        value: as the trial had it (the first entry, for a list).
        is_strong: whether the best three trials all lie there.
    """

    parameter: Parameter
    side: Side
    value: Any
    is_strong: bool = False


def best_edges(space: Space, top: Sequence[Mapping[str, Any]]) -> list[Edge]:
    """The edges of the best trial that are more than chance.

    Args:
        top: values of the best trials, best first; at least one.
    """
    of_top = [{edge.parameter.name: edge for edge in edges_of(space, p)} for p in top[:AGREEING]]
    found = []
    for name, edge in of_top[0].items():
        same = [name in edges and edges[name].side == edge.side for edges in of_top]
        is_strong = len(same) == AGREEING and all(same)
        size = edge.parameter.domain.size
        if is_strong or size is None or size >= FEWEST_FOR_ONE:
            found.append(replace(edge, is_strong=is_strong))
    return found


def edges_of(space: Space, params: Mapping[str, Any]) -> list[Edge]:
    """The values of a trial that lie at an end of their range which could be moved.

    Args:
        params: as the store has them; inactive parameters are absent.
    """
    edges = []
    for name, parameter in space.parameters.items():
        if not parameter.domain.is_ordered or name not in params:
            continue
        value = params[name]
        entries = value if isinstance(value, list) else [value]
        sides = [side_of(parameter.domain, entry) for entry in entries]
        # A list is at the edge if all of it is: one entry alone may be there by its place.
        if sides and sides[0] is not None and len(set(sides)) == 1:
            edges.append(Edge(parameter, sides[0], entries[0]))
    return edges


def side_of(domain: Domain, value: Any) -> Side | None:
    """The end at which a value of an ordered domain lies; None if at none that could be moved."""
    try:
        accepted = domain.accept(value)
    except SpaceError:
        return None
    x = float(domain.to_unit([accepted])[0])
    if domain.size is None:
        # 5e-4 is no edge of 1e-5 ... 0.1, though on the linear scale it is all but there.
        x = float(searched_domain(domain).to_unit([accepted])[0])
        low, high = x <= EDGE, x >= 1 - EDGE
    else:
        if domain.size < FEWEST_VALUES:
            return None
        below, above = domain.cell(x)
        half = min(1e-9, (above - below) / 2)
        low, high = below <= half, above >= 1 - half
    if low and not _is_natural(domain, "min"):
        return "min"
    if high and not _is_natural(domain, "max"):
        return "max"
    return None


def _is_natural(domain: Domain, side: Side) -> bool:
    """Whether nothing is to be expected beyond: below 0 or a count of 1, above the share 1."""
    if isinstance(domain, OrderedList):
        return side == "min" and domain.values[0] in (0, 1)
    if isinstance(domain, IntegerRange):
        return side == "min" and domain.low in (0, 1)
    assert isinstance(domain, FloatRange)
    is_share = domain.scale == "linear" and domain.low == 0 and domain.high == 1
    return is_share or (side == "min" and domain.low == 0)
