"""A space that has fewer points than there are trials: how many it has, and what that means."""

from __future__ import annotations

from hpsearch.config import Config
from hpsearch.samplers.lattice import Lattice, levels_of_box
from hpsearch.space import Box


def points_in_all(config: Config) -> int | None:
    """How many distinct points the space has; None if there are as many as trials, or more."""
    if config.is_panda:
        return None
    always = [p for p in config.space.parameters.values() if not p.when and p.repeat is None]
    at_least = 1
    for parameter in always:
        size = parameter.domain.size
        if size is None or at_least * size >= config.search.trials:
            return None
        at_least *= size
    levels = levels_of_box(config.space, Box.whole(config.space))
    points = None if levels is None else Lattice(config.space, levels).count()
    return None if points is None or points >= config.search.trials else points


def few_points(points: int) -> str:
    """What a space that has fewer points than there are trials means for a run."""
    if points == 1:
        return "nothing is to be tuned: the space has 1 point, so one trial is run"
    return f"the space has {points} points, so at most {points} trials"
