"""The median of a few numbers, against Python's own."""

from __future__ import annotations

import statistics
import subprocess
import sys

import numpy as np
import pytest

from hpsearch.samplers.median import median

SEARCH = """
import sys, hpsearch
search = hpsearch.ask_tell({"x": {"min": 0.0, "max": 1.0}}, trials=24)
for number in range(24):
    trial = search.ask()
    search.tell(number, None if number == 5 else trial.params["x"] ** 2)
assert search.best.number > 0
print("numpy.ma" in sys.modules)
"""


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9, 100])
def test_it_is_that_of_the_standard_library(count: int) -> None:
    values = np.random.default_rng(count).normal(size=count)
    assert median(values) == statistics.median(values.tolist())


def test_it_changes_nothing_and_does_not_overflow() -> None:
    values = np.array([1.7e308, -1.0, 1.6e308, 1.5e308])
    assert median(values) == pytest.approx(1.55e308)
    assert values.tolist() == [1.7e308, -1.0, 1.6e308, 1.5e308]


def test_a_guided_search_never_imports_numpys_masked_arrays() -> None:
    done = subprocess.run([sys.executable, "-c", SEARCH], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
