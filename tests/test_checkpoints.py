"""Checkpoints: what is sealed is whole, stays as it was, and comes back as a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch import checkpoints


def write(path: Path, text: str, as_folder: bool) -> None:
    if as_folder:
        path.mkdir(parents=True, exist_ok=True)
        (path / "state").write_text(text)
    else:
        path.write_text(text)


def read(path: Path) -> str:
    return (path / "state").read_text() if path.is_dir() else path.read_text()


@pytest.mark.parametrize("as_folder", [False, True])
def test_a_program_gets_a_copy_that_it_can_ruin(tmp_path: Path, as_folder: bool) -> None:
    write(tmp_path / "checkpoint", "three", as_folder)
    checkpoints.seal(tmp_path, 3)
    assert not checkpoints.exists(tmp_path)
    sealed = checkpoints.sealed_path(tmp_path, 3)
    for _ in range(2):
        assert checkpoints.put_back(tmp_path, sealed)
        assert read(tmp_path / "checkpoint") == "three"
        write(tmp_path / "checkpoint", "half of", as_folder)
    assert read(sealed) == "three"


@pytest.mark.parametrize("was_folder", [False, True])
@pytest.mark.parametrize("is_folder", [False, True])
def test_what_a_killed_attempt_left_is_replaced(
    tmp_path: Path, was_folder: bool, is_folder: bool
) -> None:
    write(tmp_path / "checkpoint", "one", is_folder)
    checkpoints.seal(tmp_path, 1)
    write(tmp_path / "checkpoint", "rubbish", was_folder)
    write(tmp_path / ".checkpoint.new", "half a copy", was_folder)
    checkpoints.put_back(tmp_path, checkpoints.sealed_path(tmp_path, 1))
    assert read(tmp_path / "checkpoint") == "one"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["checkpoint", "checkpoint.at-1"]
    write(tmp_path / "checkpoint", "two", is_folder)
    checkpoints.seal(tmp_path, 1)  # sealed again: its first outcome never came to be known
    assert read(checkpoints.sealed_path(tmp_path, 1)) == "two"


def test_to_begin_with_nothing_removes_what_is_there(tmp_path: Path) -> None:
    write(tmp_path / "checkpoint", "half", True)
    assert not checkpoints.put_back(tmp_path, None)
    assert not checkpoints.put_back(tmp_path / "nowhere", tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []


def test_only_the_newest_sealed_one_is_kept(tmp_path: Path) -> None:
    for budget in (1, 3, 9):
        write(tmp_path / "checkpoint", str(budget), budget == 3)
        checkpoints.seal(tmp_path, budget)
    checkpoints.remove_sealed(tmp_path, keep=9)
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint.at-9"]
    checkpoints.remove_sealed(tmp_path)
    assert list(tmp_path.iterdir()) == []
