"""The scale on which guided search looks at a wide linear range, and the way to the declared one.

`weight_decay: {min: 1e-5, max: 0.1}` is linear, and nine tenths of it are above 0.01; but whoever
writes 1e-5 and not 0 has orders of magnitude in mind. Guided search may look where it wants, and
looks on half of each scale. Measured (benchmarks/README.md): six networks with such a weight decay
0.75 / 0.89 / 0.96 after 32 / 64 / 128 trials instead of 0.64 / 0.76 / 0.82. Where linear is right
after all, as in a quadratic, it costs less than it gains where it is not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hpsearch.domains import LARGEST_IN_RANGE, Domain, FloatRange, IntegerRange
from hpsearch.scales import FloatArray, LinearLog
from hpsearch.space import Box, Space

WIDE = 100.0
"""From two orders of magnitude on; below, the two scales are not far apart."""
ROUNDING = 1e-9
"""0.7 / 0.007 is less than 100 in floats."""


def as_searched(space: Space) -> Space:
    """The same points, with wide linear ranges on half a log scale; the space itself if none is."""
    parameters = [replace(p, domain=searched_domain(p.domain)) for p in space.parameters.values()]
    return space if parameters == list(space.parameters.values()) else Space(parameters)


def points_between(x_unit: FloatArray, of: Space, into: Space) -> FloatArray:
    """Points (n, d), NaN where inactive, of one of the two spaces in the unit coordinates of the
    other."""
    moved: FloatArray = x_unit.copy()
    for i, (theirs, ours) in enumerate(zip(of.columns, into.columns, strict=True)):
        if theirs.domain != ours.domain:
            assert isinstance(theirs.domain, (FloatRange, IntegerRange))
            assert isinstance(ours.domain, (FloatRange, IntegerRange))
            active = ~np.isnan(moved[:, i])
            values = theirs.domain.unit_map.to_value(moved[active, i])
            moved[active, i] = ours.domain.unit_map.to_unit(values)
    return moved


def box_between(box: Box, of: Space, into: Space) -> Box:
    """A box of one of the two spaces in the unit coordinates of the other."""
    low, high = points_between(np.array([box.low, box.high]), of, into)
    return Box(low, high, box.kept)


def searched_domain(domain: Domain) -> Domain:
    """The same values, on half a log scale where they are a wide linear range."""
    if not isinstance(domain, (FloatRange, IntegerRange)) or domain.scale != "linear":
        return domain
    is_wide = domain.low > 0 and domain.high >= WIDE * domain.low * (1.0 - ROUNDING)
    if not is_wide:
        return domain
    if isinstance(domain, IntegerRange) and domain.high >= LARGEST_IN_RANGE[LinearLog.name]:
        return domain
    return replace(domain, scale=LinearLog.name)
