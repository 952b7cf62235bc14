"""Well-behaved functions of a few milliseconds, for tests of whole runs."""

from __future__ import annotations

import os
import shutil
import time
from typing import Any

import numpy as np


def bowl(params: dict[str, Any]) -> float:
    """Takes 2 to 12 ms, depending on the values alone."""
    time.sleep(0.002 + 0.01 * ((params["x"] + params["y"]) % 1.0))
    return float((params["x"] - 0.3) ** 2 + (params["y"] - 0.7) ** 2)


def instant_bowl(params: dict[str, Any]) -> float:
    return float((params["x"] - 0.3) ** 2 + (params["y"] - 0.7) ** 2)


def noisy_bowl(params: dict[str, Any]) -> float:
    """The same values give the same noise, so that two runs can be compared."""
    noise = np.random.default_rng([int(1e9 * params[name]) for name in ("x", "y")]).normal()
    return instant_bowl(params) + 0.2 * float(noise)


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


def climbs(params: dict[str, Any], budget: int, trial: Any) -> float:
    """Trains `budget` epochs of 3 ms in all, from a checkpoint that can be half written.

    Every epoch moves the weight by what only that epoch and the seed decide, so an epoch that was
    trained twice, or left out, gives another value.
    """
    folder = trial.dir / "checkpoint"
    folder.mkdir(exist_ok=True)
    epoch, weight = 0, params["x"]
    if (folder / "epoch").exists():
        epoch = int((folder / "epoch").read_text())
        written_at, weight = (folder / "weight").read_text().split()
        weight = float(weight)
        if int(written_at) != epoch:
            raise ValueError(f"half a checkpoint: {written_at} and {epoch}")
    while epoch < budget:
        epoch += 1
        time.sleep(0.002)
        weight += ((trial.seed * (epoch + 7)) % 1009 / 1009 - 0.6) / epoch
        (folder / "epoch").write_text(str(epoch))
        time.sleep(0.001)
        (folder / "weight").write_text(f"{epoch} {weight!r}")
        trial.report(epoch, value=(weight - params["y"]) ** 2)
    return float((weight - params["y"]) ** 2)


def climbs_without_a_checkpoint(params: dict[str, Any], trial: Any) -> float:
    """27 epochs of 3 ms, reported as they come."""
    weight = params["x"]
    for epoch in range(1, 28):
        time.sleep(0.003)
        weight += ((trial.seed * (epoch + 7)) % 1009 / 1009 - 0.6) / epoch
        trial.report(epoch, value=(weight - params["y"]) ** 2)
    return float((weight - params["y"]) ** 2)


def descend(
    state: tuple[float, float], learning_rate: float, epoch: int
) -> tuple[tuple[float, float], float]:
    """An epoch of gradient descent on a bowl of two curvatures; measured with noise."""
    a, b = state
    for _ in range(5):
        a = abs(1 - learning_rate) * a + 0.01 * learning_rate
        b = abs(1 - 0.1 * learning_rate) * b + 0.01 * learning_rate
    wobble = 0.05 * ((epoch * 7919 + int(1e4 * learning_rate)) % 101 / 101 - 0.5)
    return (a, b), (a + b) * (1 + wobble)


def descends_and_is_hit_once(params: dict[str, Any], budget: int, trial: Any) -> float:
    """As `descends`; the first attempts of some epochs fail before anything is trained."""
    for hit in os.environ.get("TEST_HIT", "").split():
        day, times = map(int, hit.split("x"))
        tries = trial.dir / "tries"
        known = int(tries.read_text()) if tries.exists() else 0
        if budget == day and known < times:
            tries.write_text(str(known + 1))
            raise RuntimeError("the machine hiccups")
    return descends(params, budget, trial)


def descends_forgetting(params: dict[str, Any], budget: int, trial: Any) -> float:
    """As `descends`, and leaves no checkpoint after epoch 4."""
    loss = descends(params, budget, trial)
    if budget == 4:
        shutil.rmtree(trial.dir / "checkpoint")
    return loss


def descends(params: dict[str, Any], budget: int, trial: Any) -> float:
    """Trains to `budget` epochs of 2 ms, from a checkpoint that can be half written."""
    folder = trial.dir / "checkpoint"
    folder.mkdir(exist_ok=True)
    epoch, state, loss = 0, (1.0, 1.0), 0.0
    if (folder / "epoch").exists():
        epoch = int((folder / "epoch").read_text())
        written_at, a, b = (folder / "state").read_text().split()
        state = float(a), float(b)
        if int(written_at) != epoch:
            raise ValueError(f"half a checkpoint: {written_at} and {epoch}")
    time.sleep(float(os.environ.get("TEST_DAY_S", "0")))
    while epoch < budget:
        epoch += 1
        state, loss = descend(state, params["learning_rate"], epoch)
        if loss > 1e6:
            return float("nan")
        (folder / "epoch").write_text(str(epoch))
        time.sleep(0.002)
        (folder / "state").write_text(f"{epoch} {state[0]!r} {state[1]!r}")
        trial.report(epoch, loss=loss)
    return loss
