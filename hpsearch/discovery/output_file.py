"""Writing a config that was not there before; `init` and `import` share it."""

from __future__ import annotations

import os
from pathlib import Path

from hpsearch.errors import HpsearchError
from hpsearch.files import atomic_writer, why_not_written


def write_new(path: Path, text: str, force: bool) -> None:
    """Write a file, whole or not at all.

    Args:
        force: whether a file that is there may be overwritten.
    Raises:
        HpsearchError: if it is there, or cannot be written.
    """
    if os.path.exists(path) and not force:  # unlike Path.exists, whatever the name
        raise HpsearchError(
            f"{path} exists; --force overwrites it, --output FILE writes to another place"
        )
    try:
        with atomic_writer(path) as file:
            file.write(text)
    except OSError as error:
        raise HpsearchError(why_not_written(path, error)) from None
