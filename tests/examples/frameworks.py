"""What the comparisons with real frameworks share: one small network of ours and its batches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hpsearch.examples.digits.arrays import FloatArray
from hpsearch.examples.digits.data import Examples, load_digits, mini_batches
from hpsearch.examples.digits.loss import cross_entropy_forward
from hpsearch.examples.digits.network import Network, build_network
from hpsearch.examples.digits.optimizers import Adam, Momentum, Optimizer, RMSprop

LEARNING_RATES = {"momentum": 0.5, "rmsprop": 0.01, "adam": 0.05}
BETA1, BETA2 = 0.875, 0.96875  # both exact in float32, where Keras keeps them
UNITS = (32, 16)
BATCH_SIZE, STEPS = 57, 20  # 1,197 images are 21 batches of 57
UNBIASED = BATCH_SIZE / (BATCH_SIZE - 1)

OPTIMIZERS: dict[str, Callable[[Network, float], Optimizer]] = {
    "momentum": lambda network, epsilon: Momentum(network.learnt, beta=BETA1),
    "rmsprop": lambda network, epsilon: RMSprop(network.learnt, beta2=BETA2, epsilon=epsilon),
    "adam": lambda network, epsilon: Adam(
        network.learnt, beta1=BETA1, beta2=BETA2, epsilon=epsilon
    ),
}


def _drawn() -> list[Examples]:
    training = load_digits(np.float64).training
    return list(mini_batches(training, BATCH_SIZE, np.random.default_rng(3)))[:STEPS]


def pixels_that_vary() -> FloatArray:
    """Which pixels vary in each of the batches.

    What a constant one adds to its unit, batch norm takes out again: the gradient of its weight is
    rounding noise, and RMSprop and Adam step as far for noise as for anything else.
    """
    vary: FloatArray = np.all([np.ptp(batch.images, axis=0) > 0 for batch in _drawn()], axis=0)
    return vary


def new_network() -> Network:
    """The pixels that vary, two hidden layers with batch norm and ReLU, 10 classes; float64."""
    return build_network(
        int(pixels_that_vary().sum()),
        UNITS,
        10,
        activation="relu",
        batch_norm=True,
        dropout=0.0,
        l2=0.0,
        init_rng=np.random.default_rng(1),
        dropout_rng=np.random.default_rng(2),
        dtype=np.float64,
    )


def batches() -> list[Examples]:
    """The first batches of one epoch."""
    return [Examples(one.images[:, pixels_that_vary()], one.labels) for one in _drawn()]


def validation() -> Examples:
    """What the test-time losses are of."""
    examples = load_digits(np.float64).validation
    return Examples(examples.images[:, pixels_that_vary()], examples.labels)


def our_losses(optimizer: str, epsilon: float) -> tuple[list[float], float]:
    """The loss of each batch before its step, and that of the validation images at test time."""
    network = new_network()
    descent = OPTIMIZERS[optimizer](network, epsilon)
    in_training = []
    for batch in batches():
        loss, gradients = network.loss_and_gradients(batch.images, batch.labels)
        in_training.append(loss)
        descent.step(gradients, LEARNING_RATES[optimizer])
    logits = network.predict(validation().images)
    at_test_time, _ = cross_entropy_forward(logits, validation().labels)
    return in_training, at_test_time


def share_of(step: int) -> float:
    """The new batch's share in our averages of batch norm, counted from 1: bias-corrected 0.1."""
    return float((1 - 0.9) / (1 - 0.9**step))
