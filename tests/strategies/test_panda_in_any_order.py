"""A panda goes on, restored or not, whatever it meets: any losses, failures, orders and timing.

Seeded rather than drawn by hypothesis: each seed is a whole run, and a few seconds go a long way.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hpsearch.domains import FloatRange, IntegerRange, OrderedList
from hpsearch.objectives.handle import Point
from hpsearch.space import Parameter, Space
from hpsearch.strategies import Panda, PastSegment
from hpsearch.strategies.panda_facts import Order, Rules
from hpsearch.strategies.panda_rules import Nurse
from hpsearch.strategies.population import Population
from hpsearch.trial import Outcome, Segment, TrialState
from tests.strategies.nursed import Train, panda_of, run
from tests.strategies.test_panda import Book, facts

PARAMETERS = {
    "learning_rate": FloatRange(1e-4, 10.0, "log"),
    "momentum": FloatRange(0.5, 0.999, "1-beta"),
    "lr_of_head": OrderedList((0.001, 0.01, 0.1, 1)),
    "eta": IntegerRange(1, 8),
    "alpha": FloatRange(0.0, 1.0),
    "width": OrderedList((-1, 0, 4)),
}
SPACE = Space([Parameter(name, domain, live=True) for name, domain in PARAMETERS.items()])
START = {"learning_rate": 0.1, "momentum": 0.9, "lr_of_head": 0.1, "eta": 4, "alpha": 0, "width": 0}
LOSSES: tuple[Callable[[np.random.Generator], float], ...] = (
    lambda rng: float(rng.uniform(0.01, 1)),
    lambda rng: float(rng.uniform(-1, 1)),
    lambda rng: float(rng.choice([0.0, 0.0, 1.0, -1.0])),
    lambda rng: float(rng.choice([1e-300, 1e-3, 1.0, 1e300])),
    lambda rng: -float(rng.uniform(900, 1000)),
)


def life(seed: int) -> tuple[Callable[[], Panda], Train]:
    """A panda with its orders, and how its days go: all by the seed."""
    rng = np.random.default_rng(seed)
    days = int(rng.integers(1, 25))
    live = tuple(rng.permutation(list(PARAMETERS))[: rng.integers(1, len(PARAMETERS) + 1)])
    is_one_model = rng.random() < 0.75
    siblings = int(rng.integers(1, 5))
    orders = _orders(rng, days, live) if is_one_model and rng.random() < 0.6 else {}
    failing = float(rng.choice([0, 0.1, 0.5, 1.0]))
    draw = LOSSES[int(rng.integers(len(LOSSES)))]

    def made() -> Panda:
        rules: Rules = Nurse(SPACE, live, START, days, siblings)
        if not is_one_model:
            rules = Population(SPACE, live, [{**START, "momentum": 0.5}] * siblings, seed)
        return panda_of(
            rules, days=days, is_one_model=is_one_model, orders=Book(orders), space=SPACE
        )

    def train(segment: Segment) -> tuple[Outcome, list[Point]]:
        own = np.random.default_rng((seed, segment.trial.number))
        if own.random() < failing:
            state = TrialState.FAILED if own.random() < 0.5 else TrialState.DIVERGED
            return Outcome(state, reason="it broke"), [(float(segment.start), {"loss": math.nan})]
        loss, end = draw(own), float(segment.budget or 0)
        curve = [(end, {"loss": loss})]
        if own.random() < 0.3:
            curve.insert(0, (end - 0.5, {"loss": float(own.choice([math.nan, draw(own)]))}))
        return Outcome(TrialState.DONE, loss, budget=segment.budget), curve * (own.random() > 0.05)

    return made, train


def _orders(rng: np.random.Generator, days: int, live: tuple[str, ...]) -> dict[int, list[Order]]:
    orders: dict[int, list[Order]] = {}
    for day in rng.integers(1, days + 1, size=3):
        name = live[int(rng.integers(len(live)))]
        value: Any = PARAMETERS[name].to_value(rng.random(1)).tolist()[0]
        values = {name: value} if rng.random() < 0.7 else {}
        back_to = int(rng.integers(1, days + 1)) if rng.random() < 0.5 else None
        orders.setdefault(int(day), []).append(Order(values, back_to))
    return orders


@pytest.mark.parametrize("block", range(8))
def test_no_panda_stops_before_its_last_day_and_a_restored_one_goes_on_as_it_would(
    block: int,
) -> None:
    for seed in range(60 * block, 60 * (block + 1)):
        made, train = life(seed)
        rng = np.random.default_rng((seed, 1))
        past: list[PastSegment] = []

        def noted(
            segment: Segment, train: Train = train, past: list[PastSegment] = past
        ) -> tuple[Outcome, list[Point]]:
            outcome, curve = train(segment)
            past.append(PastSegment(segment, outcome, curve))
            return outcome, curve

        whole = made()
        run(whole, noted, 3, rng)
        known = past[: int(rng.integers(len(past) + 1))]
        again = made()
        again.restore((), known)
        run(again, train, 2, rng)
        assert facts(again) == facts(whole), seed
