"""Layers whose `forward` returns an output and a cache, and whose `backward` mirrors it.

Rows are examples: a layer maps shape (m, n_in) to (m, n_out). Batch norm has a file of its own;
`network.py` puts the layers in a row.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeAlias

import numpy as np

from hpsearch.examples.digits.arrays import Dtype, FloatArray

Cache: TypeAlias = tuple[FloatArray, ...]
Gradients: TypeAlias = dict[str, FloatArray]


class Layer(ABC):
    """One step of the network.

    Attributes:
        learnt: the arrays that gradient descent changes, in place.
        averaged: the arrays that training keeps for test time; no gradient reaches them.
    """

    def __init__(self) -> None:
        self.learnt: dict[str, FloatArray] = {}
        self.averaged: dict[str, FloatArray] = {}

    @abstractmethod
    def forward(self, inputs: FloatArray) -> tuple[FloatArray, Cache]:
        """The output in training, and what `backward` will need of it."""

    @abstractmethod
    def backward(self, d_outputs: FloatArray, cache: Cache) -> tuple[FloatArray, Gradients]:
        """The loss's derivatives by the inputs and by each learnt array, given by the outputs'."""

    @abstractmethod
    def predict(self, inputs: FloatArray) -> FloatArray:
        """The output at test time: each row depends on its own example only."""


class Dense(Layer):
    """`inputs @ weights + bias`, with weights drawn as N(0, gain / n_in).

    Args:
        gain: 2 in front of ReLU: it halves the mean square (He et al. 2015, eq. 10);
            1 for tanh, which passes small values as they are (Glorot & Bengio 2010, eq. 10).
        bias: False in front of batch norm, whose mean takes any bias out again.
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        *,
        gain: float,
        bias: bool,
        rng: np.random.Generator,
        dtype: Dtype,
    ) -> None:
        super().__init__()
        deviation = np.sqrt(gain / n_in)
        self.learnt["weights"] = (deviation * rng.standard_normal((n_in, n_out))).astype(dtype)
        if bias:
            self.learnt["bias"] = np.zeros(n_out, dtype)

    def forward(self, inputs: FloatArray) -> tuple[FloatArray, Cache]:
        """Shape (m, n_in) -> (m, n_out)."""
        return self.predict(inputs), (inputs,)

    def backward(self, d_outputs: FloatArray, cache: Cache) -> tuple[FloatArray, Gradients]:
        """Shape (m, n_out) -> (m, n_in), with the gradients of the weights and of the bias."""
        (inputs,) = cache
        gradients = {"weights": inputs.T @ d_outputs}
        if "bias" in self.learnt:
            gradients["bias"] = d_outputs.sum(axis=0)
        return d_outputs @ self.learnt["weights"].T, gradients

    def predict(self, inputs: FloatArray) -> FloatArray:
        """Shape (m, n_in) -> (m, n_out); the same as in training."""
        outputs: FloatArray = inputs @ self.learnt["weights"]
        if "bias" in self.learnt:
            outputs += self.learnt["bias"]
        return outputs


class ReLU(Layer):
    """max(0, x), element by element."""

    def forward(self, inputs: FloatArray) -> tuple[FloatArray, Cache]:
        """Any shape, kept."""
        outputs = self.predict(inputs)
        return outputs, (outputs,)

    def backward(self, d_outputs: FloatArray, cache: Cache) -> tuple[FloatArray, Gradients]:
        """Any shape, kept; the derivative at 0 is taken as 0."""
        (outputs,) = cache
        return d_outputs * (outputs > 0), {}

    def predict(self, inputs: FloatArray) -> FloatArray:
        """Any shape, kept; the same as in training."""
        return np.maximum(inputs, 0)


class Tanh(Layer):
    """tanh(x), element by element."""

    def forward(self, inputs: FloatArray) -> tuple[FloatArray, Cache]:
        """Any shape, kept."""
        outputs = self.predict(inputs)
        return outputs, (outputs,)

    def backward(self, d_outputs: FloatArray, cache: Cache) -> tuple[FloatArray, Gradients]:
        """Any shape, kept."""
        (outputs,) = cache
        return d_outputs * (1 - outputs * outputs), {}

    def predict(self, inputs: FloatArray) -> FloatArray:
        """Any shape, kept; the same as in training."""
        return np.tanh(inputs)


class Dropout(Layer):
    """Drops a share of the units in training and scales up the others: the mean is kept.

    The scaling in training ("inverted" dropout; Srivastava et al. 2014, section 10) leaves nothing
    to do at test time.

    Args:
        share: the share dropped, at least 0 and below 1.
        rng: draws which; its state is part of a checkpoint.
    """

    def __init__(self, share: float, rng: np.random.Generator) -> None:
        super().__init__()
        self.share = share
        self.rng = rng

    def forward(self, inputs: FloatArray) -> tuple[FloatArray, Cache]:
        """Any shape, kept."""
        stays = self.rng.random(inputs.shape, dtype=np.float32) >= self.share
        factors = stays.astype(inputs.dtype) / (1 - self.share)
        return inputs * factors, (factors,)

    def backward(self, d_outputs: FloatArray, cache: Cache) -> tuple[FloatArray, Gradients]:
        """Any shape, kept."""
        (factors,) = cache
        return d_outputs * factors, {}

    def predict(self, inputs: FloatArray) -> FloatArray:
        """The inputs as they are."""
        return inputs
