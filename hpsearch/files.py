"""Writing a file so that it is either the old one or the new one, never half of it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


@contextmanager
def atomic_writer(path: Path) -> Iterator[IO[str]]:
    """A text file that appears under its name when the block ends without an error."""
    fd, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(fd, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def why_not_written(path: Path, error: OSError) -> str:
    """In a line; the error's own words miss that it is the folder which is not there."""
    is_folder_missing = isinstance(error, FileNotFoundError) and not path.parent.is_dir()
    why = f"there is no folder {path.parent}" if is_folder_missing else error.strerror or error
    return f"{path} cannot be written: {why}"


def write_json(path: Path, data: Any) -> None:
    """Write data as JSON, atomically."""
    with atomic_writer(path) as file:
        json.dump(data, file, indent=2)
        file.write("\n")
