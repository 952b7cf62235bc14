"""One writer for each run: a lock that the system drops when its holder dies, however it dies.

`store` takes it; readers only ask who holds it.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from hpsearch.errors import RunBusyError, StoreError

# A reader that asks who the writer is holds the lock for microseconds; a writer outwaits it.
ATTEMPTS = 10
PAUSE_S = 0.02


@dataclass(frozen=True)
class Holder:
    """The process that holds a lock."""

    pid: int
    host: str


class WriterLock:
    """An exclusive `flock` on a file that names its holder.

    Raises:
        RunBusyError: with the pid and the host of the process that holds it.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}") from error
        for attempt in range(ATTEMPTS):
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if attempt == ATTEMPTS - 1:
                    os.close(self._fd)
                    holder = _read_holder(path)
                    raise RunBusyError(path.parent.name, holder.pid, holder.host) from None
                time.sleep(PAUSE_S)
        os.ftruncate(self._fd, 0)
        holder_json = json.dumps({"pid": os.getpid(), "host": socket.gethostname()})
        os.pwrite(self._fd, holder_json.encode(), 0)

    def release(self) -> None:
        """Let the next writer in; more than once does no harm."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> WriterLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _read_holder(path: Path) -> Holder:
    try:
        data = json.loads(path.read_text())
        return Holder(int(data["pid"]), str(data["host"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder(0, "an unknown host")


def current_writer(path: Path) -> Holder | None:
    """The process that holds the lock at this moment; None if nobody does."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _read_holder(path)
    finally:
        os.close(fd)
    return None
