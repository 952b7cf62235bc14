"""Checkpoints of trials that have a budget: sealed at a rung, and put back before a trial goes on.

The program keeps its own at `{trial_dir}/checkpoint`, a file or a folder. What is sealed is only
ever renamed as a whole and copied from, so that no kill leaves half a checkpoint to go on from.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

NAME = "checkpoint"
_SEALED = f"{NAME}.at-"
_UNFINISHED = f".{NAME}.new"


def sealed_path(trial_dir: Path, budget: int) -> Path:
    """Where the checkpoint of a trial that was trained to `budget` is kept."""
    return trial_dir / f"{_SEALED}{budget}"


def exists(trial_dir: Path) -> bool:
    """Whether the program has left a checkpoint."""
    return os.path.lexists(trial_dir / NAME)


def seal(trial_dir: Path, budget: int) -> None:
    """Take the program's checkpoint away from it, as that of `budget`.

    Raises:
        OSError: if there is none, or the disk refuses.
    """
    sealed = sealed_path(trial_dir, budget)
    _remove(sealed)  # of an attempt whose outcome never came to be known
    os.rename(trial_dir / NAME, sealed)


def put_back(trial_dir: Path, source: Path | None) -> bool:
    """Give the program a copy of a sealed checkpoint, in place of whatever it has left there.

    Args:
        source: None to begin with nothing.
    Returns:
        Whether there is something to go on from.
    Raises:
        OSError: if it cannot be copied.
    """
    unfinished = trial_dir / _UNFINISHED
    _remove(unfinished)
    is_there = source is not None and source.exists()
    if source is not None and is_there:
        trial_dir.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, unfinished, symlinks=True)
        else:
            shutil.copy2(source, unfinished)
    _remove(trial_dir / NAME)
    if is_there:
        os.rename(unfinished, trial_dir / NAME)
    return is_there


def remove_sealed(trial_dir: Path, below: int) -> None:
    """Remove the sealed checkpoints of a trial of lower budgets than `below`.

    Never those of higher ones: the trial may have gone on by the time this is called.
    """
    with contextlib.suppress(OSError):
        for path in list(trial_dir.glob(f"{_SEALED}*")):
            budget = path.name.removeprefix(_SEALED)
            if budget.isdecimal() and int(budget) < below:
                _remove(path)


def newest_change(trial_dir: Path) -> int:
    """When the program's checkpoint was last written (ns since the epoch); 0 if there is none."""
    return max((_changed(path) for path in _files_of(trial_dir / NAME)), default=0)


def _files_of(path: Path) -> Iterator[Path]:
    yield path
    if path.is_dir():
        yield from (Path(folder) / name for folder, _, names in os.walk(path) for name in names)


def _changed(path: Path) -> int:
    # A copied folder is new itself; what is in it keeps its times.
    try:
        return 0 if path.is_dir() else path.stat().st_mtime_ns
    except OSError:
        return 0


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
