"""One BLAS thread for hpsearch itself; its trials get theirs from `threads_per_trial`.

The models of guided search are matrices of at most 700 rows: more threads only wait for each other
(a suggestion at 256 trials: 14 ms of CPU with one thread, 156 ms with two on two busy cores). And
they round otherwise, so that the same config and seed would lead to other trials.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_NAMES = (
    "scipy_openblas_{}_num_threads64_",
    "openblas_{}_num_threads64_",
    "openblas_{}_num_threads",
)
"""Of OpenBLAS in NumPy's wheels from 2.0 on, in those before, and where it was installed apart."""


def import_numpy_with_one_thread() -> None:
    """Import NumPy such that its BLAS starts one thread, unless the environment says otherwise.

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


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """While this lasts, NumPy's OpenBLAS computes with one thread, whatever it was told before.

    Another BLAS keeps to its own setting.
    """
    openblas = _openblas()
    before = 1 if openblas is None else openblas[0]()
    if openblas is None or before == 1:
        yield
        return
    openblas[1](1)
    try:
        yield
    finally:
        openblas[1](before)


@cache
def _openblas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """How to get and to set its number of threads; None if NumPy has another BLAS."""
    for path in _libraries():
        try:
            library = ctypes.CDLL(str(path))
        except OSError:
            continue
        for name in _NAMES:
            if hasattr(library, name.format("set")):
                return getattr(library, name.format("get")), getattr(library, name.format("set"))
    return None


def _libraries() -> list[Path]:
    """OpenBLAS as NumPy's wheel brings it; else as this process has loaded it (Linux)."""
    import numpy

    package = Path(numpy.__file__).parent
    folders = (package.parent / "numpy.libs", package / ".dylibs")
    own = [path for folder in folders for path in sorted(folder.glob("*openblas*"))]
    if own or sys.platform != "linux":
        return own
    lines = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines()
    return sorted({Path(line.split(maxsplit=5)[-1]) for line in lines if "openblas" in line})
