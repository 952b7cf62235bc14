"""The Dask runner: the same trials, the same outcomes, whatever happens to the workers."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpsearch.config import Overrides, load_config
from hpsearch.errors import HpsearchError
from hpsearch.launch import create_run, open_session
from hpsearch.objectives.command import CommandObjective
from hpsearch.objectives.template import Template
from hpsearch.run_folder import RunFolder
from hpsearch.runners import Assignment, Limits, Runner
from hpsearch.trial import Trial, TrialState
from tests.budget_runs import all_of, segments_of, write_budget_config
from tests.contracts.test_runner_contract import BEHAVE, LOSS
from tests.runners.hostile_programs import CASES, Case
from tests.runners.test_command import check
from tests.whole_runs import (
    boxes_of,
    eventually,
    hpsearch,
    last_run,
    start,
    trials_of,
    write_config,
)

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow


class Cluster:
    """A real scheduler and real workers, as processes on the loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self._file = folder / "scheduler.json"
        self._start(
            "scheduler",
            "--scheduler-file",
            str(self._file),
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
        )
        assert eventually(lambda: self._file.exists() and self._file.read_text().endswith("}"))
        self.address = str(json.loads(self._file.read_text())["address"])

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        root = Path(__file__).parent.parent.parent
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(root)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def add_worker(self) -> subprocess.Popen[bytes]:
        return self._start(
            "worker",
            self.address,
            "--nthreads",
            "1",
            "--no-dashboard",
            "--no-nanny",
            "--host",
            "127.0.0.1",
            "--local-directory",
            str(self.folder),
        )

    def close(self) -> None:
        for process in reversed(self.processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    cluster = Cluster(folder)
    yield cluster
    cluster.close()


@pytest.fixture(scope="module")
def shared_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    cluster.add_worker()
    cluster.add_worker()
    yield cluster
    cluster.close()


def command_runner(cluster: Cluster, folder: Path, argv: tuple[str, ...], limits: Limits) -> Runner:
    from hpsearch.runners.dask import DaskRunner

    objective = CommandObjective(Template(argv, ()), str(folder))
    runner = DaskRunner(
        objective, LOSS, limits, None, folder, scheduler=cluster.address, cluster=None, retries=None
    )
    runner.slots()
    return runner


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_program_is_recorded_as_what_it_did(
    case: Case, shared_cluster: Cluster, tmp_path: Path
) -> None:
    limits = Limits(**{"timeout_s": 20.0, "grace_s": 0.2, **case.limits})
    runner = command_runner(shared_cluster, tmp_path, case.argv, limits)
    assignment = Assignment(Trial(0, 1, {}, ""), 0, tmp_path / "0000", seed=0)
    outcome = runner.run(assignment)
    runner.close()
    check(case, outcome)


def test_a_function_runs_on_a_worker_too(shared_cluster: Cluster, tmp_path: Path) -> None:
    from hpsearch.runners.dask import DaskRunner

    runner = DaskRunner(
        BEHAVE,
        LOSS,
        Limits(),
        None,
        tmp_path,
        scheduler=shared_cluster.address,
        cluster=None,
        retries=None,
    )
    for number, (how, state) in enumerate(
        [
            ("metrics", TrialState.DONE),
            ("segfault", TrialState.FAILED),
            ("raise", TrialState.FAILED),
            ("report", TrialState.DONE),
        ]
    ):
        trial = Trial(number, 1, {"how": how}, "")
        folder = tmp_path / f"{number:04d}"
        assert runner.run(Assignment(trial, 0, folder, seed=0)).state is state
    runner.close()
    assert len((tmp_path / "0003" / "metrics.jsonl").read_text().splitlines()) == 3


def test_files_come_back_where_the_folder_is_not_shared(
    shared_cluster: Cluster, tmp_path: Path
) -> None:
    argv = ("/bin/sh", "-c", 'echo hello; echo weights > "$HPSEARCH_TRIAL_DIR/model"; echo loss=1')
    runner = command_runner(shared_cluster, tmp_path, argv, Limits())
    (tmp_path / ".dask-token").write_text("another folder that looks the same")
    outcome = runner.run(Assignment(Trial(0, 1, {}, ""), 0, tmp_path / "0000", seed=0))
    runner.close()
    assert outcome.value == 1
    assert (tmp_path / "0000" / "model").read_text() == "weights\n"
    assert (tmp_path / "0000" / "stdout.log").read_text() == "hello\nloss=1\n"


def write_dask_config(folder: Path, cluster: Cluster, **more: object) -> None:
    path = write_config(folder, **more)  # type: ignore[arg-type]
    text = path.read_text().replace(
        "runner: local", f"runner: dask, scheduler: '{cluster.address}'"
    )
    path.write_text(text)


def test_the_trials_are_those_of_the_local_runner(shared_cluster: Cluster, tmp_path: Path) -> None:
    for name in ("local", "dask"):
        (tmp_path / name).mkdir()
    write_config(tmp_path / "local")
    assert hpsearch(tmp_path / "local", "run", "bowl.yaml").returncode == 0
    write_dask_config(tmp_path / "dask", shared_cluster)
    done = hpsearch(tmp_path / "dask", "run", "bowl.yaml")
    assert done.returncode == 0, done.stderr
    local, dask = last_run(tmp_path / "local"), last_run(tmp_path / "dask")
    assert trials_of(dask) == trials_of(local)
    assert boxes_of(dask) == boxes_of(local)


def test_lost_workers_trials_run_again_and_none_is_stored_twice(
    cluster: Cluster, tmp_path: Path
) -> None:
    write_dask_config(tmp_path, cluster, trials=200, jobs=2)
    workers = [cluster.add_worker(), cluster.add_worker()]
    process = start(tmp_path, "run", "bowl.yaml")
    is_over = threading.Event()

    def done() -> int:
        return sum(t["state"] is TrialState.DONE for t in trials_of(last_run(tmp_path)))

    def keep_killing() -> None:
        """Once in ten trials: however slow the machine, no trial can lose all its workers."""
        killed_at = 0
        while not is_over.wait(0.2):
            if done() >= killed_at + 10:
                killed_at = done()
                workers.append(cluster.add_worker())
                os.killpg(workers.pop(0).pid, signal.SIGKILL)

    assert eventually(lambda: bool(list(tmp_path.glob("runs/*/results.db"))))
    killer = threading.Thread(target=keep_killing)
    killer.start()
    _, err = process.communicate(timeout=200)
    is_over.set()
    killer.join()
    assert process.returncode == 0, err
    states = [t["state"] for t in trials_of(last_run(tmp_path))]
    assert states == [TrialState.DONE] * 200


def _dies(token: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _cannot(token: str) -> None:
    raise OSError("the disk is full")


def test_a_worker_that_dies_while_it_is_tidied_up_is_no_error(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hpsearch.runners.dask.close_runners", _dies)
    worker = cluster.add_worker()
    command_runner(cluster, tmp_path, ("true",), Limits()).close()
    assert worker.wait(timeout=60) == -signal.SIGKILL


def test_a_worker_that_cannot_be_tidied_up_is_told(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hpsearch.runners.dask.close_runners", _cannot)
    cluster.add_worker()
    runner = command_runner(cluster, tmp_path, ("true",), Limits())
    with pytest.raises(HpsearchError, match=r"tidied up: the disk is full"):
        runner.close()


def test_waiting_for_a_worker_is_told_and_is_no_time_of_the_trial(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = cluster.add_worker()
    runner = command_runner(cluster, tmp_path, ("true",), Limits())
    worker.kill()
    assignment = Assignment(Trial(0, 1, {}, ""), 0, tmp_path / "0000", seed=0)
    threading.Timer(2.0, runner.stop, [0.1]).start()
    outcome = runner.run(assignment)
    runner.close()
    assert outcome.state is TrialState.LOST
    assert outcome.duration_s == 0
    said = capsys.readouterr().err
    assert said.count("Dask: no worker is left; trials wait") == 1
    assert "there again" not in said


def test_a_worker_that_comes_back_is_told(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = cluster.add_worker()
    runner = command_runner(cluster, tmp_path, ("/bin/sh", "-c", "echo loss=1"), Limits())
    worker.kill()
    threading.Timer(2.0, cluster.add_worker).start()
    assignment = Assignment(Trial(0, 1, {}, ""), 0, tmp_path / "0000", seed=0)
    outcome = runner.run(assignment)
    runner.close()
    assert outcome.state is TrialState.DONE
    assert capsys.readouterr().err.count("Dask: a worker is there again") == 1


def test_a_scheduler_that_is_gone_is_told_in_one_line(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hpsearch.runners.dask.CONNECT_S", 3.0)
    cluster.add_worker()
    runner = command_runner(cluster, tmp_path, ("/bin/sh", "-c", "sleep 60"), Limits())
    assignment = Assignment(Trial(0, 1, {}, ""), 0, tmp_path / "0000", seed=0)
    killer = threading.Timer(1.0, cluster.processes[0].kill)
    killer.start()
    with pytest.raises(HpsearchError, match=r"scheduler tcp://\S+ is gone; what is done is kept"):
        runner.run(assignment)
    runner.close()


def test_an_answer_lost_with_its_worker_is_no_news_and_other_warnings_are(
    caplog: pytest.LogCaptureFixture, shared_cluster: Cluster, tmp_path: Path
) -> None:
    from distributed.client import AllExit

    command_runner(shared_cluster, tmp_path, ("true",), Limits()).close()
    # As distributed 2026.8 and asyncio say it where a worker dies with an answer on its way.
    logging.getLogger("distributed.client").warning(
        "Couldn't gather %s keys, rescheduling %s", 1, "a"
    )
    logging.getLogger("asyncio").error("Task exception was never retrieved", exc_info=AllExit())
    logging.getLogger("distributed.client").warning("Couldn't connect")
    logging.getLogger("asyncio").error("Task exception was never retrieved", exc_info=OSError())
    assert [record.message for record in caplog.records] == [
        "Couldn't connect",
        "Task exception was never retrieved",
    ]


def test_a_poison_trial_is_failed_and_no_other_is(cluster: Cluster, tmp_path: Path) -> None:
    """Trial 5 kills the very worker that supervises it, again and again."""
    write_dask_config(tmp_path, cluster, function="kills_its_worker", trials=12, rounds=1, jobs=2)
    for _ in range(7):
        cluster.add_worker()
    done = hpsearch(tmp_path, "run", "bowl.yaml")
    assert done.returncode == 0, done.stderr
    states = [t["state"] for t in trials_of(last_run(tmp_path))]
    assert [number for number, state in enumerate(states) if state is TrialState.FAILED] == [5]
    assert states.count(TrialState.DONE) == 11


def test_a_killed_coordinator_leaves_no_trial_behind_and_resumes(
    shared_cluster: Cluster, tmp_path: Path
) -> None:
    write_dask_config(tmp_path, shared_cluster, function="waits_for_a_file", trials=4, rounds=1)
    # The workers do not have the test's environment: the file is named in the trial's own folder.
    process = start(tmp_path, "run", "bowl.yaml")

    def run() -> RunFolder:
        return last_run(tmp_path)

    assert eventually(lambda: len(list(tmp_path.glob("runs/*/trials/*/runs"))) == 2)
    process.kill()
    process.communicate()
    assert eventually(lambda: not _running_in(tmp_path), within_s=10)
    for number in range(4):
        run().trial_dir(number).mkdir(parents=True, exist_ok=True)
        (run().trial_dir(number) / "go").touch()
    done = hpsearch(tmp_path, "resume", "last")
    assert done.returncode == 0, done.stderr
    assert [t["state"] for t in trials_of(run())] == [TrialState.DONE] * 4


def _running_in(folder: Path) -> list[int]:
    """Processes whose output goes to the trials of this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.path.realpath(entry / "fd" / "1").startswith(str(folder / "runs")):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def test_time_is_measured_on_the_worker(shared_cluster: Cluster, tmp_path: Path) -> None:
    runner = command_runner(
        shared_cluster, tmp_path, ("/bin/sh", "-c", "sleep 0.3; echo loss=1"), Limits()
    )
    before = time.time()
    outcome = runner.run(Assignment(Trial(0, 1, {}, ""), 0, tmp_path / "0000", seed=0))
    runner.close()
    assert outcome.started >= before - 1
    assert 0.3 <= outcome.duration_s < 5


def test_promoted_trials_go_on_from_their_checkpoints_on_any_worker(
    shared_cluster: Cluster, tmp_path: Path
) -> None:
    runs = []
    for name in ("local", "dask"):
        folder = tmp_path / name
        folder.mkdir()
        more = {"trials": 9, "max": 9, "sampler": "random, lag: 4"}
        if name == "dask":
            more |= {"runner": "dask", "more": f", scheduler: '{shared_cluster.address}'"}
        write_budget_config(folder, **more)
        done = hpsearch(folder, "run", "bowl.yaml")
        assert done.returncode == 0, done.stderr
        runs.append(all_of(last_run(folder)))
    assert runs[0] == runs[1]


def test_a_worker_that_cannot_see_the_checkpoint_starts_over_and_says_so(
    shared_cluster: Cluster, tmp_path: Path
) -> None:
    """The token in the run's folder is another one, as if it were another folder of that name."""
    more = {"runner": "dask", "more": f", scheduler: '{shared_cluster.address}'"}
    path = write_budget_config(tmp_path, trials=4, max=9, **more)
    run = create_run(load_config(path), Overrides(), tmp_path / "runs")
    with open_session(run) as session:
        (run.path / ".dask-token").write_text("another folder")
        assert session.search(_Silent()).run().kind == "finished"
    later = [s for s in segments_of(run) if s.segment.index]
    assert later
    for segment in later:
        assert segment.began == 0
        assert segment.state is TrialState.DONE
        assert "does not share the run's folder" in segment.note


class _Silent:
    def round_opened(self, round_: object) -> None:
        pass

    def results(self, results: object) -> None:
        pass

    def goes_on(self, trial: object) -> None:
        pass
