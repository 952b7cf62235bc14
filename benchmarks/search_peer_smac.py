"""SMAC3's facade for hyperparameters: a random forest, with its own conditions and repeats.

A failure is told as crashed, with the worst value seen; later, where nothing has succeeded yet. Its
first design is a quarter of the trials that it is promised, so it starts late in a long search. It
takes the logarithm of the losses, so they should be positive.
"""

from __future__ import annotations

import logging
import math
import tempfile
from pathlib import Path
from typing import Any

from ConfigSpace import (
    AndConjunction,
    CategoricalHyperparameter,
    ConfigurationSpace,
    GreaterThanCondition,
    InCondition,
    UniformFloatHyperparameter,
    UniformIntegerHyperparameter,
)
from search_peer_columns import Column, columns, point
from smac import HyperparameterOptimizationFacade, Scenario
from smac.runhistory.dataclasses import TrialInfo, TrialValue
from smac.runhistory.enumerations import StatusType


class SmacPeer:
    """One search.

    Args:
        noisy: SMAC then tries good points again, and names the best by the mean.
    """

    packages = ("smac", "ConfigSpace", "scikit-learn")

    def __init__(self, seed: int, parameters: list[dict[str, Any]], trials: int, noisy: bool):
        self._parameters, self._noisy = parameters, noisy
        self._folder = tempfile.TemporaryDirectory()
        scenario = Scenario(
            _space(parameters),
            output_directory=Path(self._folder.name),
            deterministic=not noisy,
            n_trials=trials,
            seed=seed,
        )
        self._smac = HyperparameterOptimizationFacade(
            scenario, _unused, logging_level=logging.ERROR, overwrite=True
        )
        self._infos: list[TrialInfo] = []
        self._losses: list[float] = []
        self._failures: list[TrialInfo] = []  # not told yet

    def ask(self, count: int) -> list[dict[str, Any]]:
        points = []
        for _ in range(count):
            info = self._smac.ask()
            self._infos.append(info)
            raw = dict(info.config)
            points.append(point(self._parameters, lambda column, raw=raw: raw[column.label]))
        return points

    def tell(self, losses: list[float | None]) -> None:
        asked = self._infos[len(self._losses) :]
        self._losses += [math.nan if loss is None else loss for loss in losses]
        for info, loss in zip(asked, losses, strict=True):
            if loss is None:
                self._failures.append(info)
            else:
                self._smac.tell(info, TrialValue(loss))
        seen = [loss for loss in self._losses if not math.isnan(loss)]
        if seen:
            for info in self._failures:
                self._smac.tell(info, TrialValue(max(seen), status=StatusType.CRASHED))
            self._failures = []

    def best(self) -> int | None:
        """With noise its incumbent; else the lowest value, behind which the incumbent may lag."""
        known = [math.inf if math.isnan(loss) else loss for loss in self._losses]
        if not known or math.isinf(min(known)):
            return None
        if not self._noisy:
            return known.index(min(known))
        named = self._smac.intensifier.get_incumbents()
        configs = [info.config for info in self._infos]
        return configs.index(named[0]) if named else None


def _unused(config: Any, seed: int = 0) -> float:
    raise AssertionError("the points are tried outside")


def _space(parameters: list[dict[str, Any]]) -> ConfigurationSpace:
    space = ConfigurationSpace()
    by_name = {parameter["name"]: parameter for parameter in parameters}
    flat = columns(parameters)
    made = {column.label: _hyperparameter(column) for column in flat}
    space.add(list(made.values()))
    for column in flat:
        child = made[column.label]
        conditions: list[Any] = [
            InCondition(child, made[parent], [Column(by_name[parent]).raw(v) for v in allowed])
            for parent, allowed in column.parameter["when"]
        ]
        count = column.parameter["repeat"]
        if (
            count is not None
            and column.position is not None
            and column.position >= _fewest(by_name[count])
        ):
            conditions.append(GreaterThanCondition(child, made[count], column.position))
        if conditions:
            space.add(conditions[0] if len(conditions) == 1 else AndConjunction(*conditions))
    return space


def _fewest(count: dict[str, Any]) -> int:
    return int(min(count["values"]) if "values" in count else count["low"])


def _hyperparameter(column: Column) -> Any:
    if column.is_words:
        return CategoricalHyperparameter(column.label, column.words)
    kind = UniformIntegerHyperparameter if column.is_whole else UniformFloatHyperparameter
    return kind(column.label, column.low, column.high, log=column.is_log)
