"""Softmax with cross-entropy, in the log domain: logits of +-1,000 give finite values.

`network.py` trains by it and `training.py` reports it; the mean is over the examples.
"""

from __future__ import annotations

import numpy as np

from hpsearch.examples.digits.arrays import FloatArray, LabelArray


def log_softmax(logits: FloatArray) -> FloatArray:
    """The log of each class's probability; shape (m, n_classes), kept.

    Taking the largest logit out of each row changes nothing but the overflow: every exponent is at
    most 0 and one is 0, so that the sum is at least 1 and its log is finite.
    """
    below_largest = logits - logits.max(axis=1, keepdims=True)
    log_sum: FloatArray = np.log(np.exp(below_largest).sum(axis=1, keepdims=True))
    log_probabilities: FloatArray = below_largest - log_sum
    return log_probabilities


def softmax(logits: FloatArray) -> FloatArray:
    """Each class's probability; shape (m, n_classes), kept; each row sums to 1."""
    return np.exp(log_softmax(logits))


def cross_entropy_forward(
    logits: FloatArray, labels: LabelArray
) -> tuple[float, tuple[FloatArray, LabelArray]]:
    """The mean of -log(probability of the label), and what `cross_entropy_backward` needs.

    Args:
        logits: shape (m, n_classes).
        labels: shape (m,), each from 0 to n_classes - 1.
    """
    log_probabilities = log_softmax(logits)
    loss = -log_probabilities[np.arange(len(labels)), labels].mean()
    return float(loss), (log_probabilities, labels)


def cross_entropy_backward(cache: tuple[FloatArray, LabelArray]) -> FloatArray:
    """The loss's derivative by the logits, (m, n_classes): (probability - 1 at the label) / m."""
    log_probabilities, labels = cache
    d_logits = np.exp(log_probabilities)
    d_logits[np.arange(len(labels)), labels] -= 1
    d_logits /= len(labels)
    return d_logits


def error_rate(logits: FloatArray, labels: LabelArray) -> float:
    """The share of examples whose largest logit is not the label's."""
    return float((logits.argmax(axis=1) != labels).mean())
