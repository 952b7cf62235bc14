"""The model of one trial: a view of the losses, the kernel fitted to it, and the posterior.

Kernels are fitted at certain trial numbers only, each from the kernel of an earlier
anchor, so that a resumed run finds the same ones from the outcomes alone, in a few fits.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hpsearch.samplers.gaussian_process import (
    NOISE_MEDIAN,
    Kernel,
    Posterior,
    condition,
    fit,
    prior_kernel,
)
from hpsearch.samplers.guided_evidence import MOST_POINTS, Evidence, Ledger
from hpsearch.samplers.guided_features import Features
from hpsearch.samplers.guided_outputs import VIEWS, View, ViewName, aligned, view_of
from hpsearch.samplers.guided_points import EarlierPoints, IntArray
from hpsearch.samplers.median import median
from hpsearch.scales import FloatArray
from hpsearch.space import Space

MOST_FITTED = 128
"""Length scales of so many points are as good as those of more, and a fit takes 50 ms."""
MOST_UNPICKED = 500
"""Noisy outcomes that are averaged where the best trial is named: once, so it may take 0.1 s."""
FEWEST_FITTED = 64
"""So many at least are this run's own, however many there are of earlier runs and other rungs."""
LEAST_SPREAD = 0.5
"""Standard deviation of this run's outputs at least, where earlier runs are known: an earlier run
that has nothing to say shall not flatten them."""
FIT_STEPS = 25
LEAST_GAIN, MANY_DIMENSIONS, LEAST_GAIN_IN_MANY = 1e-4, 20, 0.03
"""A fit ends where a step gains less log probability. In more than 20 dimensions it ends earlier:
with 30 and 60 that is a quarter of the evaluations less and 0.02 to 0.2 short of where they end."""
FIRST_ANCHOR, ANCHOR_GROWTH = 16, 4
"""Fits start from the kernel of trial 16, 64, 256, ...: the last of these before them."""
SHORTER, FEW_DIMENSIONS, FEW_POINTS = 0.2, 4, 64
"""In a space of few dimensions fits to few points, and those from the prior, have a second start,
whose length scales are so many times the prior's median: a rough function is not taken for a smooth
one with noise (functions of 1 to 4 dimensions after 32 / 64 trials: 0.76 / 0.82; 0.91 / 0.95
with it). In more dimensions points so far apart say nothing of each other: the digits network was
tuned worse with it, 2.40% against 2.07%."""
TOLD_NOISE_MEDIAN = -5.0
"""Prior median of the log of the noise's share, 0.7%, where a person says that values are noisy:
with the other one, e^-7, the search takes lucky trials for good ones (lcbench with heavy noise, 32
trials: 0.45 instead of 0.34), with e^-3 functions with little noise are searched badly
(hartmann-6: -0.03 instead of 0.56; 0.52 with this one: benchmarks/README.md)."""
HARDLY_ANY_NOISE = -9.0
"""Where the second start begins then: it is the explanation that needs no noise. From e^-5 its
walks end where the first one's do, and a function of one dimension with many valleys was searched
badly (-0.44 instead of 0.45 after 32 trials with little noise)."""
NOISY = 0.01
"""Above this share of the signal's variance noise is believed; below it a rough function is."""
FEWEST_TO_RANK = 16
"""Values without which noise and a rough function cannot be told apart."""
CLEARLY_NOISY = 0.02
"""Above this share of the signal's variance in the plain view a value is called noisy: seven kinds
of real trainings, each deterministic, stay below 0.01."""
LEAST_FREEDOM = 3.0
"""Where the model leaves less to the noise, the noise that it sees is a twentieth to a fifth of the
true one (quadratics of 2 and 7 dimensions and 16 words, told noise, 8 to 64 trials, 92 runs)."""
OUTLYING = 6.0
"""What a value differs by from the mean counts for no more than so many times the median
difference, four standard deviations of a normal one: a training that blew up is no noise."""
LEAST_EXPLAINED = 0.3
"""A model that takes all for noise knows no better trial than the one with the best value: 0.44 and
more on quadratics with noise, 0.18 and less on functions that are steep somewhere (24 runs)."""
FEWEST_BEST, LEAST_AMONG_BEST = 8, 0.6
"""The noise among the best half and the best quarter, 8 trials at least, as a share of that among
all. It was 0.81 to 1.25 and 0.59 to 1.57 on quadratics with noise, and 0.27 to 0.75 and 0.15 to
0.56 in most of the smooth functions with a steep place that looked noisy (40 runs)."""
MARGIN = 0.2
"""An improvement counts from so many standard deviations of the outputs on. Without it the search
polishes the first valley it finds, and a batch crowds in it: with 0 / 0.1 / 0.2 the scores at 32
trials, q = 8, were 0.36 / 0.45 / 0.57, and 0.2 was still best at 256 (benchmarks/README.md)."""
POLISHING = 16
"""From trial 31 on every 16th, a turn of the close view in the box, counts any improvement: the
bottom of a quadratic of 2 dimensions is then found to 1e-4 in 60 trials, and to 5e-3 without
(benchmarks/README.md)."""


@dataclass(frozen=True)
class Model:
    """What is believed when a trial is proposed.

    Attributes:
        posterior: of the outputs, with the pending points believed.
        features: what it measures distances between.
        view: of the losses.
        target: the output that is to be improved on.
        noise: standard deviation of an output around the function; 0 below `NOISY`.
        incumbent: number of the trial that is the best so far: under noise, by its mean.
        believes_noise: whether trials are compared by their means.
        explained: standard deviation of their means, where that of the outputs is 1.
        columns: d.
    """

    posterior: Posterior
    features: Features
    view: View
    target: float
    noise: float
    incumbent: int
    believes_noise: bool
    explained: float
    columns: int

    @property
    def lengths(self) -> FloatArray:
        """Length scales of the columns, as shares of their range, (d,)."""
        own = self.posterior.kernel.log_lengths[: self.columns]
        lengths: FloatArray = np.clip(np.exp(own), 0.01, 3.0)
        return lengths

    @property
    def is_noisy(self) -> bool:
        """Whether it sees more noise than a rough function has; meant for the plain view.

        The other views look closely at the best trials, and there a cross-validated error of a
        forest or a network is as rough as if it were noisy, though the same values give it again.
        """
        noise = math.exp(self.posterior.kernel.log_noise)
        return self.believes_noise and noise > CLEARLY_NOISY and self.explained >= LEAST_EXPLAINED

    def noise_in_losses(self) -> float | None:
        """Standard deviation of a value measured again: what the means leave of the losses in the
        better half of this run's trials, by the degrees of freedom that they leave, the trace of
        the identity less the smoother (Hastie, Tibshirani, Friedman 2009, section 5.4.1). None
        where these are too few to tell noise from the function, and where it is no number.

        Meant for the plain view, which is linear in the losses, and for the halved one, which is so
        in the better half. The kernel's own noise is 0.5 to 0.7 of the true one in 10 to 40 trials.
        """
        known, noise = len(self.posterior.weights), math.exp(self.posterior.kernel.log_noise)
        own = slice(known - len(self.view.outputs), known)
        freedom = noise * float((self.posterior.lower_inverse[:known, own] ** 2).sum())
        outputs = self.view.outputs
        means = outputs - noise * self.posterior.weights[own]
        half = np.argsort(means, kind="stable")[: max(FEWEST_BEST // 2, len(means) // 2)]
        with np.errstate(over="ignore", invalid="ignore"):  # losses of 1e308 and -1e308
            left = np.abs(self.view.losses_at(outputs[half]) - self.view.losses_at(means[half]))
            left = np.minimum(left, OUTLYING * median(left))
        largest = float(left.max())
        if not (freedom >= LEAST_FREEDOM and 0.0 < largest < math.inf):
            return None
        return largest * math.sqrt(float(((left / largest) ** 2).mean()) * len(means) / freedom)


def _is_noise_everywhere(means: FloatArray, residuals: FloatArray) -> bool:
    """Whether what looks like noise is as large among the best trials as among all.

    A function that is steep or rough somewhere, such as a learning rate on a linear scale near 0,
    looks noisy there alone; and where it is not, the best trial is the one with the best value.

    Args:
        means: of the trials, (n,).
        residuals: outputs less means, in standard deviations of the noise, (n,).
    """
    squares = residuals[np.argsort(means, kind="stable")] ** 2
    shares = [max(FEWEST_BEST, len(squares) // part) for part in (2, 4)]
    return all(float(squares[:best].mean()) >= LEAST_AMONG_BEST**2 for best in shares)


def fitted_at(number: int) -> int:
    """The trial whose evidence the kernel of trial `number` was fitted to.

    Each of the four views has two trials in eight, so it is fitted for each trial at first, once
    in 16 trials from 64 on, in 32 from 128 on, ...
    """
    if number < 32:
        return number
    period = 2 if number < 64 else 2 ** (number.bit_length() - 3)
    return number - number % min(period, 128)


def anchor_of(number: int) -> int | None:
    """The trial from whose kernel the fit at `number` starts; None: from the prior.

    Anchors themselves start from the prior, so that a resumed run needs two fits and no more.
    """
    if number <= FIRST_ANCHOR:
        return None
    anchor = FIRST_ANCHOR
    while anchor * ANCHOR_GROWTH <= number:
        anchor *= ANCHOR_GROWTH
    return None if anchor == number else anchor


@dataclass(frozen=True)
class Lesson:
    """What a process is conditioned on: points of earlier runs and other rungs, then this run's.

    Attributes:
        features: of all the points, (n, f).
        outputs: of all the points, (n,).
        view: of this run's losses, the last ones.
    """

    features: FloatArray
    outputs: FloatArray
    view: View

    @property
    def own(self) -> FloatArray:
        """Features of this run's points."""
        return self.features[len(self.features) - len(self.view.outputs) :]


class Models:
    """Models of one space, with the kernels that were fitted so far.

    Args:
        ledger: what was seen before which trial.
        earlier: trials of earlier runs.
        noisy: whether the same point may have another loss the next time; None: to be found out.
    """

    def __init__(
        self,
        space: Space,
        ledger: Ledger,
        earlier: Sequence[EarlierPoints] = (),
        noisy: bool | None = None,
    ) -> None:
        self._noisy = noisy
        self._space = space
        self._ledger = ledger
        self._earlier = tuple(earlier)
        self._features: dict[int, Features] = {}
        self._kernels: dict[tuple[int, ViewName], Kernel] = {}
        self._noisy_values: dict[tuple[int, ViewName], bool] = {}
        self._standing_in: dict[ViewName, Kernel] = {}

    def aside(self) -> Models:
        """Models that know what these know, and tell them nothing: to look, not to propose."""
        models = Models(self._space, self._ledger, self._earlier, self._noisy)
        models._kernels = dict(self._kernels)
        return models

    def at(self, number: int, evidence: Evidence) -> Model:
        """The model that proposes trial `number`."""
        polishes = number > POLISHING and number % POLISHING == POLISHING - 1
        margin = 0.0 if polishes else MARGIN
        return self.in_view(VIEWS[number // 2 % len(VIEWS)], number, evidence, margin)

    def in_view(
        self, name: ViewName, number: int, evidence: Evidence, margin: float = MARGIN
    ) -> Model:
        """The model of one view of the losses."""
        fitted = self._fitted_for(number, evidence.budget)
        kernel = self._kernel(fitted, name)
        model = self._given(kernel, name, evidence, margin, self._noisy)
        found_out = self._noisy is None and model.believes_noise
        is_doubtful = found_out and np.isposinf(evidence.losses).any()
        if is_doubtful and not self._values_are_noisy(fitted, name):
            return self._given(kernel, name, evidence, margin, believes_noise=False)
        return model

    def _fitted_for(self, number: int, budget: int | None) -> int:
        """`fitted_at`, or the first trial after it for which trials are compared at the rung where
        they are for trial `number`: a kernel is fitted to losses of one rung."""
        fitted = fitted_at(number)
        if budget is None or self._ledger.budget_before(fitted) == budget:
            return fitted
        later = range(fitted, number)
        return fitted + bisect_left(later, budget, key=self._ledger.budget_before)

    def _values_are_noisy(self, number: int, name: ViewName) -> bool:
        """Whether the values of the trials before `number` look noisy alone: beside a place where
        trials fail, what a failure counts for would look like noise."""
        if (number, name) not in self._noisy_values:
            values = self._ledger.before(number).with_values()
            if len(values.losses) < FEWEST_TO_RANK:
                return False
            self._noisy_values[number, name] = self.alone(name, values).believes_noise
        return self._noisy_values[number, name]

    def _given(
        self,
        kernel: Kernel,
        name: ViewName,
        evidence: Evidence,
        margin: float = MARGIN,
        believes_noise: bool | None = None,
        most: int = MOST_POINTS,
    ) -> Model:
        """The model with a kernel; `believes_noise` None: where the outcomes look like it."""
        features = self._features_of(evidence)
        kernel = self._with_groups_of(features, kernel)
        known = evidence.telling(self._most_own(most, evidence))
        pending = evidence.pending[-MOST_POINTS:]
        lesson = self._lesson(kernel, name, evidence, known)
        posterior = condition(kernel, lesson.features, lesson.outputs)
        believed = features.of(evidence.x_unit[pending])
        means, _ = posterior.predict(lesson.own)
        beliefs, _ = posterior.predict(believed)
        posterior = posterior.with_pending(believed)
        noise = math.exp(kernel.log_noise)
        deviation = math.sqrt(posterior.signal * noise)
        residuals = (lesson.view.outputs - means) / deviation
        if believes_noise is None:
            believes_noise = noise > NOISY and _is_noise_everywhere(means, residuals)
        values = means if believes_noise else lesson.view.outputs
        # Outputs are rounded, losses are not.
        losses = evidence.losses[known]
        best = int(
            np.argmin(np.where(np.isfinite(losses), means, np.inf) if believes_noise else losses)
        )
        target = min(float(values[best]), float(beliefs.min(initial=np.inf)))
        target -= MARGIN if believes_noise else margin  # noise would be polished
        return Model(
            posterior,
            features,
            lesson.view,
            target,
            deviation if noise > NOISY or self._noisy else 0.0,
            int(known[best]),
            believes_noise,
            float(means.std()),
            self._space.dimensions,
        )

    def alone(self, name: ViewName, evidence: Evidence) -> Model:
        """The model of evidence that no trial was proposed from, with a kernel of its own."""
        kernel = self._fitted(None, name, evidence)
        return self._given(kernel, name, evidence, MARGIN, self._noisy)

    def standing_in(self, number: int, pending: FloatArray) -> tuple[Model, Evidence]:
        """The model that proposes trial `number` while none of its run has ended, and its evidence:
        the losses of the first earlier run stand in for the run's own. Numbers are positions.

        Args:
            pending: this run's points, (n, d).
        """
        first, *others = self._earlier
        losses = np.concatenate([first.losses, np.full(len(pending), np.nan)])
        no_box = np.zeros(len(losses), dtype=bool)
        evidence = Evidence(np.vstack([first.x_unit, pending]), losses, no_box)
        name = VIEWS[number // 2 % len(VIEWS)]
        models = Models(self._space, self._ledger, others, self._noisy)
        if name not in self._standing_in:
            self._standing_in[name] = models._fitted(None, name, evidence)
        kernel = self._standing_in[name]
        model = models._given(kernel, name, evidence, MARGIN, self._noisy)
        return replace(model, incumbent=first.best_at), evidence

    def unpicked(self, name: ViewName, evidence: Evidence) -> Model:
        """The model of many noisy outcomes, none of which was chosen for its value."""
        fitted = evidence.spread(self._most_own(MOST_FITTED, evidence))
        kernel = self._fitted(None, name, fitted)
        most = MOST_UNPICKED + self._points_beside(evidence)
        spread = evidence.spread(MOST_UNPICKED)
        return self._given(kernel, name, spread, MARGIN, self._noisy, most)

    def _beside(self, evidence: Evidence) -> tuple[EarlierPoints, ...]:
        """What is known of another level than this run's losses."""
        return self._earlier + evidence.other_rungs

    def _points_beside(self, evidence: Evidence) -> int:
        return sum(len(points.losses) for points in self._beside(evidence))

    def _most_own(self, most: int, evidence: Evidence) -> int:
        """How many of this run's losses belong to at most `most` points, if it can be."""
        return max(most - self._points_beside(evidence), FEWEST_FITTED)

    def _features_of(self, evidence: Evidence) -> Features:
        count = len(self._beside(evidence))
        if count not in self._features:
            self._features[count] = Features(self._space, count)
        return self._features[count]

    def _with_groups_of(self, features: Features, kernel: Kernel) -> Kernel:
        """The kernel for these features: rungs have come to be known since it was fitted."""
        if kernel.groups is features.groups:
            return kernel
        prior = self._prior_kernel(features)
        lengths = prior.log_lengths.copy()
        shared = min(len(lengths), len(kernel.log_lengths))
        lengths[:shared] = kernel.log_lengths[:shared]
        return replace(prior, log_lengths=lengths, log_noise=kernel.log_noise)

    def _lesson(
        self, kernel: Kernel, name: ViewName, evidence: Evidence, known: IntArray
    ) -> Lesson:
        x_unit, features = evidence.x_unit[known], self._features_of(evidence)
        view = view_of(evidence.losses[known], name)
        own, beside = features.of(x_unit), self._beside(evidence)
        if not beside:
            return Lesson(own, view.outputs, view)
        earlier = [features.of(points.x_unit, 1 + i) for i, points in enumerate(beside)]
        outputs = [view_of(points.losses, name).outputs for points in beside]
        process = condition(kernel, np.vstack(earlier), np.concatenate(outputs))
        # A few outcomes do not tell how good they are; earlier runs and other rungs do.
        expected = np.mean(
            [process.predict(features.of(x_unit, 1 + i))[0] for i in range(len(earlier))], axis=0
        )
        level, spread = float(expected.mean()), max(float(expected.std()), LEAST_SPREAD)
        view = aligned(view, level, spread)
        return Lesson(np.vstack([*earlier, own]), np.concatenate([*outputs, view.outputs]), view)

    def _kernel(self, number: int, name: ViewName) -> Kernel:
        if (number, name) not in self._kernels:
            anchor = anchor_of(number)
            start = None if anchor is None else self._kernel(anchor, name)
            evidence = self._ledger.before(number)
            kernel = self._fitted(start, name, evidence)
            if not len(evidence.seen):
                return kernel  # for now: its trials may end later
            self._kernels[number, name] = kernel
        return self._kernels[number, name]

    def _fitted(self, start: Kernel | None, name: ViewName, evidence: Evidence) -> Kernel:
        """The kernel that is fitted from the start; without one, from the prior."""
        features = self._features_of(evidence)
        prior = self._prior_kernel(features)
        starts = [prior if start is None else self._with_groups_of(features, start)]
        known = evidence.telling(self._most_own(MOST_FITTED, evidence))
        if not len(known):
            return starts[0]
        lesson = self._lesson(starts[0], name, evidence, known)
        is_small = self._space.dimensions <= FEW_DIMENSIONS
        if is_small and (start is None or len(lesson.outputs) <= FEW_POINTS):
            starts.append(self._rough_kernel(features))
        has_many = self._space.dimensions > MANY_DIMENSIONS
        least_gain = LEAST_GAIN_IN_MANY if has_many else LEAST_GAIN
        return fit(starts, lesson.features, lesson.outputs, FIT_STEPS, least_gain)

    def _prior_kernel(self, features: Features, shorter: float = 1.0) -> Kernel:
        noise_median = TOLD_NOISE_MEDIAN if self._noisy else NOISE_MEDIAN
        return prior_kernel(features.groups, shorter, noise_median)

    def _rough_kernel(self, features: Features) -> Kernel:
        kernel = self._prior_kernel(features, SHORTER)
        return replace(kernel, log_noise=HARDLY_ANY_NOISE) if self._noisy else kernel
