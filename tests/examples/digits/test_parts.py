"""Softmax, batch norm, optimizers and schedules, against values from elsewhere.

PyTorch's values are those of torch 2.13.0 (CPU, float64) for the same inputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from hpsearch.examples.digits.arrays import FloatArray
from hpsearch.examples.digits.batch_norm import BatchNorm
from hpsearch.examples.digits.layers import Dense, Dropout
from hpsearch.examples.digits.loss import cross_entropy_forward, log_softmax, softmax
from hpsearch.examples.digits.optimizers import (
    Adam,
    GradientDescent,
    Momentum,
    Optimizer,
    RMSprop,
)
from hpsearch.examples.digits.schedules import decayed

GRADIENTS = np.array([[0.5, -2.0, 0.0], [0.1, 1.0, -3.0], [-0.4, 0.25, 1e-3], [2.0, -1.0, 0.5]])
START = np.array([1.0, -1.0, 0.5])


def steps(make: Callable[[dict[str, FloatArray]], Optimizer]) -> FloatArray:
    learnt = {"w": START.copy()}
    optimizer = make(learnt)
    made = []
    for gradient in GRADIENTS:
        optimizer.step({"w": gradient}, 0.1)
        made.append(learnt["w"].copy())
    return np.array(made)


def test_logits_of_a_thousand_give_finite_values() -> None:
    logits = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 999.0]])
    expected = [
        [0.0, -2000.0, -1000.0],
        [-2000.3132616875182, -0.31326168751822286, -1.3132616875182228],
    ]
    assert log_softmax(logits) == pytest.approx(np.array(expected), rel=1e-14)
    loss, _ = cross_entropy_forward(logits, np.array([1, 0]))
    assert loss == pytest.approx((2000 + 2000.3132616875182) / 2)


def test_cross_entropy_is_pytorchs() -> None:
    logits = np.array([[0.3, -1.2, 2.0], [1.0, 1.0, -0.5]])
    loss, _ = cross_entropy_forward(logits, np.array([2, 0]))
    assert loss == pytest.approx(0.5002937148972582, rel=1e-14)


def test_softmax_becomes_hardmax_at_a_low_temperature() -> None:
    logits = np.array([[1.0, 2.0, 1.5], [0.3, 0.1, 0.2]])
    hardmax = np.eye(3)[logits.argmax(axis=1)]
    assert np.abs(softmax(logits) - hardmax).max() > 0.3
    assert softmax(logits / 1e-3) == pytest.approx(hardmax, abs=1e-12)
    assert softmax(logits).sum(axis=1) == pytest.approx(1)


def test_batch_norm_in_training_is_pytorchs() -> None:
    outputs, _ = BatchNorm(2, dtype=np.float64).forward(
        np.array([[1.0, 10.0], [2.0, -10.0], [4.0, 0.0]])
    )
    expected = [
        [-1.069041531450298, 1.224744779535734],
        [-0.2672603828625746, -1.224744779535734],
        [1.3363019143128718, 0.0],
    ]
    assert outputs == pytest.approx(np.array(expected), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(("factor", "constant"), [(1.0, 100.0), (7.0, 0.0), (0.2, -3.0)])
def test_batch_norms_output_ignores_a_constant_and_a_scale(factor: float, constant: float) -> None:
    inputs = np.random.default_rng(0).standard_normal((50, 4))
    norm = BatchNorm(4, dtype=np.float64, epsilon=1e-12)
    plain, _ = norm.forward(inputs)
    changed, _ = norm.forward(factor * inputs + constant)
    assert changed == pytest.approx(plain, abs=1e-6)


def test_at_test_time_an_image_does_not_depend_on_its_neighbours() -> None:
    rng = np.random.default_rng(0)
    norm = BatchNorm(3, dtype=np.float64)
    for _ in range(30):
        norm.forward(5 + 2 * rng.standard_normal((64, 3)))
    images = 5 + 2 * rng.standard_normal((10, 3))
    alone = np.concatenate([norm.predict(image[None, :]) for image in images])
    assert alone == pytest.approx(norm.predict(images))
    assert norm.averaged["mean"] == pytest.approx(np.full(3, 5.0), abs=0.3)
    assert norm.averaged["variance"] == pytest.approx(np.full(3, 4.0), abs=0.8)


def test_the_first_mini_batch_alone_makes_the_averages() -> None:
    inputs = np.array([[1.0], [3.0]])
    norm = BatchNorm(1, dtype=np.float64)
    norm.forward(inputs)
    assert norm.averaged["mean"] == [2.0]
    assert norm.averaged["variance"] == [1.0]


def test_dropout_keeps_the_mean_and_does_nothing_at_test_time() -> None:
    inputs = np.ones((400, 100))
    layer = Dropout(0.3, np.random.default_rng(0))
    outputs, _ = layer.forward(inputs)
    assert outputs.mean() == pytest.approx(1.0, abs=0.02)
    assert (outputs == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert layer.predict(inputs) is inputs


@pytest.mark.parametrize("gain", [1.0, 2.0])
def test_initial_weights_have_he_s_variance(gain: float) -> None:
    dense = Dense(400, 300, gain=gain, bias=True, rng=np.random.default_rng(0), dtype=np.float64)
    assert dense.learnt["weights"].var() == pytest.approx(gain / 400, rel=0.02)
    assert not dense.learnt["bias"].any()


def test_gradient_descents_steps_are_pytorchs() -> None:
    expected = [
        [0.95, -0.8, 0.5],
        [0.94, -0.9, 0.8],
        [0.98, -0.925, 0.7999],
        [0.78, -0.825, 0.7499],
    ]
    assert steps(GradientDescent) == pytest.approx(np.array(expected), rel=1e-14)


def test_rmsprops_steps_are_pytorchs() -> None:
    expected = [
        [0.6857596643697368, -0.6842714446617737, 0.5],
        [0.6209496311055303, -0.8314963295664206, 0.8158947836777088],
        [0.8274083273546502, -0.8700012944999789, 0.8157837958932094],
        [0.5240828819801184, -0.7256049152573969, 0.7582683560756887],
    ]
    made = steps(lambda learnt: RMSprop(learnt, beta2=0.9, epsilon=1e-3))
    assert made == pytest.approx(np.array(expected), rel=1e-13)


def test_adams_steps_are_pytorchs() -> None:
    expected = [
        [0.9001996007984032, -0.9000499750124937, 0.5],
        [0.8199502799679261, -0.8733969144502891, 0.5742110829685401],
        [0.8105963383062924, -0.860004041891733, 0.6316795458704464],
        [0.7533325153188671, -0.8262821749895694, 0.668626726775571],
    ]
    made = steps(lambda learnt: Adam(learnt, beta1=0.9, beta2=0.99, epsilon=1e-3))
    assert made == pytest.approx(np.array(expected), rel=1e-9)


def test_momentums_steps_are_those_of_the_published_formula() -> None:
    # Ng, course 2 week 2: v = 0.9 v + 0.1 g, w = w - 0.1 v; v_t written out as a sum
    weights = [[0.1 * 0.9 ** (t - i) if i <= t else 0.0 for i in range(4)] for t in range(4)]
    averages = np.array(weights) @ GRADIENTS
    expected = START - 0.1 * np.cumsum(averages, axis=0)
    assert steps(lambda learnt: Momentum(learnt, beta=0.9)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("decay", "expected"),
    [
        ("none", [1, 1, 1, 1, 1]),
        ("inverse", [1, 1 / 1.5, 1 / 2, 1 / 2.5, 1 / 3]),
        ("exponential", [math.exp(-0.5 * t) for t in range(5)]),
        ("step", [1, 1, math.exp(-1), math.exp(-1), math.exp(-2)]),
    ],
)
def test_the_learning_rate_decays_as_the_course_says(decay: str, expected: list[float]) -> None:
    rates = [decayed(1.0, decay, rate=0.5, every=2, epochs_done=t) for t in range(5)]
    assert rates == pytest.approx(expected)
