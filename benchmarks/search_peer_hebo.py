"""HEBO (Cowen-Rivers et al. 2022) with its own settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from hebo.design_space.design_space import DesignSpace
from hebo.optimizers.hebo import HEBO
from search_peer_columns import Column
from search_peer_flat import FlatPeer, Raw


class HeboPeer(FlatPeer):
    """One search."""

    packages = ("HEBO", "torch", "gpytorch", "pymoo", "numpy")

    def __init__(self, seed: int, parameters: list[dict[str, Any]]):
        super().__init__(seed, parameters)
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        np.random.seed(seed)  # noqa: NPY002  # HEBO draws from it
        space = DesignSpace().parse([_described(column) for column in self.columns])
        self._hebo = HEBO(space, scramble_seed=seed)

    def propose(self, count: int) -> list[Raw]:
        found = self._hebo.suggest(n_suggestions=count)
        rows: list[Raw] = found.to_dict("records")
        return rows

    def learn(self, raws: list[Raw], losses: list[float]) -> None:
        table = pd.DataFrame(raws, columns=[column.label for column in self.columns])
        self._hebo.observe(table, np.array(losses, dtype=np.float64)[:, None])


def _described(column: Column) -> dict[str, Any]:
    if column.is_words:
        return {"name": column.label, "type": "cat", "categories": column.words}
    number = {"name": column.label, "lb": column.low, "ub": column.high}
    if column.is_log:
        return {**number, "type": "pow_int" if column.is_whole else "pow", "base": 10}
    return {**number, "type": "int" if column.is_whole else "num"}
