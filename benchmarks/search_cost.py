"""CPU of one suggestion of guided search, by number of trials and dimensions."""

from __future__ import annotations

import time

import numpy as np

from hpsearch.domains import FloatRange
from hpsearch.history import History, Round
from hpsearch.samplers.base import Draw
from hpsearch.samplers.guided import GuidedSampler
from hpsearch.space import Box, Parameter, Space
from hpsearch.trial import Outcome, Trial, TrialState

LENGTHS = (32, 64, 128, 256, 512, 1_000, 10_000)
WINDOW = 64


def _loss(value: float) -> float:
    return value


def cost_at(dimensions: int, trials: int) -> tuple[float, float, float]:
    """CPU ms of the suggestions up to `trials`, at most the last 64: mean, longest; and of the
    first after a resume."""
    space = Space([Parameter(f"x{i}", FloatRange(0.0, 1.0)) for i in range(dimensions)])
    history, rng = History(space), np.random.default_rng(0)
    goal = rng.random(dimensions)
    round_ = Round(1, 0, trials, Box.whole(space), "", ())
    sampler = GuidedSampler(space, _loss)
    spent = []
    for number in range(trials):
        if number < trials - WINDOW:
            spread = 1.0 if number % 3 == 0 else 0.1
            x = np.clip(goal + spread * rng.normal(size=dimensions), 0, 1)
            params = dict(zip(space.parameters, x.tolist(), strict=True))
        else:
            before = time.process_time()
            proposal = sampler.propose(Draw(number, number, round_, 0), history)
            spent.append(1e3 * (time.process_time() - before))
            assert proposal is not None
            params = proposal.params
        history.add(Trial(number, 1, params, "global"))
        x = np.array(list(params.values()))
        loss = float(((x - goal) ** 2).sum() + 0.01 * np.sin(40 * x).sum())
        history.record(number, Outcome(TrialState.DONE, loss))
    later = spent[8:]  # the first ones fit every view anew, as after a resume
    return float(np.mean(later)), max(later), max(spent[:8])


def print_costs() -> None:
    """The table."""
    print("CPU ms a suggestion: mean, longest, first after a resume")
    for dimensions in (2, 7, 20, 60):
        for trials in LENGTHS:
            mean, longest, resumed = cost_at(dimensions, trials)
            figures = f"{mean:6.1f}  {longest:6.1f}  {resumed:6.1f}"
            print(f"d = {dimensions:2}  trials {trials:6}  {figures}")
