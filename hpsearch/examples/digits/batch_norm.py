"""Batch norm (Ioffe & Szegedy 2015): in training by the mini-batch, at test time by averages of it.

It stands between a dense layer without a bias and its activation; `network.py` puts it there.
"""

from __future__ import annotations

import numpy as np

from hpsearch.examples.digits.arrays import Dtype, FloatArray
from hpsearch.examples.digits.layers import Cache, Gradients, Layer

AVERAGE_DECAY = 0.9  # the averages look back over about 1 / (1 - 0.9) = 10 mini-batches
EPSILON = 1e-5


class BatchNorm(Layer):
    """Each unit with mean 0 and variance 1 over the mini-batch, then gamma times it, plus beta.

    Args:
        n_units: columns of its input.
        epsilon: added to the variance, so that a unit that never changes divides by no zero.
    """

    def __init__(self, n_units: int, *, dtype: Dtype, epsilon: float = EPSILON) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.learnt["gamma"] = np.ones(n_units, dtype)
        self.learnt["beta"] = np.zeros(n_units, dtype)
        self.averaged["mean"] = np.zeros(n_units, dtype)
        self.averaged["variance"] = np.ones(n_units, dtype)
        self.averaged["batches"] = np.zeros(1)

    def forward(self, inputs: FloatArray) -> tuple[FloatArray, Cache]:
        """Shape (m, n_units), kept (Ioffe & Szegedy 2015, algorithm 1); adds to the averages."""
        mean = inputs.mean(axis=0)
        centred = inputs - mean
        variance = (centred * centred).mean(axis=0)
        inverse_deviation = 1 / np.sqrt(variance + self.epsilon)
        normalised = centred * inverse_deviation
        self._add_to_averages(mean, variance)
        outputs = self.learnt["gamma"] * normalised + self.learnt["beta"]
        return outputs, (normalised, inverse_deviation)

    def backward(self, d_outputs: FloatArray, cache: Cache) -> tuple[FloatArray, Gradients]:
        """Shape (m, n_units), kept.

        The six equations of Ioffe & Szegedy 2015, section 3, in one: mean and variance take out of
        the derivative what is constant over the mini-batch and what is in line with `normalised`.
        """
        normalised, inverse_deviation = cache
        d_gamma = (d_outputs * normalised).sum(axis=0)
        d_beta = d_outputs.sum(axis=0)
        m = len(d_outputs)
        d_inputs = (self.learnt["gamma"] * inverse_deviation) * (
            d_outputs - d_beta / m - normalised * (d_gamma / m)
        )
        return d_inputs, {"gamma": d_gamma, "beta": d_beta}

    def predict(self, inputs: FloatArray) -> FloatArray:
        """Shape (m, n_units), kept, by the averages (algorithm 2, line 11)."""
        variance = self.averaged["variance"]
        scale = self.learnt["gamma"] / np.sqrt(variance + self.epsilon)
        outputs: FloatArray = (inputs - self.averaged["mean"]) * scale + self.learnt["beta"]
        return outputs

    def _add_to_averages(self, mean: FloatArray, variance: FloatArray) -> None:
        """Exponentially weighted averages with bias correction (Ng, course 2 week 2).

        v_t / (1 - b^t) with v_t = b v_(t-1) + (1 - b) x_t, written as a step towards x_t; the first
        mini-batch counts in full, so that the initial 0 and 1 leave no trace.
        """
        self.averaged["batches"] += 1
        batches = float(self.averaged["batches"][0])
        share = (1 - AVERAGE_DECAY) / (1 - AVERAGE_DECAY**batches)
        self.averaged["mean"] += share * (mean - self.averaged["mean"])
        self.averaged["variance"] += share * (variance - self.averaged["variance"])
