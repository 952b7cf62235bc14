"""Paths that cannot be: each is told in one line, before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hpsearch.cli import main
from tests.made_runs import make_run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HPSEARCH_RUNS", raising=False)
    return tmp_path


def hpsearch(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


@pytest.mark.parametrize("empty", ["", " "])
@pytest.mark.parametrize(
    "arguments",
    ["run", "check", "plan", "import", "ls --runs", "export --output", "init -o", "import a -o"],
)
def test_an_empty_path_is_told_as_such_and_writes_nothing(
    here: Path, arguments: str, empty: str
) -> None:
    result = hpsearch(*arguments.split(), empty)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].endswith(
        ": the path is empty; is a variable of the shell not set?"
    )
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("output", "exit_code", "said"),
    [
        (".", 2, ". is a folder; name a file in it"),
        ("new/", 2, "new/ is a folder; name a file in it"),
        ("/dev/null", 2, "/dev/null is no regular file"),
        ("no/such/x.csv", 1, "no/such/x.csv cannot be written: there is no folder no/such"),
        ("runs/digits-0001/config.yaml/x.csv", 1, "x.csv cannot be written: Not a directory"),
        ("x" * 300, 1, "cannot be written: File name too long"),
    ],
)
@pytest.mark.parametrize("verb", ["export", "init"])
def test_a_place_where_no_file_can_be_is_told_in_one_line(
    here: Path, verb: str, output: str, exit_code: int, said: str
) -> None:
    make_run(here / "runs")
    result = hpsearch(verb, "--output", output)
    assert result.exit_code == exit_code, result.output
    assert result.stderr.splitlines()[-1].endswith(said)
    assert [path.name for path in here.iterdir()] == ["runs"]


def test_export_to_a_dash_prints_as_without_it(here: Path) -> None:
    make_run(here / "runs")
    assert hpsearch("export", "-o", "-").stdout == hpsearch("export").stdout != ""
    assert [path.name for path in here.iterdir()] == ["runs"]
