"""Samplers: one file each, all behind the interface of `base`; `make_sampler` finds one by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from hpsearch.samplers.base import Draw, Proposal, Sampler
from hpsearch.samplers.grid import GridSampler
from hpsearch.samplers.guided import GuidedSampler
from hpsearch.samplers.random import RandomSampler
from hpsearch.samplers.sobol import SobolSampler
from hpsearch.space import Space

Loss: TypeAlias = Callable[[float], float]

SAMPLERS: dict[str, Callable[[Space, Loss, int], Sampler]] = {
    "random": lambda space, loss, lag: RandomSampler(),
    "sobol": lambda space, loss, lag: SobolSampler(),
    "grid": lambda space, loss, lag: GridSampler(),
    "guided": GuidedSampler,
}


def make_sampler(name: str, space: Space, loss: Loss, lag: int) -> Sampler:
    """The sampler that a config calls `name`.

    Args:
        loss: turns a metric's value into a number of which less is better.
        lag: a sampler that learns proposes trial i from the outcomes of trials 0 to i - lag.
    """
    return SAMPLERS[name](space, loss, lag)


__all__ = ["SAMPLERS", "Draw", "GuidedSampler", "Proposal", "Sampler", "make_sampler"]
