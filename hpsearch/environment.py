"""What a run ran on: versions, host and the state of the code, as one record.

`launch` writes it into the run folder, and says at a resume what has changed since.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from hpsearch.version import __version__

GIT_TIMEOUT_S = 5
COMPARED = ("hpsearch", "python", "git_commit", "git_dirty", "packages")


def describe_environment(code_folder: Path) -> dict[str, Any]:
    """The environment as JSON can write it.

    Args:
        code_folder: where the config lies; its git repository, if any, is described.
    """
    packages = {
        str(distribution.metadata["Name"]): distribution.version
        for distribution in importlib.metadata.distributions()
    }
    commit = _git(code_folder, "rev-parse", "HEAD")
    changes = _git(code_folder, "status", "--porcelain") if commit else None
    return {
        "hpsearch": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "host": socket.gethostname(),
        "cores": usable_cores(),
        "command": sys.argv,
        "folder": os.getcwd(),
        "git_commit": commit,
        "git_dirty": None if changes is None else bool(changes),
        "packages": dict(sorted(packages.items())),
    }


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def changes_since(record: Path, now: dict[str, Any]) -> list[str]:
    """What is different now from the record, each in a few words."""
    try:
        then = json.loads(record.read_text())
    except (OSError, ValueError):
        return []
    changes = []
    for key in COMPARED:
        before, after = then.get(key), now[key]
        if key == "packages":
            names = sorted(
                name
                for name in {*(before or {}), *after}
                if (before or {}).get(name) != after.get(name)
            )
            changes += [
                f"{name} {(before or {}).get(name, 'absent')} -> {after.get(name, 'absent')}"
                for name in names
            ]
        elif before != after:
            changes.append(f"{key} {before} -> {after}")
    return changes


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=GIT_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
