"""The verbs that read: ls, show, compare, best and export, through the command line."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from hpsearch.cli import main
from hpsearch.views.text import display_width
from tests.made_runs import DIGITS, ONE, digits_outcome, done, failed, make_run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HPSEARCH_RUNS", raising=False)
    return tmp_path


def hpsearch(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def strict(text: str) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not strict JSON")

    return json.loads(text, parse_constant=refuse)


def test_without_runs_ls_says_how_to_start_one_and_is_no_error() -> None:
    result = hpsearch("ls")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no runs in runs yet; start one with: hpsearch run CONFIG\n"
    assert strict(hpsearch("ls", "--json").stdout) == []


def test_ls_lists_the_runs_oldest_first() -> None:
    make_run(Path("runs"))
    make_run(Path("runs"), ONE, lambda t: done(t, float("1e9")), stop_after=2, ending="")
    lines = hpsearch("ls").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["digits-0001", "one-0001"]
    first, second = strict(hpsearch("ls", "--json").stdout)
    assert (first["run"], first["state"], first["trials"], first["failed"]) == (
        "digits-0001",
        "finished",
        60,
        5,
    )
    assert first["best"]["trial"] == 9
    assert (second["state"], second["trials"], second["planned"]) == ("killed", 2, 4)


def test_show_takes_the_newest_run_unless_it_is_told_another() -> None:
    make_run(Path("runs"))
    make_run(Path("runs"), ONE, lambda t: done(t, 1.0))
    assert hpsearch("show").stdout.startswith("one-0001 · finished")
    assert hpsearch("show", "digits").stdout.startswith("digits-0001 · finished")


def test_show_prints_no_colours_where_there_is_no_terminal() -> None:
    make_run(Path("runs"))
    assert "\x1b" not in hpsearch("show").stdout
    coloured = CliRunner().invoke(main, ["show"], color=True)
    assert "\x1b" in coloured.stdout
    plain = CliRunner().invoke(main, ["show"], color=True, env={"NO_COLOR": "1"})
    assert "\x1b" not in plain.stdout


def test_show_json_is_strict_and_complete() -> None:
    make_run(Path("runs"))
    data = strict(hpsearch("show", "--json").stdout)
    assert data["run"] == "digits-0001"
    assert data["best"]["number"] == data["top"][0]["number"] == 9
    assert len(data["top"]) == 10
    assert data["counts"] == {"done": 55, "failed": 3, "diverged": 2}
    assert [round_["round"] for round_ in data["rounds"]] == [1, 2, 3]
    columns = {column["column"]: column for column in data["rounds"][1]["columns"]}
    assert columns["optimizer"]["values"] == ["momentum", "adam"]
    assert columns["learning_rate"]["max"] == 1.0
    assert data["best_so_far"][-1]["trial"] == 9
    assert data["failures"][0]["first_numbers"] == [11, 34, 57]


def test_show_of_a_trial_and_its_json() -> None:
    make_run(Path("runs"), evaluate=lambda t: done(t, 1.0, broken=float("nan")))
    assert hpsearch("show", "last", "3").stdout.startswith("digits-0001, trial 3 · done")
    data = strict(hpsearch("show", "last", "3", "--json").stdout)
    assert (data["number"], data["rank"], data["of"]) == (3, 1, 60)
    assert data["metrics"] == {"broken": None}
    assert data["curves"]["val_error"]["values"][:2] == [1.0, 0.5]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["show"], "error: no run 'last': there are no runs in runs"),
        (["best", "nope"], "error: no run 'nope'"),
        (["export", "nope"], "error: no run 'nope'"),
        (["compare", "a", "b"], "error: no run 'a'"),
        (["logs", "nope", "0"], "error: no run 'nope'"),
    ],
)
def test_a_run_that_is_not_there_is_one_line(args: list[str], message: str) -> None:
    result = hpsearch(*args)
    assert result.exit_code == 1
    assert result.stderr.startswith(message)
    assert len(result.stderr.splitlines()) == 1


def test_a_trial_that_is_not_there_is_one_line() -> None:
    make_run(Path("runs"), ONE, lambda t: done(t, 1.0))
    result = hpsearch("show", "last", "9")
    assert (result.exit_code, result.stderr) == (
        1,
        "error: one-0001 has no trial 9; its trials are 0 to 3\n",
    )
    assert hpsearch("show", "last", "nine").exit_code == 2


def test_a_damaged_store_is_one_line() -> None:
    run = make_run(Path("runs"), ONE, lambda t: done(t, 1.0))
    run.store_path.write_bytes(b"x" * 10_000)
    for verb in ("show", "best", "export"):
        result = hpsearch(verb)
        assert result.exit_code == 1
        assert "not a database" in result.stderr
        assert len(result.stderr.splitlines()) == 1


def test_the_next_commands_find_a_run_in_another_folder_again() -> None:
    make_run(Path("elsewhere"))
    for args in (["--runs", "elsewhere"], ["elsewhere/digits-0001"]):
        shown = hpsearch("show", *args).stdout
        (command,) = [line for line in shown.splitlines() if "hpsearch best" in line]
        words = command.split("   ")[0].split()[1:]
        assert hpsearch(*words).exit_code == 0, shown


def test_compare_shows_two_runs_and_refuses_one() -> None:
    make_run(Path("runs"))
    make_run(Path("runs"), DIGITS.replace("seed: 0", "seed: 1"), digits_outcome)
    result = hpsearch("compare", "1", "2")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].split() == ["digits-0001", "digits-0002"]
    assert max(map(display_width, result.stdout.splitlines())) <= 80
    data = strict(hpsearch("compare", "1", "2", "--json").stdout)
    assert data["differences"] == {"search.seed": ["0", "1"]}
    assert data["comparable"] is True
    assert data["winner"] in ("digits-0001", "digits-0002")
    assert hpsearch("compare", "1").exit_code == 2


def test_best_prints_the_same_values_in_every_format() -> None:
    make_run(Path("runs"))
    values = yaml.safe_load(hpsearch("best").stdout)
    assert json.loads(hpsearch("best", "--format", "json").stdout) == values
    args = hpsearch("best", "--format", "args").stdout.split()
    assert f"--learning_rate={values['learning_rate']}" in args
    assert f"--hidden_units={','.join(map(str, values['hidden_units']))}" in args
    top = yaml.safe_load(hpsearch("best", "--top", "3").stdout)
    assert len(top) == 3
    assert top[0] == values


def test_best_values_can_be_the_start_of_another_run() -> None:
    make_run(Path("runs"))
    points = yaml.safe_load(hpsearch("best", "--top", "3").stdout)
    config = yaml.safe_load(DIGITS.replace("1e-4", "1.0e-4"))
    config["search"]["start_with"] = points
    Path("again.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    assert hpsearch("check", "again.yaml").exit_code == 0


def test_best_of_a_run_without_a_success_ends_with_3_and_one_line() -> None:
    make_run(Path("runs"), evaluate=failed, stop_after=3, ending="broken")
    result = hpsearch("best")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "error: digits-0001: no trial has succeeded\n"


def test_export_to_stdout_and_to_a_file_are_the_same() -> None:
    make_run(Path("runs"))
    for format_ in ("csv", "json", "jsonl"):
        printed = hpsearch("export", "--format", format_).stdout
        result = hpsearch("export", "--format", format_, "--output", f"out.{format_}")
        assert result.exit_code == 0
        assert result.stdout == ""
        assert Path(f"out.{format_}").read_text() == printed
    assert len(list(csv.reader(io.StringIO(hpsearch("export").stdout)))) == 61
    assert len(strict(Path("out.json").read_text())["trials"]) == 60


def test_an_export_that_fails_leaves_the_old_file_and_is_one_line(here: Path) -> None:
    run = make_run(Path("runs"))
    Path("out.csv").write_text("old")
    data = run.store_path.read_bytes()
    run.store_path.write_bytes(data[: len(data) // 2])
    result = hpsearch("export", "--output", "out.csv")
    assert result.exit_code == 1
    assert Path("out.csv").read_text() == "old"
    assert sorted(path.name for path in here.iterdir()) == ["out.csv", "runs"]
    run.store_path.write_bytes(data)
    result = hpsearch("export", "--output", "no/such/folder.csv")
    assert result.exit_code == 1
    assert result.stderr == (
        "error: no/such/folder.csv cannot be written: there is no folder no/such\n"
    )


def test_a_terminal_without_unicode_gets_ascii() -> None:
    make_run(Path("runs"))
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for args in (["show"], ["ls"], ["compare", "last", "last"], ["show", "last", "3"]):
        done_ = subprocess.run(
            [sys.executable, "-m", "hpsearch", *args],
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done_.returncode == 0, done_.stderr
        assert done_.stdout.isascii()
