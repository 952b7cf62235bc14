"""Panda: it finds its learning rate, takes back what is worse, and no timing changes a day."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.domains import Domain, FloatRange, IntegerRange, OrderedList
from hpsearch.objectives.handle import Point
from hpsearch.space import Parameter, Space
from hpsearch.strategies import PastSegment
from hpsearch.strategies.panda_curve import expect, noise_of
from hpsearch.strategies.panda_facts import Order
from hpsearch.strategies.panda_nudges import FIRST_STEP, Gait, moved, set_value, step_words
from hpsearch.strategies.panda_rules import PATIENCE, Nurse
from hpsearch.strategies.population import Population
from hpsearch.trial import Outcome, Segment, TrialState
from tests.strategies.nursed import SPACE, Bowl, best_loss, constant, panda, panda_of, run

RATES = np.geomspace(1e-3, 10, 41)


def best_constant(days: int) -> tuple[float, float]:
    return min((constant(rate, days, Bowl(noise=0.0)), rate) for rate in RATES)


# ------------------------------------------------------------------ the curve


def test_a_curve_that_halves_each_day_is_expected_to_halve_again() -> None:
    curve = [(1.0, 0.8), (2.0, 0.4), (3.0, 0.2)]
    expected = expect(curve, [4.0], None, True)
    assert np.exp(expected.ahead) == pytest.approx(0.1)
    assert np.exp(expected.now) == pytest.approx(0.2)


def test_a_rising_curve_is_not_expected_to_rise_on() -> None:
    expected = expect([(1.0, 0.2), (2.0, 0.3)], [3.0], None, True)
    assert expected.ahead == expected.now


def test_noise_is_read_from_the_curve_and_not_from_its_slope() -> None:
    rng = np.random.default_rng(0)
    estimates = [
        noise_of(
            [(float(i), float(x)) for i, x in enumerate(0.1 * rng.standard_normal(10) - i0)], False
        )
        for i0 in range(200)
    ]
    assert np.mean([e for e in estimates if e is not None]) == pytest.approx(0.1, rel=0.15)
    steady = [(float(i), float(np.exp(-0.3 * i))) for i in range(8)]
    assert noise_of(steady, True) == pytest.approx(0.0, abs=1e-9)


def test_a_day_of_several_measurements_has_a_smaller_margin() -> None:
    curve = [(float(i), 1.0) for i in range(1, 6)]
    one = expect(curve, [6.0], 0.1, True).margin
    four = expect(curve, [6.0, 6.25, 6.5, 6.75], 0.1, True).margin
    assert four < one


# ------------------------------------------------------------------ nudges


def test_steps_grow_with_success_and_turn_and_shrink_with_failure() -> None:
    gait = Gait().after_success(1)
    assert (gait.size, gait.direction) == (2 * FIRST_STEP, 1)
    back = gait.after_failure(1)
    assert (back.size, back.direction) == (FIRST_STEP, -1)


def test_a_step_is_the_same_ratio_everywhere_on_a_log_scale() -> None:
    low = moved(SPACE, {"learning_rate": 0.001}, "learning_rate", 0.1)
    high = moved(SPACE, {"learning_rate": 0.1}, "learning_rate", 0.1)
    assert low is not None
    assert high is not None
    assert low["learning_rate"] / 0.001 == pytest.approx(10**0.5, rel=0.005)  # a tenth of 5 decades
    assert high["learning_rate"] / 0.1 == pytest.approx(10**0.5, rel=0.005)


def test_a_step_of_a_listed_value_goes_to_its_neighbour_and_stops_at_the_end() -> None:
    space = Space([Parameter("batch_size", OrderedList((32, 64, 128, 256)))])
    assert moved(space, {"batch_size": 64}, "batch_size", 0.01) == {"batch_size": 128}
    assert moved(space, {"batch_size": 64}, "batch_size", -0.01) == {"batch_size": 32}
    assert moved(space, {"batch_size": 256}, "batch_size", 0.2) is None
    assert step_words(space, {"batch_size": 64}, {"batch_size": 32}) == "batch_size down (64 to 32)"


def test_a_step_of_a_1_beta_parameter_is_told_by_what_it_does_to_1_minus_it() -> None:
    space = Space(
        [
            Parameter("lr", FloatRange(1e-4, 1.0, "log")),
            Parameter("mom", FloatRange(0.5, 0.999, "1-beta")),
        ]
    )
    before, after = {"lr": 0.01, "mom": 0.9776}, {"lr": 0.02, "mom": 0.988}
    assert step_words(space, before, after) == (
        "lr up x2 (0.01 to 0.02), mom up (0.9776 to 0.988, 1-mom x0.54)"  # 0.012 / 0.0224
    )


@pytest.mark.parametrize(
    ("domain", "target", "nearest"),
    [
        (OrderedList((0.001, 0.01, 0.1, 0.3)), 0.06, 0.1),
        (OrderedList((0.001, 0.01, 0.1, 0.3)), 0.03, 0.01),  # 3.0 times it; 0.1 is 3.3 times
        (OrderedList((0.001, 0.01, 0.1, 0.3)), 1e-9, 0.001),
        (OrderedList((0, 1, 4)), 0.4, 0),
        (OrderedList((-1, 1, 4)), 2.0, 1),
        (IntegerRange(2, 8), 4.8, 5),
        (IntegerRange(2, 8, "log"), 0.1, 2),
        (FloatRange(0.001, 1.0, "log"), 0.06004, 0.06),
    ],
)
def test_a_value_that_the_domain_does_not_have_becomes_the_nearest_one(
    domain: Domain, target: float, nearest: float
) -> None:
    space = Space([Parameter("lr", domain)])
    assert set_value(space, {"lr": nearest}, "lr", target) == {"lr": nearest}


@pytest.mark.parametrize("siblings", [1, 3])
@pytest.mark.parametrize(
    ("domain", "start"),
    [
        (OrderedList((0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3)), 0.003),
        (OrderedList((0.001, 0.01, 0.1, 0.3)), 0.1),
        (IntegerRange(1, 10), 5),
    ],
)
def test_a_learning_rate_can_be_a_list_or_a_whole_number(
    domain: Domain, start: float, siblings: int
) -> None:
    space = Space([Parameter("learning_rate", domain)])
    rules = Nurse(space, ("learning_rate",), {"learning_rate": start}, 20, siblings)
    strategy = panda_of(rules, days=20, space=space)
    trials = run(strategy, Bowl().train)
    assert {t.round for t in trials} == set(range(1, 21))
    rates = [t.params["learning_rate"] for t in trials]
    assert all(domain.accept(rate) == rate for rate in rates)
    assert rates[-1] < max(rates)


# ------------------------------------------------------------------ the model


@pytest.mark.parametrize("start", [1e-4, 1.5e-4, 3e-4, 0.02, 3.0, 9.0, 9.9, 10.0])
@pytest.mark.parametrize("live", [("learning_rate",), ("momentum",), ("learning_rate", "momentum")])
@pytest.mark.parametrize("siblings", [2, 3, 5])
def test_no_day_tries_the_same_values_twice(
    start: float, live: tuple[str, ...], siblings: int
) -> None:
    trials = run(panda(start, days=30, siblings=siblings, live=live), Bowl().train)
    for day in range(1, 31):
        of_day = [dict(trial.params) for trial in trials if trial.round == day]
        assert of_day
        assert all(values not in of_day[:i] for i, values in enumerate(of_day))


def test_a_step_that_the_end_of_the_range_has_cut_short_leaves_room_for_half_of_it() -> None:
    def rates_of_a_day() -> list[float]:
        asked = [strategy.ask() for _ in range(3)]
        segments = [segment for segment in asked if isinstance(segment, Segment)]
        rates: list[float] = [segment.trial.params["learning_rate"] for segment in segments]
        for segment, rate in zip(segments, rates, strict=True):
            outcome = Outcome(TrialState.DONE, 1 / rate, budget=1)  # the larger, the better
            strategy.tell(segment.trial.number, outcome, [(1.0, {"loss": 1 / rate})])
        return rates

    strategy = panda(2.0, days=30, siblings=3)
    up, quarter_up = 10**0.5, 10**0.125  # of five decades
    assert rates_of_a_day() == pytest.approx([2.0, 2 * up, 2 / up], rel=0.005)
    assert rates_of_a_day() == pytest.approx([10, 2 * up * quarter_up], rel=0.005)


@pytest.mark.parametrize("factor", [1 / 30, 10])
@pytest.mark.parametrize("siblings", [1, 3])
def test_from_a_bad_learning_rate_it_beats_the_best_fixed_one_for_three_trainings(
    factor: float, siblings: int
) -> None:
    best, rate = best_constant(20)
    for seed in range(5):
        strategy = panda(min(rate * factor, 10.0), siblings=siblings)
        run(strategy, Bowl(seed).train)
        assert best_loss(strategy) < best


class Decay:
    """Without noise, log loss falls each day by `speed` at a rate of 0.1, and by less at others."""

    def __init__(self, speed: float) -> None:
        self.losses: dict[int | None, float] = {None: 2.0}
        self._speed = speed

    def train(self, segment: Segment) -> tuple[Outcome, list[Point]]:
        off = math.log10(segment.trial.params["learning_rate"] / 0.1)
        pace = self._speed * math.exp(-0.5 * (off / 0.6) ** 2)
        loss = 0.1 + (self.losses[segment.trial.parent] - 0.1) * math.exp(-pace)
        self.losses[segment.trial.number] = loss
        outcome = Outcome(TrialState.DONE, loss, budget=segment.budget)
        return outcome, [(float(segment.budget or 0), {"loss": loss})]


@pytest.mark.parametrize("start", [0.0032, 0.01, 1.0, 3.0])
def test_where_a_day_brings_little_the_first_days_still_follow_what_is_better(
    start: float,
) -> None:
    slow = Decay(0.05)
    strategy = panda(start)
    run(strategy, slow.train)
    # 20 days at the best rate leave 0.1 + 1.9 exp(-1).
    assert best_loss(strategy) < 0.1 + 1.9 * math.exp(-0.05 * 20)
    quick = panda(0.0032, days=40)
    trials = run(quick, Decay(0.25).train)
    assert trials[1].params["learning_rate"] == pytest.approx(0.0101, rel=0.01)
    assert next(d for d in quick.decisions if d.trial == 1).kind == "kept"
    assert best_loss(quick) < 0.11


def test_a_rate_is_not_called_too_large_where_no_larger_one_was_tried() -> None:
    trials = run(panda(0.001, days=10), Decay(0.25).train)  # two first days
    goes_on = next(trial for trial in trials if trial.parent is not None)
    begun = trials[goes_on.parent or 0]
    assert goes_on.params["learning_rate"] == begun.params["learning_rate"]
    trials = run(panda(0.001, days=60), Decay(0.25).train)
    goes_on = next(trial for trial in trials if trial.parent is not None)
    begun = trials[goes_on.parent or 0]
    assert goes_on.params["learning_rate"] == pytest.approx(
        0.6 * begun.params["learning_rate"], rel=0.01
    )


def test_a_first_day_that_diverges_is_begun_anew_with_a_smaller_rate() -> None:
    strategy = panda(10.0)
    trials = run(strategy, Bowl().train)
    assert strategy.decisions[0].kind == "taken back"
    assert trials[1].parent is None
    assert trials[1].params["learning_rate"] < 10.0
    assert best_loss(strategy) < best_constant(20)[0]


def test_a_worse_day_is_taken_back_and_the_next_one_goes_on_from_its_parent() -> None:
    strategy = panda(0.3)
    trials = run(strategy, Bowl().train)
    taken_back = {d.trial for d in strategy.decisions if d.kind == "taken back"}
    kept_again = {d.trial for d in strategy.decisions if d.kind == "kept"}
    assert taken_back
    parents = {t.parent for t in trials}
    assert not (taken_back - kept_again) & parents


def test_a_checkpoint_from_which_nothing_trains_is_left_for_the_day_before_it() -> None:
    bowl = Bowl()

    def breaks(segment: Segment) -> tuple[Outcome, list[Point]]:
        parent = segment.trial.parent
        if parent is not None and strategy.history.trials[parent].round == 8:
            return Outcome(TrialState.FAILED, reason="its checkpoint is broken"), []
        return bowl.train(segment)

    strategy = panda(0.3, days=20)
    trials = run(strategy, breaks)
    from_8 = [t for t in trials if t.parent is not None and trials[t.parent].round == 8]
    assert len(from_8) == PATIENCE
    next_day = trials[from_8[-1].number + 1]
    assert next_day.parent is not None
    assert trials[next_day.parent].round < 8


def test_only_live_parameters_ever_change() -> None:
    trials = run(panda(0.3), Bowl().train)
    assert {t.params["momentum"] for t in trials} == {0.9}


def test_the_first_live_parameter_has_most_of_the_nudges() -> None:
    trials = run(panda(0.3, live=("learning_rate", "momentum")), Bowl().train)
    rates = sum("learning_rate" in t.origin for t in trials)
    momenta = sum("momentum" in t.origin for t in trials)
    assert rates > momenta > 0


def test_the_last_days_lower_the_learning_rate() -> None:
    trials = run(panda(0.3), Bowl().train)
    rates = [t.params["learning_rate"] for t in trials[-18:]]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < rates[0] / 20


def test_noise_alone_changes_no_value() -> None:
    def flat(segment: Segment) -> tuple[Outcome, list[Point]]:
        rng = np.random.default_rng((segment.trial.number, 7))
        loss = float(np.exp(0.05 * rng.standard_normal()))
        point = (float(segment.budget or 0), {"loss": loss})
        return Outcome(TrialState.DONE, loss), [point]

    space = Space([Parameter("dropout", FloatRange(0.0, 0.9))])
    rules = Nurse(space, ("dropout",), {"dropout": 0.4}, 60, 1)
    strategy = panda_of(rules, days=60, space=space)
    run(strategy, flat)
    nudges = [t for t in strategy.history.trials if t.parent is not None and "dropout" in t.origin]
    kept = {d.trial for d in strategy.decisions if d.kind == "kept" and "twice" in d.reason}
    assert len(nudges) > 8
    assert len(kept) <= 0.2 * len(nudges)


# ------------------------------------------------------------------ timing, restarts


def facts(strategy: object) -> tuple[object, object]:
    return strategy.history.trials, list(strategy.decisions)  # type: ignore[attr-defined]


@given(slots=st.integers(1, 4), seed=st.integers(0, 5))
@settings(max_examples=15, deadline=None)
def test_days_do_not_depend_on_slots_or_on_which_was_faster(slots: int, seed: int) -> None:
    alone, many = panda(0.01, days=20, siblings=3), panda(0.01, days=20, siblings=3)
    run(alone, Bowl().train)
    run(many, Bowl().train, slots, np.random.default_rng(seed))
    assert facts(many) == facts(alone)


def test_what_a_program_tells_of_earlier_days_once_more_decides_nothing() -> None:
    bowl = Bowl()

    def tells_all(segment: Segment) -> tuple[Outcome, list[Point]]:
        outcome, curve = bowl.train(segment)
        return outcome, [(float(s), {"loss": 9.0}) for s in range(segment.start)] + curve

    once, again = panda(0.3, days=20), panda(0.3, days=20)
    run(once, Bowl().train)
    run(again, tells_all)
    assert facts(again) == facts(once)


@given(stop_after=st.integers(0, 50), unknown=st.integers(0, 3), siblings=st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_a_restored_panda_equals_the_uninterrupted_one(
    stop_after: int, unknown: int, siblings: int
) -> None:
    whole = panda(0.01, days=20, siblings=siblings)
    bowl = Bowl()
    past: list[PastSegment] = []

    def train(segment: Segment) -> tuple[Outcome, list[Point]]:
        outcome, curve = bowl.train(segment)
        past.append(PastSegment(segment, outcome, curve))
        return outcome, curve

    run(whole, train)
    known = past[:stop_after]
    running = [PastSegment(p.segment, None) for p in past[stop_after : stop_after + unknown]]
    day = known[-1].segment.trial.round if known else 1
    running = [p for p in running if p.segment.trial.round <= day]  # those of one day at most
    again = panda(0.01, days=20, siblings=siblings)
    again.restore((), known + running)
    run(again, bowl.train, 2, np.random.default_rng(0))
    assert facts(again) == facts(whole)


# ------------------------------------------------------------------ by hand


class Book:
    """Orders that come on given days, once."""

    def __init__(self, orders: dict[int, Sequence[Order]]) -> None:
        self._orders = orders
        self.is_closed = False

    def of_day(self, day: int, is_new: bool) -> Sequence[Order]:
        assert not self.is_closed
        return self._orders.get(day, ())

    def close(self) -> None:
        self.is_closed = True


def by_hand(orders: dict[int, Sequence[Order]]) -> object:
    rules = Nurse(SPACE, ("learning_rate",), {"learning_rate": 0.3, "momentum": 0.9}, 20, 1)
    strategy = panda_of(rules, days=20, orders=Book(orders))
    run(strategy, Bowl().train)
    return strategy


def test_a_nudge_by_hand_is_the_next_day_and_is_kept() -> None:
    strategy = by_hand({9: [Order(values={"learning_rate": 0.007})]})
    (day,) = [t for t in strategy.history.trials if t.round == 9]  # type: ignore[attr-defined]
    assert day.params["learning_rate"] == 0.007
    (decision,) = [d for d in strategy.decisions if d.trial == day.number]  # type: ignore[attr-defined]
    assert decision.kind == "kept"
    assert "by hand" in decision.reason


def test_the_orders_are_closed_after_the_last_day_and_not_before() -> None:
    book = Book({})
    rules = Nurse(SPACE, ("learning_rate",), {"learning_rate": 0.3, "momentum": 0.9}, 4, 3)
    run(panda_of(rules, days=4, orders=book), Bowl().train, slots=3)
    assert book.is_closed


def test_a_roll_back_by_hand_goes_on_from_the_day_that_was_named() -> None:
    strategy = by_hand({12: [Order(back_to=8)]})
    trials = strategy.history.trials  # type: ignore[attr-defined]
    (day,) = [t for t in trials if t.round == 12]
    assert trials[day.parent].round <= 8
    back = [d for d in strategy.decisions if d.kind == "gone back to"]  # type: ignore[attr-defined]
    assert back[0].trial == day.parent


def of_day(strategy: object, day: int) -> object:
    (trial,) = [t for t in strategy.history.trials if t.round == day]  # type: ignore[attr-defined]
    return trial


def test_a_roll_back_restores_the_values_of_the_day_and_is_by_hand() -> None:
    strategy = by_hand({12: [Order(back_to=1)]})
    day = of_day(strategy, 12)
    parent = strategy.history.trials[day.parent]  # type: ignore[attr-defined]
    assert parent.round == 1
    assert day.params == parent.params  # type: ignore[attr-defined]
    assert day.origin == "by hand: back to day 1"  # type: ignore[attr-defined]


@pytest.mark.parametrize("is_nudge_first", [True, False])
def test_a_nudge_and_a_roll_back_for_one_day_hold_together(is_nudge_first: bool) -> None:
    orders = [Order(values={"learning_rate": 0.007}), Order(back_to=1)]
    strategy = by_hand({12: orders if is_nudge_first else orders[::-1]})
    day = of_day(strategy, 12)
    parent = strategy.history.trials[day.parent]  # type: ignore[attr-defined]
    assert parent.round == 1
    assert day.params["learning_rate"] == 0.007  # type: ignore[attr-defined]
    before = parent.params["learning_rate"]
    assert f"({before:.4g} to 0.007): by hand, back to day 1" in day.origin  # type: ignore[attr-defined]


def test_a_person_can_go_back_to_a_day_that_was_left() -> None:
    before = by_hand({12: [Order(back_to=4)]})
    kept = max(
        t.round
        for t in before.history.trials  # type: ignore[attr-defined]
        if 4 < t.round < 12 and before.history.outcomes[t.number].state is TrialState.DONE  # type: ignore[attr-defined]
    )
    strategy = by_hand({12: [Order(back_to=4)], 14: [Order(back_to=kept)]})
    day = of_day(strategy, 14)
    assert strategy.history.trials[day.parent].round == kept  # type: ignore[attr-defined]


@pytest.mark.parametrize("day", [1, 2, 4])
@pytest.mark.parametrize("siblings", [1, 3])
def test_a_nudge_before_any_day_has_a_value_begins_the_search_anew_from_there(
    day: int, siblings: int
) -> None:
    bowl = Bowl()

    def train(segment: Segment) -> tuple[Outcome, list[Point]]:
        if segment.trial.params["learning_rate"] > 0.03:
            return Outcome(TrialState.DIVERGED, reason="the loss is nan"), []
        return bowl.train(segment)

    orders = {day: [Order(values={"learning_rate": 0.02}), Order(values={"momentum": 0.8})]}
    start = {"learning_rate": 10.0, "momentum": 0.9}
    rules = Nurse(SPACE, ("learning_rate", "momentum"), start, 40, siblings)
    strategy = panda_of(rules, days=40, orders=Book(orders))
    trials = run(strategy, train)
    (nudged,) = [t for t in trials if t.round == day]
    assert nudged.params == {"learning_rate": 0.02, "momentum": 0.8}
    assert "by hand" in nudged.origin
    assert nudged.parent is None
    assert [d.kind for d in strategy.decisions if d.trial == nudged.number] == ["kept"]
    assert {t.parent for t in trials if t.round == day + 1} == {None}
    assert max(t.round for t in trials) == 40


def test_a_nudge_by_hand_that_has_no_value_either_is_begun_anew_with_a_smaller_rate() -> None:
    orders = {3: [Order(values={"learning_rate": 0.5})]}
    rules = Nurse(SPACE, ("learning_rate",), {"learning_rate": 5.0, "momentum": 0.9}, 10, 1)
    strategy = panda_of(rules, days=10, orders=Book(orders))
    trials = run(strategy, lambda segment: (Outcome(TrialState.DIVERGED, reason="nan"), []))
    rates = [t.params["learning_rate"] for t in trials]
    assert len(rates) == 10
    assert rates[2] == 0.5
    assert rates[3] < 0.5
    assert {t.parent for t in trials} == {None}


def test_a_rate_that_is_zero_goes_back_to_the_best_day_only_once() -> None:
    space = Space([Parameter("learning_rate", FloatRange(0.0, 1.0))])
    rules = Nurse(space, ("learning_rate",), {"learning_rate": 0.5}, 20, 1)
    orders = {14: [Order(values={"learning_rate": 0.0})]}
    strategy = panda_of(rules, days=20, orders=Book(orders), space=space)

    def flat_from_14(segment: Segment) -> tuple[Outcome, list[Point]]:
        loss = 0.1 if segment.trial.round >= 14 else 0.2
        return Outcome(TrialState.DONE, loss), [(float(segment.budget or 0), {"loss": loss})]

    trials = run(strategy, flat_from_14)
    day_14 = next(t.number for t in trials if t.round == 14)
    assert sum(t.parent == day_14 for t in trials) == 1
    assert {t.params["learning_rate"] for t in trials if t.round > 14} == {0.0}


# ------------------------------------------------------------------ population


def population(size: int = 8, seed: int = 0) -> object:
    rng = np.random.default_rng(seed)
    starts = [
        {"learning_rate": float(10 ** rng.uniform(-4, 1)), "momentum": 0.9} for _ in range(size)
    ]
    rules = Population(SPACE, ("learning_rate",), starts, seed)
    return panda_of(rules, days=20, is_one_model=False)


def test_the_worst_quarter_of_a_population_goes_on_from_the_best_quarter() -> None:
    strategy = population()
    trials = run(strategy, Bowl().train)  # type: ignore[arg-type]
    outcomes = strategy.history.outcomes  # type: ignore[attr-defined]
    for day in range(2, 21):
        before = [t.number for t in trials if t.round == day - 1]
        losses = sorted(outcomes[n].value for n in before if outcomes[n].value is not None)
        of_day = [t for t in trials if t.round == day]
        copies = [t for t in of_day if t.origin.startswith("copy")]
        assert len(of_day) == 8
        assert len(copies) >= 2
        assert all(outcomes[t.parent].value <= losses[1] for t in copies)


def test_a_population_gets_near_the_best_fixed_rate_from_random_ones() -> None:
    strategy = population()
    run(strategy, Bowl().train)  # type: ignore[arg-type]
    assert best_loss(strategy) < 1.1 * best_constant(20)[0]  # type: ignore[arg-type]
