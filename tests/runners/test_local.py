"""The local runner against functions that crash, hang and leave things behind."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpsearch.objectives.function import FunctionObjective
from hpsearch.runners import Limits, LocalRunner, Places
from hpsearch.trial import Outcome, TrialState
from tests.contracts.test_runner_contract import BEHAVE, LOSS, Bench
from tests.whole_runs import eventually

LINUX = sys.platform == "linux"
COORDINATOR = """
import sys, threading
from pathlib import Path
from hpsearch.objectives.function import FunctionObjective
from hpsearch.runners import Limits, LocalRunner, Places
from tests.contracts.test_runner_contract import BEHAVE, LOSS, Bench
from tests.whole_runs import eventually
bench = Bench(LocalRunner(BEHAVE, LOSS, places=Places(jobs=2)), Path(sys.argv[1]))
bench.run("leave_daemon")
jobs = [bench.assignment("ignore_term", slot) for slot in (0, 1)]
for job in jobs:
    threading.Thread(target=bench.runner.run, args=(job,)).start()
"""


def carriers(pid: int) -> list[int]:
    """Processes that a coordinator's runner has started, by the token in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != pid:
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if f"TEST_COORDINATOR={pid}".encode() in environment.split(b"\0"):
                found.append(int(entry.name))
    return found


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("TEST_COORDINATOR", str(os.getpid()))
    runner = LocalRunner(BEHAVE, LOSS, Limits(timeout_s=20, grace_s=0.2), Places(jobs=2))
    yield Bench(runner, tmp_path)
    runner.close()
    assert not LINUX or not carriers(os.getpid())


def in_thread(
    bench: Bench, how: str, slot: int = 0
) -> tuple[threading.Thread, list[Outcome], Path]:
    outcomes: list[Outcome] = []
    job = bench.assignment(how, slot)
    thread = threading.Thread(target=lambda: outcomes.append(bench.runner.run(job)))
    thread.start()
    return thread, outcomes, job.trial_dir


@pytest.mark.parametrize(
    ("how", "fragment", "exit_code", "signal_name"),
    [
        ("exit_code", "ended with exit code 3", 3, None),
        ("segfault", "was killed by SIGSEGV", None, "SIGSEGV"),
        ("killed", "was killed by SIGKILL (out of memory?", None, "SIGKILL"),
        ("leave_child", "ended with exit code 1", 1, None),
        ("fork", "ended with exit code 4", 4, None),
    ],
)
def test_a_worker_that_dies_fails_its_trial_alone_and_the_slot_goes_on(
    bench: Bench, how: str, fragment: str, exit_code: int | None, signal_name: str | None
) -> None:
    assert bench.run("number").state is TrialState.DONE
    outcome = bench.run(how)
    assert outcome.state is TrialState.FAILED
    assert fragment in outcome.reason
    assert (outcome.exit_code, outcome.signal) == (exit_code, signal_name)
    assert bench.run("number").state is TrialState.DONE


def test_a_function_that_forks_and_comes_back_twice_answers_once(bench: Bench) -> None:
    assert bench.run("fork_and_return_twice").value == 1.0
    assert [bench.run("number").value for _ in range(3)] == [0.25] * 3


def test_a_segfault_leaves_the_line_that_led_to_it(bench: Bench) -> None:
    assert "in how_segfault" in bench.run("segfault").stderr_tail


def test_a_function_that_replaces_stdout_harms_neither_itself_nor_the_next(bench: Bench) -> None:
    assert bench.run("replace_stdout").value == 0.25
    assert bench.run("print").state is TrialState.DONE
    assert (bench.folder / "0001" / "stdout.log").read_text() == "to stdout\n"


def test_a_traceback_needs_no_open_stderr(bench: Bench) -> None:
    outcome = bench.run("raise_without_stderr")
    assert outcome.reason.startswith("ValueError: bad shape (hostile.py:")
    assert 'raise ValueError("bad shape")' in outcome.stderr_tail


def test_values_that_no_json_can_hold_fail_the_trial(bench: Bench) -> None:
    outcome = bench.run("number", day=datetime.date(2020, 1, 1))
    assert outcome.state is TrialState.FAILED
    assert "could not be started" in outcome.reason
    assert bench.run("number").value == 0.25


def test_a_month_is_a_possible_time_limit(tmp_path: Path) -> None:
    runner = LocalRunner(BEHAVE, LOSS, Limits(timeout_s=30 * 86_400.0))
    assert Bench(runner, tmp_path).run("number").value == 0.25
    runner.close()


def test_files_in_the_current_folder_do_not_hide_pythons_own(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bench.folder)
    Path("json.py").write_text("this is no Python")
    assert bench.run("number").value == 0.25


def test_an_error_while_a_trial_runs_leaves_no_answer_for_the_next(bench: Bench) -> None:
    def fail() -> None:
        raise RuntimeError("the store is full")

    bench.run("number")
    with pytest.raises(RuntimeError, match="the store is full"):
        bench.runner.run(bench.assignment("seed"), fail)
    assert bench.run("number").value == 0.25


def test_closing_stops_what_still_runs(bench: Bench) -> None:
    thread, outcomes, trial_dir = in_thread(bench, "hang")
    assert eventually((trial_dir / "hangs").exists)
    bench.runner.close()
    thread.join(timeout=10)
    assert outcomes[0].state is TrialState.LOST


def test_last_words_are_kept(bench: Bench) -> None:
    assert bench.run("exit_code").stderr_tail == "last words"


def test_a_crash_in_one_slot_does_not_disturb_the_other(bench: Bench) -> None:
    thread, outcomes, trial_dir = in_thread(bench, "finish_on_term", slot=1)
    assert eventually((trial_dir / "hangs").exists)
    assert bench.run("segfault", slot=0).state is TrialState.FAILED
    assert thread.is_alive()
    bench.runner.stop(grace_s=5)
    thread.join()
    assert outcomes[0].value == 0.5


@pytest.mark.parametrize("before", ["number", "leave_fork_behind"])
def test_a_worker_that_is_killed_while_idle_costs_no_trial(bench: Bench, before: str) -> None:
    assert bench.run(before).value == 0.25
    (worker,) = (w.child for w in bench.runner._workers.values())  # type: ignore[attr-defined]
    os.kill(worker.pid, signal.SIGKILL)
    assert eventually(worker.has_ended)
    assert bench.run("number").value == 0.25


@pytest.mark.parametrize("how", ["hang", "ignore_term"])
def test_a_trial_that_takes_too_long_is_ended(tmp_path: Path, how: str) -> None:
    runner = LocalRunner(BEHAVE, LOSS, Limits(timeout_s=1.0, grace_s=0.2))
    bench = Bench(runner, tmp_path)
    outcome = bench.run(how)
    assert outcome.state is TrialState.TIMEOUT
    assert outcome.reason == "it took longer than 1s"
    assert 1.0 <= outcome.duration_s < 4.0
    assert bench.run("number").value == 0.25
    runner.close()


@pytest.mark.parametrize("how", ["hang", "ignore_term", "exit_on_term", "raise_on_term"])
def test_a_trial_that_is_stopped_with_the_run_is_lost(bench: Bench, how: str) -> None:
    thread, outcomes, trial_dir = in_thread(bench, how)
    assert eventually((trial_dir / "hangs").exists)
    # Long enough for an answer; who ignores the order is killed.
    bench.runner.stop(grace_s=0.2 if how == "ignore_term" else 10)
    thread.join(timeout=10)
    assert outcomes[0].state is TrialState.LOST


def test_a_second_stop_does_not_wait_for_the_first_ones_grace(bench: Bench) -> None:
    thread, outcomes, trial_dir = in_thread(bench, "ignore_term")
    assert eventually((trial_dir / "hangs").exists)
    bench.runner.stop(grace_s=600)
    bench.runner.stop(grace_s=0)
    thread.join(timeout=10)
    assert outcomes[0].state is TrialState.LOST


def test_what_a_trial_prints_is_in_its_own_logs(bench: Bench) -> None:
    for how in ("print", "close_output", "print", "flood", "print"):
        assert bench.run(how).state is TrialState.DONE
    for number in (0, 2, 4):
        folder = bench.folder / f"{number:04d}"
        assert (folder / "stdout.log").read_text() == "to stdout\n"
        assert (folder / "stderr.log").read_text() == "to stderr\n"
    assert (bench.folder / "0003" / "stdout.log").stat().st_size == 20_000_000


def test_a_changed_folder_and_a_removed_one_do_not_reach_the_next_trial(bench: Bench) -> None:
    assert bench.run("change_folder").metrics == {"at_home": 1.0}
    assert bench.run("change_folder").metrics == {"at_home": 1.0}
    assert bench.run("remove_folder").state is TrialState.DONE
    assert bench.run("print").state is TrialState.DONE


def test_a_folder_that_cannot_be_made_fails_the_trial(bench: Bench) -> None:
    (bench.folder / "0000").write_text("a file is in the way")
    outcome = bench.run("number")
    assert outcome.state is TrialState.FAILED
    assert "could not be started" in outcome.reason


def test_trials_share_the_cores_unless_told_otherwise() -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert cores is not None
    assert Places().environment({}, 0)["OMP_NUM_THREADS"] == str(cores)
    assert Places(jobs=2 * cores).environment({}, 0)["OPENBLAS_NUM_THREADS"] == "1"
    assert Places().environment({"OMP_NUM_THREADS": "7"}, 0)["OMP_NUM_THREADS"] == "7"
    assert Places(1, 3).environment({"OMP_NUM_THREADS": "7"}, 0)["OMP_NUM_THREADS"] == "3"


@pytest.mark.skipif(not LINUX, reason="needs /proc to look for survivors")
def test_nothing_survives_a_killed_coordinator_by_more_than_a_second(tmp_path: Path) -> None:
    program = "import os; os.environ['TEST_COORDINATOR'] = str(os.getpid())\n" + COORDINATOR
    coordinator = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])
    hanging = [tmp_path / f"{number:04d}" / "hangs" for number in (1, 2)]
    assert eventually(lambda: all(path.exists() for path in hanging))
    assert len(carriers(coordinator.pid)) >= 3  # two workers and a daemon
    coordinator.kill()
    coordinator.wait()
    assert eventually(lambda: not carriers(coordinator.pid), within_s=1.0)


@pytest.mark.skipif(not LINUX, reason="needs /proc to find the watchdog")
def test_a_watchdog_that_was_killed_is_replaced(bench: Bench) -> None:
    bench.run("number")
    guard = bench.runner._guard  # type: ignore[attr-defined]
    first = guard._watchdog
    first.kill()
    first.wait()
    bench.run("killed")
    bench.run("number")
    assert guard._watchdog.pid != first.pid


@pytest.mark.parametrize("limit", ["timeout_s", "silence_s"])
def test_a_limit_that_is_reached_while_the_module_is_imported_fails_the_trial(
    tmp_path: Path, limit: str
) -> None:
    (tmp_path / "stuck.py").write_text("import time\ntime.sleep(60)\ndef train(params): return 1\n")
    limits = Limits(**{limit: 1.0, "grace_s": 0.2})
    runner = LocalRunner(FunctionObjective("stuck:train", (str(tmp_path),)), LOSS, limits)
    outcome = Bench(runner, tmp_path).run("anything")
    runner.close()
    assert outcome.state is TrialState.FAILED
    assert "while stuck was being imported; train was never called" in outcome.reason


def test_a_trial_that_hangs_in_a_worker_that_has_run_others_took_too_long(tmp_path: Path) -> None:
    runner = LocalRunner(BEHAVE, LOSS, Limits(timeout_s=2.0, grace_s=0.2))
    bench = Bench(runner, tmp_path)
    assert bench.run("number").state is TrialState.DONE
    assert bench.run("number").state is TrialState.DONE
    assert bench.run("ignore_term").state is TrialState.TIMEOUT
    assert bench.run("ignore_term").state is TrialState.TIMEOUT
    runner.close()
