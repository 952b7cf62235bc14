"""Guided search, what to try next: design, then in turn a step anywhere and a step in the box.

A Gaussian process says where an improvement is expected (Jones, Schonlau, Welch 1998). What it is
made of: `guided_evidence` (what may be known), `guided_rungs`, `guided_earlier`, `guided_outputs`,
`guided_features`, `guided_model`, `guided_acquisition`, `guided_box`. Strategies call `propose` and
`open_round`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from hpsearch.history import History
from hpsearch.one_thread import one_blas_thread
from hpsearch.samplers.base import GIVEN, Draw, Proposal
from hpsearch.samplers.guided_acquisition import (
    Acquisition,
    candidates,
    climb,
    drawn_where_inactive,
)
from hpsearch.samplers.guided_box import RoundBox, box_around, moves_of, side_of
from hpsearch.samplers.guided_earlier import EarlierRun, earlier_points
from hpsearch.samplers.guided_evidence import Evidence, Ledger
from hpsearch.samplers.guided_model import FEWEST_TO_RANK, MOST_FITTED, Model, Models
from hpsearch.samplers.guided_outputs import VIEWS, ViewName
from hpsearch.samplers.guided_scale import as_searched, box_between
from hpsearch.samplers.guided_wording import written_to
from hpsearch.samplers.sobol_directions import MAX_DIMENSIONS
from hpsearch.samplers.sobol_sequence import sobol_points
from hpsearch.samplers.untried import Untried, first_untried, if_untried
from hpsearch.scales import FloatArray
from hpsearch.space import Box, Space
from hpsearch.trial import INCUMBENT, Decision

IN_BOX, ANYWHERE, DESIGN = "box", "global", "design"
FEWEST_DESIGN, DESIGN_SHARE = 4, 0.6
"""Design points: so many at least, and so many for each dimension."""
FEWEST_TO_RANK_TOLD = 8
"""Trials of which a model knows more than the values say, where noise is told."""
STARTS_NEAR = 8
CLIMBS, CLIMB_STEPS = 6, 12


@dataclass(frozen=True)
class Incumbent:
    """The trial that is expected to be the best, where the metric is noisy.

    Attributes:
        expected: its value by the model's mean, in the metric's unit.
        noise: standard deviation of a value that is measured again, in the metric's unit; None
            where it cannot be told from the function yet.
    """

    trial: int
    expected: float
    noise: float | None

    def decision(self, ended: int) -> Decision:
        """What a run's screens say of it.

        Args:
            ended: how many trials had ended by then.
        """
        details = {"expected": self.expected, "of": ended}
        how_noisy = ", how much is not known yet; "
        if self.noise is not None:
            details["noise"] = self.noise
            by = written_to(self.noise, 0.0, digits=2)
            how_noisy = f": a trial that is run again would differ by about {by}; "
        reason = (
            f"values are noisy{how_noisy}this is the trial with the best expected value, "
            f"{written_to(self.expected, self.noise or 0.0)}"
        )
        return Decision(self.trial, None, INCUMBENT, reason, details)


class GuidedSampler:
    """Proposes where the model expects an improvement.

    It keeps nothing but what it can compute again: a fresh one that is given the history goes on
    exactly as this one does.

    Args:
        space: where it searches; wide linear ranges on half a log scale (`guided_scale`).
        loss: turns a metric's value into a number of which less is better: the value or minus it.
        lag: trial i is proposed from the outcomes of trials 0 to i - lag, at least 1; those of
            them that are not known when it is asked for are pending.
        earlier: trials of earlier runs of this space, or of a part of it.
        noisy: whether the same point may have another loss the next time; None: to be found out.
    """

    def __init__(
        self,
        space: Space,
        loss: Callable[[float], float],
        lag: int = 1,
        earlier: Sequence[EarlierRun] = (),
        noisy: bool | None = None,
    ) -> None:
        assert lag >= 1
        self._noisy = noisy
        self.lag = lag
        self._declared = space
        self._space = as_searched(space)
        self._sign = 1.0 if loss(1.0) > 0 else -1.0
        self._ledger = Ledger(self._space, loss, lag, IN_BOX)
        self._untried = Untried()
        self._earlier = earlier_points(self._space, earlier)
        self._models = Models(self._space, self._ledger, self._earlier, noisy)
        self._has_order = np.array([column.domain.is_ordered for column in space.columns])
        # What earlier runs know already, a design need not find out.
        self._design_size = len(self._earlier) or max(
            FEWEST_DESIGN, math.ceil(DESIGN_SHARE * space.dimensions)
        )

    @one_blas_thread()
    def propose(self, draw: Draw, history: History) -> Proposal | None:
        """The point of this draw; None if the whole space has been tried."""
        evidence = self._evidence(draw.number, history)
        rng = draw.rng()
        if not self._space.dimensions:
            return self._anything(rng, history)
        is_known, is_box_turn = len(evidence.seen) > 0, draw.number % 2 == 1
        can_guess = is_known or (self._earlier and is_box_turn)
        if draw.number < self._design_end(history) or not can_guess:
            return self._design_point(draw, rng, history)
        if is_known:
            model = self._models.at(draw.number, evidence)
        else:
            model, evidence = self._models.standing_in(draw.number, evidence.x_unit)
        box = self._box(model, evidence) if is_box_turn else Box.whole(self._space)
        for points in self._promising(model, evidence, box, rng):
            found = first_untried(points, self._space, history)
            if found is not None:
                position, params = found
                kind = IN_BOX if is_box_turn else ANYWHERE
                reason = (
                    self._reason(points[position], model, evidence)
                    if is_known
                    else "promising by an earlier run; no trial of this one had ended by then"
                )
                return Proposal(params, f"{kind}: {reason}")
        return self._anything(rng, history)

    @one_blas_thread()
    def open_round(self, first_trial: int, history: History, previous: Box) -> RoundBox | None:
        """The box that trial `first_trial` on is proposed in; None before any trial has ended.

        Args:
            previous: the box of the round before, to say what moved.
        """
        evidence = self._evidence(first_trial, history)
        is_known = len(evidence.seen) > 0
        if not (is_known or self._earlier) or not self._space.dimensions:
            return None
        if is_known:
            model = self._models.at(first_trial, evidence)
            around = f"trial {model.incumbent}"
            how_good = _how_good(model.incumbent, evidence)
        else:
            model, evidence = self._models.standing_in(first_trial, evidence.x_unit)
            around = self._earlier[0].best
            how_good = ", the best there, as no trial of this run had ended by then"
        box = self._box(model, evidence)
        # Points of a design or of a person may go on for a while.
        goes_on = self._design_end(history) > first_trial or history.trials[-1].origin == GIVEN
        which = "every second trial" + (" that the model proposes" if goes_on else "")
        summary = f"around {around}{how_good}; {which} lies in it, and it follows the best"
        centre = evidence.x_unit[model.incumbent]
        shown = box_between(box, self._space, self._declared)
        moves = moves_of(self._space, previous, shown, model.lengths, around, centre)
        return RoundBox(shown, summary, tuple(moves))

    @one_blas_thread()
    def incumbent(self, history: History) -> Incumbent | None:
        """The trial to name as the best where values are noisy: a lucky one is not the best.

        None where no noise is seen or told, and the best value is the best trial's. Each view
        ranks the trials by the model's mean, and the mean rank decides: on noisy lcbench tasks the
        trial so named was better than the one with the best value (0.53 against 0.42 at 64 trials)
        and than that of three of the four views alone (benchmarks/README.md).
        """
        number = len(history.trials)
        self._evidence(number, history)
        evidence = self._ledger.whole()
        done = np.flatnonzero(np.isfinite(evidence.losses))
        fewest = FEWEST_TO_RANK_TOLD if self._noisy else FEWEST_TO_RANK
        if self._noisy is False or len(done) < fewest or not self._space.dimensions:
            return None
        models = self._models.aside()
        plain = _of_values(models, "plain", number, evidence)
        if not (self._noisy or plain.is_noisy):
            return None
        # In the halved view no loss is so huge that the best ones are level beside it.
        unit_view: ViewName = "halved" if self._noisy else "plain"
        ranks = np.zeros(len(done))
        for name in VIEWS:
            if len(done) > MOST_FITTED:
                model = models.unpicked(name, evidence)
            elif name == "plain":
                model = plain
            else:
                model = _of_values(models, name, number, evidence)
            means, _ = model.posterior.predict(model.features.of(evidence.x_unit[done]))
            ranks += np.argsort(np.argsort(means, kind="stable"), kind="stable")
            if name == unit_view:
                expected = model.view.losses_at(means)
                noise = model.noise_in_losses()
        best = int(np.argmin(ranks))
        if not math.isfinite(expected[best]):
            return None  # all are equal
        if not (self._noisy or expected[best] >= evidence.losses[done].min()):
            # Less than any value that was seen: what looks like noise is a rough function.
            return None
        return Incumbent(int(done[best]), float(self._sign * expected[best]), noise)

    def _evidence(self, number: int, history: History) -> Evidence:
        if not self._ledger.follows(history):
            self._models = Models(self._space, self._ledger, self._earlier, self._noisy)
        return self._ledger.before(number)

    def _box(self, model: Model, evidence: Evidence) -> Box:
        centre = evidence.x_unit[model.incumbent]
        return box_around(self._space, centre, model.lengths, side_of(evidence))

    def _design_end(self, history: History) -> int:
        """The first trial after the design; given points take the place of what a design finds
        out, but not of the best of an earlier run."""
        if not self._earlier:
            return self._design_size
        given = takewhile(lambda trial: trial.origin == GIVEN, history.trials)
        return self._design_size + sum(1 for _ in given)

    def _design_point(
        self, draw: Draw, rng: np.random.Generator, history: History
    ) -> Proposal | None:
        """The centre of the ranges, then a Sobol sequence, which goes on while all is pending.

        With earlier runs it begins with the best of each; while all is pending every second trial
        then lies in the box of the first one, and the others are spread over the space: what was
        good there need not be good here.
        """
        d, from_the_end = self._space.dimensions, draw.number - self._design_end(history)
        if self._earlier and from_the_end < 0:
            points = self._earlier[from_the_end]
            x_unit, what = points.x_unit[points.best_at], f"the best so far, {points.best}"
            x_unit = self._space.snap(np.nan_to_num(x_unit, nan=0.5)[None, :])[0]
        elif draw.number == 0:
            x_unit, what = np.full(d, 0.5), "the centre of the ranges"
        elif d <= MAX_DIMENSIONS:
            # Other points than an earlier run of the same seed has tried.
            told = "".join(points.best for points in self._earlier).encode()
            shared = np.random.SeedSequence(draw.seed, spawn_key=(0, *told))
            x_unit, what = sobol_points(draw.number, 1, d, shared)[0], "spread over the space"
        else:
            x_unit, what = rng.random(d), "random"
        params = if_untried(x_unit, self._space, history)
        return (
            self._anything(rng, history)
            if params is None
            else Proposal(params, f"{DESIGN}: {what}")
        )

    def _anything(self, rng: np.random.Generator, history: History) -> Proposal | None:
        params = self._untried.draw(rng, Box.whole(self._space), history)
        return None if params is None else Proposal(params, f"{DESIGN}: random")

    def _promising(
        self, model: Model, evidence: Evidence, box: Box, rng: np.random.Generator
    ) -> Iterator[FloatArray]:
        """Points of the box, from the most promising on, in arrays (n, d): few, then the rest."""
        acquisition = Acquisition(model.posterior, model.features, model.target, model.noise)
        near = evidence.x_unit[evidence.ranked()[:STARTS_NEAR]]
        drawn = candidates(self._space, box, near, rng)
        values = acquisition(drawn)
        best_first = np.argsort(-values, kind="stable")
        starts = drawn[best_first[:CLIMBS]]
        low, high = box.corners(self._space)
        climbed = climb(acquisition, starts, low, high, model.lengths, CLIMB_STEPS)
        climbed = self._space.snap(drawn_where_inactive(climbed, rng))
        finalists = np.vstack([climbed, starts])
        yield finalists[np.argsort(-acquisition(finalists), kind="stable")]
        yield drawn[best_first[CLIMBS:]]

    def _reason(self, x_unit: FloatArray, model: Model, evidence: Evidence) -> str:
        """What was expected, how surely, and how far from the trials before: from the nearest one
        in the parameter in which it is farthest, and two words are as far as can be."""
        mean, variance = model.posterior.predict(model.features.of(x_unit[None, :]))
        deviation = math.sqrt(float(variance[0]))
        outputs = float(mean[0]) + np.array([0.0, -deviation, deviation])
        expected = self._expected(model.view.losses_at(outputs).tolist(), model, evidence.budget)
        apart = np.abs(_with_inactive_apart(evidence.x_unit) - _with_inactive_apart(x_unit))
        apart = np.minimum(np.where(self._has_order, apart, np.ceil(apart)), 1.0)
        sums, apart = apart.sum(axis=1), apart.max(axis=1)
        nearest = int(np.lexsort((sums, apart))[0])
        how_far = f"{apart[nearest]:.2g} of the" if apart[nearest] < 1.0 else "a whole"
        return f"{expected}nearest is trial {nearest}, {how_far} range away"

    def _expected(self, losses: Sequence[float], model: Model, budget: int | None) -> str:
        """What losses are expected, at which budget: the middle and both ends of a range."""
        if not all(map(math.isfinite, losses)):
            return ""
        width = 0.5 * max(losses) - 0.5 * min(losses)
        middle, better, worse = (written_to(self._sign * loss, width) for loss in losses)
        low, high = (better, worse) if self._sign > 0 else (worse, better)
        # A view knows nothing beyond the worst loss that was seen.
        is_worst = losses[0] >= model.view.sorted_losses[-1]
        ends = "or worse" if is_worst else f"({low} to {high})"
        at = "" if budget is None else f" at a budget of {budget}"
        on_average = " on average" if model.believes_noise else ""
        return f"expects {middle} {ends}{on_average}{at}, "


def _how_good(trial: int, evidence: Evidence) -> str:
    """How the trial that a box lies around stands among those that are known."""
    known = len(evidence.seen)
    if not np.isfinite(evidence.losses).any():
        return f", though {'it' if known == 1 else f'all the {known} known by then'} failed"
    is_lowest = evidence.losses[trial] <= np.nanmin(evidence.losses)
    inside = int(evidence.in_box[evidence.seen].sum())
    best = "the only one" if known == 1 else f"the best of the {known}"
    return (
        f", {'' if is_lowest else 'expected to be '}{best} known by then, of which "
        f"{inside or 'none'} {'was' if inside < 2 else 'were'} proposed in the box"
    )


def _with_inactive_apart(x_unit: FloatArray) -> FloatArray:
    """Points (..., d) whose inactive columns lie at 2: at least 1 from anywhere active."""
    return np.where(np.isnan(x_unit), 2.0, x_unit)


def _of_values(models: Models, name: ViewName, number: int, evidence: Evidence) -> Model:
    """The model of the values alone: beside a place where trials fail, what a failure counts for
    would look like noise."""
    if np.isposinf(evidence.losses).any():
        return models.alone(name, evidence.with_values())
    return models.in_view(name, number, evidence)
