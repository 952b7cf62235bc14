"""The smallest objective: a bowl over two numbers, whose lowest point is known.

configs/quadratic.yaml tunes it. Nothing of hpsearch is needed to write such a function.
"""

from __future__ import annotations

from collections.abc import Mapping


def evaluate(params: Mapping[str, float]) -> float:
    """(x - 1)^2 + 2 (y + 2)^2, which is 0 at x = 1, y = -2 and above 0 everywhere else."""
    return (params["x"] - 1.0) ** 2 + 2.0 * (params["y"] + 2.0) ** 2
