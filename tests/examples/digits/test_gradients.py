"""Every backward pass against central differences, in float64."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from hpsearch.examples.digits.arrays import FloatArray
from hpsearch.examples.digits.batch_norm import BatchNorm
from hpsearch.examples.digits.layers import Dense, Dropout, Layer, ReLU, Tanh
from hpsearch.examples.digits.loss import cross_entropy_backward, cross_entropy_forward
from hpsearch.examples.digits.network import Network, build_network

STEP = 1e-6
LARGEST_ERROR = 1e-6


def numerical_gradient(function: Callable[[], float], array: FloatArray) -> FloatArray:
    gradient = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + STEP
        above = function()
        array[index] = kept - STEP
        below = function()
        array[index] = kept
        gradient[index] = (above - below) / (2 * STEP)
    return gradient


def relative_error(one: FloatArray, other: FloatArray) -> float:
    """|a - b| / (|a| + |b|) of the whole arrays, as in Ng, course 2 week 1."""
    size = np.linalg.norm(one) + np.linalg.norm(other)
    return float(np.linalg.norm(one - other) / size) if size > 1e-9 else 0.0


def make_layer(name: str, rng: np.random.Generator) -> Layer:
    if name == "dense":
        return Dense(4, 3, gain=2.0, bias=True, rng=rng, dtype=np.float64)
    if name == "dense without bias":
        return Dense(4, 3, gain=1.0, bias=False, rng=rng, dtype=np.float64)
    if name == "batch norm":
        norm = BatchNorm(4, dtype=np.float64)
        norm.learnt["gamma"][...] = rng.uniform(0.5, 2.0, 4)
        norm.learnt["beta"][...] = rng.standard_normal(4)
        return norm
    if name == "dropout":
        return Dropout(0.4, np.random.default_rng(3))
    return {"relu": ReLU, "tanh": Tanh}[name]()


@pytest.mark.parametrize(
    "name", ["dense", "dense without bias", "batch norm", "relu", "tanh", "dropout"]
)
def test_a_layers_backward_is_the_derivative_of_its_forward(name: str) -> None:
    rng = np.random.default_rng(0)
    layer = make_layer(name, rng)
    inputs = rng.standard_normal((5, 4))
    outputs, cache = layer.forward(inputs)
    weights = rng.standard_normal(outputs.shape)

    def loss() -> float:
        if isinstance(layer, Dropout):
            layer.rng = np.random.default_rng(3)  # the same units again
        return float((layer.forward(inputs)[0] * weights).sum())

    d_inputs, gradients = layer.backward(weights, cache)
    assert relative_error(d_inputs, numerical_gradient(loss, inputs)) < LARGEST_ERROR
    assert gradients.keys() == layer.learnt.keys()
    for array, gradient in gradients.items():
        numerical = numerical_gradient(loss, layer.learnt[array])
        assert relative_error(gradient, numerical) < LARGEST_ERROR, array


def test_cross_entropys_backward_is_the_derivative_of_its_forward() -> None:
    rng = np.random.default_rng(1)
    logits, labels = 3 * rng.standard_normal((6, 4)), rng.integers(4, size=6)
    _, cache = cross_entropy_forward(logits, labels)
    numerical = numerical_gradient(lambda: cross_entropy_forward(logits, labels)[0], logits)
    assert relative_error(cross_entropy_backward(cache), numerical) < LARGEST_ERROR


def network_of(activation: str, batch_norm: bool, dropout: float, units: list[int]) -> Network:
    return build_network(
        5,
        units,
        3,
        activation=activation,
        batch_norm=batch_norm,
        dropout=dropout,
        l2=0.1,
        init_rng=np.random.default_rng(0),
        dropout_rng=np.random.default_rng(1),
        dtype=np.float64,
    )


@pytest.mark.parametrize(
    ("activation", "batch_norm", "dropout", "units"),
    list(itertools.product(["relu", "tanh"], [False, True], [0.0, 0.3], [[], [4], [6, 4]])),
)
def test_a_networks_gradients_are_the_derivatives_of_its_loss(
    activation: str, batch_norm: bool, dropout: float, units: list[int]
) -> None:
    network = network_of(activation, batch_norm, dropout, units)
    rng = np.random.default_rng(2)
    for array in network.learnt.values():
        array += 0.1 * rng.standard_normal(array.shape)  # no bias at 0, where ReLU has its kink
    images, labels = rng.standard_normal((7, 5)), rng.integers(3, size=7)

    def loss_and_gradients() -> tuple[float, dict[str, FloatArray]]:
        for layer in network.layers.values():
            if isinstance(layer, Dropout):
                layer.rng.bit_generator.state = np.random.default_rng(9).bit_generator.state
        return network.loss_and_gradients(images, labels)

    _, gradients = loss_and_gradients()
    assert gradients.keys() == network.learnt.keys()
    for name, gradient in gradients.items():
        numerical = numerical_gradient(lambda: loss_and_gradients()[0], network.learnt[name])
        assert relative_error(gradient, numerical) < LARGEST_ERROR, name


def test_batch_norm_stands_between_a_dense_layer_without_bias_and_the_activation() -> None:
    normed = network_of("relu", True, 0.5, [6, 4])
    one = ["dense1", "norm1", "relu1", "dropout1"]
    two = ["dense2", "norm2", "relu2", "dropout2"]
    assert list(normed.layers) == [*one, *two, "output"]
    assert {name for name in normed.learnt if name.endswith("bias")} == {"output.bias"}
    plain = network_of("relu", False, 0.0, [6])
    assert list(plain.layers) == ["dense1", "relu1", "output"]
    assert {name for name in plain.learnt if name.endswith("bias")} == {
        "dense1.bias",
        "output.bias",
    }
