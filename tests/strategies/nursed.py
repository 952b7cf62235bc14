"""A model whose loss depends on its learning rate schedule, and days of training that nobody runs.

The model is a noisy quadratic (Schaul et al. 2013, "No more pesky learning rates"): gradient
descent on sum(h x^2) / 2 with noise of deviation s in the gradient. With a rate a, the expected
square of x goes to (1 - a h)^2 x^2 + a^2 s^2 each step: small rates are slow, large ones noisy,
beyond 2 / h it diverges, and only lowering the rate gets rid of the noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from hpsearch.domains import FloatRange
from hpsearch.objectives.handle import Point
from hpsearch.space import Parameter, Space
from hpsearch.strategies import Panda, Pause
from hpsearch.strategies.panda_rules import Nurse
from hpsearch.trial import Outcome, Segment, Trial, TrialState

CURVATURES = np.array([1.0, 0.1, 0.03])
GRADIENT_NOISE = 0.1
STEPS_A_DAY = 10
SPACE = Space(
    [
        Parameter("learning_rate", FloatRange(1e-4, 10.0, "log")),
        Parameter("momentum", FloatRange(0.5, 0.999, "1-beta")),
    ]
)


class Bowl:
    """Trains in expectation; what is measured has noise that the seed and the day decide."""

    def __init__(self, seed: int = 0, noise: float = 0.02) -> None:
        self.states: dict[int | None, np.ndarray] = {None: np.ones(len(CURVATURES))}
        self._seed = seed
        self._noise = noise

    def train(self, segment: Segment) -> tuple[Outcome, list[Point]]:
        """One day from the parent's state."""
        rate = float(segment.trial.params["learning_rate"])
        squares = self.states[segment.trial.parent].copy()
        for _ in range(STEPS_A_DAY):
            squares = (1 - rate * CURVATURES) ** 2 * squares + (rate * GRADIENT_NOISE) ** 2
        if not np.isfinite(squares).all() or squares.max() > 1e12:
            return Outcome(TrialState.DIVERGED, reason="the loss is nan"), []
        self.states[segment.trial.number] = squares
        key = (self._seed, segment.budget or 0, int(1e6 * math.log(rate) % 1e6))
        rng = np.random.default_rng(np.random.SeedSequence(key))
        loss = float(CURVATURES @ squares / 2) * math.exp(self._noise * rng.standard_normal())
        point = (float(segment.budget or 0), {"loss": loss})
        return Outcome(TrialState.DONE, loss, budget=segment.budget), [point]


def panda(
    start: float, *, days: int = 60, siblings: int = 1, live: tuple[str, ...] = ("learning_rate",)
) -> Panda:
    values = {"learning_rate": start, "momentum": 0.9}
    rules = Nurse(SPACE, live, values, days, siblings)
    return panda_of(rules, days=days)


def panda_of(
    rules: Any, *, days: int, is_one_model: bool = True, orders: Any = None, space: Space = SPACE
) -> Panda:
    return Panda(
        space,
        rules,
        metric_name="loss",
        loss=float,
        days=days,
        length=1,
        is_one_model=is_one_model,
        orders=orders,
    )


Train = Callable[[Segment], tuple[Outcome, list[Point]]]


def run(strategy: Panda, train: Train, slots: int = 1, order: Any = None) -> list[Trial]:
    """Slots that end in a random order, until the end."""
    running: list[Segment] = []
    while True:
        asked = strategy.ask() if len(running) < slots else Pause.WAIT
        if isinstance(asked, Segment):
            running.append(asked)
        elif running:
            position = 0 if order is None else int(order.integers(len(running)))
            segment = running.pop(position)
            strategy.tell(segment.trial.number, *train(segment))
        else:
            assert asked is Pause.END
            return strategy.history.trials


def best_loss(strategy: Panda) -> float:
    done = [o.value for o in strategy.history.outcomes.values() if o.state is TrialState.DONE]
    return min(value for value in done if value is not None)


def constant(rate: float, days: int, bowl: Bowl) -> float:
    """The last loss with one learning rate all the way."""
    parent, loss = None, math.inf
    for day in range(1, days + 1):
        params: Mapping[str, Any] = {"learning_rate": rate}
        outcome, _ = bowl.train(Segment(Trial(day, day, dict(params), "", parent), budget=day))
        if outcome.value is None:
            return math.inf
        parent, loss = day, outcome.value
    return loss
