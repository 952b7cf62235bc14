"""Points of another level that a model learns from, and which of many tell the most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hpsearch.scales import FloatArray

IntArray = npt.NDArray[np.intp]
MOST_EARLIER = 100
"""A model knows at most so many points of all the earlier runs together, and of the other rungs."""


@dataclass(frozen=True)
class EarlierPoints:
    """The trials of an earlier run, or those at another rung, as points of this run's space.

    Attributes:
        x_unit: (m, d); NaN where inactive.
        losses: (m,); +inf without a value.
        best: how a message calls the best of them, the one at `best_at`.
    """

    x_unit: FloatArray
    losses: FloatArray
    best: str
    best_at: int


def telling_of(losses: FloatArray, most: int) -> IntArray:
    """Positions, ascending, of at most `most` of these losses (n,): the best half of them, and
    evenly by rank of the rest."""
    ranked = np.argsort(losses, kind="stable")
    if len(ranked) <= most:
        return np.sort(ranked)
    best, rest = ranked[: most // 2], ranked[most // 2 :]
    spaced = np.linspace(0, len(rest) - 1, most - len(best)).astype(np.intp)
    return np.sort(np.concatenate([best, rest[spaced]]))
