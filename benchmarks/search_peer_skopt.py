"""scikit-optimize: its Gaussian process with its own settings; a batch by its constant liar."""

from __future__ import annotations

from typing import Any

from search_peer_columns import Column
from search_peer_flat import FlatPeer, Raw
from skopt import Optimizer
from skopt.space import Categorical, Integer, Real


class SkoptPeer(FlatPeer):
    """One search."""

    packages = ("scikit-optimize", "scikit-learn", "scipy")

    def __init__(self, seed: int, parameters: list[dict[str, Any]]):
        super().__init__(seed, parameters)
        self._optimizer = Optimizer([_dimension(c) for c in self.columns], random_state=seed)

    def propose(self, count: int) -> list[Raw]:
        points = [self._optimizer.ask()] if count == 1 else self._optimizer.ask(count)
        labels = [column.label for column in self.columns]
        return [dict(zip(labels, x, strict=True)) for x in points]

    def learn(self, raws: list[Raw], losses: list[float]) -> None:
        points = [[raw[column.label] for column in self.columns] for raw in raws]
        self._optimizer.tell(points, losses)


def _dimension(column: Column) -> Any:
    if column.is_words:
        return Categorical(column.words)
    prior = "log-uniform" if column.is_log else "uniform"
    kind = Integer if column.is_whole else Real
    return kind(column.low, column.high, prior=prior)
