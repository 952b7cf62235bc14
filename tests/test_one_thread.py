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


def threads(**more: str) -> int:
    env = {name: value for name, value in os.environ.items() if "THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={**env, **more}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_blas_has_one_thread_unless_the_environment_says_otherwise() -> None:
    assert threads() == 1
    if (os.cpu_count() or 1) > 1:
        assert threads(OPENBLAS_NUM_THREADS="2") == 2
