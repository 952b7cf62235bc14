"""One search after another, in several processes: each result is in the CSV as soon as it is known.

`search.py` calls it; what the results say is in `search_report.py`.
"""

from __future__ import annotations

import csv
import multiprocessing
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from search_methods import Contender, PeerEndedError, contender
from search_tables import RandomSearch, random_search
from search_task import Task
from search_tasks import Choice, with_noise

CHECKPOINTS = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256)
FIELDS = (
    "method", "version", "group", "task", "noise", "q", "seed", "trials", "loss", "median", "best",
    "cpu_ms",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """How one search stands after so many trials; a line of the CSV.

    Attributes:
        noise: the share that was asked for.
        q: trials at a time.
        loss: the true loss of the trial that the method names best; inf for none.
        median: of what random search finds in as many trials.
        best: the best loss known before the search.
        cpu_ms: of one suggestion, on average over the whole search.
    """

    method: str
    version: str
    group: str
    task: str
    noise: float
    q: int
    seed: int
    trials: int
    loss: float
    median: float
    best: float
    cpu_ms: float


@dataclass(frozen=True)
class Job:
    """One search that is to be run; `method` as for `contender`."""

    method: str
    task: str
    noise: float
    q: int
    seed: int
    trials: int


def search(task: Task, method: Contender, job: Job) -> tuple[list[float], float, str]:
    """Run one.

    Returns:
        The true loss of the trial named best at each checkpoint; CPU ms a suggestion; the version.
    """
    trials, times = job.trials, method.times
    running = method.start(task, trials * times, job.seed)
    noise = np.random.default_rng(job.seed)
    true = np.empty(0)
    found: list[float] = []
    for checkpoint in checkpoints(trials):
        while len(true) < checkpoint * times:
            points = running.ask(min(job.q, checkpoint - len(true) // times) * times)
            if not points:  # the whole space has been tried
                break
            losses = task.losses(points)
            running.tell(losses + task.noise * noise.normal(size=len(losses)))
            true = np.append(true, losses)
        named = running.best()
        found.append(float("inf") if named is None else float(true[named]))
    running.close()
    return found, 1e3 * running.cpu_s / (trials * times), running.version


def checkpoints(trials: int) -> list[int]:
    return [n for n in CHECKPOINTS if n <= trials]


class Searches:
    """What a process needs to run searches: tasks and tables, made once."""

    def __init__(self, choice: Choice) -> None:
        self._cache = choice.cache
        self._tasks = {task.name: task for task in choice.tasks()}
        self._tables: dict[str, RandomSearch] = {}

    def table(self, name: str) -> RandomSearch:
        if name not in self._tables:
            self._tables[name] = random_search(self._tasks[name], self._cache)
        return self._tables[name]

    def rows(self, job: Job) -> list[Row]:
        table, method = self.table(job.task), contender(job.method)
        task = with_noise(self._tasks[job.task], job.noise, table)
        losses, cpu_ms, version = search(task, method, job)
        return [
            Row(method.name, version, task.group, task.name, job.noise, job.q, job.seed, trials,
                loss, table.median_of_best(trials), table.best, cpu_ms)
            for trials, loss in zip(checkpoints(job.trials), losses, strict=True)
        ]  # fmt: skip


_searches: Searches | None = None  # of this process


def _prepare(choice: Choice) -> None:
    global _searches
    _searches = Searches(choice)


def _make_table(name: str) -> None:
    assert _searches is not None
    _searches.table(name)


def _run(job: Job) -> list[Row]:
    assert _searches is not None
    return _searches.rows(job)


def run_all(choice: Choice, jobs: Sequence[Job], procs: int) -> Iterator[list[Row]]:
    """The rows of each search, in the order in which they end; first of all the tables."""
    pool = ProcessPoolExecutor(
        procs, multiprocessing.get_context("spawn"), initializer=_prepare, initargs=(choice,)
    )
    with pool:
        try:
            for _ in pool.map(_make_table, dict.fromkeys(job.task for job in jobs)):
                pass
            running = {pool.submit(_run, job): job for job in jobs}
            for done in as_completed(running):
                try:
                    yield done.result()
                except PeerEndedError:
                    print(f"no result: {running[done]}", file=sys.stderr)
                    yield []
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class Kept:
    """The rows of a CSV, old and new ones; without a path in memory only."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.rows = read_rows([path]) if path is not None and path.exists() else []

    def has(self, job: Job) -> bool:
        """Whether this search was run before, at least as far."""
        name = contender(job.method).name
        wanted = (name, job.task, job.noise, job.q, job.seed, checkpoints(job.trials)[-1])
        return any((r.method, r.task, r.noise, r.q, r.seed, r.trials) == wanted for r in self.rows)

    def add(self, rows: Iterable[Row]) -> None:
        new = list(rows)
        self.rows += new
        if self._path is None:
            return
        is_new = not self._path.exists()
        with self._path.open("a", newline="") as file:
            writer = csv.writer(file)
            if is_new:
                writer.writerow(FIELDS)
            writer.writerows([getattr(row, field) for field in FIELDS] for row in new)


def read_rows(paths: Iterable[Path]) -> list[Row]:
    """The rows of several CSVs."""
    rows = []
    for path in paths:
        with path.open(newline="") as file:
            for r in csv.DictReader(file):
                rows.append(
                    Row(r["method"], r["version"], r["group"], r["task"], float(r["noise"]),
                        int(r["q"]), int(r["seed"]), int(r["trials"]), float(r["loss"]),
                        float(r["median"]), float(r["best"]), float(r["cpu_ms"]))
                )  # fmt: skip
    return rows
