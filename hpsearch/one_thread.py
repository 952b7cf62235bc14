"""One BLAS thread for hpsearch itself; its trials get theirs from `threads_per_trial`.

The models of guided search are matrices of at most 200 rows: more threads only wait for each other
(a suggestion at 256 trials: 14 ms of CPU with one thread, 156 ms with two on two busy cores).
"""

from __future__ import annotations

import os

_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def import_numpy_with_one_thread() -> None:
    """Import NumPy such that its BLAS has one thread, unless the environment says otherwise.

    BLAS reads its variables once, when it is loaded; they are taken away again at once, so that no
    child process inherits them. Where NumPy is loaded already, nothing changes.
    """
    unset = [name for name in _VARIABLES if name not in os.environ]
    os.environ.update(dict.fromkeys(unset, "1"))
    try:
        import numpy  # noqa: F401
    finally:
        for name in unset:
            del os.environ[name]
