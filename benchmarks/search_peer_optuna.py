"""Optuna's samplers. A failure is told as a failed trial, as Optuna recommends: it is ignored."""

from __future__ import annotations

from typing import Any

import optuna
from search_peer_columns import Column, point


def suggested(trial: optuna.Trial, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """The values that a trial suggests for the parameters."""

    def raw(column: Column) -> Any:
        if column.is_words:
            return trial.suggest_categorical(column.label, column.words)
        suggest = trial.suggest_int if column.is_whole else trial.suggest_float
        return suggest(column.label, column.low, column.high, log=column.is_log)

    return point(parameters, raw)


class OptunaPeer:
    """One study; `1-beta` is handed over as the log of 1 - beta.

    Args:
        noisy: told to GPSampler only, which is the one that can be told.
    """

    def __init__(self, method: str, seed: int, parameters: list[dict[str, Any]], noisy: bool):
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        samplers = {
            "optuna-tpe": lambda: optuna.samplers.TPESampler(
                seed=seed, multivariate=True, group=True, constant_liar=True
            ),
            "optuna-gp": lambda: optuna.samplers.GPSampler(
                seed=seed, deterministic_objective=not noisy
            ),
            "optuna-cmaes": lambda: optuna.samplers.CmaEsSampler(seed=seed),
        }
        needed = {"optuna-gp": ("torch", "scipy"), "optuna-cmaes": ("cmaes",)}
        self.packages: tuple[str, ...] = ("optuna", *needed.get(method, ()))
        self._study = optuna.create_study(sampler=samplers[method]())
        self._parameters = parameters
        self._asked: list[optuna.Trial] = []

    def ask(self, count: int) -> list[dict[str, Any]]:
        points = []
        for _ in range(count):
            trial = self._study.ask()
            self._asked.append(trial)
            points.append(suggested(trial, self._parameters))
        return points

    def tell(self, losses: list[float | None]) -> None:
        for trial, loss in zip(self._asked, losses, strict=True):
            if loss is None:
                self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
            else:
                self._study.tell(trial, loss)
        self._asked = []

    def best(self) -> int | None:
        try:
            return int(self._study.best_trial.number)
        except ValueError:  # none has succeeded
            return None
