"""`hpsearch show | head`: whoever reads may stop, and that is no mistake of anybody."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hpsearch.trial import TrialState
from tests.made_runs import make_run
from tests.whole_runs import command, last_run, states_of, write_config

ROOT = Path(__file__).parent.parent.parent


def into_a_closed_pipe(folder: Path, *arguments: str, both: bool = False) -> tuple[int, str]:
    """Exit code and stderr of a command whose stdout nobody reads (nor stderr, with `both`)."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command(*arguments),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=writing,
        stderr=writing if both else subprocess.PIPE,
        text=True,
        timeout=60,
    )
    os.close(writing)
    return done.returncode, done.stderr or ""


@pytest.mark.parametrize(
    "arguments",
    [
        "show",
        "show last 0",
        "show --json",
        "ls",
        "compare 1 1",
        "best",
        "export",
        "export --format json",
        "schema",
    ],
)
def test_a_screen_that_is_read_no_further_ends_quietly(tmp_path: Path, arguments: str) -> None:
    make_run(tmp_path / "runs")
    assert into_a_closed_pipe(tmp_path, *arguments.split()) == (0, "")


def test_the_exit_code_of_check_is_about_all_configs_although_nobody_reads(tmp_path: Path) -> None:
    write_config(tmp_path, "instant_bowl")
    (tmp_path / "bad.yaml").write_text("space: {}\n")
    exit_code, said = into_a_closed_pipe(tmp_path, "check", "bowl.yaml", "bad.yaml")
    assert exit_code == 1
    assert "bad.yaml:1:" in said


@pytest.mark.parametrize("both", [False, True], ids=["stdout", "stdout and stderr"])
@pytest.mark.parametrize(("function", "exit_code"), [("instant_bowl", 0), ("always_fails", 3)])
def test_a_run_whose_output_nobody_reads_goes_on_and_its_exit_code_says_how_it_went(
    tmp_path: Path, function: str, exit_code: int, both: bool
) -> None:
    write_config(tmp_path, function, jobs=1, rounds=1, trials=3)
    ended, said = into_a_closed_pipe(tmp_path, "run", "bowl.yaml", both=both)
    assert ended == exit_code, said
    state = TrialState.DONE if exit_code == 0 else TrialState.FAILED
    assert states_of(last_run(tmp_path)) == [state] * 3


@pytest.mark.parametrize("closed", ["<&- >&- 2>&-", "2>&-", ">&-"])
def test_a_run_that_is_started_without_its_streams_goes_on_as_any(
    tmp_path: Path, closed: str
) -> None:
    write_config(tmp_path, "instant_bowl", jobs=1, rounds=1, trials=3)
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *command("run", "bowl.yaml")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert states_of(last_run(tmp_path)) == [TrialState.DONE] * 3
