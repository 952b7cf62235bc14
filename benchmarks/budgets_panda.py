"""Panda beside schedules and population based training, on the digits network.

    python benchmarks/budgets_panda.py

A full training is 20 epochs. For each seed the best fixed learning rate is that of a search of 20
random ones (log scale, 1e-4 to 10). Panda starts from a rate 30 times smaller and from one 10 times
larger, and has the epochs of 3 full trainings, whatever it takes back; so has the population (3
models for 20 days). The schedules start from the best fixed rate, which nobody tells panda. All
figures are validation losses divided by that of the best fixed rate at its last epoch; what panda
and the population hand over is their best day that was kept.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from hpsearch.domains import Fixed, FloatRange
from hpsearch.examples.digits import train
from hpsearch.objectives.handle import Point
from hpsearch.space import Parameter, Space
from hpsearch.strategies import Panda, Pause
from hpsearch.strategies.panda_facts import Rules
from hpsearch.strategies.panda_rules import Nurse
from hpsearch.strategies.population import Population
from hpsearch.trial import Outcome, Segment, TrialState

EPOCHS = 20
DAYS = 3 * EPOCHS
TRIALS = 20
POPULATION = 3
ALLOWED = 1.10
NETWORK: dict[str, Any] = {"optimizer": "momentum", "dropout": 0.2}
LOW, HIGH = 1e-4, 10.0
START = {"momentum": 0.9, "l2": 1e-3}
SPACE = Space(
    [
        Parameter("learning_rate", FloatRange(LOW, HIGH, "log")),
        Parameter("momentum", FloatRange(0.5, 0.99, "1-beta")),
        Parameter("l2", FloatRange(1e-5, 1e-1, "log")),
        *(Parameter(name, Fixed((value,))) for name, value in NETWORK.items()),
    ]
)
LIVE = ("learning_rate", "momentum", "l2")


class Reported:
    """A trial of `train`: its folder, its seed, and what it reports."""

    def __init__(self, folder: Path | None, seed: int) -> None:
        self.dir = folder
        self.seed = seed
        self.curve: list[Point] = []

    def report(self, step: int, **metrics: float) -> None:
        """Keep the metrics of an epoch."""
        self.curve.append((float(step), metrics))


def fixed(rate: float, seed: int, epochs: int = EPOCHS, **more: Any) -> float:
    """The last validation loss of a training with one rate, or one of the example's decays."""
    params = {**NETWORK, **START, "learning_rate": rate, **more}
    loss = train(params, epochs, Reported(None, seed))["val_loss"]
    return loss if math.isfinite(loss) else math.inf


def scheduled(rate_of: Callable[[int], float], seed: int, folder: Path) -> float:
    """The last validation loss with a rate for each epoch."""
    trial = Reported(folder / "schedule", seed)
    loss = math.inf
    for epoch in range(1, EPOCHS + 1):
        params = {**NETWORK, **START, "learning_rate": rate_of(epoch)}
        loss = train(params, epoch, trial)["val_loss"]
    shutil.rmtree(folder / "schedule", ignore_errors=True)
    return loss


def best_fixed(seed: int) -> tuple[float, float]:
    """(validation loss, rate) of the best of a search of fixed rates."""
    units = np.random.default_rng(np.random.SeedSequence(seed)).random(TRIALS)
    rates = [float(LOW * (HIGH / LOW) ** unit) for unit in units]
    return min((fixed(rate, seed), rate) for rate in rates)


def drive(rules: Rules, days: int, seed: int, folder: Path, is_one_model: bool) -> Panda:
    """Run a panda to its end, with a folder for each trial, as a search does."""
    strategy = Panda(
        SPACE,
        rules,
        metric_name="val_loss",
        loss=float,
        days=days,
        length=1,
        is_one_model=is_one_model,
    )
    while isinstance(asked := strategy.ask(), Segment):
        strategy.tell(asked.trial.number, *_train(asked, strategy, seed, folder))
    assert asked is Pause.END
    return strategy


def _train(
    segment: Segment, strategy: Panda, seed: int, folder: Path
) -> tuple[Outcome, list[Point]]:
    trial, own = segment.trial, folder / str(segment.trial.number)
    root = trial
    while root.parent is not None and not strategy.is_one_model:
        root = strategy.history.trials[root.parent]
    model_seed = seed if strategy.is_one_model else 1000 * seed + root.number
    if trial.parent is not None:
        shutil.copytree(folder / str(trial.parent), own)
    reported = Reported(own, model_seed)
    loss = train(trial.params, segment.budget, reported)["val_loss"]
    if not math.isfinite(loss):
        return Outcome(TrialState.DIVERGED, reason="val_loss is nan"), reported.curve
    return Outcome(TrialState.DONE, loss, budget=segment.budget), reported.curve


def handed_over(strategy: Panda) -> float:
    """The loss of the best day that was kept."""
    done = [o for o in strategy.history.outcomes.values() if o.state is TrialState.DONE]
    return min((o.value for o in done if o.value is not None), default=math.inf)


def last_kept(strategy: Panda) -> float:
    """The loss of the last day that was kept."""
    outcomes = strategy.history.outcomes
    done = [number for number, o in outcomes.items() if o.state is TrialState.DONE]
    return outcomes[max(done)].value or math.inf


def measure(seed: int) -> Mapping[str, float]:
    """All the figures of one seed, as ratios to the best fixed rate."""
    best, rate = best_fixed(seed)
    figures = {
        "constant, 60 epochs": fixed(rate, seed, DAYS),
        "30 times too small, fixed": fixed(rate / 30, seed),
        "10 times too large, fixed": fixed(min(10 * rate, HIGH), seed),
    }
    with tempfile.TemporaryDirectory(dir=_fast_folder()) as made:
        folder = Path(made)
        drops = {math.ceil(0.5 * EPOCHS), math.ceil(0.75 * EPOCHS)}
        figures["step decay, x0.1 twice"] = scheduled(
            lambda epoch: rate * 0.1 ** sum(epoch > drop for drop in drops), seed, folder
        )
        figures["cosine"] = scheduled(
            lambda epoch: rate / 2 * (1 + math.cos(math.pi * (epoch - 1) / EPOCHS)), seed, folder
        )
        for name, factor in (("30 times too small", 1 / 30), ("10 times too large", 10.0)):
            start = min(HIGH, max(LOW, factor * rate))
            values = {**START, "learning_rate": start, **NETWORK}
            own = folder / name
            nurse = Nurse(SPACE, LIVE, values, DAYS, 1)
            strategy = drive(nurse, DAYS, seed, own, is_one_model=True)
            figures[f"panda from {name}"] = handed_over(strategy)
            figures[f"  its last day, {name}"] = last_kept(strategy)
            shutil.rmtree(own)
        figures["population of 3, random rates"] = handed_over(
            drive(_population(seed), EPOCHS, seed, folder / "population", is_one_model=False)
        )
    return {"best fixed": best, "rate": rate, **{n: v / best for n, v in figures.items()}}


def _population(seed: int) -> Population:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
    starts = [
        {**START, "learning_rate": float(LOW * (HIGH / LOW) ** unit), **NETWORK}
        for unit in rng.random(POPULATION)
    ]
    return Population(SPACE, LIVE, starts, seed)


def _fast_folder() -> str | None:
    """Memory, if there is any to put files in: checkpoints are written and synced every epoch."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() else None


def print_table(first_seed: int, seeds: int, jobs: int) -> bool:
    """Measure and print; returns whether panda keeps what is asked of it."""
    began = time.perf_counter()
    rows = Parallel(n_jobs=jobs)(
        delayed(measure)(seed) for seed in range(first_seed, first_seed + seeds)
    )
    losses = ", ".join(f"{row['best fixed']:.3f}" for row in rows)
    print(
        f"best fixed learning rate of {TRIALS}: val_loss after {EPOCHS} epochs, by seed: {losses}"
    )
    print(f"val_loss divided by that{'':12} mean  worst  within 10%")
    keeps = True
    for name in list(rows[0])[2:]:
        ratios = [row[name] for row in rows]
        within = sum(ratio <= ALLOWED for ratio in ratios)
        print(f"{name:34} {np.mean(ratios):6.2f} {max(ratios):6.2f}  {within:2d} of {seeds}")
        if name.startswith("panda"):
            keeps &= within >= 0.9 * seeds
    print(f"{time.perf_counter() - began:.0f} s, {jobs} jobs")
    return keeps


def main() -> int:
    """Exit code 1 if panda does not keep what is asked of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    return 0 if print_table(options.first_seed, options.seeds, options.jobs) else 1


if __name__ == "__main__":
    sys.exit(main())
