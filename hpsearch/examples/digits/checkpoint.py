"""One file that holds a training between two epochs: arrays and a few facts, written atomically.

It is an `.npz` without pickles; the facts are JSON inside it. `training.py` says what goes in.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hpsearch.examples.digits.arrays import FloatArray

FILE_NAME = "digits.npz"
FACTS = "facts"
# What a flipped bit made np.load and json raise, in 4,000 trials; RuntimeError is what zipfile says
# to flags for encryption or an unknown compression.
DAMAGE = (ValueError, KeyError, EOFError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error)


class CheckpointError(ValueError):
    """A checkpoint that cannot be gone on from, in one line that names the file.

    Args:
        folder: where it is.
        reason: what is wrong with it, as a clause.
    """

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"{folder / FILE_NAME}: cannot go on from this checkpoint: {reason}. "
            "Delete the file to train from the beginning."
        )


def save_checkpoint(
    folder: Path, arrays: Mapping[str, FloatArray], facts: Mapping[str, Any]
) -> None:
    """Write the checkpoint of that folder; whoever kills it leaves the old one or the new one.

    Args:
        folder: made if it is missing.
        arrays: name -> array; the name `facts` is taken.
        facts: anything that JSON holds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    unfinished = folder / f"{FILE_NAME}.tmp"
    with unfinished.open("wb") as file:
        named: dict[str, Any] = {FACTS: np.frombuffer(json.dumps(facts).encode(), np.uint8)}
        named.update(arrays)
        np.savez(file, **named)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)


def load_checkpoint(folder: Path) -> tuple[dict[str, FloatArray], dict[str, Any]] | None:
    """The arrays and the facts as they were saved; None if that folder has no checkpoint.

    Raises:
        CheckpointError: the file is damaged.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return None
    content = io.BytesIO(path.read_bytes())  # np.load leaves a damaged file open
    try:
        with np.load(content, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        facts = json.loads(arrays.pop(FACTS).tobytes())
    except DAMAGE as error:
        raise CheckpointError(folder, f"it is damaged ({error})") from error
    return arrays, facts
