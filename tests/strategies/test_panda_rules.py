"""How a nurse judges a day and lowers the rate, by numbers that are worked out here."""

from __future__ import annotations

import numpy as np
import pytest

from hpsearch.objectives.handle import Point
from hpsearch.strategies.panda_facts import Kept, Result
from hpsearch.strategies.population import Population
from hpsearch.trial import Outcome, Segment, TrialState
from tests.strategies.nursed import SPACE, panda, run


def better_every_day(segment: Segment) -> tuple[Outcome, list[Point]]:
    """Half of the day before: no first day but the first is any better, no nudge is."""
    budget = segment.budget or 0
    loss = 0.5**budget
    return Outcome(TrialState.DONE, loss, budget=budget), [(float(budget), {"loss": loss})]


@pytest.mark.parametrize(
    ("days", "left"),
    [
        # 0.3 of the days in equal ratios down to a fiftieth: 50 ** -(1/3) = 0.27144, its square
        (10, [0.27144, 0.073681, 0.02]),
        # 50 ** -(1/6) = 0.52100 and its powers
        (20, [0.52100, 0.27144, 0.14142, 0.073681, 0.038388, 0.02]),
    ],
)
def test_the_last_days_are_equal_ratios_on_the_way_to_a_fiftieth(
    days: int, left: list[float]
) -> None:
    trials = run(panda(0.1, days=days), better_every_day)
    rates = [trial.params["learning_rate"] for trial in trials]
    assert len(rates) == days
    before = trials[-len(left)].parent
    assert before is not None
    assert before == trials[-len(left) - 1].number  # the best day so far is the last one
    came_from = 0.1  # no first day was any better or worse, and whatever was nudged went back
    assert rates[-len(left) :] == pytest.approx([came_from * x for x in left], rel=0.005)


def test_days_beside_the_last_ones_are_ahead_of_them_on_the_way_down() -> None:
    trials = run(panda(0.1, days=10, siblings=2), better_every_day)
    by_day = {day: [t.params["learning_rate"] for t in trials if t.round == day] for day in (9, 10)}
    first, ahead = by_day[9]
    assert ahead / first == pytest.approx(50 ** (-1 / 3), rel=0.01)
    assert len(by_day[10]) == 1


@pytest.mark.parametrize("seed", range(5))
def test_of_days_side_by_side_the_lowest_is_kept_whatever_the_signs_of_the_losses(
    seed: int,
) -> None:
    def train(segment: Segment) -> tuple[Outcome, list[Point]]:
        rng = np.random.default_rng((seed, segment.trial.number))
        loss = float(rng.uniform(-1, 1)) if segment.trial.round > 4 else float(rng.uniform(0.5, 1))
        return Outcome(TrialState.DONE, loss), [(float(segment.budget or 0), {"loss": loss})]

    strategy = panda(0.1, days=20, siblings=3)
    trials = run(strategy, train)
    values = {number: o.value or 0.0 for number, o in strategy.history.outcomes.items()}
    passed_over = [d.trial for d in strategy.decisions if d.kind == "passed over"]
    assert len(passed_over) > 3
    for number in passed_over:
        beside = [t.number for t in trials if t.round == trials[number].round]
        assert values[number] > min(values[n] for n in beside)
    for d in strategy.decisions:
        if d.kind in ("kept", "values back") and "least_bad_of" not in d.details:
            beside = [t.number for t in trials if t.round == trials[d.trial].round]
            if trials[d.trial].parent is not None:
                assert values[d.trial] == min(values[n] for n in beside)


def test_of_a_day_of_several_measurements_the_mean_decides_if_one_of_them_is_zero() -> None:
    """Means: 0.3 against 0.2; by logarithms the first has less: log(0.6) + log(0.006) < 2 log(0.2)
    (the zero is beside them)."""
    starts = [{"learning_rate": rate, "momentum": 0.9} for rate in (0.1, 0.2, 0.3)]
    rules = Population(SPACE, ("learning_rate",), starts, 0)
    points = [((1.0, 0.594), (2.0, 0.006)), ((1.0, 0.2), (2.0, 0.2)), ((1.0, 9.0), (2.0, 0.0))]
    notes = rules.settle(1, [Result(i, starts[i], None, points[i]) for i in range(3)])
    assert [note.reason for note in notes[:2]] == ["2 of 3", "1 of 3"]


def test_noise_is_that_of_the_losses_where_they_are_not_judged_by_logarithms() -> None:
    points = tuple((float(i), loss) for i, loss in enumerate((10.0, 11.0, 10.0, 11.0, 10.0)))
    kept = Kept(0, {}, points, stretch=5, noise=0.118)
    assert kept.noise_by(True) == 0.118
    # second differences of 2: 1.4826 * 2 / sqrt(6)
    assert kept.noise_by(False) == pytest.approx(1.21054, rel=1e-4)
