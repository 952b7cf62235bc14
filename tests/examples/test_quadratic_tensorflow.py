"""Gradient descent by TensorFlow's two interfaces, against the figures of Ng's course notes.

Each runs in a process of its own: what version 1 switches off stays off for the whole process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.store import StoreReader
from hpsearch.trial import TrialState
from tests.whole_runs import hpsearch, last_run

ROOT = Path(__file__).parent.parent.parent
COURSE, OTHER = (1.0, -10.0, 25.0), (1.0, -20.0, 100.0)
NOTED = {1: 0.099999994, 1001: 4.9999886}  # course 2, week 3, programming frameworks
WITHOUT_VERSION_2 = "import tensorflow as tf; tf.compat.v1.disable_v2_behavior()\n"

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def tensorflow() -> None:
    pytest.importorskip("tensorflow", reason="needs the extra hpsearch[tensorflow]")


def in_a_child(program: str) -> str:
    imports = "import json\nfrom hpsearch.examples.quadratic_tensorflow import *\n"
    done = subprocess.run(
        [sys.executable, "-c", program.replace("IMPORTS", imports)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def descents(call: str, before: str = "") -> list[list[float]]:
    """w for each data and each number of steps, one list for each data."""
    shown = in_a_child(
        f"{before}IMPORTS\nprint(json.dumps([[{call} for n in {list(NOTED)}]"
        f" for data in {[COURSE, OTHER]}]))"
    )
    found: list[list[float]] = json.loads(shown)
    return found


@pytest.mark.parametrize(
    ("call", "before"),
    [
        ("descend_v1(data, 0.01, n)", ""),
        ("descend_v1(data, 0.01, n)", WITHOUT_VERSION_2),
        ("descend_v2(data, 0.01, n)[0]", ""),
    ],
)
def test_both_versions_give_the_figures_of_the_course(call: str, before: str) -> None:
    course, other = descents(call, before)
    assert course == pytest.approx(list(NOTED.values()), rel=1e-7)
    # Twice as far to go doubles every number on the way, and doubling is exact in float32.
    assert other == pytest.approx([2 * w for w in course], rel=1e-7)


def test_it_prints_the_figures_of_both_versions() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hpsearch.examples.quadratic_tensorflow"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.stdout.splitlines() == [
        "w after    1 steps: v1 0.099999994, v2 0.099999994",
        "w after 1001 steps: v1 4.9999886, v2 4.9999886",
    ]


@pytest.mark.timeout(200)
def test_its_config_shows_where_the_descent_diverges(tmp_path: Path) -> None:
    done = hpsearch(tmp_path, "run", ROOT / "configs" / "tensorflow_quadratic.yaml")
    assert done.returncode == 0, done.stderr
    with StoreReader(last_run(tmp_path)) as reader:
        trials = [(t.trial.params["learning_rate"], t.state, t.outcome) for t in reader.trials()]
    diverged = [rate for rate, state, _ in trials if state is TrialState.DIVERGED]
    assert diverged
    # The cost is 25 (1 - 2 rate)^(2 n), and float32 ends at 3.4e38: after 1,001 steps at 1.023.
    assert all((rate > 1.0225) == (state is TrialState.DIVERGED) for rate, state, _ in trials)
    done_ones = [(rate, outcome) for rate, state, outcome in trials if state is TrialState.DONE]
    assert all(outcome is not None for _, outcome in done_ones)
    # Over the steps the costs are a geometric series: its sum has its least value at 0.5.
    for rate, outcome in done_ones:
        if outcome is not None and rate < 1:
            ratio = (1 - 2 * rate) ** 2
            mean = 25 * (1 - ratio**1001) / (1 - ratio) / 1001
            assert outcome.value == pytest.approx(mean, rel=1e-3, abs=1e-5)
