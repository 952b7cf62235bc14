"""What a day of training is expected to bring, from the curve so far, and how sure that is.

Pure arithmetic on losses; `panda_rules` decides by it what is kept and what is taken back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hpsearch.scales import FloatArray

LossPoint = tuple[float, float]
"""Step and loss (less is better)."""
Verdict = Literal["better", "as expected", "worse"]

LONGEST_FIT = 5
NOISE_WINDOW = 10
FEWEST_FOR_NOISE = 4
MARGIN_DEVIATIONS = 1.5
SMALLEST_MARGIN = 0.005
"""In units of log loss: half a percent is no news, however smooth the curve."""
FIRST_MARGIN = 0.05
"""Before there are points enough to see any noise."""


@dataclass(frozen=True)
class Expectation:
    """Where the day's mean loss should lie, in the bent coordinates of `bend`.

    Attributes:
        ahead: where the curve gets to if it goes on at its pace; never above `now`.
        now: where it is. Curves flatten, so anything between the two is as expected.
        margin: what noise alone may do to either.
        is_log: which coordinates these are.
    """

    ahead: float
    now: float
    margin: float
    is_log: bool

    def verdict(self, came: float) -> Verdict:
        """What a day that came out at `came` (bent) says; NaN is worse."""
        if came < self.ahead - self.margin:
            return "better"
        return "as expected" if came <= self.now + self.margin else "worse"


def bend(losses: Sequence[float] | FloatArray, is_log: bool) -> FloatArray:
    """log(loss): equal ratios are equal progress, early and late. Plain where losses can be <= 0.

    Within a few days a loss falls about exponentially, so a line through its logarithm looks ahead
    better than one through itself.
    """
    array = np.asarray(losses, dtype=np.float64)
    return np.log(array) if is_log else array


def unbend(bent: float, is_log: bool) -> float:
    """The inverse of `bend`."""
    return math.exp(min(bent, 700.0)) if is_log else bent


def mean_bent(points: Sequence[LossPoint], is_log: bool) -> float:
    """The mean of the bent losses: a day of several measurements is less noisy than one."""
    return float(np.mean(bend([loss for _, loss in points], is_log)))


def noise_of(points: Sequence[LossPoint], is_log: bool) -> float | None:
    """Standard deviation of one measurement, by the second differences; None below 4 points.

    A line has none, so what is left is noise: the second difference of white noise of deviation s
    has the deviation s sqrt(1 + 4 + 1). The median keeps the few days on which the pace really
    changed from counting as noise (1.4826: median absolute deviation -> deviation of a normal).
    """
    if len(points) < FEWEST_FOR_NOISE:
        return None
    bent = bend([loss for _, loss in points[-NOISE_WINDOW:]], is_log)
    return float(1.4826 * np.median(np.abs(np.diff(bent, n=2))) / math.sqrt(6))


def margin_of(noise: float | None, variance: float, is_log: bool) -> float:
    """The margin of a comparison whose variance is `variance` times that of one measurement."""
    if noise is None:
        return FIRST_MARGIN
    return max(MARGIN_DEVIATIONS * noise * math.sqrt(variance), SMALLEST_MARGIN if is_log else 0.0)


def expect(
    points: Sequence[LossPoint], steps: Sequence[float], noise: float | None, is_log: bool
) -> Expectation:
    """What the mean loss over the coming day's `steps` should be.

    Args:
        points: the curve since the values last changed, 1 at least; its last 5 tell the pace.
        noise: deviation of one measurement; None if it is not known yet.
    """
    recent = points[-LONGEST_FIT:]
    n = len(recent)
    x = np.array([step for step, _ in recent])
    y = bend([loss for _, loss in recent], is_log)
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread > 0 else 0.0
    now = float(y.mean() + slope * (x[-1] - x.mean()))
    ahead = now + min(0.0, slope * (float(np.mean(steps)) - x[-1]))
    # Of a prediction by a fitted line, for the mean of len(steps) new measurements.
    reach = (float(np.mean(steps)) - x.mean()) ** 2 / spread if spread > 0 else 1.0
    margin = margin_of(noise, 1 / len(steps) + 1 / n + reach, is_log)
    return Expectation(ahead, now, margin, is_log)
