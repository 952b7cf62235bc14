"""Methods that search: each is asked for points and told their losses.

`Ours` and `Random` run here; `Peer` is another tool in a Python of its own (`search_peer.py`).
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from search_tables import random_points
from search_task import Points, Task

import hpsearch
from hpsearch.asking import AskTell
from hpsearch.domains import Categories, OrderedList
from hpsearch.errors import HpsearchError
from hpsearch.samplers.guided import GuidedSampler
from hpsearch.space import Parameter
from hpsearch.strategies import Caviar
from hpsearch.strategies.caviar import split_over_rounds

ROUNDS = 3


class Method(Protocol):
    """One search of one task.

    Attributes:
        cpu_s: what its suggestions have cost so far.
        version: of the tool.
    """

    cpu_s: float
    version: str

    def ask(self, count: int) -> Points:
        """As many points, or fewer where nothing is left to try."""

    def tell(self, losses: Sequence[float]) -> None:
        """The losses of the points of the last `ask`; not finite for a failure."""

    def best(self) -> int | None:
        """The trial that it names best, counted from 0 in the order of asking."""

    def close(self) -> None:
        """End it."""


class Lowest:
    """Names the trial with the lowest loss that it saw."""

    def __init__(self) -> None:
        self._losses: list[float] = []

    def take(self, losses: Sequence[float]) -> None:
        self._losses += [loss if math.isfinite(loss) else math.inf for loss in losses]

    def number(self) -> int | None:
        lowest = int(np.argmin(self._losses)) if self._losses else None
        return None if lowest is None or math.isinf(self._losses[lowest]) else lowest


class Ours:
    """Guided search of hpsearch, asked and told: the strategy and the sampler that a run has."""

    def __init__(self, task: Task, trials: int, seed: int) -> None:
        sizes = split_over_rounds(trials, min(ROUNDS, trials))
        noisy = True if task.noise > 0 else None  # as peers are told; else it finds out
        sampler = GuidedSampler(task.space, float, noisy=noisy)
        strategy = Caviar(task.space, sampler, float, sizes, seed, waits=False)
        self._search = AskTell(strategy, "minimize", lag=None)
        self._told = 0
        self.cpu_s = 0.0
        self.version = f"hpsearch {hpsearch.__version__}"

    def ask(self, count: int) -> Points:
        points: list[Mapping[str, Any]] = []
        before = time.process_time()
        for _ in range(count):
            try:
                points.append(self._search.ask().params)
            except HpsearchError:  # every point was tried
                break
        self.cpu_s += time.process_time() - before
        return points

    def tell(self, losses: Sequence[float]) -> None:
        for loss in losses:
            self._search.tell(self._told, float(loss) if math.isfinite(loss) else None)
            self._told += 1

    def best(self) -> int | None:
        best = self._search.best
        return None if best is None else best.number

    def close(self) -> None:
        """Nothing to end."""


class Random:
    """Independent draws from the task's table of random points: its trainings are known already."""

    version = ""

    def __init__(self, task: Task, trials: int, seed: int) -> None:
        rows = np.random.default_rng((seed, trials)).integers(task.table, size=trials)
        self._points = list(random_points(task, rows))
        self._lowest = Lowest()
        self.cpu_s = 0.0

    def ask(self, count: int) -> Points:
        asked, self._points = self._points[:count], self._points[count:]
        return asked

    def tell(self, losses: Sequence[float]) -> None:
        self._lowest.take(losses)

    def best(self) -> int | None:
        return self._lowest.number()

    def close(self) -> None:
        """Nothing to end."""


class PeerEndedError(Exception):
    """It broke off; its stderr says why."""


class Peer:
    """Another tool in a process of its own."""

    def __init__(self, method: str, python: str, task: Task, trials: int, seed: int) -> None:
        script = Path(__file__).with_name("search_peer.py")
        one_thread = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [python, str(script), method],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **one_thread},
        )
        self.cpu_s = 0.0
        first = self._answer(
            seed=seed,
            trials=trials,
            noisy=task.noise > 0,
            parameters=[describe(parameter) for parameter in task.space.parameters.values()],
        )
        self.version: str = first["version"]

    def _answer(self, **message: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise PeerEndedError
        answer: dict[str, Any] = json.loads(line)
        self.cpu_s += answer["cpu_s"]
        return answer

    def ask(self, count: int) -> Points:
        points: Points = self._answer(ask=count)["points"]
        return points

    def tell(self, losses: Sequence[float]) -> None:
        self._answer(tell=[float(loss) if math.isfinite(loss) else None for loss in losses])

    def best(self) -> int | None:
        best: int | None = self._answer(best=True)["best"]
        return best

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def describe(parameter: Parameter) -> dict[str, Any]:
    """A parameter as JSON for `search_peer.py`."""
    domain = parameter.domain
    described: dict[str, Any] = {
        "name": parameter.name,
        "when": [[c.parameter, list(c.values)] for c in parameter.when],
        "repeat": parameter.repeat,
    }
    if isinstance(domain, (Categories, OrderedList)):
        kind = "words" if isinstance(domain, Categories) else "list"
        return {**described, "kind": kind, "values": list(domain.values)}
    kind = "float" if domain.size is None else "int"
    return {**described, "kind": kind, "low": domain.low, "high": domain.high,
            "scale": domain.scale}  # type: ignore[attr-defined]  # fmt: skip


@dataclass(frozen=True)
class Contender:
    """A method in the benchmark.

    Attributes:
        start: starts one search: the task, its number of trials and the seed.
        times: how many trials it has for each trial of the others.
    """

    name: str
    start: Callable[[Task, int, int], Method]
    times: int = 1


CONTENDERS = {
    "ours": Contender("ours", Ours),
    "random": Contender("random", Random),
    "random-x2": Contender("random-x2", Random, times=2),
}


def contender(name: str) -> Contender:
    """A method that runs here, or `NAME=PYTHON`: another tool in that Python."""
    method, _, python = name.partition("=")
    if not python:
        return CONTENDERS[name]
    return Contender(method, lambda task, trials, seed: Peer(method, python, task, trials, seed))
