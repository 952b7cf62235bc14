"""Run folders: numbered without a clash, and found by whatever a person calls them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hpsearch.errors import RunNotFoundError
from hpsearch.run_folder import RunFolder, create_run_folder, find_run, list_runs


def make(runs: Path, name: str, made: int) -> RunFolder:
    run = create_run_folder(runs, name)
    run.store_path.touch()
    run.config_path.touch()
    os.utime(run.config_path, (made, made))
    return run


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for made, name in enumerate(["digits", "digits", "quadratic", "digits-2"], start=1000):
        make(tmp_path, name, made)
    return tmp_path


def test_runs_of_each_config_are_numbered_from_one(runs: Path) -> None:
    assert [run.name for run in list_runs(runs)] == [
        "digits-0001",
        "digits-0002",
        "quadratic-0001",
        "digits-2-0001",
    ]


def test_runs_that_start_at_once_get_folders_of_their_own(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: create_run_folder(tmp_path, "a").name, range(24)))
    assert sorted(made) == [f"a-{i:04d}" for i in range(1, 25)]


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("last", "digits-2-0001"),
        ("digits-0001", "digits-0001"),
        ("digits", "digits-0002"),
        ("2", "digits-0002"),
        ("0002", "digits-0002"),
        ("quadratic", "quadratic-0001"),
    ],
)
def test_a_run_is_found_by_name_number_config_or_last(
    runs: Path, reference: str, name: str
) -> None:
    assert find_run(runs, reference).name == name


def test_a_run_is_found_by_its_path_from_anywhere(runs: Path) -> None:
    path = runs / "quadratic-0001"
    assert find_run(Path("elsewhere"), str(path)).path == path.resolve()


@pytest.mark.parametrize(
    ("reference", "fragment"),
    [
        ("1", "could be any of digits-0001, quadratic-0001, digits-2-0001"),
        ("digits-0003", "did you mean digits-0002"),
        ("9", "no run '9'"),
    ],
)
def test_an_unclear_name_lists_what_could_be_meant(
    runs: Path, reference: str, fragment: str
) -> None:
    with pytest.raises(RunNotFoundError, match=fragment):
        find_run(runs, reference)


def test_of_many_runs_that_could_be_meant_the_newest_are_named(tmp_path: Path) -> None:
    for made, name in enumerate("abcdefgh", start=1000):
        make(tmp_path, name, made)
    listed = "could be any of c-0001, .*, h-0001 and 2 older ones; give the name"
    with pytest.raises(RunNotFoundError, match=listed):
        find_run(tmp_path, "1")


def test_without_any_run_the_message_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(RunNotFoundError, match="hpsearch run CONFIG"):
        find_run(tmp_path / "none", "last")
