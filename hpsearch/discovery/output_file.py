"""Writing a config that was not there before; `init` and `import` share it."""

from __future__ import annotations

from pathlib import Path

from hpsearch.errors import HpsearchError
from hpsearch.files import atomic_writer


def write_new(path: Path, text: str, force: bool) -> None:
    """Write a file, whole or not at all.

    Args:
        force: whether a file that is there may be overwritten.
    Raises:
        HpsearchError: if it is there, or cannot be written.
    """
    if path.exists() and not force:
        raise HpsearchError(
            f"{path} exists; --force overwrites it, --output FILE writes to another place"
        )
    try:
        with atomic_writer(path) as file:
            file.write(text)
    except OSError as error:
        raise HpsearchError(f"{path} cannot be written: {error.strerror or error}") from None
