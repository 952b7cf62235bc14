from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import hpsearch
from hpsearch.cli import VERBS, main
from hpsearch.errors import ConfigError, HpsearchError, NoTrialSucceededError, Problem


def invoke_raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> click.testing.Result:
    @click.command()
    def ls() -> None:
        raise error

    monkeypatch.setattr("hpsearch.cli.ls.ls", ls)
    return CliRunner().invoke(main, ["ls"])


def test_an_error_of_ours_is_one_line_on_stderr_with_its_exit_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = invoke_raising(HpsearchError("no such thing"), monkeypatch)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "error: no such thing\n")
    assert invoke_raising(NoTrialSucceededError("none"), monkeypatch).exit_code == 3


def test_the_problems_of_a_config_begin_with_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem("bad.yaml", 6, 20, "space.x.min", "is wrong")
    result = invoke_raising(ConfigError([problem]), monkeypatch)
    assert result.stderr == "bad.yaml:6:20: space.x.min: is wrong\n1 error\n"


def test_ctrl_c_ends_with_130_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    result = invoke_raising(KeyboardInterrupt(), monkeypatch)
    assert (result.exit_code, result.output) == (130, "")


def test_a_mistake_of_our_own_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    result = invoke_raising(ZeroDivisionError("ours"), monkeypatch)
    assert isinstance(result.exception, ZeroDivisionError)


@pytest.mark.parametrize("code", [0, 3, 130])
def test_what_a_verb_returns_is_the_exit_code(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def ls() -> int:
        return code

    monkeypatch.setattr("hpsearch.cli.ls.ls", ls)
    assert CliRunner().invoke(main, ["ls"]).exit_code == code


def test_an_unknown_verb_is_a_usage_error() -> None:
    assert CliRunner().invoke(main, ["shwo"]).exit_code == 2


def test_the_version_is_that_of_the_package() -> None:
    assert CliRunner().invoke(main, ["--version"]).output.strip().endswith(hpsearch.__version__)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_verb_has_help_with_an_example(verb: str, option: str) -> None:
    result = CliRunner().invoke(main, [verb, option])
    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"hpsearch {verb}" in result.output
    assert max(map(len, result.output.splitlines())) <= 80


def test_help_and_completion_import_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from hpsearch.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'numpy', 'yaml', 'joblib', 'tqdm', 'sqlite3'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(verb in done.stdout for verb in VERBS)


def test_a_reader_that_goes_away_early_is_no_error(tmp_path: Path) -> None:
    from tests.made_runs import make_run

    make_run(tmp_path / "runs")
    for verb in ("export", "show"):
        command = f"{sys.executable} -m hpsearch {verb} --runs {tmp_path}/runs | head -n 1"
        done = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.stderr == ""
        assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("typed", "meant"), [("shwo", "show"), ("Run", "run"), ("reusme", "resume")]
)
def test_an_unknown_verb_is_told_with_the_one_that_is_meant(typed: str, meant: str) -> None:
    result = CliRunner().invoke(main, [typed])
    assert f"No such command {typed!r}. Did you mean {meant}?" in result.stderr


def test_a_verb_like_no_other_is_told_without_a_guess() -> None:
    assert "No such command 'xyzzy'.\n" in CliRunner().invoke(main, ["xyzzy"]).stderr


def test_jobs_of_0_is_told_with_all_that_is_possible() -> None:
    result = CliRunner().invoke(main, ["plan", "a.yaml", "--jobs", "0"])
    assert result.exit_code == 2
    said = " ".join(result.stderr.split())
    assert "1 or more, or -1 for one for each core, -2 for one less" in said
