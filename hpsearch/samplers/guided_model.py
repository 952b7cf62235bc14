"""The model of one trial: a view of the losses, the kernel fitted to it, and the posterior.

Kernels are fitted at certain trial numbers only, each from the kernel of an earlier
anchor, so that a resumed run finds the same ones from the outcomes alone, in a few fits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hpsearch.samplers.gaussian_process import Kernel, Posterior, condition, fit, prior_kernel
from hpsearch.samplers.guided_evidence import MOST_POINTS, Evidence, Ledger
from hpsearch.samplers.guided_features import Features
from hpsearch.samplers.guided_outputs import VIEWS, View, ViewName, view_of
from hpsearch.scales import FloatArray
from hpsearch.space import Space

MOST_FITTED = 128
"""Length scales of so many points are as good as those of more, and a fit takes 50 ms."""
FIT_STEPS = 25
FIRST_ANCHOR, ANCHOR_GROWTH = 16, 4
"""A resumed run fits at trials 16, 64, 256, ... again, so few of them."""
NOISY = 0.01
"""Above this share of the signal's variance noise is believed; below it a rough function is."""
MARGIN = 0.2
"""An improvement counts from so many standard deviations of the outputs on. Without it the search
polishes the first valley it finds, and a batch crowds in it: with 0 / 0.1 / 0.2 the scores at 32
trials, q = 8, were 0.36 / 0.45 / 0.57, and 0.2 was still best at 256 (benchmarks/README.md)."""


@dataclass(frozen=True)
class Model:
    """What is believed when a trial is proposed.

    Attributes:
        posterior: of the outputs, with the pending points believed.
        view: of the losses.
        target: the output that is to be improved on.
        incumbent: number of the trial that is the best so far: under noise, by its mean.
    """

    posterior: Posterior
    view: View
    target: float
    incumbent: int

    @property
    def lengths(self) -> FloatArray:
        """Length scales of the columns, as shares of their range, (d,)."""
        lengths: FloatArray = np.clip(np.exp(self.posterior.kernel.log_lengths), 0.01, 3.0)
        return lengths


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
    """The trial from whose kernel the fit at `number` starts; None: from the prior."""
    if number <= FIRST_ANCHOR:
        return None
    anchor = FIRST_ANCHOR
    while anchor * ANCHOR_GROWTH < number:
        anchor *= ANCHOR_GROWTH
    return anchor


class Models:
    """Models of one space, with the kernels that were fitted so far.

    Args:
        ledger: what was seen before which trial.
    """

    def __init__(self, space: Space, ledger: Ledger) -> None:
        self.features = Features(space)
        self._ledger = ledger
        self._kernels: dict[tuple[int, ViewName], Kernel] = {}

    def forget(self) -> None:
        """Another history begins."""
        self._kernels.clear()

    def at(self, number: int, evidence: Evidence) -> Model:
        """The model that proposes trial `number`."""
        name = VIEWS[number // 2 % len(VIEWS)]
        kernel = self._kernel(fitted_at(number), name)
        known, pending = evidence.telling(MOST_POINTS), evidence.pending[-MOST_POINTS:]
        view = view_of(evidence.losses[known], name)
        features = self.features.of(evidence.x_unit[known])
        posterior = condition(kernel, features, view.outputs)
        believed = self.features.of(evidence.x_unit[pending])
        means, _ = posterior.predict(features)
        beliefs, _ = posterior.predict(believed)
        posterior = posterior.with_pending(believed)
        values = means if math.exp(kernel.log_noise) > NOISY else view.outputs
        best = int(np.argmin(values))
        target = min(float(values[best]), float(beliefs.min(initial=np.inf))) - MARGIN
        return Model(posterior, view, target, int(known[best]))

    def _kernel(self, number: int, name: ViewName) -> Kernel:
        if (number, name) not in self._kernels:
            anchor = anchor_of(number)
            start = (
                prior_kernel(self.features.groups) if anchor is None else self._kernel(anchor, name)
            )
            evidence = self._ledger.before(number)
            known = evidence.telling(MOST_FITTED)
            if not len(known):
                return start
            features = self.features.of(evidence.x_unit[known])
            outputs = view_of(evidence.losses[known], name).outputs
            self._kernels[number, name] = fit(start, features, outputs, FIT_STEPS)
        return self._kernels[number, name]
