"""hpsearch's own BLAS has one thread, and nothing of that reaches its trials."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os
from hpsearch.one_thread import import_numpy_with_one_thread
before = dict(os.environ)
import_numpy_with_one_thread()
import numpy as np
np.ones((300, 300)) @ np.ones((300, 300))
assert dict(os.environ) == before
print(len(os.listdir("/proc/self/task")))
"""


def run(program: str, **more: str) -> str:
    env = {name: value for name, value in os.environ.items() if "THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", program], env={**env, **more}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def threads(**more: str) -> int:
    return int(run(PROGRAM, **more))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_blas_has_one_thread_unless_the_environment_says_otherwise() -> None:
    assert threads() == 1
    if (os.cpu_count() or 1) > 1:
        assert threads(OPENBLAS_NUM_THREADS="2") == 2


WITHIN = """
from hpsearch.one_thread import _openblas, one_blas_thread
get, _ = _openblas()
before = get()
try:
    with one_blas_thread():
        inside = get()
        with one_blas_thread():
            assert get() == 1
        assert get() == 1
        raise KeyError
except KeyError:
    pass
print(before, inside, get())
"""

SEARCH = """
import numpy as np
import hpsearch
search = hpsearch.ask_tell({f"x{i}": {"min": 0.0, "max": 1.0} for i in range(5)}, trials=128)
for number in range(116):
    trial = search.ask()
    x = np.array(list(trial.params.values()))
    search.tell(trial.number, float(((x - 0.3) ** 2).sum() + 0.02 * np.sin(20 * x).sum()))
    print(trial.params)
"""


@pytest.fixture(scope="module")
def openblas() -> None:
    """On other machines another BLAS may be there, and one core."""
    told = run("from hpsearch.one_thread import _openblas; print(_openblas() is not None)")
    if told != "True\n" or (os.cpu_count() or 1) < 2:
        pytest.skip("needs NumPy's OpenBLAS and two cores")


@pytest.mark.usefixtures("openblas")
def test_a_loaded_blas_has_one_thread_for_a_while_and_then_as_many_as_before() -> None:
    assert run(WITHIN, OPENBLAS_NUM_THREADS="2").split() == ["2", "1", "2"]


@pytest.mark.usefixtures("openblas")
def test_the_threads_of_a_process_do_not_change_its_trials() -> None:
    """From trial 102 on they did: two threads round otherwise than one."""
    assert run(SEARCH, OPENBLAS_NUM_THREADS="2") == run(SEARCH, OPENBLAS_NUM_THREADS="1")
