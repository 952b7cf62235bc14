"""The digits network: guided search with 40 trials against random search with 120.

Each search is the strategy of `configs/digits.yaml` with another sampler, driven in this process:
the trials are those of `hpsearch run`, whatever its jobs, because a trial that learns looks back at
a fixed number of others. Every training is kept in a file.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hpsearch.config import Overrides, load_config
from hpsearch.examples.digits import train
from hpsearch.launch import lag_of, make_strategy
from hpsearch.strategies.caviar import split_over_rounds
from hpsearch.trial import Outcome, Segment, Trial, TrialState

CONFIG = Path(__file__).parent.parent / "configs" / "digits.yaml"
SEEDS = 10
HOWS = {"guided": ("guided", 40, 3), "random": ("random", 120, 1), "zoom": ("random", 120, 3)}
"""Sampler, trials and rounds; random search proper has one round."""


@dataclass(frozen=True)
class Found:
    """What one search ends with: errors of the trial with the lowest `val_error`."""

    val_error: float
    test_error: float


@dataclass(frozen=True)
class TrainedOnce:
    """What `train` asks of a trial, without a folder."""

    seed: int
    dir: None = None

    def report(self, step: int, **metrics: float) -> None:
        """Nobody looks."""


class Trainings:
    """Metrics of trainings, each trained once and kept in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = path.read_text().splitlines() if path.exists() else []
        self._known: dict[str, dict[str, float]] = dict(json.loads(line) for line in lines)

    def metrics(self, params: Mapping[str, Any], seed: int) -> dict[str, float]:
        key = json.dumps([params, seed], sort_keys=True)
        if key not in self._known:
            self._known[key] = train(params, trial=TrainedOnce(seed))
            with self._path.open("a") as file:
                file.write(json.dumps([key, self._known[key]]) + "\n")
        return self._known[key]


def search(seed: int, how: str, cache: Path) -> Found:
    """One whole search."""
    sampler, trials, rounds = HOWS[how]
    config = load_config(CONFIG).with_overrides(
        Overrides(trials=trials, rounds=rounds, seed=seed, sampler=sampler)
    )
    trainings = Trainings(cache / "digits.jsonl")
    strategy = make_strategy(config, split_over_rounds(trials, rounds), lag_of(config))
    found = []
    while isinstance(asked := strategy.ask(), Segment):
        metrics = trainings.metrics(asked.trial.params, own_seed(asked.trial, seed))
        value = metrics["val_error"]
        if np.isfinite(value):
            outcome = Outcome(TrialState.DONE, value, metrics)
            found.append(Found(value, metrics["test_error"]))
        else:
            outcome = Outcome(TrialState.DIVERGED)
        strategy.tell(asked.trial.number, outcome)
    return min(found, key=lambda one: one.val_error)


def own_seed(trial: Trial, seed: int) -> int:
    """As a run gives it to the trial."""
    own = np.random.SeedSequence(seed, spawn_key=(trial.round, trial.number, 0))
    return int(own.generate_state(1)[0])


def print_digits(hows: Sequence[str], cache: Path, procs: int) -> None:
    """The table."""
    print("digits: errors of the best trial in percent, mean (smallest to largest)")
    print("search    trials  seeds  validation            test")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(procs, context) as pool:
        for how in hows:
            found = list(pool.map(partial(search, how=how, cache=cache), range(SEEDS)))
            val = _shown([one.val_error for one in found])
            test = _shown([one.test_error for one in found])
            print(f"{how:8}{HOWS[how][1]:8}{SEEDS:7}  {val}    {test}", flush=True)


def _shown(errors: Sequence[float]) -> str:
    return f"{100 * np.mean(errors):.2f} ({100 * min(errors):.2f} to {100 * max(errors):.2f})"
