"""The Gaussian process against the textbook's formulas, written out with dense matrices."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hpsearch.samplers.gaussian_process import (
    JITTER,
    MEAN_VARIANCE,
    Kernel,
    condition,
    fit,
    negative_log_posterior,
    prior_kernel,
)

GROUPS = np.array([0, 1, 1, 2])


def kernel(noise: float = 1e-3) -> Kernel:
    return Kernel(GROUPS, np.log([0.5, 1.2, 0.8]), math.log(noise))


def textbook(a: np.ndarray, b: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Matern 5/2 point by point (Rasmussen and Williams 2006, eq. 4.17), plus the mean's part."""
    k = np.empty((len(a), len(b)))
    for i, p in enumerate(a):
        for j, q in enumerate(b):
            r = math.sqrt(5 * sum(((p - q) / lengths) ** 2))
            k[i, j] = (1 + r + r * r / 3) * math.exp(-r) + MEAN_VARIANCE
    return k


def data(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    features = rng.random((n, 4))
    outputs = np.sin(5 * features[:, 0]) + features[:, 1]
    return features, (outputs - outputs.mean()) / outputs.std()


def test_predictions_are_those_of_the_textbook() -> None:
    features, outputs = data(12)
    new = np.random.default_rng(1).random((5, 4))
    lengths = np.exp(kernel().log_lengths)[GROUPS]
    k = textbook(features, features, lengths) + (1e-3 + JITTER) * np.eye(12)
    across = textbook(new, features, lengths)
    posterior = condition(kernel(), features, outputs)
    mean, variance = posterior.predict(new)
    expected = across @ np.linalg.solve(k, outputs)
    np.testing.assert_allclose(mean, expected, rtol=1e-6, atol=1e-8)
    rest = 1 + MEAN_VARIANCE - np.sum(across * np.linalg.solve(k, across.T).T, axis=1)
    np.testing.assert_allclose(variance, posterior.signal * rest, rtol=1e-5)


def test_a_pending_point_moves_no_mean_and_lowers_the_variance_as_a_seen_one_would() -> None:
    features, outputs = data(12)
    pending, new = np.random.default_rng(2).random((3, 4)), np.random.default_rng(3).random((6, 4))
    before = condition(kernel(), features, outputs)
    believed = before.with_pending(pending)
    one_by_one = before
    for point in pending:
        one_by_one = one_by_one.with_pending(point[None, :])
    seen = condition(
        kernel(),
        np.vstack([features, pending]),
        np.append(outputs, before.predict(pending)[0]),
    )
    np.testing.assert_allclose(believed.predict(new)[0], before.predict(new)[0], atol=1e-9)
    np.testing.assert_allclose(
        believed.predict(new)[1] / before.signal, seen.predict(new)[1] / seen.signal, rtol=1e-6
    )
    np.testing.assert_allclose(believed.predict(new)[1], one_by_one.predict(new)[1], rtol=1e-6)
    assert (believed.predict(new)[1] < before.predict(new)[1]).all()


def test_the_gradient_of_the_fit_is_that_of_finite_differences() -> None:
    features, outputs = data(15)
    theta = kernel().theta()
    _, gradient = negative_log_posterior(kernel(), features, outputs)
    for i in range(len(theta)):
        step = np.zeros(len(theta))
        step[i] = 1e-5
        up, _ = negative_log_posterior(kernel().at(theta + step), features, outputs)
        down, _ = negative_log_posterior(kernel().at(theta - step), features, outputs)
        assert gradient[i] == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-5)


def test_the_gradients_of_the_prediction_are_those_of_finite_differences() -> None:
    features, outputs = data(15)
    posterior = condition(kernel(), features, outputs).with_pending(np.full((1, 4), 0.4))
    new = np.random.default_rng(4).random((3, 4))
    _, _, d_mean, d_variance = posterior.gradients(new)
    for f in range(4):
        step = np.zeros(4)
        step[f] = 1e-5
        up, down = posterior.predict(new + step), posterior.predict(new - step)
        np.testing.assert_allclose(d_mean[:, f], (up[0] - down[0]) / 2e-5, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(d_variance[:, f], (up[1] - down[1]) / 2e-5, rtol=1e-3, atol=1e-6)


def test_a_column_that_does_not_matter_gets_a_long_length_scale() -> None:
    features, outputs = data(40)
    fitted = fit([prior_kernel(GROUPS)], features, outputs, steps=40, least_gain=1e-4)
    lengths = np.exp(fitted.log_lengths)
    assert lengths[0] < 0.5 * lengths[2]


def test_noise_is_found_where_there_is_some_and_not_where_there_is_none() -> None:
    rng = np.random.default_rng(5)
    features, outputs = data(60)
    clean = fit([prior_kernel(GROUPS)], features, outputs, steps=40, least_gain=1e-4)
    noisy = fit(
        [prior_kernel(GROUPS)],
        features,
        outputs + 0.5 * rng.normal(size=60),
        steps=40,
        least_gain=1e-4,
    )
    assert math.exp(clean.log_noise) < 0.005
    assert math.exp(noisy.log_noise) > 0.02


def test_a_rough_function_is_not_taken_for_a_smooth_one_with_noise() -> None:
    # Gramacy and Lee 2012, "Cases for the nugget in modeling computer experiments", figure 1:
    # ten half waves and no noise.
    x = np.random.default_rng(5).random((24, 1))
    u = 0.5 + 2.0 * x[:, 0]
    outputs = np.sin(10 * np.pi * u) / (2 * u) + (u - 1) ** 4
    outputs = (outputs - outputs.mean()) / outputs.std()
    group = np.zeros(1, dtype=np.intp)
    smooth, rough = prior_kernel(group), prior_kernel(group, 0.2)
    from_one = fit([smooth], x, outputs, steps=25, least_gain=1e-4)
    from_both = fit([smooth, rough], x, outputs, steps=25, least_gain=1e-4)
    assert math.exp(from_one.log_lengths[0]) > 0.3
    assert math.exp(from_one.log_noise) > 0.005
    # Its half waves are 0.05 long.
    assert math.exp(from_both.log_lengths[0]) < 0.1
    assert math.exp(from_both.log_noise) < 0.001


@pytest.mark.parametrize("same", [True, False])
def test_duplicates_and_equal_outputs_break_nothing(same: bool) -> None:
    features = np.full((6, 4), 0.5)
    outputs = np.zeros(6) if same else np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    fitted = fit([prior_kernel(GROUPS)], features, outputs, steps=25, least_gain=1e-4)
    mean, variance = condition(fitted, features, outputs).predict(features[:1] + 0.1)
    assert np.isfinite(mean).all()
    assert (variance > 0).all()
