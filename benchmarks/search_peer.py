"""Another tool behind a pipe: it is asked for points and told their losses, one JSON line each.

    PYTHON benchmarks/search_peer.py METHOD      # `search.py --peer METHOD=PYTHON` starts it

PYTHON is any interpreter that can import the tool; hpsearch is not needed there. First line in:
{"seed", "trials", "parameters"}. Then {"ask": n} gives {"points", "cpu_s"}, and {"tell": losses}
(null for a failure) gives {"cpu_s"}.
"""

from __future__ import annotations

import json
import math
import sys
import time
import warnings
from typing import Any

METHODS = ("optuna-tpe", "optuna-gp", "optuna-cmaes")


class OptunaPeer:
    """Optuna's samplers; `1-beta` is handed over as the log of 1 - beta."""

    def __init__(self, method: str, seed: int, parameters: list[dict[str, Any]]) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore")
        samplers = {
            "optuna-tpe": lambda: optuna.samplers.TPESampler(
                seed=seed, multivariate=True, group=True, constant_liar=True
            ),
            "optuna-gp": lambda: optuna.samplers.GPSampler(seed=seed, deterministic_objective=True),
            "optuna-cmaes": lambda: optuna.samplers.CmaEsSampler(seed=seed),
        }
        self._study = optuna.create_study(sampler=samplers[method]())
        self._failed = optuna.trial.TrialState.FAIL
        self._parameters = parameters
        self._asked: list[Any] = []

    def ask(self, count: int) -> list[dict[str, Any]]:
        points = []
        for _ in range(count):
            trial = self._study.ask()
            self._asked.append(trial)
            points.append(self._point(trial))
        return points

    def _point(self, trial: Any) -> dict[str, Any]:
        point: dict[str, Any] = {}
        for parameter in self._parameters:
            name = parameter["name"]
            if not all(point.get(parent) in values for parent, values in parameter["when"]):
                continue
            if parameter["repeat"] is None:
                point[name] = self._value(trial, name, parameter)
            else:
                count = point[parameter["repeat"]]
                point[name] = [self._value(trial, f"{name}{i}", parameter) for i in range(count)]
        return point

    @staticmethod
    def _value(trial: Any, name: str, parameter: dict[str, Any]) -> Any:
        kind, scale = parameter["kind"], parameter.get("scale")
        if kind == "words":
            return trial.suggest_categorical(name, parameter["values"])
        if kind == "list":
            position = trial.suggest_int(name, 0, len(parameter["values"]) - 1)
            return parameter["values"][position]
        low, high = parameter["low"], parameter["high"]
        if kind == "int":
            return trial.suggest_int(name, low, high, log=scale == "log")
        if scale == "1-beta":
            u = trial.suggest_float(name, -math.log1p(-low), -math.log1p(-high))
            return min(max(-math.expm1(-u), low), high)
        return trial.suggest_float(name, low, high, log=scale == "log")

    def tell(self, losses: list[float | None]) -> None:
        for trial, loss in zip(self._asked, losses, strict=True):
            if loss is None:
                self._study.tell(trial, state=self._failed)
            else:
                self._study.tell(trial, loss)
        self._asked = []


def main() -> None:
    """Serve one search."""
    first = json.loads(sys.stdin.readline())
    peer = OptunaPeer(sys.argv[1], first["seed"], first["parameters"])
    for line in sys.stdin:
        message = json.loads(line)
        before = time.process_time()
        answer: dict[str, Any] = {}
        if "ask" in message:
            answer["points"] = peer.ask(message["ask"])
        else:
            peer.tell(message["tell"])
        answer["cpu_s"] = time.process_time() - before
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
