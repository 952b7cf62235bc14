from __future__ import annotations

import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hpsearch.cli import main
from hpsearch.run_folder import RunFolder
from hpsearch.store import Store
from hpsearch.trial import Trial
from tests.made_runs import ONE, START, done, make_run


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("hpsearch.cli.logs.POLL_S", 0.01)
    made = make_run(Path("runs"), ONE, lambda t: done(t, 1.0), stop_after=2)
    made.trial_dir(1).mkdir()
    (made.trial_dir(1) / "stdout.log").write_bytes(b"epoch 1\n\xff\n")
    (made.trial_dir(1) / "stderr.log").write_bytes(b"warning\n")
    return made


def hpsearch(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def test_both_logs_go_to_stdout_with_headings_on_stderr(run: RunFolder) -> None:
    result = hpsearch("logs", "last", "1")
    assert result.stdout_bytes == b"epoch 1\n\xff\nwarning\n"
    assert result.stderr.splitlines() == [
        "==> runs/one-0001/trials/0001/stdout.log <==",
        "==> runs/one-0001/trials/0001/stderr.log <==",
    ]


@pytest.mark.parametrize(
    ("option", "text"), [("--stdout", b"epoch 1\n\xff\n"), ("--stderr", b"warning\n")]
)
def test_one_log_is_printed_alone(run: RunFolder, option: str, text: bytes) -> None:
    result = hpsearch("logs", "last", "1", option)
    assert (result.stdout_bytes, result.stderr) == (text, "")


def test_a_trial_without_logs_says_so(run: RunFolder) -> None:
    result = hpsearch("logs", "last", "0")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "there is no runs/one-0001/trials/0000/stdout.log" in result.stderr


def test_an_empty_log_says_so(run: RunFolder) -> None:
    (run.trial_dir(1) / "stderr.log").write_bytes(b"")
    assert "stderr.log is empty" in hpsearch("logs", "last", "1").stderr


def test_a_trial_that_is_not_there_is_an_error(run: RunFolder) -> None:
    assert "its trials are 0 to 1" in hpsearch("logs", "last", "7").stderr
    assert hpsearch("logs", "last", "7", "--follow").exit_code == 1


def test_follow_ends_at_once_where_nothing_runs(run: RunFolder) -> None:
    assert hpsearch("logs", "last", "1", "--follow", "--stdout").stdout_bytes.startswith(b"epoch")


def test_follow_waits_for_a_trial_and_reads_it_to_its_end(run: RunFolder) -> None:
    log = run.trial_dir(2) / "stdout.log"
    trial = Trial(2, 1, {"x": 0.0}, "random")
    followed: list[Result] = []
    follower = threading.Thread(
        target=lambda: followed.append(hpsearch("logs", "last", "2", "--follow", "--stdout"))
    )
    with Store(run) as store:
        follower.start()
        store.start(trial, START)
        log.parent.mkdir()
        log.write_bytes(b"epoch 1\n")
        with log.open("ab") as file:
            file.write(b"epoch 2\n")
        store.finish(2, done(trial, 1.0))
        follower.join(timeout=30)
    assert not follower.is_alive()
    assert followed[0].stdout_bytes == b"epoch 1\nepoch 2\n"
