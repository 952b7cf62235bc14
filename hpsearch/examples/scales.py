"""A made-up training that behaves as real ones do: each hyperparameter counts on its own scale.

configs/scales.yaml tunes it; it takes no time, so that many searches can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping


def train(params: Mapping[str, float]) -> dict[str, float]:
    """A validation error; 0.02, the lowest, at learning_rate 0.003, momentum 0.99, 70 hidden_units.

    What counts is the learning rate's order of magnitude, and over how many steps the momentum
    averages, 1 / (1 - momentum), again as an order of magnitude (Ng, course 2, week 3: from 0.999
    to 0.9995 the average gets twice as long; from 0.9 to 0.9005 nothing happens).
    """
    decades_off = math.log10(params["learning_rate"] / 0.003)
    steps_averaged = 1.0 / (1.0 - params["momentum"])
    average_off = math.log10(steps_averaged / 100.0)
    units_off = (params["hidden_units"] - 70) / 50
    error = 0.02 + 0.05 * decades_off**2 + 0.03 * average_off**2 + 0.01 * units_off**2
    return {"val_error": error, "steps_averaged": steps_averaged}
