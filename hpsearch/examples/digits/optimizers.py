"""Gradient descent, plain, with momentum, RMSprop and Adam: one step each on named arrays.

They keep averages of the gradients and nothing else; `schedules.py` has the learning rate,
`training.py` calls `step` once for each mini-batch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from hpsearch.examples.digits.arrays import FloatArray


class Optimizer(ABC):
    """Steps down the gradient, with what it remembers of earlier gradients.

    Args:
        learnt: the arrays to change, in place.

    Attributes:
        steps: how many have been made.
        averages: one array for each in `learnt` and each kind of average, named `array.kind`.
    """

    kinds_of_average: ClassVar[tuple[str, ...]] = ()

    def __init__(self, learnt: Mapping[str, FloatArray]) -> None:
        self.learnt = learnt
        self.steps = 0
        self.averages = {
            f"{name}.{kind}": np.zeros_like(array)
            for name, array in learnt.items()
            for kind in self.kinds_of_average
        }

    def step(self, gradients: Mapping[str, FloatArray], learning_rate: float) -> None:
        """Change every learnt array by -learning_rate times its direction."""
        self.steps += 1
        for name, array in self.learnt.items():
            array -= learning_rate * self.direction(name, gradients[name])

    @abstractmethod
    def direction(self, name: str, gradient: FloatArray) -> FloatArray:
        """Where to step from, for the array of that name; takes the gradient into its averages."""

    def _average(self, key: str, decay: float, new: FloatArray) -> FloatArray:
        """The exponentially weighted average v = decay v + (1 - decay) new, kept under `key`."""
        average = self.averages[key]
        average *= decay
        average += (1 - decay) * new
        return average


class GradientDescent(Optimizer):
    """The gradient itself."""

    def direction(self, name: str, gradient: FloatArray) -> FloatArray:
        """The gradient."""
        return gradient


class Momentum(Optimizer):
    """The average gradient: v = beta v + (1 - beta) g (Ng, course 2 week 2).

    Other forms leave out the factor (1 - beta); with it, the best learning rate hardly moves when
    beta is tuned.
    """

    kinds_of_average = ("gradient",)

    def __init__(self, learnt: Mapping[str, FloatArray], *, beta: float) -> None:
        super().__init__(learnt)
        self.beta = beta

    def direction(self, name: str, gradient: FloatArray) -> FloatArray:
        """The average gradient."""
        return self._average(f"{name}.gradient", self.beta, gradient)


class RMSprop(Optimizer):
    """g / (sqrt(s) + epsilon) with s = beta2 s + (1 - beta2) g^2 (Hinton 2012, lecture 6e)."""

    kinds_of_average = ("square",)

    def __init__(self, learnt: Mapping[str, FloatArray], *, beta2: float, epsilon: float) -> None:
        super().__init__(learnt)
        self.beta2 = beta2
        self.epsilon = epsilon

    def direction(self, name: str, gradient: FloatArray) -> FloatArray:
        """The gradient over its root mean square."""
        square = self._average(f"{name}.square", self.beta2, gradient * gradient)
        return gradient / (np.sqrt(square) + self.epsilon)


class Adam(Optimizer):
    """Momentum over RMSprop, both with bias correction (Kingma & Ba 2015, algorithm 1)."""

    kinds_of_average = ("gradient", "square")

    def __init__(
        self, learnt: Mapping[str, FloatArray], *, beta1: float, beta2: float, epsilon: float
    ) -> None:
        super().__init__(learnt)
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon

    def direction(self, name: str, gradient: FloatArray) -> FloatArray:
        """The average gradient over the root mean square, each divided by 1 - beta^steps."""
        mean = self._average(f"{name}.gradient", self.beta1, gradient)
        square = self._average(f"{name}.square", self.beta2, gradient * gradient)
        corrected_mean = mean / (1 - self.beta1**self.steps)
        corrected_square = square / (1 - self.beta2**self.steps)
        direction: FloatArray = corrected_mean / (np.sqrt(corrected_square) + self.epsilon)
        return direction
