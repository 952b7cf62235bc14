"""What every sampler must do, whatever its idea."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from hpsearch.history import History, Round
from hpsearch.samplers import SAMPLERS, Draw, Sampler, make_sampler
from hpsearch.space import Box, Space
from hpsearch.trial import Outcome, Trial, TrialState
from tests.spaces import discrete, every_kind, floats, wide

PROGRAM = """
import json, sys
from tests.contracts.test_sampler_contract import draw_params
from tests.spaces import floats
print(json.dumps(draw_params(sys.argv[1], floats(3), 20, seed=7)))
"""


def made(name: str, space: Space) -> Sampler:
    """A sampler that has seen no outcome; what a guided one does with them has its own tests."""
    return make_sampler(name, space, lambda value: value, 1000)


def whole_round(space: Space, trials: int, number: int = 1) -> Round:
    return Round(number, 0, trials, Box.whole(space), "", ())


def draw_history(name: str, space: Space, trials: int, seed: int = 0) -> History:
    sampler, history = made(name, space), History(space)
    round_ = whole_round(space, trials)
    for number in range(trials):
        proposal = sampler.propose(Draw(number, number, round_, seed), history)
        if proposal is None:
            break
        history.add(Trial(number, 1, proposal.params, proposal.origin))
    return history


def draw_params(name: str, space: Space, trials: int, seed: int = 0) -> list[dict[str, object]]:
    return [dict(t.params) for t in draw_history(name, space, trials, seed).trials]


@pytest.mark.parametrize("name", SAMPLERS)
class TestSampler:
    def test_every_point_is_accepted_by_the_space(self, name: str) -> None:
        spaces = (every_kind(), wide()) if name != "grid" else (discrete(a=4, b=3),)
        for space in spaces:
            self.all_are_accepted(name, space)

    def all_are_accepted(self, name: str, space: Space) -> None:
        points = draw_params(name, space, 60)
        assert len(points) >= 12
        for point in points:
            assert space.accept(point) == point

    def test_no_point_is_proposed_twice(self, name: str) -> None:
        space = discrete(a=5, b=4)
        keys = [space.key(p) for p in draw_params(name, space, 20)]
        assert len(set(keys)) == len(keys) == 20

    def test_a_space_that_is_used_up_ends_the_proposals(self, name: str) -> None:
        assert len(draw_params(name, discrete(a=3, b=2), 50)) == 6

    def test_the_same_seed_gives_the_same_points_in_another_process(self, name: str) -> None:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, name], capture_output=True, text=True, check=True
        )
        assert json.loads(done.stdout) == draw_params(name, floats(3), 20, seed=7)

    def test_outcomes_that_arrive_in_another_order_change_nothing(self, name: str) -> None:
        space = discrete(a=20, b=20)
        plain = draw_history(name, space, 30)
        sampler, history = made(name, space), History(space)
        round_ = whole_round(space, 30)
        for number in range(30):
            proposal = sampler.propose(Draw(number, number, round_, 0), history)
            assert proposal is not None
            history.add(Trial(number, 1, proposal.params, ""))
            if number >= 3:
                history.record(number - 3, Outcome(TrialState.DONE, float(number % 5)))
        assert [t.params for t in history.trials] == [t.params for t in plain.trials]


@pytest.mark.parametrize("name", ["random", "sobol"])
def test_seeds_and_rounds_differ(name: str) -> None:
    space = floats(2)
    assert draw_params(name, space, 3, seed=0) != draw_params(name, space, 3, seed=1)
    second = made(name, space).propose(
        Draw(0, 0, whole_round(space, 3, number=2), 0), History(space)
    )
    assert second is not None
    assert second.params != draw_params(name, space, 1)[0]


@pytest.mark.parametrize("name", ["random", "sobol"])  # a grid is its box
def test_a_box_that_is_used_up_does_not_end_a_space_that_is_not(name: str) -> None:
    space = discrete(a=10)
    box = Box(np.array([0.0]), np.array([0.2]), (None,))
    sampler, history = made(name, space), History(space)
    for number in range(10):
        draw = Draw(number, number, Round(1, 0, 10, box, "", ()), 0)
        proposal = sampler.propose(draw, history)
        assert proposal is not None
        history.add(Trial(number, 1, proposal.params, ""))
    assert {t.params["a"] for t in history.trials[:2]} == {1, 2}


@pytest.mark.parametrize(
    "name", ["random", "sobol", "grid"]
)  # the guided sampler has a box of its own
def test_points_lie_in_the_rounds_box(name: str) -> None:
    space = floats(2)
    box = Box(np.array([0.2, 0.5]), np.array([0.4, 0.9]), (None, None))
    round_ = Round(2, 0, 16, box, "", ())
    sampler, history = made(name, space), History(space)
    for number in range(16):
        proposal = sampler.propose(Draw(number, number, round_, 0), history)
        assert proposal is not None
        assert box.contains(space.encode([proposal.params]), space).all()
        history.add(Trial(number, 2, proposal.params, ""))
