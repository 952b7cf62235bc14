"""A Gaussian process in plain NumPy: fit, predict, condition on one more point.

It knows feature vectors and standardised outputs only; what they stand for is `guided_features`
and `guided_outputs`. Rasmussen and Williams 2006 is "RW" below. All costs are matrix products:
no array of shape (n, n, features) is ever made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hpsearch.scales import FloatArray

IntArray = npt.NDArray[np.intp]
SQRT_5 = math.sqrt(5.0)
JITTER = 1e-8
MEAN_VARIANCE = 1.0
"""Prior variance of the unknown constant mean, in units of the signal's: RW section 2.7."""
SIGNAL_SHAPE, SIGNAL_SCALE = 1.5, 1.5
"""Inverse-gamma prior of the signal's variance; its mode is near the outputs' variance, 1."""
NOISE_MEDIAN, NOISE_SPREAD = -7.0, 1.5
"""Log-normal prior of the noise's share of the signal's variance: where nobody says that there is
any."""
LENGTH_SPREAD = 1.0
LOWEST, HIGHEST = -5.0, 5.0
"""Log length scales stay in here: beyond, the kernel is a spike or flat on the unit cube."""


def length_median(dimensions: int) -> float:
    """Log of the length scales' prior median, d^(1/4).

    Distances in the unit cube grow with sqrt(d); length scales that grow with d keep far points
    correlated (Hvarfner, Hellsten, Nardi 2024).
    """
    return 0.25 * math.log(max(dimensions, 1))


@dataclass(frozen=True)
class Kernel:
    """Matern 5/2 with a length scale for each group of features, and the noise (RW eq. 4.17).

    Attributes:
        groups: for each feature the position of its length scale, (f,).
        log_lengths: log of the length scales, (g,).
        log_noise: log of the noise's share of the signal's variance.
        noise_median: of its prior.
    """

    groups: IntArray
    log_lengths: FloatArray
    log_noise: float
    noise_median: float = NOISE_MEDIAN

    @property
    def scales(self) -> FloatArray:
        """What features are multiplied with before distances are taken, (f,)."""
        scales: FloatArray = np.exp(-self.log_lengths)[self.groups]
        return scales

    def theta(self) -> FloatArray:
        """Everything that is fitted, (g + 1,)."""
        return np.append(self.log_lengths, self.log_noise)

    def at(self, theta: FloatArray) -> Kernel:
        """The kernel with these values."""
        return replace(self, log_lengths=theta[:-1], log_noise=float(theta[-1]))


def prior_kernel(
    groups: IntArray, shorter: float = 1.0, noise_median: float = NOISE_MEDIAN
) -> Kernel:
    """The kernel at its priors' medians; its length scales times `shorter`."""
    count = int(groups.max()) + 1 if len(groups) else 0
    log_length = length_median(count) + math.log(shorter)
    return Kernel(groups, np.full(count, log_length), noise_median, noise_median)


def squared_distances(a: FloatArray, b: FloatArray) -> FloatArray:
    """|a_i - b_j|^2 of scaled features (n, f) and (m, f), shape (n, m)."""
    squares: FloatArray = a @ (-2.0 * b.T)
    squares += (a * a).sum(axis=1)[:, None]
    squares += (b * b).sum(axis=1)
    return np.maximum(squares, 0.0, out=squares)


def matern(squares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Correlation and its derivative by the squared distance (RW eq. 4.17), same shape.

    The correlation takes the place of the squared distances.
    """
    r = np.sqrt(squares)
    r *= SQRT_5
    decay = np.negative(r)
    np.exp(decay, out=decay)
    r += 1.0
    r *= decay
    squares *= 5.0 / 3.0
    squares *= decay
    squares += r
    r *= -5.0 / 6.0
    return squares, r


def _inverse(matrix: FloatArray) -> tuple[FloatArray, float]:
    """Inverse of the lower Cholesky factor, and log det(matrix); more jitter where it is needed."""
    jitter, jittered = 0.0, matrix
    while True:
        try:
            lower = np.linalg.cholesky(jittered)
        except np.linalg.LinAlgError:
            jitter = max(10.0 * jitter, JITTER)
            jittered = matrix + jitter * np.eye(len(matrix))
            continue
        return np.linalg.inv(lower), 2.0 * float(np.log(np.diag(lower)).sum())


@dataclass(frozen=True)
class Posterior:
    """The process given n points: RW eqs. 2.25 and 2.26 with the mean's uncertainty in the kernel.

    Attributes:
        kernel: how alike two points are.
        z: scaled features of the points, (n, f).
        lower_inverse: inverse of the lower Cholesky factor of their covariance, (n, n).
        weights: covariance^-1 outputs, (n,).
        signal: the signal's variance.
    """

    kernel: Kernel
    z: FloatArray
    lower_inverse: FloatArray
    weights: FloatArray
    signal: float

    def predict(self, features: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and variance (without noise) at m points of features (m, f), each (m,)."""
        correlation, _ = matern(squared_distances(features * self.kernel.scales, self.z))
        correlation += MEAN_VARIANCE
        mean = correlation[:, : len(self.weights)] @ self.weights
        reduced = correlation @ self.lower_inverse.T
        variance = 1.0 + MEAN_VARIANCE - np.einsum("ij,ij->i", reduced, reduced)
        return mean, self.signal * np.maximum(variance, 1e-12)

    def gradients(
        self, features: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Mean and variance (m,), and their gradients by the features, (m, f)."""
        scales = self.kernel.scales
        scaled = features * scales
        correlation, slope = matern(squared_distances(scaled, self.z))
        correlation += MEAN_VARIANCE
        known = len(self.weights)
        mean = correlation[:, :known] @ self.weights
        reduced = correlation @ self.lower_inverse.T
        variance = 1.0 + MEAN_VARIANCE - np.einsum("ij,ij->i", reduced, reduced)
        pull = slope[:, :known] * self.weights
        d_mean = 2.0 * scales * (scaled * pull.sum(axis=1)[:, None] - pull @ self.z[:known])
        pull = slope * (reduced @ self.lower_inverse)
        d_variance = -4.0 * scales * (scaled * pull.sum(axis=1)[:, None] - pull @ self.z)
        return mean, self.signal * np.maximum(variance, 1e-12), d_mean, self.signal * d_variance

    def with_pending(self, features: FloatArray) -> Posterior:
        """The process given k more points (k, f) whose outputs are believed to be their means.

        Such beliefs move no mean (Ginsbourger, Le Riche, Carraro 2010, "kriging believer"); they
        lower the variance around the points. k rows of the Cholesky factor: O(n^2 k).
        """
        if not len(features):
            return self
        k, n = len(features), len(self.z)
        z = features * self.kernel.scales
        covariance = _covariance(self.kernel, z)
        correlation, _ = matern(squared_distances(z, self.z))
        correlation += MEAN_VARIANCE
        rows = correlation @ self.lower_inverse.T
        inverse, _ = _inverse(covariance - rows @ rows.T)
        extended = np.zeros((n + k, n + k))
        extended[:n, :n] = self.lower_inverse
        extended[n:, :n] = -inverse @ rows @ self.lower_inverse
        extended[n:, n:] = inverse
        return replace(self, z=np.vstack([self.z, z]), lower_inverse=extended)


def _covariance(kernel: Kernel, z: FloatArray) -> FloatArray:
    """Covariance of noisy outputs at n points of scaled features, in units of the signal's."""
    covariance, _ = matern(squared_distances(z, z))
    covariance += MEAN_VARIANCE
    covariance.flat[:: len(z) + 1] = 1.0 + MEAN_VARIANCE + math.exp(kernel.log_noise) + JITTER
    return covariance


def condition(kernel: Kernel, features: FloatArray, outputs: FloatArray) -> Posterior:
    """The process given n points of features (n, f) with outputs (n,)."""
    z = features * kernel.scales
    covariance = _covariance(kernel, z)
    lower_inverse, _ = _inverse(covariance)
    weights = lower_inverse.T @ (lower_inverse @ outputs)
    return Posterior(kernel, z, lower_inverse, weights, _signal(outputs @ weights, len(outputs)))


def _signal(quadratic: float, n: int) -> float:
    """The most probable variance of the signal: the mode of its inverse-gamma posterior."""
    return (float(quadratic) + 2.0 * SIGNAL_SCALE) / (n + 2.0 * SIGNAL_SHAPE + 2.0)


def negative_log_posterior(
    kernel: Kernel, features: FloatArray, outputs: FloatArray
) -> tuple[float, FloatArray]:
    """How improbable the kernel is given the outputs, and the gradient by `Kernel.theta`.

    RW eqs. 5.8 and 5.9, with the signal's variance integrated out (a Student-t in the outputs),
    plus log-normal priors.
    """
    scales, noise = kernel.scales, math.exp(kernel.log_noise)
    z = features * scales
    n = len(outputs)
    covariance, slope = matern(squared_distances(z, z))
    covariance += MEAN_VARIANCE
    covariance.flat[:: n + 1] = 1.0 + MEAN_VARIANCE + noise + JITTER
    lower_inverse, log_det = _inverse(covariance)
    inverse = lower_inverse.T @ lower_inverse
    weights = inverse @ outputs
    freedom = n + 2.0 * SIGNAL_SHAPE
    spread = float(outputs @ weights) + 2.0 * SIGNAL_SCALE
    value = 0.5 * freedom * math.log(spread) + 0.5 * log_det
    # d value / d covariance
    inverse -= np.outer((freedom / spread) * weights, weights)
    inverse *= 0.5
    by_noise = float(np.trace(inverse)) * noise
    inverse *= slope
    by_feature = 2.0 * (inverse.sum(axis=1) @ (z * z) - np.einsum("if,if->f", z, inverse @ z))
    by_length = -2.0 * np.bincount(kernel.groups, by_feature, minlength=len(kernel.log_lengths))
    off_length = kernel.log_lengths - length_median(len(kernel.log_lengths))
    off_noise = (kernel.log_noise - kernel.noise_median) / NOISE_SPREAD**2
    value += 0.5 * float(off_length @ off_length) / LENGTH_SPREAD**2
    value += 0.5 * off_noise * (kernel.log_noise - kernel.noise_median)
    gradient = np.append(by_length + off_length / LENGTH_SPREAD**2, by_noise + off_noise)
    return value, gradient


def fit(
    starts: Sequence[Kernel],
    features: FloatArray,
    outputs: FloatArray,
    steps: int,
    least_gain: float,
) -> Kernel:
    """The most probable kernel that `steps` steps from each of the starts find.

    A walk also ends with the step that makes the kernel less than e^least_gain times as probable.

    The same outputs can be a smooth function with noise, or a rough one without: each is a
    maximum of its own (RW section 5.4.1 and figure 5.5), and steps do not lead from one to the
    other.
    """

    def objective(theta: FloatArray) -> tuple[float, FloatArray]:
        return negative_log_posterior(starts[0].at(theta), features, outputs)

    lowest = np.append(np.full(len(starts[0].log_lengths), LOWEST), -16.0)
    highest = np.append(np.full(len(starts[0].log_lengths), HIGHEST), 1.0)
    found = [
        _bfgs(objective, start.theta(), lowest, highest, steps, least_gain) for start in starts
    ]
    theta, _ = min(found, key=lambda end: end[1])
    return starts[0].at(theta)


def _bfgs(
    objective: Callable[[FloatArray], tuple[float, FloatArray]],
    theta: FloatArray,
    lowest: FloatArray,
    highest: FloatArray,
    steps: int,
    least_gain: float,
) -> tuple[FloatArray, float]:
    """Where BFGS ends (Nocedal and Wright 2006, eq. 6.17, step halving, clipped to a box), and
    the value there."""
    value, gradient = objective(theta)
    inverse_hessian = np.eye(len(theta)) * min(1.0, 1.0 / max(float(np.abs(gradient).max()), 1e-9))
    for _ in range(steps):
        direction = -inverse_hessian @ gradient
        slope = float(direction @ gradient)
        if slope > -1e-6:
            break
        longest = float(np.abs(direction).max())
        step = min(1.0, 2.0 / longest)
        for _ in range(8):
            moved = np.clip(theta + step * direction, lowest, highest)
            new_value, new_gradient = objective(moved)
            if new_value <= value + 1e-4 * step * slope:
                break
            step *= 0.4
        else:
            break
        s, y = moved - theta, new_gradient - gradient
        improvement = value - new_value
        theta, value, gradient = moved, new_value, new_gradient
        curvature = float(s @ y)
        if curvature > 1e-10:
            hy = inverse_hessian @ y
            inverse_hessian += np.outer(s, s) * ((curvature + float(y @ hy)) / curvature**2)
            inverse_hessian -= (np.outer(hy, s) + np.outer(s, hy)) / curvature
        if improvement < least_gain:
            break
    return theta, value
