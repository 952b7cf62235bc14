"""Samplers: one file each, all behind the interface of `base`; `make_sampler` finds one by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from hpsearch.samplers.base import GIVEN, Draw, Proposal, Sampler
from hpsearch.samplers.grid import GridSampler
from hpsearch.samplers.guided import GuidedSampler, Incumbent
from hpsearch.samplers.guided_earlier import (
    EarlierRun,
    EarlierTrial,
    have_a_value,
    shared_parameters,
    trials_inside,
)
from hpsearch.samplers.random import RandomSampler
from hpsearch.samplers.sobol import SobolSampler
from hpsearch.space import Space

Loss: TypeAlias = Callable[[float], float]

SAMPLERS: dict[str, Callable[[Space, Loss, int, Sequence[EarlierRun], bool | None], Sampler]] = {
    "guided": GuidedSampler,
    "random": lambda space, loss, lag, earlier, noisy: RandomSampler(),
    "sobol": lambda space, loss, lag, earlier, noisy: SobolSampler(),
    "grid": lambda space, loss, lag, earlier, noisy: GridSampler(),
}


def make_sampler(
    name: str,
    space: Space,
    loss: Loss,
    lag: int,
    earlier: Sequence[EarlierRun] = (),
    noisy: bool | None = None,
) -> Sampler:
    """The sampler that a config calls `name`.

    Args:
        loss: turns a metric's value into a number of which less is better.
        lag: a sampler that learns proposes trial i from the outcomes of trials 0 to i - lag.
        earlier: runs that a sampler which learns may learn from.
        noisy: whether the same point may have another value the next time; None: to be found out.
    """
    return SAMPLERS[name](space, loss, lag, earlier, noisy)


__all__ = [
    "GIVEN",
    "SAMPLERS",
    "Draw",
    "EarlierRun",
    "EarlierTrial",
    "GuidedSampler",
    "Incumbent",
    "Proposal",
    "Sampler",
    "have_a_value",
    "make_sampler",
    "shared_parameters",
    "trials_inside",
]
