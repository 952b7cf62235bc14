"""Functions that misbehave in every way that a trial can; objectives of the runner tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import numpy as np


def square(params: dict[str, Any]) -> float:
    return float(params["x"]) ** 2


def behave(params: dict[str, Any], trial: Any) -> Any:
    """Does what params["how"] says."""
    return globals()[f"how_{params['how']}"](params, trial)


def how_number(params: dict[str, Any], trial: Any) -> Any:
    return 0.25


def how_numpy(params: dict[str, Any], trial: Any) -> Any:
    return np.float32(0.25)


def how_metrics(params: dict[str, Any], trial: Any) -> Any:
    return {"loss": 0.25, "accuracy": 0.75, "note": "a text is no metric"}


def how_nan(params: dict[str, Any], trial: Any) -> Any:
    return float("nan")


def how_infinite(params: dict[str, Any], trial: Any) -> Any:
    return {"loss": float("inf"), "accuracy": 0.5}


def how_raise(params: dict[str, Any], trial: Any) -> Any:
    raise ValueError("bad shape")


def how_text(params: dict[str, Any], trial: Any) -> Any:
    return "0.25"


def how_boolean(params: dict[str, Any], trial: Any) -> Any:
    return True


def how_nothing(params: dict[str, Any], trial: Any) -> Any:
    return None


def how_other_metric(params: dict[str, Any], trial: Any) -> Any:
    return {"los": 0.25}


def how_sys_exit(params: dict[str, Any], trial: Any) -> Any:
    sys.exit(3)


def how_report(params: dict[str, Any], trial: Any) -> Any:
    for epoch in range(3):
        trial.report(epoch, loss=1.0 / (epoch + 1))
    return 1.0 / 3


def how_seed(params: dict[str, Any], trial: Any) -> Any:
    return {"loss": float(trial.seed), "number": float(trial.number)}


def how_file(params: dict[str, Any], trial: Any) -> Any:
    (trial.dir / "model.txt").write_text("weights")
    return 0.0


def how_print(params: dict[str, Any], trial: Any) -> Any:
    print("to stdout")
    print("to stderr", file=sys.stderr)
    return 0.0


def how_exit_code(params: dict[str, Any], trial: Any) -> Any:
    print("last words", file=sys.stderr, flush=True)
    os._exit(3)


def how_segfault(params: dict[str, Any], trial: Any) -> Any:
    os.kill(os.getpid(), signal.SIGSEGV)
    time.sleep(60)


def how_killed(params: dict[str, Any], trial: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def how_hang(params: dict[str, Any], trial: Any) -> Any:
    (trial.dir / "hangs").touch()
    time.sleep(600)


def how_ignore_term(params: dict[str, Any], trial: Any) -> Any:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    how_hang(params, trial)


def how_finish_on_term(params: dict[str, Any], trial: Any) -> Any:
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
    (trial.dir / "hangs").touch()
    while not asked:
        time.sleep(0.005)
    return 0.5


def how_leave_child(params: dict[str, Any], trial: Any) -> Any:
    subprocess.Popen(["sleep", "600"])
    os._exit(1)


def how_leave_daemon(params: dict[str, Any], trial: Any) -> Any:
    subprocess.Popen(["sleep", "600"], start_new_session=True)
    return 0.0


def how_fork(params: dict[str, Any], trial: Any) -> Any:
    """A forked child holds every descriptor of the worker open, and then the worker dies."""
    if os.fork() == 0:
        time.sleep(600)
    os._exit(4)


def how_close_output(params: dict[str, Any], trial: Any) -> Any:
    sys.stdout.close()
    os.close(1)
    os.close(2)
    return 0.0


def how_change_folder(params: dict[str, Any], trial: Any) -> Any:
    before = os.getcwd()
    os.chdir("/")
    return {"loss": 0.0, "at_home": float(before != "/")}


def how_flood(params: dict[str, Any], trial: Any) -> Any:
    line = "x" * 999 + "\n"
    for _ in range(20_000):
        sys.stdout.write(line)
    return 0.0


def how_remove_folder(params: dict[str, Any], trial: Any) -> Any:
    import shutil

    shutil.rmtree(trial.dir)
    return 0.0


def how_threads(params: dict[str, Any], trial: Any) -> Any:
    return float(os.environ["OMP_NUM_THREADS"])


def how_fork_and_return_twice(params: dict[str, Any], trial: Any) -> Any:
    return 99.0 if os.fork() == 0 else 1.0


class Tee:
    """What many scripts put in the place of sys.stdout; it has no more than they need."""

    def write(self, text: str) -> None:
        pass


def how_replace_stdout(params: dict[str, Any], trial: Any) -> Any:
    sys.stdout = Tee()  # type: ignore[assignment]
    return 0.25


def how_raise_without_stderr(params: dict[str, Any], trial: Any) -> Any:
    os.close(2)
    raise ValueError("bad shape")


def how_leave_fork_behind(params: dict[str, Any], trial: Any) -> Any:
    if os.fork() == 0:
        time.sleep(600)
    return 0.25


def how_write_elsewhere(params: dict[str, Any], trial: Any) -> Any:
    os.chdir("/")
    trial.report(1, loss=0.5)
    return 0.25


def how_exit_on_term(params: dict[str, Any], trial: Any) -> Any:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    how_hang(params, trial)


def how_raise_on_term(params: dict[str, Any], trial: Any) -> Any:
    def raise_error(*_: Any) -> None:
        raise RuntimeError("a data loader was terminated")

    signal.signal(signal.SIGTERM, raise_error)
    how_hang(params, trial)


class Several:
    """Acts like a tensor of several numbers."""

    def __float__(self) -> float:
        raise RuntimeError("a Tensor with 2 elements cannot be converted to Scalar")


def how_tensor(params: dict[str, Any], trial: Any) -> Any:
    return {"loss": 0.25, "per_class": Several()}


def how_change_values(params: dict[str, Any], trial: Any) -> Any:
    params["layers"].append(999)
    return 0.25


def how_fail_in_library(params: dict[str, Any], trial: Any) -> Any:
    return json.loads("{")


def how_report_value(params: dict[str, Any], trial: Any) -> Any:
    trial.report(1, loss=params["value"])
    return None


def default_budget(params: dict[str, Any], budget: int = 10) -> float:
    return float(budget)


def values_first(trial: dict[str, Any]) -> float:
    return float(len(trial))
