"""Outputs: losses as the standardised numbers that a Gaussian process can believe, and back.

Losses of trainings are skewed: the best lie close together, the worst far away. Four views of them
are used in turn; what one of them hides another shows. Each is monotone and depends on the losses'
order and ratios of differences only, so that an affine change of the metric changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from hpsearch.samplers.median import median
from hpsearch.scales import FloatArray

ViewName = Literal["plain", "logarithmic", "halved", "close"]
VIEWS: tuple[ViewName, ...] = ("plain", "logarithmic", "halved", "close")
"""With u the distance to the best loss in units of the median's distance (beyond 1000 by rank: a
training that blows up to 1e12 is a bad place, and hides no difference between the others):

- plain: u.
- logarithmic: u up to 1, then 1 + log u.
- halved: u up to 1, then the rank: the worse half says little but that it is worse.
- close: as halved, with the better half on a log scale: who is close to the best?

On lcbench at 32 and 64 trials (benchmarks/README.md) all four in turn did better than each alone.
"""
WORSE_HALF = 0.3
"""How wide the ranks of the worse half are, in units of the better half."""
FARTHEST = 1000.0
NEAREST = 0.05
"""Distances to the best below this share of the median's are all but the same in `close`."""


@dataclass(frozen=True)
class View:
    """One view of n losses.

    Attributes:
        outputs: mean 0 and standard deviation 1 (0 where all are equal), (n,).
        sorted_outputs, sorted_losses: of those with a value, ascending, without ties.
    """

    outputs: FloatArray
    sorted_outputs: FloatArray
    sorted_losses: FloatArray

    def losses_at(self, outputs: FloatArray) -> FloatArray:
        """Losses that would have these outputs, any shape; NaN where no two losses differ.

        Between the seen ones linear, and so beyond the best one, with the slope of the best half.
        """
        y, losses = self.sorted_outputs, self.sorted_losses
        if len(y) < 2:
            return np.full_like(outputs, np.nan)
        with np.errstate(over="ignore", invalid="ignore"):  # losses of 1e300 and -1e300
            at: FloatArray = np.interp(outputs, y, losses)
            return np.where(outputs < y[0], losses[0] + self.slope * (outputs - y[0]), at)

    @property
    def slope(self) -> float:
        """Of the losses by the outputs in the best half; 0 where no two losses differ."""
        y, losses = self.sorted_outputs, self.sorted_losses
        if len(y) < 2:
            return 0.0
        middle = max(1, len(y) // 2)
        with np.errstate(over="ignore"):  # losses of 1e308 and -1e308
            return float((losses[middle] - losses[0]) / (y[middle] - y[0]))


def aligned(view: View, level: float, spread: float) -> View:
    """The view with another mean and standard deviation."""
    return View(
        level + spread * view.outputs,
        level + spread * view.sorted_outputs,
        view.sorted_losses,
    )


def view_of(losses: FloatArray, name: ViewName) -> View:
    """The view of n losses, (n,), less is better; +inf (no value) becomes as bad as the worst."""
    finite = np.isfinite(losses)
    outputs: FloatArray = np.ones(len(losses))
    outputs[finite] = 0.0
    values = losses[finite]
    distances = _distances(values)
    if distances is not None:
        bent = _bend(distances, name)
        outputs[finite] = bent
        outputs[~finite] = bent.max()
    outputs -= outputs.mean()
    spread = float(outputs.std())
    if spread > 0:
        outputs /= spread
    # Without the last digits, a change of the metric's unit does not even change roundings.
    outputs = np.round(outputs, 8)
    ascending, first = np.unique(outputs[finite], return_index=True)
    return View(outputs, ascending, values[first])


def _distances(values: FloatArray) -> FloatArray | None:
    """Distances to the best in units of the median's; None where there are no two values."""
    if not len(values):
        return None
    largest = float(np.abs(values).max())
    if largest > 0:  # differences of 1e300 would overflow, and of 1e-300 vanish
        values = values / largest
    above = values - values.min()
    unit = median(above) or float(above.max())
    with np.errstate(over="ignore"):  # a unit of 1e-310
        return above / unit if unit > 0 else None


def _bend(u: FloatArray, name: ViewName) -> FloatArray:
    if name in ("plain", "logarithmic"):
        u = _by_rank_beyond(u, FARTHEST, 1.0)
    if name == "plain":
        return u
    worse = u > 1.0
    if name == "logarithmic":
        logarithmic: FloatArray = np.minimum(u, 1.0) + np.log(np.maximum(u, 1.0))
        return logarithmic
    bent = _by_rank_beyond(u, 1.0, WORSE_HALF)
    if name == "close":
        bent[~worse] = 1.0 + 0.5 * np.log((u[~worse] + NEAREST) / (1.0 + NEAREST))
    return bent


def _by_rank_beyond(u: FloatArray, limit: float, width: float) -> FloatArray:
    """What is larger than the limit, evenly by rank from there to `width` beyond it."""
    bent: FloatArray = u.copy()
    beyond = u > limit
    if beyond.any():
        _, rank = np.unique(u[beyond], return_inverse=True)
        bent[beyond] = limit + width * (rank + 1.0) / (rank.max() + 1.0)
    return bent
