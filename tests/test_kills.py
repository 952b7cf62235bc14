"""Real kills: SIGKILL, SIGINT and SIGTERM at running searches, and what is left afterwards."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from hpsearch.run_folder import RunFolder
from hpsearch.store import StoreReader
from hpsearch.trial import TrialState
from tests.whole_runs import (
    boxes_of,
    done_numbers,
    eventually,
    hpsearch,
    last_run,
    start,
    states_of,
    trials_of,
    wait_for_line,
    write_config,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = tmp_path_factory.mktemp("uninterrupted")
    write_config(folder)
    done = hpsearch(folder, "run", "bowl.yaml")
    assert done.returncode == 0, done.stderr
    return last_run(folder)


def survivors(marker: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if f"TEST_MARKER={marker}".encode() in environment.split(b"\0"):
                found.append(int(entry.name))
    return found


def kill_and_resume(
    folder: Path, uninterrupted: RunFolder, moments: list[int], rng: np.random.Generator
) -> None:
    """SIGKILL the coordinator once so many trials have been started; at last let it finish."""
    write_config(folder)
    marker = str(folder)
    seen: set[int] = set()
    for moment in moments:
        verb = ("resume", "last") if (folder / "runs").exists() else ("run", "bowl.yaml")
        process = start(folder, *verb, TEST_MARKER=marker)
        eventually(lambda m=moment, p=process: started(folder) >= m or p.poll() is not None)
        time.sleep(rng.uniform(0, 0.02))  # anywhere in the middle of a trial
        process.kill()
        process.communicate()
        assert eventually(lambda: not survivors(marker), within_s=1.0)
        now_done = done_numbers(last_run(folder))
        assert seen <= now_done, "a finished result was lost"
        seen = now_done
    done = hpsearch(folder, "resume", "last")
    assert done.returncode == 0, done.stderr
    run = last_run(folder)
    assert trials_of(run) == trials_of(uninterrupted)
    assert boxes_of(run) == boxes_of(uninterrupted)


def started(folder: Path) -> int:
    if not list(folder.glob("runs/*/results.db")):
        return 0
    with StoreReader(last_run(folder)) as reader:
        return sum(reader.counts().values())


def test_a_run_that_is_killed_and_resumed_equals_the_uninterrupted_one(
    tmp_path: Path, uninterrupted: RunFolder
) -> None:
    kill_and_resume(tmp_path, uninterrupted, [4, 11, 12, 25], np.random.default_rng(0))


@pytest.mark.slow
def test_thirty_kills_at_random_moments_lose_nothing(
    tmp_path: Path, uninterrupted: RunFolder
) -> None:
    rng = np.random.default_rng(0)
    moments = np.sort(rng.integers(1, 31, size=30))
    for part in range(3):
        folder = tmp_path / str(part)
        folder.mkdir()
        kill_and_resume(folder, uninterrupted, moments[part::3].tolist(), rng)


def test_a_killed_worker_fails_its_trial_alone(tmp_path: Path) -> None:
    write_config(tmp_path, "waits_for_a_file", trials=6, rounds=1)
    go = tmp_path / "go"
    process = start(tmp_path, "run", "bowl.yaml", TEST_GO=str(go), TEST_MARKER="worker")
    assert eventually(lambda: len(list(tmp_path.glob("runs/*/trials/*/runs"))) == 2)
    (victim,) = (
        pid
        for pid in survivors("worker")
        if os.path.realpath(f"/proc/{pid}/fd/1").endswith("0001/stdout.log")
    )
    os.kill(victim, signal.SIGKILL)
    assert eventually(lambda: (last_run(tmp_path).trial_dir(2) / "runs").exists())
    go.touch()
    assert process.wait(30) == 0
    process.communicate()
    states = states_of(last_run(tmp_path))
    assert states == [TrialState.DONE, TrialState.FAILED, *[TrialState.DONE] * 4]
    with StoreReader(last_run(tmp_path)) as reader:
        failed = reader.trial(1)
        assert failed is not None
        assert failed.outcome is not None
        assert failed.outcome.signal == "SIGKILL"


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_first_signal_lets_the_running_trials_finish(
    tmp_path: Path, signum: signal.Signals
) -> None:
    write_config(tmp_path, "waits_for_a_file", trials=6, rounds=1, grace="30s")
    go = tmp_path / "go"
    process = start(tmp_path, "run", "bowl.yaml", TEST_GO=str(go))
    assert eventually(lambda: len(list(tmp_path.glob("runs/*/trials/*/runs"))) == 2)
    process.send_signal(signum)
    wait_for_line(process, "Ctrl-C again kills them")
    go.touch()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "hpsearch resume bowl-0001" in err
    assert states_of(last_run(tmp_path)) == [TrialState.DONE] * 2


def test_a_second_signal_kills_them_and_a_resume_runs_them_again(tmp_path: Path) -> None:
    write_config(tmp_path, "waits_for_a_file", trials=4, rounds=1, grace="10m")
    go = tmp_path / "go"
    process = start(tmp_path, "run", "bowl.yaml", TEST_GO=str(go), TEST_MARKER="second")
    assert eventually(lambda: len(list(tmp_path.glob("runs/*/trials/*/runs"))) == 2)
    os.killpg(process.pid, signal.SIGINT)
    wait_for_line(process, "Ctrl-C again kills them")
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert not survivors("second")
    assert states_of(last_run(tmp_path)) == [TrialState.LOST] * 2
    go.touch()
    done = hpsearch(tmp_path, "run", "bowl.yaml", "--resume", TEST_GO=str(go))
    assert done.returncode == 0, done.stderr
    assert last_run(tmp_path).name == "bowl-0001"
    assert states_of(last_run(tmp_path)) == [TrialState.DONE] * 4
