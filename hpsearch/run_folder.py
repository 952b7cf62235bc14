"""The folder of one run, `runs/digits-0003/`: the names of its files, and finding it again.

What is inside the files is the business of `store` and of the runners.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from hpsearch.errors import RunNotFoundError

DEFAULT_RUNS = "runs"
RUNS_VARIABLE = "HPSEARCH_RUNS"
"""Where the runs live if nobody says otherwise, and the environment variable that does."""
MOST_LISTED = 6
"""Runs that a message names, where several are meant."""

_RUN_NAME = re.compile(r"(?P<name>.+)-(?P<number>\d{4,})")


@dataclass(frozen=True)
class RunFolder:
    """The file names of one run.

    Attributes:
        path: the folder itself.
    """

    path: Path

    @property
    def name(self) -> str:
        """`digits-0003`."""
        return self.path.name

    @property
    def number(self) -> int | None:
        """3; None for a folder that was renamed to something else."""
        match = _RUN_NAME.fullmatch(self.name)
        return int(match["number"]) if match else None

    @property
    def config_name(self) -> str:
        """`digits`, the name in the config."""
        match = _RUN_NAME.fullmatch(self.name)
        return match["name"] if match else self.name

    @property
    def config_path(self) -> Path:
        """The config as it was given; the run is driven by this copy."""
        return self.path / "config.yaml"

    @property
    def store_path(self) -> Path:
        """The results store."""
        return self.path / "results.db"

    @property
    def lock_path(self) -> Path:
        """Held by the one process that writes the store."""
        return self.path / "lock"

    @property
    def environment_path(self) -> Path:
        """What the run ran on."""
        return self.path / "environment.json"

    @property
    def stop_path(self) -> Path:
        """Written by `hpsearch stop`, for the process that runs the run."""
        return self.path / "stop"

    @property
    def orders_path(self) -> Path:
        """What people want done with a panda's next day, a line each."""
        return self.path / "orders.jsonl"

    @property
    def start_dir(self) -> Path:
        """The checkpoint that a panda starts from, where it has one from another run."""
        return self.path / "start"

    def trial_dir(self, number: int) -> Path:
        """The folder of one trial."""
        return Path(f"{self.path}/trials/{number:04d}")

    def exists(self) -> bool:
        """Whether a run lives here."""
        return self.store_path.is_file()


def create_run_folder(runs_dir: Path, name: str) -> RunFolder:
    """A new empty folder `name-0001`, `name-0002`, ...; safe when several runs start at once."""
    runs_dir.mkdir(parents=True, exist_ok=True)
    taken = (RunFolder(path) for path in runs_dir.glob(f"{name}-*"))
    number = max((run.number or 0 for run in taken if run.config_name == name), default=0) + 1
    while True:
        path = runs_dir / f"{name}-{number:04d}"
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
            continue
        (path / "trials").mkdir()
        return RunFolder(path)


def list_runs(runs_dir: Path) -> list[RunFolder]:
    """The runs in a folder, oldest first."""
    if not runs_dir.is_dir():
        return []
    runs = [RunFolder(path) for path in runs_dir.iterdir()]
    return sorted((run for run in runs if run.exists()), key=_age_key)


def _age_key(run: RunFolder) -> tuple[int, str]:
    """The config's copy is written once, when the run is made."""
    made = run.config_path if run.config_path.is_file() else run.path
    return made.stat().st_mtime_ns, run.name


def find_run(runs_dir: Path, reference: str) -> RunFolder:
    """The run that a person means.

    Args:
        reference: a path, a name (`digits-0003`), a config's name (`digits`: its newest run), a
            number (`3`), or `last`.
    Raises:
        RunNotFoundError: if none or several answer to it; the message lists the newest of them.
    """
    by_path = RunFolder(Path(reference))
    if ("/" in reference or by_path.path.is_dir()) and by_path.exists():
        return RunFolder(Path(reference).resolve())
    runs = list_runs(runs_dir)
    if not runs:
        raise RunNotFoundError(
            f"no run {reference!r}: there are no runs in {runs_dir}; "
            "start one with: hpsearch run CONFIG"
        )
    if reference == "last":
        return runs[-1]
    named = [run for run in runs if run.name == reference]
    if not named and reference.isdigit():
        named = [run for run in runs if run.number == int(reference)]
        if len(named) > 1:
            listed = ", ".join(run.name for run in named[-MOST_LISTED:])
            older = f" and {more} older ones" if (more := len(named) - MOST_LISTED) > 0 else ""
            raise RunNotFoundError(
                f"run {reference} could be any of {listed}{older}; give the name"
            )
    named = named or [run for run in runs if run.config_name == reference][-1:]
    if named:
        return named[0]
    close = difflib.get_close_matches(reference, [run.name for run in runs], n=1)
    hint = f"did you mean {close[0]}?" if close else f"the newest is {runs[-1].name}"
    raise RunNotFoundError(f"no run {reference!r} in {runs_dir}; {hint}")
