"""Evidence: what the guided sampler may know when it proposes a trial.

Trial i sees the outcomes of trials 0 to i - lag and the points of all the earlier ones, whatever
else has ended by then; where trials have a budget, what its history says that it may know. Arrays
grow with the history, so that 10,000 trials cost little more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hpsearch.history import History
from hpsearch.samplers.guided_points import EarlierPoints, IntArray, telling_of
from hpsearch.samplers.guided_rungs import losses_at, other_rungs, own_rung
from hpsearch.scales import FloatArray
from hpsearch.space import Space
from hpsearch.trial import Outcome, TrialState

MOST_POINTS = 200
"""A model knows at most so many points: 200 points cost a tenth of what 500 do."""


@dataclass(frozen=True)
class Evidence:
    """The trials before one.

    Attributes:
        x_unit: all their points, (n, d); NaN where inactive.
        losses: (n,); +inf without a value, NaN where the outcome may not be known.
        in_box: whether each was proposed inside the box, (n,).
        budget: at which rung the losses are; None where trials have no budget.
        other_rungs: what is known at the others.
    """

    x_unit: FloatArray
    losses: FloatArray
    in_box: npt.NDArray[np.bool_]
    budget: int | None = None
    other_rungs: tuple[EarlierPoints, ...] = ()

    @property
    def seen(self) -> IntArray:
        """Numbers of the trials with an outcome, ascending."""
        return np.flatnonzero(~np.isnan(self.losses))

    @property
    def pending(self) -> IntArray:
        """Numbers of the trials without one."""
        return np.flatnonzero(np.isnan(self.losses))

    def ranked(self) -> IntArray:
        """Numbers of the trials with an outcome, best first, and the earlier of equals first."""
        seen = self.seen
        ranked: IntArray = seen[np.argsort(self.losses[seen], kind="stable")]
        return ranked

    def with_values(self) -> Evidence:
        """Of the trials that have a value alone; their numbers are then positions."""
        done = np.isfinite(self.losses)
        return self._of(done)

    def spread(self, most: int) -> Evidence:
        """Of at most `most` trials that have a value, evenly by number: chosen without a look at
        their losses, as the best of many noisy ones are the luckiest. Numbers are then positions.
        """
        done = np.flatnonzero(np.isfinite(self.losses))
        kept = done[np.linspace(0, len(done) - 1, min(most, len(done))).astype(np.intp)]
        return self._of(kept)

    def _of(self, some: IntArray | npt.NDArray[np.bool_]) -> Evidence:
        return replace(
            self, x_unit=self.x_unit[some], losses=self.losses[some], in_box=self.in_box[some]
        )

    def telling(self, most: int) -> IntArray:
        """Numbers of at most `most` trials that tell the most: the best half of them, to say where
        it is good, and evenly by rank of the rest, to say where it is not."""
        seen = self.seen
        told: IntArray = seen[telling_of(self.losses[seen], most)]
        return told


class Ledger:
    """The evidence of one history, as it grows.

    Args:
        space: in whose unit coordinates points are told.
        loss: turns a metric's value into a number of which less is better.
        lag: trial i sees the outcomes of trials 0 to i - lag.
        box_origin: how the origin of a trial begins that was proposed inside the box.
    """

    def __init__(
        self, space: Space, loss: Callable[[float], float], lag: int, box_origin: str
    ) -> None:
        self._space = space
        self._loss = loss
        self._lag = lag
        self._box_origin = box_origin
        self._history: History | None = None

    def follows(self, history: History) -> bool:
        """Whether this is the history it knows; if not, it starts anew with it."""
        if history is self._history:
            return True
        self._history = history
        self._x_unit = np.zeros((0, self._space.dimensions))
        self._losses = np.zeros(0)
        self._budgets: dict[int, int] = {}
        self._in_box = np.zeros(0, dtype=bool)
        return False

    def before(self, number: int) -> Evidence:
        """What trial `number` may know."""
        return self._evidence(number, max(0, number - self._lag + 1))

    def budget_before(self, number: int) -> int:
        """`Evidence.budget` of what trial `number` may know, where trials have one; it never falls
        from trial to trial."""
        assert self._history is not None
        if number not in self._budgets:
            self._budgets[number] = own_rung(self._history.losses_at_rungs(number))
        return self._budgets[number]

    def whole(self) -> Evidence:
        """Everything that is known, where trials have no budget."""
        assert self._history is not None
        count = len(self._history.trials)
        return self._evidence(count, count)

    def _evidence(self, number: int, first_unknown: int) -> Evidence:
        history = self._history
        assert history is not None
        self._take_in(history, number)
        if history.rungs:
            return self._at_rungs(history, number)
        losses = self._losses[:number].copy()
        losses[first_unknown:] = np.nan
        return Evidence(self._x_unit[:number], losses, self._in_box[:number])

    def _at_rungs(self, history: History, number: int) -> Evidence:
        x_unit, losses = self._x_unit[:number], np.full(number, np.nan)
        rungs = history.losses_at_rungs(number)
        own = own_rung(rungs)
        known = losses_at(own, rungs)
        losses[list(known)] = list(known.values())
        others = other_rungs(own, rungs, x_unit)
        return Evidence(x_unit, losses, self._in_box[:number], own, others)

    def _take_in(self, history: History, number: int) -> None:
        new = history.trials[len(self._losses) : number]
        if new:
            x_unit = self._space.encode([trial.params for trial in new])
            self._x_unit = np.vstack([self._x_unit, x_unit])
            self._losses = np.append(self._losses, np.full(len(new), np.nan))
            in_box = [trial.origin.startswith(self._box_origin) for trial in new]
            self._in_box = np.append(self._in_box, np.array(in_box, dtype=bool))
        if history.rungs:
            return
        unknown = np.flatnonzero(np.isnan(self._losses)).tolist()
        known = [i for i in unknown if i in history.outcomes]
        self._losses[known] = [self._loss_of(history.outcomes[i]) for i in known]

    def _loss_of(self, outcome: Outcome) -> float:
        """+inf for a trial that failed, timed out or diverged: this place is bad."""
        if outcome.state is not TrialState.DONE or outcome.value is None:
            return math.inf
        loss = self._loss(outcome.value)
        return loss if math.isfinite(loss) else math.inf
