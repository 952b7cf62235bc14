"""Ending trials while they run: a slow trial changes nothing, and costs nothing more."""

from __future__ import annotations

import numpy as np
import pytest

from hpsearch.budget import Budget
from hpsearch.strategies import Stopping
from hpsearch.strategies.rules import Rung
from hpsearch.trial import Outcome, Segment, TrialState
from tests.strategies.rung_runs import Simulation, gone_on, simple, stopping


class _LastFirst:
    """The trial that was asked for last goes on, so that the first one ends after all others."""

    def integers(self, running: int) -> int:
        return running - 1

    def random(self) -> float:
        return 0.0


def with_a_straggler(rule: str, trials: int) -> Simulation:
    simulation = Simulation(
        stopping(rule, trials=trials, **simple()),
        2,
        _LastFirst(),  # type: ignore[arg-type]
    )
    assert simulation.run()
    return simulation


@pytest.mark.parametrize("rule", ["asha", "hyperband", "median"])
def test_a_trial_that_is_slower_than_all_others_changes_no_decision(rule: str) -> None:
    alone = Simulation(stopping(rule, **simple()), 1, np.random.default_rng(0))
    assert alone.run()
    late = with_a_straggler(rule, 30)
    numbers = [segment.trial.number for segment in late.asked]
    ended = [number for number, _ in late.ended]
    assert ended[-1] == numbers[0]
    assert late.decided() == alone.decided()


@pytest.mark.parametrize("rule", ["asha", "median"])
@pytest.mark.parametrize("is_restored", [False, True])
def test_each_trial_enters_a_rung_a_few_times_however_many_there_are(
    rule: str, is_restored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = with_a_straggler(rule, 120)
    entered = 0
    add = Rung.add

    def counted(self: Rung, loss: float, number: int) -> None:
        nonlocal entered
        entered += 1
        add(self, loss, number)

    monkeypatch.setattr(Rung, "add", counted)
    if is_restored:
        again = stopping(rule, trials=120, **simple())
        again.restore(simulation.strategy.rounds, simulation.past())
    else:
        with_a_straggler(rule, 120)
    assert entered <= 120 * 3 * 2  # at each of three rungs: to be judged, and for the others


def train(strategy: Stopping, losses: dict[int, float]) -> int:
    """One trial to its end; epoch -> what it reports there."""
    asked = strategy.ask()
    assert isinstance(asked, Segment)
    number = asked.trial.number
    for epoch, loss in losses.items():
        strategy.see(number, [(float(epoch), {"loss": loss})])
    strategy.tell(number, Outcome(TrialState.DONE, losses[max(losses)]))
    return number


@pytest.mark.parametrize(("rule", "is_out"), [("median", False), ("asha", True)])
def test_the_median_rule_alone_judges_by_the_best_so_far(rule: str, is_out: bool) -> None:
    """Golovin et al. 2017: "the trial's best objective value by step s". 0.1 at 1 epoch and 0.9 at
    3 is 0.1 there, against 0.5; by the value at the rung it is the last of four."""
    strategy = stopping(rule, lag=1, budget=Budget("epochs", 1, 9, 3), **simple())
    for _ in range(3):
        train(strategy, {1: 0.5, 3: 0.5, 9: 0.5})
    number = train(strategy, {1: 0.1, 3: 0.9, 9: 0.9})
    assert strategy.is_out(number) is is_out


def test_a_report_at_the_next_rung_does_not_stand_for_the_one_below() -> None:
    strategy = stopping("asha", lag=1, budget=Budget("epochs", 1, 9, 3), **simple())
    number = train(strategy, {3: 0.5, 9: 0.5})
    assert [(d.budget, d.kind) for d in strategy.decisions] == [(3, "promoted"), (1, "undecided")]
    assert [step for step, _ in strategy.rung_points(number)] == [3, 9]


class Crashing(Simulation):
    """Every seventh trial fails before it has reported anything."""

    def _advance(self, position: int) -> None:
        segment, epoch = self.running[position]
        if segment.trial.number % 7 != 3:
            super()._advance(position)
            return
        del self.running[position]
        self._end(segment, epoch, Outcome(TrialState.FAILED, reason="exit code 1"))


@pytest.mark.parametrize("rule", ["asha", "hyperband", "median"])
def test_what_was_decided_of_a_trial_that_ended_stays_so_when_another_is_run_again(
    rule: str,
) -> None:
    first = Crashing(stopping(rule, **simple()), 2, np.random.default_rng(0))
    assert first.run()
    failed = {n for n, o in first.strategy.history.outcomes.items() if o.state is TrialState.FAILED}
    second = gone_on(first, stopping(rule, **simple()), 1, retry_failed=True)
    assert second.run()
    ended = [result for result in first.results() if result[0] not in failed]
    assert [result for result in second.results() if result[0] not in failed] == ended
    kept = {key: reason for key, reason in first.decided().items() if key[0] not in failed}
    assert kept.items() <= second.decided().items()


@pytest.mark.parametrize("rule", ["asha", "hyperband", "median"])
@pytest.mark.parametrize("killed_after", [20, 60])
def test_a_run_killed_after_failed_trials_are_run_again_equals_the_unkilled_one(
    rule: str, killed_after: int
) -> None:
    first = Crashing(stopping(rule, trials=20, **simple()), 2, np.random.default_rng(0))
    assert first.run()
    whole = gone_on(first, stopping(rule, **simple()), 1, retry_failed=True)
    assert whole.run()
    killed = gone_on(first, stopping(rule, **simple()), 3, retry_failed=True)
    assert not killed.run(killed_after)
    again = gone_on(killed, stopping(rule, **simple()), 2, retry_failed=False)
    assert again.run()
    assert again.results() == whole.results()
    assert again.decided() == whole.decided()
