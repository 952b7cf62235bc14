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
from pathlib import Path
from typing import Any, Protocol

from hpsearch.domains import Categories, OrderedList
from hpsearch.history import History, Round
from hpsearch.samplers.base import Draw
from hpsearch.samplers.guided import GuidedSampler
from hpsearch.samplers.random import RandomSampler
from hpsearch.space import Box, Parameter, Space
from hpsearch.trial import Outcome, Trial, TrialState

Point = Mapping[str, Any]


class Method(Protocol):
    """One search of one task."""

    cpu_s: float

    def ask(self, count: int) -> Sequence[Point]: ...

    def tell(self, losses: Sequence[float]) -> None: ...

    def close(self) -> None: ...


class Sampled:
    """A sampler of hpsearch, outside of a run."""

    def __init__(self, space: Space, sampler: Any, trials: int, seed: int) -> None:
        self._history = History(space)
        self._sampler = sampler
        self._round = Round(1, 0, trials, Box.whole(space), "", ())
        self._seed = seed
        self.cpu_s = 0.0
        self.longest_s = 0.0

    def ask(self, count: int) -> Sequence[Point]:
        points: list[Point] = []
        for _ in range(count):
            number = len(self._history.trials)
            before = time.process_time()
            draw = Draw(number, number, self._round, self._seed)
            proposal = self._sampler.propose(draw, self._history)
            spent = time.process_time() - before
            self.cpu_s += spent
            self.longest_s = max(self.longest_s, spent)
            if proposal is None:
                break
            self._history.add(Trial(number, 1, proposal.params, proposal.origin))
            points.append(proposal.params)
        return points

    def tell(self, losses: Sequence[float]) -> None:
        for loss in losses:
            number = len(self._history.outcomes)
            if math.isfinite(loss):
                outcome = Outcome(TrialState.DONE, float(loss))
            else:
                outcome = Outcome(TrialState.FAILED)
            self._history.record(number, outcome)

    def close(self) -> None:
        """Nothing to close."""


def identity(value: float) -> float:
    return value


def ours(space: Space, trials: int, seed: int) -> Sampled:
    sampler = GuidedSampler(space, identity, lag=1)
    return Sampled(space, sampler, trials, seed)


def random(space: Space, trials: int, seed: int) -> Sampled:
    return Sampled(space, RandomSampler(), trials, seed)


class Peer:
    """Another tool in a process of its own."""

    def __init__(self, method: str, python: str, space: Space, trials: int, seed: int) -> None:
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
        parameters = [describe(parameter) for parameter in space.parameters.values()]
        self._send({"seed": seed, "trials": trials, "parameters": parameters})

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the peer ended; its stderr is above")
        answer: dict[str, Any] = json.loads(line)
        self.cpu_s += answer["cpu_s"]
        return answer

    def ask(self, count: int) -> Sequence[Point]:
        self._send({"ask": count})
        points: Sequence[Point] = self._answer()["points"]
        return points

    def tell(self, losses: Sequence[float]) -> None:
        known = [float(loss) if math.isfinite(loss) else None for loss in losses]
        self._send({"tell": known})
        self._answer()

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


METHODS: dict[str, Callable[[Space, int, int], Method]] = {"ours": ours, "random": random}
