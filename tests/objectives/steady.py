"""Well-behaved functions of a few milliseconds, for tests of whole runs."""

from __future__ import annotations

import os
import time
from typing import Any


def bowl(params: dict[str, Any]) -> float:
    """Takes 2 to 12 ms, depending on the values alone."""
    time.sleep(0.002 + 0.01 * ((params["x"] + params["y"]) % 1.0))
    return float((params["x"] - 0.3) ** 2 + (params["y"] - 0.7) ** 2)


def instant_bowl(params: dict[str, Any]) -> float:
    return float((params["x"] - 0.3) ** 2 + (params["y"] - 0.7) ** 2)


def always_fails(params: dict[str, Any]) -> float:
    raise RuntimeError("the data is missing")


def fails_while_a_file_is_there(params: dict[str, Any], trial: Any) -> float:
    if os.path.exists(os.environ["TEST_BROKEN"]):
        raise RuntimeError("the data is missing")
    return float(params["x"])


def waits_for_a_file(params: dict[str, Any], trial: Any) -> float:
    """Says that it runs, and ends when the test lets it."""
    (trial.dir / "runs").touch()
    go = os.environ.get("TEST_GO") or str(trial.dir / "go")
    while not os.path.exists(go):
        time.sleep(0.005)
    return float(params["x"])


def first_waits_for_the_last(params: dict[str, Any], trial: Any) -> float:
    """Trial 0 ends when trial 5 has run."""
    (trial.dir / "runs").touch()
    last = os.path.join(os.environ["TEST_RUN"], "0005", "runs")
    deadline = time.monotonic() + 20
    while trial.number == 0 and not os.path.exists(last):
        if time.monotonic() > deadline:
            raise TimeoutError("trial 5 never ran")
        time.sleep(0.005)
    return float(params["x"])


def kills_its_worker(params: dict[str, Any], trial: Any) -> float:
    """Trial 5 kills the process that has started this one (a Dask worker)."""
    if trial.number == 5:
        os.kill(os.getppid(), 9)
        time.sleep(60)
    return float(params["x"])
