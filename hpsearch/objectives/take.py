"""Which value of a learning curve counts: the last, the best, or the mean of the last few."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Take:
    """`last`, `min`, `max`, or `mean` of the last `count` values."""

    how: Literal["last", "min", "max", "mean"] = "last"
    count: int = 1

    def of(self, values: Sequence[float]) -> float | None:
        """The value that counts; None if there are none.

        A smallest or largest value is that of the finite ones, if there are any: a training that
        diverged after its best epoch has still had it.
        """
        if not values:
            return None
        if self.how == "last":
            return values[-1]
        if self.how == "mean":
            last = values[-self.count :]
            return math.fsum(last) / len(last) if all(map(math.isfinite, last)) else math.nan
        finite = [value for value in values if math.isfinite(value)]
        return (min if self.how == "min" else max)(finite or [values[-1]])
