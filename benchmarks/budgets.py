"""What early stopping saves and what it costs: on the digits network, and beside Optuna's pruners.

    python benchmarks/budgets.py --digits
    python benchmarks/budgets.py --panda        # budgets_panda.py
    python benchmarks/budgets.py --lcbench FOLDER [--optuna-python PYTHON]

It drives the very strategies of a run, without processes. Both print a table; `--lcbench` needs
onnxruntime, and Optuna's pruners run in a Python of their own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from budget_tasks import (
    LCBENCH_EPOCHS,
    CurveTask,
    digits_curves,
    lcbench_curves,
)
from budgets_panda import print_table
from joblib import Parallel, delayed
from search_methods import describe

from hpsearch.budget import Budget
from hpsearch.samplers import make_sampler
from hpsearch.space import Space
from hpsearch.strategies import Pause, Promotion, Strategy
from hpsearch.trial import Outcome, Segment, Trial, TrialState

DIGITS_CONFIG = Path(__file__).parent.parent / "configs" / "digits_asha.yaml"
LAG = 2
"""Of a run with one job."""
LCBENCH_MIN, FACTOR = 3, 3
"""Not from 1: after one epoch this surrogate ranks networks against their end on two data sets of
the six (Spearman -0.6 and -0.2), which misleads whoever looks there."""
TOTALS = (10 * LCBENCH_EPOCHS, 20 * LCBENCH_EPOCHS)
PRUNERS = ("SuccessiveHalvingPruner", "HyperbandPruner")
Found = Sequence[tuple[int, float]]
"""Epochs used, and the loss of the best whole training by then."""


def identity(value: float) -> float:
    return value


def promotion(
    space: Space, sampler: str, rule: str, budget: Budget, trials: int, seed: int
) -> Promotion:
    made = make_sampler(sampler, space, identity, LAG)
    return Promotion(
        space, made, identity, trials=trials, lag=LAG, seed=seed, budget=budget, rule=rule
    )


def drive(
    strategy: Strategy, loss_at: Callable[[Trial, int], float], total: float = float("inf")
) -> tuple[Found, int]:
    """Run segments until the end, or until no more epochs are allowed; returns the epochs too."""
    found: list[tuple[int, float]] = []
    used = 0
    while True:
        asked = strategy.ask()
        if not isinstance(asked, Segment):
            assert asked is Pause.END
            return found, used
        assert asked.budget is not None
        used += asked.budget - asked.start
        if used > total:
            return found, used
        loss = loss_at(asked.trial, asked.budget)
        is_finite = np.isfinite(loss)
        outcome = Outcome(TrialState.DONE, loss) if is_finite else Outcome(TrialState.DIVERGED)
        strategy.tell(asked.trial.number, outcome)
        if asked.is_last and is_finite:
            found.append((used, min(loss, found[-1][1] if found else loss)))


# ---------------------------------------------------------------------------- digits


def digits(seeds: int, cache: Path) -> None:
    """The same trials, by ASHA and by whole trainings."""
    from hpsearch.config import load_config

    config = load_config(DIGITS_CONFIG)
    assert config.budget is not None
    budget, trials = config.budget, config.search.trials
    print(f"digits, {trials} trials, rungs at {', '.join(map(str, budget.rungs))} epochs")
    print("seed   full best   asha best   epochs   of full    share")
    rows = []
    for seed in range(seeds):
        drawn = _drawn(config.space, budget, trials, seed)
        curves = digits_curves(drawn, seed, budget.max, cache)
        strategy = promotion(config.space, config.search.sampler, "asha", budget, trials, seed)
        found, used = drive(strategy, lambda t, epoch, c=curves: float(c[t.number, epoch - 1]))  # type: ignore[misc]
        full = trials * budget.max
        rows.append((float(curves[:, -1].min()), found[-1][1], used / full))
        print(
            f"{seed:4}  {rows[-1][0]:10.4f}  {rows[-1][1]:10.4f}  {used:7}  {full:8}  "
            f"{used / full:6.0%}"
        )
    means = [statistics.mean(column) for column in zip(*rows, strict=True)]
    same = sum(asha <= whole for whole, asha, _ in rows)
    print(f"mean  {means[0]:10.4f}  {means[1]:10.4f}                     {means[2]:6.0%}")
    print(f"the same best error in {same} of {seeds} seeds; one validation image is 0.0033")


def _drawn(space: Space, budget: Budget, trials: int, seed: int) -> list[Trial]:
    """The trials that a random search draws with this seed, whatever comes of them."""
    strategy = promotion(space, "random", "asha", budget, trials, seed)
    drive(strategy, lambda trial, epoch: float(trial.number))
    return strategy.history.trials


# ---------------------------------------------------------------------------- lcbench


def lcbench(folder: Path, cache: Path, seeds: int, low: int, optuna_python: str | None) -> None:
    """Mean regret on the data sets, after equal total epochs."""
    tasks = lcbench_curves(folder, cache)
    rules = ("asha", "hyperband")
    methods = [("ours", rule, s) for s in ("random", "guided") for rule in rules]
    if optuna_python is not None:
        methods += [("optuna", pruner, s) for s in ("random", "tpe") for pruner in PRUNERS]
    jobs = [(method, task) for method in methods for task in range(len(tasks))]
    results = Parallel(n_jobs=-1)(
        delayed(_regrets)(method, task, folder, cache, seeds, low, optuna_python)
        for method, task in jobs
    )
    rungs = ", ".join(map(str, Budget("epochs", low, LCBENCH_EPOCHS, FACTOR).rungs))
    print(f"lcbench, {len(tasks)} data sets, {seeds} seeds, rungs at {rungs} epochs")
    print("mean regret of the best whole training, in percent of error, after")
    print(f"{'':46}" + "".join(f"{total:>6} epochs" for total in TOTALS))
    for method in methods:
        own = [regrets for (m, _), regrets in zip(jobs, results, strict=True) if m == method]
        means = np.mean(np.concatenate(own), axis=0)
        label = f"{method[0]}: {method[1]}, {method[2]}"
        print(f"{label:46}" + "".join(f"{mean:13.2f}" for mean in means))


def _regrets(
    method: tuple[str, str, str],
    number: int,
    folder: Path,
    cache: Path,
    seeds: int,
    low: int,
    optuna_python: str | None,
) -> np.ndarray:
    """Regret of each seed at each total of epochs, (seeds, totals)."""
    task = lcbench_curves(folder, cache)[number]
    who, rule, sampler = method
    if who == "ours":
        runs: Iterator[Found] = (_ours(task, rule, sampler, seed, low) for seed in range(seeds))
    else:
        assert optuna_python is not None
        runs = _optuna(task, rule, sampler, seeds, low, optuna_python)
    return np.array([[_best_after(found, total, task) for total in TOTALS] for found in runs])


def _best_after(found: Found, total: int, task: CurveTask) -> float:
    """Regret; that of a whole training of an average point where none has ended yet."""
    known = [loss for used, loss in found if used <= total]
    return (known[-1] if known else 100.0) - task.best


def _ours(task: CurveTask, rule: str, sampler: str, seed: int, low: int) -> Found:
    budget = Budget("epochs", low, LCBENCH_EPOCHS, FACTOR)
    strategy = promotion(task.space, sampler, rule, budget, 10**6, seed)
    curves: dict[int, Any] = {}

    def loss_at(trial: Trial, epoch: int) -> float:
        if trial.number not in curves:
            curves[trial.number] = task.curves([trial.params])[0]
        return float(curves[trial.number][epoch - 1])

    return drive(strategy, loss_at, max(TOTALS))[0]


def _optuna(
    task: CurveTask, pruner: str, sampler: str, seeds: int, low: int, python: str
) -> Iterator[Found]:
    script = Path(__file__).with_name("budget_peer.py")
    with subprocess.Popen(
        [python, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for seed in range(seeds):
            study = {
                "pruner": pruner,
                "sampler": sampler,
                "seed": seed,
                "epochs": LCBENCH_EPOCHS,
                "min": low,
                "factor": FACTOR,
                "total": max(TOTALS),
                "parameters": [describe(p) for p in task.space.parameters.values()],
            }
            print(json.dumps(study), file=process.stdin, flush=True)
            while "point" in (answer := json.loads(process.stdout.readline())):
                curve = task.curves([answer["point"]])[0].tolist()
                print(json.dumps({"curve": curve}), file=process.stdin, flush=True)
            yield answer["found"]
        process.stdin.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--digits", action="store_true", help="early stopping of the network")
    parser.add_argument("--panda", action="store_true", help="a panda beside fixed schedules")
    parser.add_argument("--lcbench", type=Path, help="folder with the surrogate's files")
    parser.add_argument("--optuna-python", help="a Python that can import optuna")
    parser.add_argument("--min", type=int, default=LCBENCH_MIN, help="lowest rung on lcbench")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--cache", type=Path, help="folder for trainings that were done before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cache = options.cache or Path(folder)
        cache.mkdir(parents=True, exist_ok=True)
        if options.digits:
            digits(options.seeds, cache)
        if options.panda:
            print_table(first_seed=0, seeds=options.seeds, jobs=1)
        if options.lcbench is not None:
            lcbench(options.lcbench, cache, options.seeds, options.min, options.optuna_python)


if __name__ == "__main__":
    main()
