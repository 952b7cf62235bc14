"""A trial's log as bytes: what is there, and, if it is followed, what is added until the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

CHUNK = 1 << 16


def follow_logs(
    paths: list[Path], is_over: Callable[[], bool], wait: Callable[[], None]
) -> Iterator[tuple[Path, bytes]]:
    """What the files hold and what is added to them, until the trial is over.

    Args:
        paths: they need not exist yet.
        is_over: whether nothing more will be written.
        wait: a short pause.
    """
    tails = [_Tail(path) for path in paths]
    while True:
        # Asked first: what was written before the end is still read.
        over = is_over()
        for tail in tails:
            for chunk in tail.new():
                yield tail.path, chunk
        if over:
            return
        wait()


class _Tail:
    """Reads a file from where it stopped the last time; from the start if it was written anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._position = 0

    def new(self) -> Iterator[bytes]:
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        with file:
            if self.path.stat().st_size < self._position:
                self._position = 0
            file.seek(self._position)
            while chunk := file.read(CHUNK):
                self._position += len(chunk)
                yield chunk
