"""The scale on which guided search looks at a wide linear range, and its box on the declared one.

`weight_decay: {min: 1e-5, max: 0.1}` is linear, and nine tenths of it are above 0.01; but whoever
writes 1e-5 and not 0 has orders of magnitude in mind. Guided search may look where it wants, and
looks on half of each scale. Measured (benchmarks/README.md): six networks with such a weight decay
0.75 / 0.89 / 0.94 after 32 / 64 / 128 trials instead of 0.66 / 0.78 / 0.82.
"""

from __future__ import annotations

from dataclasses import replace

from hpsearch.domains import LARGEST_IN_RANGE, Domain, FloatRange, IntegerRange
from hpsearch.scales import LinearLog
from hpsearch.space import Box, Space

WIDE = 100.0
"""From two orders of magnitude on; below, the two scales are not far apart."""


def as_searched(space: Space) -> Space:
    """The same points, with wide linear ranges on half a log scale; the space itself if none is."""
    parameters = [replace(p, domain=searched_domain(p.domain)) for p in space.parameters.values()]
    return space if parameters == list(space.parameters.values()) else Space(parameters)


def as_declared(box: Box, searched: Space, declared: Space) -> Box:
    """The box of the searched space in the unit coordinates of the declared one."""
    low, high = box.low.copy(), box.high.copy()
    for i, column in enumerate(searched.columns):
        theirs, ours = column.domain, declared.columns[i].domain
        if theirs != ours:
            assert isinstance(theirs, (FloatRange, IntegerRange))
            assert isinstance(ours, (FloatRange, IntegerRange))
            ends = theirs.unit_map.to_value([low[i], high[i]])
            low[i], high[i] = ours.unit_map.to_unit(ends)
    return Box(low, high, box.kept)


def searched_domain(domain: Domain) -> Domain:
    """The same values, on half a log scale where they are a wide linear range."""
    if not isinstance(domain, (FloatRange, IntegerRange)) or domain.scale != "linear":
        return domain
    if not 0 < domain.low <= domain.high / WIDE:
        return domain
    is_whole = isinstance(domain, IntegerRange)
    if is_whole and domain.high >= LARGEST_IN_RANGE[LinearLog.name]:
        return domain
    return replace(domain, scale=LinearLog.name)
