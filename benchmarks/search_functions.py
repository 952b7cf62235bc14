"""Functions with every kind of parameter, with conditions, plateaus, cliffs and noise.

They are positive, as errors are: some tools take logarithms.
"""

from __future__ import annotations

import numpy as np
from search_task import Array, Points, Task

from hpsearch.domains import Categories, FloatRange, IntegerRange, OrderedList
from hpsearch.space import Condition, Parameter, Space


def _floats(d: int) -> Space:
    return Space([Parameter(f"x{i}", FloatRange(0.0, 1.0)) for i in range(d)])


def _columns(points: Points, *names: str) -> list[Array]:
    return [np.array([p.get(name, np.nan) for p in points], np.float64) for name in names]


def _matrix(points: Points, d: int) -> Array:
    return np.array([[p[f"x{i}"] for i in range(d)] for p in points], np.float64)


def _wave(points: Points) -> Array:
    """One dimension, several valleys (Gramacy and Lee 2012)."""
    (x,) = _columns(points, "x0")
    x = 0.5 + 2 * x
    return 1 + np.sin(10 * np.pi * x) / (2 * x) + (x - 1) ** 4


def _branin(points: Points) -> Array:
    x, y = _columns(points, "x0", "x1")
    x, y = 15 * x - 5, 15 * y
    b, c, t = 5.1 / (4 * np.pi**2), 5 / np.pi, 1 / (8 * np.pi)
    return (y - b * x**2 + c * x - 6) ** 2 + 10 * (1 - t) * np.cos(x) + 10


def _hartmann6(points: Points) -> Array:
    a = np.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14],
                  [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]])  # fmt: skip
    p = 1e-4 * np.array([[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
                         [2348, 1451, 3522, 2883, 3047, 6650],
                         [4047, 8828, 8732, 5743, 1091, 381]])  # fmt: skip
    x = _matrix(points, 6)
    inner = (a * (x[:, None, :] - p) ** 2).sum(axis=2)
    return 3.4 - (np.array([1.0, 1.2, 3.0, 3.2]) * np.exp(-inner)).sum(axis=1)


def _rosenbrock(points: Points) -> Array:
    x = -1.5 + 3.5 * _matrix(points, 4)
    return np.log1p((100 * (x[:, 1:] - x[:, :-1] ** 2) ** 2 + (1 - x[:, :-1]) ** 2).sum(axis=1))


def _ackley(points: Points) -> Array:
    x = 20 * (_matrix(points, 10) - np.linspace(0.25, 0.7, 10))
    return (
        20 + np.e
        - 20 * np.exp(-0.2 * np.sqrt((x**2).mean(axis=1)))
        - np.exp(np.cos(2 * np.pi * x).mean(axis=1))
    )  # fmt: skip


def _few_of_twenty(points: Points) -> Array:
    """Twenty parameters, of which four matter."""
    x = _matrix(points, 20)
    return (
        3 * (x[:, 2] - 0.3) ** 2 + np.abs(x[:, 7] - 0.8) + 2 * (x[:, 11] - x[:, 17]) ** 2
        + 0.5 * (1 - x[:, 17])
    )  # fmt: skip


def _training_like(points: Points) -> Array:
    """A network's training in short: chance level, a valley along a ridge, and a cliff of failures.

    Above a learning rate that depends on the momentum the training diverges; far below it nothing
    is learned within the epochs; regularisation and width have mild optima.
    """
    lr, momentum, units, decay = _columns(points, "lr", "momentum", "units", "decay")
    rate = np.log10(lr / (1 - momentum))  # the effective step
    error = 0.04 + 0.03 * (rate - 0.1) ** 2 + 0.012 * np.log2(units / 190) ** 2
    error += 0.02 * (np.log10(decay) + 3.5) ** 2 / (1 + np.abs(np.log10(decay) + 3.5))
    error = np.minimum(error, 0.9)
    return np.where(rate > 0.6, np.nan, error)


def _conditional(points: Points) -> Array:
    """Three optimizers with parameters of their own, and a list of layer sizes."""
    losses = np.empty(len(points))
    for i, p in enumerate(points):
        lr = np.log10(p["lr"])
        if p["optimizer"] == "adam":
            own = 0.1 * (lr + 3) ** 2 + 0.05 * (np.log10(1 - p["beta2"]) + 2.5) ** 2
        elif p["optimizer"] == "momentum":
            own = 0.02 + 0.1 * (lr + 1.3 + np.log10(1 - p["beta"]) + 1) ** 2
        else:
            own = 0.12 + 0.1 * (lr + 0.7) ** 2
        units = np.log2(p["units"]) if p["units"] else np.array([4.0])
        own += 0.03 * (units.sum() / 16 - 1) ** 2 + 0.02 * np.abs(np.diff(units)).sum()
        losses[i] = own + (0.03 if not p["norm"] else 0.0)
    return losses


def _conditional_space() -> Space:
    return Space(
        [
            Parameter("optimizer", Categories(("plain", "momentum", "adam"))),
            Parameter("lr", FloatRange(1e-5, 1.0, "log")),
            Parameter(
                "beta", FloatRange(0.5, 0.999, "1-beta"), (Condition("optimizer", ("momentum",)),)
            ),
            Parameter(
                "beta2", FloatRange(0.9, 0.9999, "1-beta"), (Condition("optimizer", ("adam",)),)
            ),
            Parameter("norm", Categories((False, True))),
            Parameter("layers", IntegerRange(0, 4)),
            Parameter("units", IntegerRange(8, 512, "log"), repeat="layers"),
        ]
    )


def _words_only(points: Points) -> Array:
    """Six choices of four words: an effect for each, and for each pair of neighbours."""
    rng = np.random.default_rng(5)
    alone, pairs = rng.normal(size=(6, 4)), 0.5 * rng.normal(size=(5, 4, 4))
    x = np.array([["abcd".index(p[f"c{i}"]) for i in range(6)] for p in points])
    losses = 20 + sum(alone[i, x[:, i]] for i in range(6))
    return np.asarray(losses + sum(pairs[i, x[:, i], x[:, i + 1]] for i in range(5)))


def _stairs(points: Points) -> Array:
    """Whole numbers and an ordered list; wide plateaus, as of an accuracy on few examples."""
    depth, trees, rate, leaf = _columns(points, "depth", "trees", "rate", "leaf")
    smooth = (
        0.02 * (depth - 7) ** 2 / 9
        + 0.05 * (np.log10(trees * rate) - 1.2) ** 2
        + 0.02 * np.log2(leaf / 6) ** 2 / 4
    )
    return np.ceil(smooth * 300) / 300


def synthetic_tasks() -> list[Task]:
    """Functions of 1 to 20 dimensions, the last ones as tuning tasks look."""
    training = Space(
        [
            Parameter("lr", FloatRange(1e-5, 10.0, "log")),
            Parameter("momentum", FloatRange(0.5, 0.999, "1-beta")),
            Parameter("units", IntegerRange(8, 1024, "log")),
            Parameter("decay", FloatRange(1e-7, 1e-1, "log")),
        ]
    )
    stairs = Space(
        [
            Parameter("depth", IntegerRange(1, 16)),
            Parameter("trees", IntegerRange(10, 1000, "log")),
            Parameter("rate", FloatRange(1e-3, 1.0, "log")),
            Parameter("leaf", OrderedList((1, 2, 4, 8, 16, 32, 64))),
        ]
    )
    words = Space([Parameter(f"c{i}", Categories(tuple("abcd"))) for i in range(6)])
    return [
        Task("wave-1", "functions", _floats(1), _wave),
        Task("branin-2", "functions", _floats(2), _branin),
        Task("rosenbrock-4", "functions", _floats(4), _rosenbrock),
        Task("hartmann-6", "functions", _floats(6), _hartmann6),
        Task("ackley-10", "functions", _floats(10), _ackley),
        Task("few-of-20", "functions", _floats(20), _few_of_twenty),
        Task("training-4", "functions", training, _training_like),
        Task("conditional-10", "functions", _conditional_space(), _conditional),
        Task("words-6", "functions", words, _words_only, table=20_000),
        Task("stairs-4", "functions", stairs, _stairs),
        Task("training-4-noisy", "functions", training, _training_like, noise=0.004),
        Task("hartmann-6-noisy", "functions", _floats(6), _hartmann6, noise=0.1),
    ]
