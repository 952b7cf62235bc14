"""The NumPy network against Keras's: same weights, same batches, same losses after 20 steps.

Keras is the independent source. Where its conventions differ from the course's, its side is set so
that the same formula results; each place says how.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.examples.frameworks import (
    BETA1,
    BETA2,
    LEARNING_RATES,
    OPTIMIZERS,
    UNITS,
    batches,
    new_network,
    our_losses,
    share_of,
    validation,
)

# Keras adds RMSprop's epsilon inside the root, and Adam's to the root without bias correction: so
# small that it makes no difference where it stands, it still keeps a dead unit's 0 / 0 away.
EPSILON = 1e-30


@pytest.fixture
def keras() -> Iterator[Any]:
    pytest.importorskip("tensorflow", reason="needs the extra hpsearch[tensorflow]")
    import keras

    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield keras
    keras.config.set_floatx(before[0])
    keras.config.set_dtype_policy(before[1])


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_twenty_steps_give_the_losses_of_keras(keras: Any, optimizer: str) -> None:
    ours_in_training, ours_at_test_time = our_losses(optimizer, EPSILON)
    in_training, at_test_time = keras_losses(keras, optimizer)
    assert in_training[0] > 2 * in_training[-1]  # it has learnt something in between
    assert ours_in_training == pytest.approx(in_training, rel=0, abs=1e-9)
    assert ours_at_test_time == pytest.approx(at_test_time, rel=0, abs=1e-9)


def keras_losses(keras: Any, optimizer: str) -> tuple[list[float], float]:
    import tensorflow as tf

    model = keras_network(keras)
    descent = keras_optimizer(keras, optimizer)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    norms = [one for one in model.layers if isinstance(one, keras.layers.BatchNormalization)]
    in_training = []
    for step, batch in enumerate(batches(), start=1):
        for norm in norms:
            norm.momentum = 1 - share_of(step)  # a fixed 0.9 would keep some of the initial 0 and 1
        with tf.GradientTape() as tape:
            loss = cross_entropy(batch.labels, model(batch.images, training=True))
        in_training.append(float(loss))
        gradients = tape.gradient(loss, model.trainable_variables)
        descent.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    logits = model(validation().images, training=False)
    return in_training, float(cross_entropy(validation().labels, logits))


def keras_network(keras: Any) -> Any:
    layers, weights = keras.layers, new_network().learnt
    model = keras.Sequential([keras.Input((len(weights["dense1.weights"]),))])
    for i, units in enumerate(UNITS, start=1):
        model.add(layers.Dense(units, use_bias=False, name=f"dense{i}"))
        model.add(layers.BatchNormalization(epsilon=1e-5))
        model.add(layers.ReLU())
    model.add(layers.Dense(10, name="output"))
    for name in ("dense1", "dense2", "output"):
        model.get_layer(name).kernel.assign(weights[f"{name}.weights"])
    return model


def keras_optimizer(keras: Any, name: str) -> Any:
    rate = LEARNING_RATES[name]
    if name == "momentum":
        # Keras sums v = beta v - rate g; the course's average is (1 - beta) of it.
        return keras.optimizers.SGD(rate * (1 - BETA1), momentum=BETA1)
    if name == "rmsprop":
        return keras.optimizers.RMSprop(rate, rho=BETA2, epsilon=EPSILON)
    return keras.optimizers.Adam(rate, BETA1, BETA2, epsilon=EPSILON)
