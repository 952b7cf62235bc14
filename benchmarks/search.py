"""How well searches search: ours, random and other tools on tasks whose best value is known.

    python benchmarks/search.py --quick                     # a few minutes, ours and random
    python benchmarks/search.py --lcbench FOLDER            # with the surrogates of YAHPO Gym
    python benchmarks/search.py --peer optuna-gp=PYTHON --peer optuna-tpe=PYTHON
    python benchmarks/search.py --cost                      # CPU of one suggestion

Score after B trials: (m - y) / (m - best), floored at -1: y the best true loss among the B, m the
median of what random search finds in B, best the best known. 0 is random search, 1 the best known.
m is read from a large table of random points, made once for each task and kept in --cache.
Only numpy is needed for the functions; onnxruntime for lcbench, scikit-learn for its trainings.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from search_cost import print_costs
from search_methods import METHODS, Method, Peer
from search_tables import RandomSearch, random_search
from search_tasks import Array, Task, lcbench_tasks, sklearn_tasks, synthetic_tasks

from hpsearch.space import Space

BUDGETS = (32, 64, 128, 256)
QUICK = ("branin-2", "hartmann-6", "training-4", "conditional-10", "words-6", "stairs-4")
Start = Callable[[Space, int, int], Method]


@dataclass(frozen=True)
class Result:
    """One search of one task.

    Attributes:
        scores: by budget, (budgets,).
        losses: the best true loss after each budget, (budgets,).
        cpu_ms: of one suggestion, on average.
    """

    method: str
    task: str
    q: int
    seed: int
    scores: Array
    losses: Array
    cpu_ms: float


def search(task: Task, start: Start, trials: int, q: int, seed: int) -> tuple[Array, float]:
    """True losses in the order of the trials, (trials,), and CPU ms a suggestion."""
    method = start(task.space, trials, seed)
    noise = np.random.default_rng(seed)
    losses: list[float] = []
    while len(losses) < trials:
        points = method.ask(min(q, trials - len(losses)))
        if not points:  # the whole space has been tried
            losses += [losses[-1]] * (trials - len(losses))
            break
        true = task.losses(points)
        method.tell(true + task.noise * noise.normal(size=len(true)))
        losses += np.where(np.isfinite(true), true, np.inf).tolist()
    method.close()
    return np.array(losses), 1e3 * method.cpu_s / trials


def result_of(
    name: str, start: Start, task: Task, random: RandomSearch, q: int, seed: int, trials: int
) -> Result:
    """One search, scored."""
    losses, cpu_ms = search(task, start, trials, q, seed)
    budgets = [b for b in BUDGETS if b <= trials]
    best = np.array([losses[:b].min() for b in budgets])
    scores = np.array([random.score(y, b) for y, b in zip(best, budgets, strict=True)])
    return Result(name, task.name, q, seed, scores, best, cpu_ms)


def interval(by_task: Sequence[Array]) -> tuple[Array, Array]:
    """95% bootstrap interval of the mean over tasks and seeds: each task's seeds are redrawn.

    NaN where a task has one seed: nothing can be said then.
    """
    if min(len(scores) for scores in by_task) < 2:
        unknown = np.full(by_task[0].shape[1], np.nan)
        return unknown, unknown
    rng = np.random.default_rng(0)
    means = []
    for _ in range(1000):
        drawn = [scores[rng.integers(len(scores), size=len(scores))] for scores in by_task]
        means.append(np.concatenate(drawn).mean(axis=0))
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    return low, high


def mean_ranks(results: Sequence[Result], methods: Sequence[str]) -> dict[str, Array]:
    """By method, its mean rank by budget over tasks and seeds, 1 the best; equals share a rank."""
    keys = sorted({(r.task, r.seed) for r in results})
    losses = {(r.method, r.task, r.seed): r.losses for r in results}
    table = np.array([[losses[m, task, seed] for m in methods] for task, seed in keys])
    less = (table[:, None] < table[:, :, None]).sum(axis=2)
    equal = (table[:, None] == table[:, :, None]).sum(axis=2)
    ranks = (1 + less + (equal - 1) / 2).mean(axis=0)
    return dict(zip(methods, ranks, strict=True))


def print_table(results: Sequence[Result], methods: Sequence[str], q: int, trials: int) -> None:
    """Means with their intervals, ranks, and CPU."""
    budgets = [b for b in BUDGETS if b <= trials]
    ranks = mean_ranks(results, methods)
    print(f"\nq = {q}: score (95% interval) and mean rank of {len(methods)}")
    print(f"{'':14}" + "".join(f"{b:>23}" for b in budgets) + "    CPU ms")
    for name in methods:
        own = [r for r in results if r.method == name]
        tasks = sorted({r.task for r in own})
        by_task = [np.array([r.scores for r in own if r.task == task]) for task in tasks]
        mean, (low, high) = np.concatenate(by_task).mean(axis=0), interval(by_task)
        cells = "".join(
            f"{m:6.2f} ({lo:5.2f},{hi:5.2f}) {k:.1f}"
            for m, lo, hi, k in zip(mean, low, high, ranks[name], strict=True)
        )
        print(f"{name:14}{cells}{np.mean([r.cpu_ms for r in own]):10.1f}")


def print_tasks(results: Sequence[Result], methods: Sequence[str]) -> None:
    """Mean score of each task after the last budget."""
    print("\nafter the last budget" + "".join(f"{name:>14}" for name in methods))
    for task in dict.fromkeys(r.task for r in results):
        cells = [
            [r.scores[-1] for r in results if (r.task, r.method) == (task, m)] for m in methods
        ]
        print(f"{task:21}" + "".join(f"{np.mean(cell):14.2f}" for cell in cells))


def write_csv(path: Path, results: Sequence[Result]) -> None:
    """One line for each search and budget."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["method", "task", "q", "seed", "trials", "score", "loss", "cpu_ms"])
        for r in results:
            for budget, score, loss in zip(BUDGETS, r.scores, r.losses, strict=False):
                writer.writerow([r.method, r.task, r.q, r.seed, budget, score, loss, r.cpu_ms])


def chosen_tasks(options: argparse.Namespace) -> list[Task]:
    tasks = synthetic_tasks()
    if options.quick:
        tasks = [task for task in tasks if task.name in QUICK]
    if options.lcbench:
        tasks += lcbench_tasks(options.lcbench)
    if options.sklearn:
        tasks += sklearn_tasks(options.cache)
    if options.tasks:
        tasks = [task for task in tasks if any(part in task.name for part in options.tasks)]
    return tasks


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lcbench", type=Path, metavar="FOLDER", help="model.onnx and its JSON")
    parser.add_argument("--sklearn", action="store_true", help="also train real models")
    parser.add_argument("--tasks", nargs="*", metavar="PART", help="only those whose name has PART")
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--q", type=int, nargs="*", default=[1, 8], help="trials at a time")
    parser.add_argument("--trials", type=int, default=256, choices=BUDGETS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--csv", type=Path, help="write every search here")
    default_cache = Path(tempfile.gettempdir()) / "hpsearch-benchmark"
    parser.add_argument("--cache", type=Path, default=default_cache, help=f"({default_cache})")
    parser.add_argument("--cost", action="store_true", help="print CPU costs and end")
    parser.add_argument("--quick", action="store_true", help="6 functions, 64 trials, 2 seeds")
    options = parser.parse_args()
    if options.quick:
        options.trials, options.seeds = min(options.trials, 64), min(options.seeds, 2)
    return options


def main() -> None:
    """Search every task with every method, and print the tables."""
    options = parsed()
    if options.cost:
        print_costs()
        return
    starts: dict[str, Start] = {name: METHODS[name] for name in options.methods}
    for peer in options.peer:
        name, _, python = peer.partition("=")
        starts[name] = partial(Peer, name, python)
    options.cache.mkdir(parents=True, exist_ok=True)
    tasks = [(task, random_search(task, options.cache)) for task in chosen_tasks(options)]
    everything: list[Result] = []
    for q in options.q:
        results = [
            result_of(name, start, task, random, q, seed, options.trials)
            for task, random in tasks
            for seed in range(options.seeds)
            for name, start in starts.items()
        ]
        print_table(results, list(starts), q, options.trials)
        print_tasks(results, list(starts))
        everything += results
    if options.csv:
        write_csv(options.csv, everything)


if __name__ == "__main__":
    main()
