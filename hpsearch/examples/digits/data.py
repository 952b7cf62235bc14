"""The 1,797 handwritten digits, read from `digits.npz` with the split that is stored in it.

Source, licence and the making of the split are in `DATA.md`; `training.py` calls this, and so
does the Keras example.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from hpsearch.examples.digits.arrays import Dtype, FloatArray, LabelArray

DIGITS_FILE = Path(__file__).with_name("digits.npz")
N_CLASSES = 10
DARKEST = 16.0  # each pixel counts the dark ones of a block of 4x4


@dataclass(frozen=True)
class Examples:
    """Images and what they show.

    Attributes:
        images: shape (m, 64); each pixel in [0, 1] less its mean over the training images.
        labels: shape (m,), 0 to 9.
    """

    images: FloatArray
    labels: LabelArray

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Digits:
    """The three parts: learn from the first, tune by the second, look at the third once."""

    training: Examples
    validation: Examples
    test: Examples


def load_digits(dtype: Dtype) -> Digits:
    """The digits as 1,197 training, 300 validation and 300 test images; read once."""
    return _read_digits(np.dtype(dtype).name)


@cache
def _read_digits(dtype: str) -> Digits:
    with np.load(DIGITS_FILE, allow_pickle=False) as file:
        images, labels, part = file["images"], file["labels"], file["part"]
    pixels = images / DARKEST
    pixels -= pixels[part == 0].mean(axis=0)  # nothing of the other two parts may leak in here

    def examples(number: int) -> Examples:
        chosen = part == number
        return Examples(pixels[chosen].astype(dtype), labels[chosen].astype(np.intp))

    return Digits(training=examples(0), validation=examples(1), test=examples(2))


def mini_batches(
    examples: Examples, batch_size: int, rng: np.random.Generator
) -> Iterator[Examples]:
    """One epoch: every example once, in an order drawn from `rng`, at most `batch_size` at a time.

    The sizes differ by one at most. The usual short last batch can hold a single example, which has
    no variance, so that it would spoil the averages of batch norm at the end of every epoch.
    """
    order = rng.permutation(len(examples))
    n_batches = -(-len(examples) // batch_size)
    for chosen in np.array_split(order, n_batches):
        yield Examples(examples.images[chosen], examples.labels[chosen])


def endless_mini_batches(
    examples: Examples, batch_size: int, seed: int, *, epochs_done: int
) -> Iterator[tuple[FloatArray, LabelArray]]:
    """Epoch after epoch of `mini_batches`, as (images, labels).

    The order in an epoch follows from the seed and the epoch's number alone, so that a training
    which was stopped sees what it would have seen.
    """
    for epoch in itertools.count(epochs_done):
        for batch in mini_batches(examples, batch_size, np.random.default_rng([seed, epoch])):
            yield batch.images, batch.labels
