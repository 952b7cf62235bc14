"""Acquisition: how much a point is expected to improve, and where that is largest.

Log augmented expected improvement and its gradients; candidates and the climb from the best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hpsearch.samplers.gaussian_process import Posterior
from hpsearch.samplers.guided_features import Features
from hpsearch.scales import FloatArray
from hpsearch.space import Box, Space

UNIFORM, LOCAL = 500, 500
JUMP = 0.15
"""How often a step changes a category."""
FIRST_STEP = 0.2
LOG_SQRT_2_PI = 0.5 * math.log(2.0 * math.pi)
FAR = 25.0
"""Beyond this many standard deviations the tail's asymptotic series is exact to 1e-7."""


def mills(t: FloatArray) -> FloatArray:
    """Mills' ratio (1 - Phi(t)) / phi(t) for t >= 0, any shape, relative error below 2e-7.

    By the Chebyshev fit of erfc in Press et al. 2007 (Numerical Recipes, section 6.2.2).
    """
    x = t * math.sqrt(0.5)
    s = 1.0 / (1.0 + 0.5 * x)
    series = np.full_like(s, 0.17087277)
    for c in (-0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418,
              0.37409196, 1.00002368, -1.26551223):  # fmt: skip
        series = series * s + c
    ratio: FloatArray = math.sqrt(math.pi / 2.0) * s * np.exp(series)
    return ratio


def log_improvement(u: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """log h(u), Phi(u) / h(u) and phi(u) / h(u) with h(u) = phi(u) + u Phi(u), each (m,).

    h is the expected improvement of a standard normal variable on u (Jones et al. 1998, eq. 15).
    The log is taken before anything underflows (Ament et al. 2023, eq. 9).
    """
    t = np.abs(u)
    ratio = mills(np.minimum(t, FAR))
    log_density = -0.5 * u * u - LOG_SQRT_2_PI
    # Left of 0: h = phi (1 - t M(t)), which tends to phi / t^2 (1 - 3 / t^2).
    left = np.where(t < FAR, 1.0 - t * ratio, 0.0)
    far = np.maximum(t, FAR) ** -2
    left = np.where((t < FAR) & (left > 0), left, far * (1.0 - 3.0 * far))
    log_left = log_density + np.log(left)
    # Right of 0: h = phi + u (1 - phi M(u)).
    density = np.exp(log_density)
    upper = 1.0 - density * ratio
    right = density + t * upper
    is_left = u < 0
    log_h = np.where(is_left, log_left, np.log(right))
    tail = np.where(t < FAR, ratio, 1.0 / np.maximum(t, FAR))
    by_mean = np.where(is_left, tail / left, upper / right)
    by_deviation = np.where(is_left, 1.0 / left, density / right)
    return log_h, by_mean, by_deviation


@dataclass(frozen=True)
class Acquisition:
    """Log augmented expected improvement on a target, under the posterior.

    The improvement times 1 - noise / sqrt(deviation^2 + noise^2) (Huang, Allen, Notz, Zeng 2006,
    eq. 10): the share of the next value that is news. Without it a search of a rough or noisy
    function stays in its best places, where only the noise is unknown (benchmarks/README.md).

    Attributes:
        target: an output; less is better.
        noise: standard deviation of an output around the function, as far as it is believed.
    """

    posterior: Posterior
    features: Features
    target: float
    noise: float

    def __call__(self, x_unit: FloatArray) -> FloatArray:
        """At m points (m, d), shape (m,)."""
        mean, variance = self.posterior.predict(self.features.of(x_unit))
        deviation = np.sqrt(variance)
        log_h, _, _ = log_improvement((self.target - mean) / deviation)
        news, _ = self._log_news(deviation)
        result: FloatArray = log_h + np.log(deviation) + news
        return result

    def with_gradient(self, x_unit: FloatArray) -> tuple[FloatArray, FloatArray]:
        """At m points (m, d): values (m,), gradients by the ordered columns (m, d)."""
        mean, variance, d_mean, d_variance = self.posterior.gradients(self.features.of(x_unit))
        deviation = np.sqrt(variance)
        log_h, by_mean, by_deviation = log_improvement((self.target - mean) / deviation)
        news, news_by_deviation = self._log_news(deviation)
        # d EI / d mean = -Phi, d EI / d deviation = phi
        by_variance = (by_deviation / deviation + news_by_deviation) / (2.0 * deviation)
        slope = by_variance[:, None] * d_variance - (by_mean / deviation)[:, None] * d_mean
        return log_h + np.log(deviation) + news, self.features.pull_back(x_unit, slope)

    def _log_news(self, deviation: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log of the share that is news, and its derivative by the deviation, each (m,)."""
        of_value = np.sqrt(deviation**2 + self.noise**2)
        share = deviation**2 / (of_value * (of_value + self.noise))
        return np.log(share), self.noise * deviation / (of_value**3 * share)


def climb(
    acquisition: Acquisition,
    starts: FloatArray,
    low: FloatArray,
    high: FloatArray,
    lengths: FloatArray,
    steps: int,
) -> FloatArray:
    """Where gradient steps lead from m starts (m, d) within low and high, both (d,).

    Each point has a step size of its own, which grows after a success and shrinks after a failure;
    directions are scaled with the length scales (d,).
    """
    points: FloatArray = starts.copy()
    values, gradients = acquisition.with_gradient(points)
    size = np.full(len(points), FIRST_STEP)
    for _ in range(steps):
        direction = gradients * lengths**2
        norm = np.sqrt(np.sum((direction / lengths) ** 2, axis=1, keepdims=True)) + 1e-12
        moved = np.clip(points + size[:, None] * direction / norm, low, high)
        new_values, new_gradients = acquisition.with_gradient(moved)
        better = new_values > values
        points[better], values[better] = moved[better], new_values[better]
        gradients[better] = new_gradients[better]
        size *= np.where(better, 1.5, 0.35)
    return points


def candidates(space: Space, box: Box, best: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Points of the box, (m, d), snapped: half of them uniform, half of them steps from the best.

    A step is normal, its width anything from 0.1% to 30% of the range, and moves a random part of
    the columns: most improvements change few parameters.

    Args:
        best: points that are good, (k, d), best first.
    """
    d = space.dimensions
    uniform = box.place(rng.random((UNIFORM, d)), space)
    local = drawn_where_inactive(best[rng.integers(len(best), size=LOCAL)], rng)
    width = 0.3 * 10.0 ** (-2.5 * rng.random((LOCAL, 1)))
    share = np.maximum(rng.random((LOCAL, 1)), 1.0 / d)
    local += width * rng.normal(size=(LOCAL, d)) * (rng.random((LOCAL, d)) < share)
    for i in space.lattice_columns:
        if not space.columns[i].domain.is_ordered:
            jumps = rng.random(LOCAL) < JUMP
            local[jumps, i] = rng.random(int(jumps.sum()))
    np.clip(local, *box.corners(space), out=local)
    return space.snap(np.clip(np.vstack([uniform, local]), 0.0, 1.0))


def drawn_where_inactive(x_unit: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The points (m, d) with something drawn for each NaN, which a step may have made active."""
    drawn: FloatArray = x_unit.copy()
    inactive = np.isnan(drawn)
    drawn[inactive] = rng.random(int(inactive.sum()))
    return drawn
