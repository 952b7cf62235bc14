from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from hpsearch.cli import main
from tests.made_runs import ONE, done, make_run


def completions(args: list[str], incomplete: str) -> list[str]:
    complete = ShellComplete(main, {}, "hpsearch", "_HPSEARCH_COMPLETE")
    return [item.value for item in complete.get_completions(args, incomplete)]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs"
    for name in ("one", "two"):
        text = ONE.replace("one", name).replace("trials: 4", "trials: 12")
        make_run(folder, text, lambda t: done(t, 1.0))
    return folder


def test_verbs_are_completed() -> None:
    assert completions([], "sh") == ["show"]


@pytest.mark.parametrize("verb", ["show", "best", "export", "logs", "resume", "compare"])
def test_runs_are_completed_newest_first_and_last_before_all(runs: Path, verb: str) -> None:
    assert completions([verb], "") == ["last", "two-0001", "one-0001"]
    assert completions([verb], "o") == ["one-0001"]


def test_every_run_of_a_comparison_is_completed(runs: Path) -> None:
    assert completions(["compare", "one-0001"], "t") == ["two-0001"]


def test_trials_of_the_run_are_completed(runs: Path) -> None:
    assert completions(["show", "one-0001"], "1") == ["1", "10", "11"]
    assert completions(["logs", "last"], "9") == ["9"]


def test_the_folder_of_the_runs_is_heeded(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.rename(runs.parent / "elsewhere")
    assert completions(["show"], "") == ["last"]
    assert completions(["show", "--runs", "elsewhere"], "o") == ["one-0001"]
    monkeypatch.setenv("HPSEARCH_RUNS", "elsewhere")
    assert completions(["show"], "o") == ["one-0001"]
    assert completions(["show", "one-0001"], "11") == ["11"]


def test_a_run_that_is_not_there_has_no_trials_to_complete(runs: Path) -> None:
    assert completions(["show", "nope"], "") == []
