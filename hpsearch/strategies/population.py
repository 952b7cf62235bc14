"""A population of pandas: several models at once, the worse go on from the better.

Population based training (Jaderberg et al. 2017, "Population based training of neural networks"):
after each day the worst quarter of the models takes the checkpoint and the values of one of the
best quarter (their truncation selection), and nudges the values. `panda` makes trials of the days.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hpsearch.space import Space
from hpsearch.strategies.panda_curve import mean_bent
from hpsearch.strategies.panda_facts import Note, Order, Proposal, Result, is_log
from hpsearch.strategies.panda_nudges import moved
from hpsearch.strategies.panda_words import tried

SHARE = 0.25
EXPLORE_STEP = 0.05
"""In unit coordinates: a factor of 1.6 on 1e-4 ... 1; the paper perturbs by 1.2."""


class Population:
    """N models, each a line of days.

    Args:
        live: names of the live parameters.
        starts: the values of each model's first day.
        seed: day d of model i draws from (seed, d, i) only.
    """

    def __init__(
        self, space: Space, live: Sequence[str], starts: Sequence[Mapping[str, Any]], seed: int
    ) -> None:
        self._space = space
        self._live = tuple(live)
        self._seed = seed
        self._next = [Proposal(values, None, "the first day", "begin") for values in starts]

    def obey(self, day: int, order: Order) -> list[Note]:
        """Nothing: orders are for one model."""
        return []

    def plan(self, day: int) -> tuple[list[Proposal], list[Note]]:
        """A day of each model."""
        return self._next, []

    def settle(self, day: int, results: Sequence[Result]) -> list[Note]:
        """The worst quarter is replaced by the best; those without a value are in any case."""
        size = len(results)
        log = is_log([point for result in results for point in result.points])
        losses = [_loss(result, log) for result in results]
        order = sorted(range(size), key=lambda i: (losses[i], i))
        alive = [i for i in order if math.isfinite(losses[i])]
        cut = max(1, int(SHARE * size)) if size > 1 else 0
        best, worst = alive[:cut], {i for i in order[size - cut :] if i not in alive[:cut]}
        notes = []
        for i, result in enumerate(results):
            rank = f"{order.index(i) + 1} of {size}"
            came = {} if result.trouble else {"came": result.points[-1][1]}
            details = {"model": float(i)}
            if best and (i in worst or result.trouble):
                rng = np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=(day, i)))
                model = results[best[int(rng.integers(len(best)))]]
                self._next[i] = self._explored(model, rng)
                reason = f"{result.trouble or rank}: a copy of trial {model.number} takes its place"
                details["source"] = float(model.number)
                notes.append(Note(result.number, "copied", reason, details, came))
            elif result.trouble:
                self._next[i] = Proposal(result.values, result.parent, "once more", "begin")
                notes.append(Note(result.number, "taken back", result.trouble, details))
            else:
                self._next[i] = Proposal(result.values, result.number, "nothing changed", "watch")
                notes.append(Note(result.number, "kept", rank, details, came))
        return notes

    def _explored(self, model: Result, rng: np.random.Generator) -> Proposal:
        """The better model's day, with each live parameter a step up or down."""
        values: Mapping[str, Any] = model.values
        for name in self._live:
            step = EXPLORE_STEP * float(rng.choice([-1, 1]))
            values = moved(self._space, values, name, step) or values
        words = tried(self._space, model.values, values, "")
        return Proposal(values, model.number, f"copy of trial {model.number}: {words}", "explore")


def _loss(result: Result, log: bool) -> float:
    return math.inf if result.trouble else mean_bent(result.points, log)
