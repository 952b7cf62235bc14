"""Optuna's pruners behind a pipe: whole studies, one JSON line for each trial.

    PYTHON benchmarks/budget_peer.py     # `budgets.py --optuna-python PYTHON` starts it

PYTHON is any interpreter that can import optuna; hpsearch is not needed there. A line in begins a
study: {"pruner", "sampler", "seed", "epochs", "min", "factor", "total", "parameters"}. Then
{"point"} goes out and {"curve"} comes in, until the study has used its total and says {"found"}:
pairs of epochs used and the loss of the best complete trial by then.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import optuna
from search_peer_optuna import suggested


def main() -> None:
    """Serve study after study."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        print(json.dumps({"found": _study(json.loads(line))}), flush=True)


def _study(wanted: dict[str, Any]) -> list[tuple[int, float]]:
    study = optuna.create_study(sampler=_sampler(wanted), pruner=_pruner(wanted))
    found: list[tuple[int, float]] = []
    used = 0
    while True:
        trial = study.ask()
        point = suggested(trial, wanted["parameters"])
        print(json.dumps({"point": point}), flush=True)
        curve = json.loads(sys.stdin.readline())["curve"]
        state = optuna.trial.TrialState.COMPLETE
        for epoch, loss in enumerate(curve, start=1):
            used += 1
            if used > wanted["total"]:
                return found
            trial.report(loss, epoch)
            if epoch < len(curve) and trial.should_prune():
                state = optuna.trial.TrialState.PRUNED
                break
        study.tell(trial, loss if state == optuna.trial.TrialState.COMPLETE else None, state)
        if state == optuna.trial.TrialState.COMPLETE:
            found.append((used, min(loss, found[-1][1] if found else loss)))


def _sampler(wanted: dict[str, Any]) -> optuna.samplers.BaseSampler:
    if wanted["sampler"] == "random":
        return optuna.samplers.RandomSampler(seed=wanted["seed"])
    return optuna.samplers.TPESampler(seed=wanted["seed"])


def _pruner(wanted: dict[str, Any]) -> optuna.pruners.BasePruner:
    factor = wanted["factor"]
    if wanted["pruner"] == "SuccessiveHalvingPruner":
        return optuna.pruners.SuccessiveHalvingPruner(
            min_resource=wanted["min"], reduction_factor=factor
        )
    return optuna.pruners.HyperbandPruner(
        min_resource=wanted["min"], max_resource=wanted["epochs"], reduction_factor=factor
    )


if __name__ == "__main__":
    main()
