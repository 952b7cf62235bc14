"""Running a strategy with rungs on a made-up learning curve, with slots that end in any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from hpsearch.budget import Budget
from hpsearch.objectives.handle import Point
from hpsearch.samplers import make_sampler
from hpsearch.space import Space
from hpsearch.strategies import Judge, PastSegment, Pause, Promotion, Stopping, Strategy
from hpsearch.trial import Outcome, Segment, Trial, TrialState
from tests.spaces import every_kind, floats

EPOCHS = Budget("epochs", 1, 27, 3)
Ended: TypeAlias = tuple[Outcome, Sequence[Point]]


def promotion(rule: str = "asha", *, trials: int = 30, lag: int = 4, **more: Any) -> Promotion:
    return Promotion(*_parts(lag, more), **_settings(rule, trials, lag, more))


def stopping(rule: str = "asha", *, trials: int = 30, lag: int = 4, **more: Any) -> Stopping:
    return Stopping(
        *_parts(lag, more),
        **_settings(rule, trials, lag, more),
        metric_name="loss",
        read=lambda values: values[-1],
    )


def _parts(lag: int, more: dict[str, Any]) -> tuple[Any, ...]:
    space: Space = more.get("space") or every_kind()
    return space, make_sampler(more.get("sampler", "random"), space, float, lag), float


def _settings(rule: str, trials: int, lag: int, more: dict[str, Any]) -> dict[str, Any]:
    budget = more.get("budget", EPOCHS)
    return {"rule": rule, "trials": trials, "lag": lag, "seed": 0, "budget": budget}


def loss_at(trial: Trial, epoch: int) -> float:
    """A curve that falls to the trial's own level; curves cross."""
    rng = np.random.default_rng(trial.number)
    level, speed = rng.uniform(0, 1), rng.uniform(0.1, 2)
    return float(level + np.exp(-speed * epoch))


def curve_of(trial: Trial, start: int, end: int) -> list[Point]:
    return [(float(e), {"loss": loss_at(trial, e)}) for e in range(start + 1, end + 1)]


def outcome_of(segment: Segment) -> Outcome:
    """Every eleventh trial fails in its second segment, every seventh in its first."""
    trial = segment.trial
    if (trial.number % 7 == 3 and segment.index == 0) or (
        trial.number % 11 == 5 and segment.index == 1
    ):
        return Outcome(TrialState.FAILED, reason="exit code 1")
    assert segment.budget is not None
    return Outcome(TrialState.DONE, loss_at(trial, segment.budget), budget=segment.budget)


class Simulation:
    """Segments on slots, epoch by epoch; which slot is faster is drawn anew each time.

    Attributes:
        asked: every segment, in the order of asking.
        ended: (trial, index) -> how it ended and its curve.
    """

    def __init__(self, strategy: Strategy, slots: int, order: np.random.Generator) -> None:
        self.strategy = strategy
        self.slots = slots
        self.order = order
        self.running: list[tuple[Segment, int]] = []
        self.asked: list[Segment] = []
        self.ended: dict[tuple[int, int], Ended] = {}
        self.epochs = 0
        self.waits = 0

    def run(self, most_epochs: float = float("inf")) -> bool:
        """Go on until the end; False if it was killed before, after so many epochs."""
        while True:
            while len(self.running) < self.slots:
                asked = self.strategy.ask()
                if not isinstance(asked, Segment):
                    break
                if asked not in self.asked:
                    self.asked.append(asked)
                self.running.append((asked, asked.start))
            if not self.running:
                assert asked is Pause.END
                return True
            self.waits += self.slots - len(self.running)
            self._advance(int(self.order.integers(len(self.running))))
            self.epochs += 1
            if self.epochs >= most_epochs:
                return False

    def _advance(self, position: int) -> None:
        segment, epoch = self.running.pop(position)
        number, budget = segment.trial.number, segment.budget
        assert budget is not None
        judge = self.strategy if isinstance(self.strategy, Judge) else None
        epoch += 1
        if judge is not None:
            judge.see(number, curve_of(segment.trial, epoch - 1, epoch))
        # Whoever is out trains on for a while, as a real program does before it is ended.
        if judge is not None and judge.is_out(number) and self.order.random() < 0.5:
            self._end(segment, epoch, Outcome(TrialState.STOPPED))
        elif epoch == budget:
            self._end(segment, epoch, outcome_of(segment))
        else:
            self.running.append((segment, epoch))

    def _end(self, segment: Segment, epoch: int, outcome: Outcome) -> None:
        curve = curve_of(segment.trial, segment.start, epoch)
        self.ended[segment.trial.number, segment.index] = outcome, curve
        self.strategy.tell(segment.trial.number, outcome, curve)

    def past(self, ended: Mapping[tuple[int, int], Ended] | None = None) -> list[PastSegment]:
        """What the store would know after a kill; or with these ends."""
        ended = self.ended if ended is None else ended
        return [
            PastSegment(
                s,
                *ended.get((s.trial.number, s.index), (None, ())),
                [d for d in self.strategy.decisions if d.trial == s.trial.number],
            )
            for s in self.asked
        ]

    def results(self) -> list[tuple[Any, ...]]:
        """All that must not depend on the timing."""
        history = self.strategy.history
        return [
            (t.number, t.params, t.origin, o.state, o.value, o.budget, o.reason)
            for t, o in ((t, history.outcomes[t.number]) for t in history.trials)
        ]

    def decided(self) -> dict[tuple[int, int | None, str], str]:
        """As the store keeps them: the last of each kind at each budget."""
        return {(d.trial, d.budget, d.kind): d.reason for d in self.strategy.decisions}


class Mended(Simulation):
    """The same program, once nothing in it fails any more."""

    def _end(self, segment: Segment, epoch: int, outcome: Outcome) -> None:
        if outcome.state is TrialState.FAILED:
            value = loss_at(segment.trial, segment.budget or 0)
            outcome = Outcome(TrialState.DONE, value, budget=segment.budget)
        super()._end(segment, epoch, outcome)


def gone_on(before: Simulation, strategy: Strategy, seed: int, *, retry_failed: bool) -> Mended:
    """The run in a new session, which runs the failed trials again or leaves them."""
    ended = {
        key: end
        for key, end in before.ended.items()
        if not (retry_failed and end[0].state is TrialState.FAILED)
    }
    after = Mended(strategy, 2, np.random.default_rng(seed))
    after.asked, after.ended = list(before.asked), ended
    after.strategy.restore(before.strategy.rounds, before.past(ended))
    return after


def simple(**more: Any) -> dict[str, Any]:
    return {"space": floats(2), **more}
