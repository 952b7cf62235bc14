"""A tuning task: a space, the true loss of many points at once, and how noisy a look at it is.

The tasks are in `search_lcbench.py`, `search_functions.py` and `search_trainings.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hpsearch.space import Space

Array = npt.NDArray[np.float64]
Points = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Task:
    """What a search minimises.

    Attributes:
        group: `lcbench`, `functions` or `trainings`; the tables are printed by group.
        losses: the true losses of n points, (n,); NaN where the training fails.
        table: how many random points its random search is read from.
        noise: the standard deviation of what a search sees around the true loss.
        is_slow: whether a loss takes long: no local search for the best known one.
    """

    name: str
    group: str
    space: Space
    losses: Callable[[Points], Array]
    table: int = 100_000
    noise: float = 0.0
    is_slow: bool = False
