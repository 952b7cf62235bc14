"""Samplers: one file each, all behind the interface of `base`; `make_sampler` finds one by name."""

from __future__ import annotations

from collections.abc import Callable

from hpsearch.samplers.base import Draw, Proposal, Sampler
from hpsearch.samplers.grid import GridSampler
from hpsearch.samplers.random import RandomSampler
from hpsearch.samplers.sobol import SobolSampler

SAMPLERS: dict[str, Callable[[], Sampler]] = {
    "random": RandomSampler,
    "sobol": SobolSampler,
    "grid": GridSampler,
}


def make_sampler(name: str) -> Sampler:
    """The sampler that a config calls `name`."""
    return SAMPLERS[name]()


__all__ = ["SAMPLERS", "Draw", "Proposal", "Sampler", "make_sampler"]
