"""Where trials and boxes lie on the scale on which a run's sampler looks at them.

The store has them on the declared scale. Guided search looks at wide linear ranges on another one,
and there `zoomed to 6%` and the bars of a round are meant.
"""

from __future__ import annotations

from dataclasses import replace

from hpsearch.config import Config
from hpsearch.history import Round
from hpsearch.samplers.guided_scale import as_searched, box_between, points_between
from hpsearch.scales import FloatArray
from hpsearch.space import Space


def searched_space(config: Config) -> Space:
    """The space as the sampler looks at it."""
    return as_searched(config.space) if config.search.sampler == "guided" else config.space


def searched_round(config: Config, round_: Round) -> Round:
    """The round with its box in the unit coordinates of that space."""
    return replace(round_, box=box_between(round_.box, config.space, searched_space(config)))


def searched_points(config: Config, x_unit: FloatArray) -> FloatArray:
    """Points (n, d), NaN where inactive, in the unit coordinates of that space."""
    return points_between(x_unit, config.space, searched_space(config))
