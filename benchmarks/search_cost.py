"""CPU of one suggestion of guided search, by number of trials and dimensions."""

from __future__ import annotations

import time
from collections import deque

import numpy as np

from hpsearch.budget import Budget
from hpsearch.domains import FloatRange
from hpsearch.history import History, Round
from hpsearch.samplers.base import Draw, Proposal
from hpsearch.samplers.guided import GuidedSampler
from hpsearch.space import Box, Parameter, Space
from hpsearch.strategies import Pause, Promotion
from hpsearch.trial import Outcome, Segment, Trial, TrialState

LENGTHS = (32, 64, 128, 256, 512, 1_000, 10_000)
LENGTHS_WITH_RUNGS = (64, 128, 512)
WINDOW = 64
EPOCHS = Budget("epochs", 1, 27, 3)
LAG = 2


def _loss(value: float) -> float:
    return value


class _Timed(GuidedSampler):
    """Guided search that keeps the CPU ms of each suggestion in `spent`."""

    def __init__(self, space: Space, lag: int = 1) -> None:
        super().__init__(space, _loss, lag)
        self.spent: list[float] = []

    def propose(self, draw: Draw, history: History) -> Proposal | None:
        before = time.process_time()
        proposal = super().propose(draw, history)
        self.spent.append(1e3 * (time.process_time() - before))
        return proposal


def _space(dimensions: int) -> Space:
    return Space([Parameter(f"x{i}", FloatRange(0.0, 1.0)) for i in range(dimensions)])


def _bowl(x: np.ndarray, goal: np.ndarray) -> float:
    return float(((x - goal) ** 2).sum() + 0.01 * np.sin(40 * x).sum())


def cost_at(dimensions: int, trials: int) -> tuple[float, float, float]:
    """CPU ms of the suggestions up to `trials`, at most the last 64: mean, longest; and of the
    first after a resume."""
    space = _space(dimensions)
    history, rng = History(space), np.random.default_rng(0)
    goal = rng.random(dimensions)
    round_ = Round(1, 0, trials, Box.whole(space), "", ())
    sampler = _Timed(space)
    for number in range(trials):
        if number < trials - WINDOW:
            spread = 1.0 if number % 3 == 0 else 0.1
            x = np.clip(goal + spread * rng.normal(size=dimensions), 0, 1)
            params = dict(zip(space.parameters, x.tolist(), strict=True))
        else:
            proposal = sampler.propose(Draw(number, number, round_, 0), history)
            assert proposal is not None
            params = proposal.params
        history.add(Trial(number, 1, params, "global"))
        loss = _bowl(np.array(list(params.values())), goal)
        history.record(number, Outcome(TrialState.DONE, loss))
    later = sampler.spent[8:]  # the first ones fit every view anew, as after a resume
    return float(np.mean(later)), max(later), max(sampler.spent[:8])


def cost_with_rungs(dimensions: int, trials: int) -> tuple[float, float]:
    """CPU ms of the last 64 suggestions of a run with early stopping: mean, longest."""
    space = _space(dimensions)
    goal = np.random.default_rng(0).random(dimensions)
    sampler = _Timed(space, LAG)
    strategy = Promotion(
        space, sampler, _loss, trials=trials, lag=LAG, seed=0, budget=EPOCHS, rule="asha"
    )
    under_way: deque[Segment] = deque()
    while (asked := strategy.ask()) is not Pause.END:
        if isinstance(asked, Segment):
            under_way.append(asked)
        if not isinstance(asked, Segment) or len(under_way) == LAG:
            segment = under_way.popleft()
            assert segment.budget is not None
            x = np.array(list(segment.trial.params.values()))
            loss = _bowl(x, goal) + 0.5 / segment.budget
            strategy.tell(segment.trial.number, Outcome(TrialState.DONE, loss))
    later = sampler.spent[-WINDOW:]
    return float(np.mean(later)), max(later)


def print_costs() -> None:
    """The two tables."""
    print("CPU ms a suggestion: mean, longest, first after a resume")
    for dimensions in (2, 7, 20, 60):
        for trials in LENGTHS:
            mean, longest, resumed = cost_at(dimensions, trials)
            figures = f"{mean:6.1f}  {longest:6.1f}  {resumed:6.1f}"
            print(f"d = {dimensions:2}  trials {trials:6}  {figures}")
    print("\nwith early stopping (asha, rungs at 1, 3, 9 and 27 epochs): mean, longest")
    for dimensions in (2, 7, 20, 60):
        for trials in LENGTHS_WITH_RUNGS:
            mean, longest = cost_with_rungs(dimensions, trials)
            print(f"d = {dimensions:2}  trials {trials:6}  {mean:6.1f}  {longest:6.1f}")
