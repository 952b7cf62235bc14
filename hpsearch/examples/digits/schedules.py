"""Learning rate decay: what is left of the learning rate in each epoch.

One `rate` has one meaning in all of them: the share that is lost per epoch at the beginning. None
looks at the total number of epochs, so that training can stop at any epoch and go on later.
"""

from __future__ import annotations

import math

DECAYS = ("none", "inverse", "exponential", "step")


def decayed(
    learning_rate: float, decay: str, *, rate: float, every: int, epochs_done: int
) -> float:
    """The learning rate after `epochs_done` epochs (0 in the first); Ng, course 2 week 2.

    Args:
        learning_rate: in the first epoch.
        decay: one of `DECAYS`.
        rate: at least 0. Ng's 0.95^epoch is `exponential` with a rate of -log(0.95) = 0.0513.
        every: epochs between the drops of `step`, at least 1. It falls onto the exponential at each
            drop: one of Ng's halvings is rate * every = log(2).
    """
    if decay == "none":
        return learning_rate
    if decay == "inverse":
        return learning_rate / (1 + rate * epochs_done)
    if decay == "exponential":
        return learning_rate * math.exp(-rate * epochs_done)
    assert decay == "step", decay
    return learning_rate * math.exp(-rate * (epochs_done - epochs_done % every))
