"""What HEBO and scikit-optimize share: flat spaces, no conditions, no failures.

An inactive column gets a value all the same, which is left out of the point. A failure is told as
the worst value seen; points are random until there is one.
"""

from __future__ import annotations

import math
import random
from typing import Any

from search_peer_columns import Column, columns, point

Raw = dict[str, Any]


class FlatPeer:
    """To be completed by `propose` and `learn`."""

    packages: tuple[str, ...]

    def __init__(self, seed: int, parameters: list[dict[str, Any]]):
        self._parameters = parameters
        self.columns = columns(parameters)
        self._rng = random.Random(seed)
        self._asked: list[Raw] = []
        self._unlearned: list[Raw] = []  # failures that came before any value
        self._losses: list[float] = []

    def propose(self, count: int) -> list[Raw]:
        """So many points, raw value by label."""
        raise NotImplementedError

    def learn(self, raws: list[Raw], losses: list[float]) -> None:
        """Take in their losses."""
        raise NotImplementedError

    def ask(self, count: int) -> list[dict[str, Any]]:
        if self._unlearned:
            self._asked = [{c.label: self._random(c) for c in self.columns} for _ in range(count)]
        else:
            self._asked = self.propose(count)
        return [
            point(self._parameters, lambda column, raw=raw: raw[column.label])
            for raw in self._asked
        ]

    def _random(self, column: Column) -> Any:
        if column.is_words:
            return self._rng.choice(column.words)
        if not column.is_log:
            x = self._rng.uniform(column.low, column.high)
        else:
            x = math.exp(self._rng.uniform(math.log(column.low), math.log(column.high)))
        return round(x) if column.is_whole else min(max(x, column.low), column.high)

    def tell(self, losses: list[float | None]) -> None:
        raws = self._unlearned + self._asked
        told = [None] * len(self._unlearned) + losses
        self._losses += [math.inf if loss is None else loss for loss in losses]
        self._asked, self._unlearned = [], []
        seen = [loss for loss in self._losses if math.isfinite(loss)]
        if seen:
            self.learn(raws, [max(seen) if loss is None else loss for loss in told])
        else:
            self._unlearned = raws

    def best(self) -> int | None:
        """The lowest value seen, as both tools have it."""
        if not self._losses or math.isinf(min(self._losses)):
            return None
        return self._losses.index(min(self._losses))
