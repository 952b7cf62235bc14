"""Child processes in groups of their own, none of which outlives the coordinator.

`ProcessGuard` starts them and tells the watchdog; `ChildProcess` ends a whole group; `StopRequest`
wakes every thread that watches one. What the children do is the business of the runners.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from hpsearch.runners import watchdog

WATCHDOG_GOODBYE_S = 5.0


class ChildProcess:
    """A process that leads a group of its own."""

    def __init__(self, popen: subprocess.Popen[bytes], guard: ProcessGuard) -> None:
        self._popen = popen
        self._guard = guard
        self.pid = popen.pid
        # Readable when the process ends; where the system has none, callers look now and then.
        self.pid_fd: int | None = None
        if hasattr(os, "pidfd_open"):
            with contextlib.suppress(OSError):
                self.pid_fd = os.pidfd_open(popen.pid)

    def signal_group(self, signum: signal.Signals) -> None:
        """Send a signal to all the processes of the group that are left."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signum)

    def has_ended(self) -> bool:
        """Whether the leader has ended. It stays a zombie, so its group's number stays its own."""
        if not hasattr(os, "waitid"):  # macOS before Python 3.13
            return self._popen.poll() is not None
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        try:
            return os.waitid(os.P_PID, self.pid, flags) is not None
        except ChildProcessError:
            return True

    def is_followed(self) -> bool:
        """Whether processes of the group are left besides the leader; False where there is no
        /proc that would tell."""
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                # pid (name, which may hold anything) state ppid pgrp ...
                state, _, group = entry.read_text(errors="replace").rpartition(")")[2].split()[:3]
            except (OSError, ValueError):  # it has ended meanwhile
                continue
            if int(group) == self.pid and state != "Z" and entry.parent.name != str(self.pid):
                return True
        return False

    def reap(self) -> int:
        """Kill what is left of the group and return the leader's code, negative for a signal."""
        self.signal_group(signal.SIGKILL)
        code = self._popen.wait()
        self._guard.forget(self.pid)
        if self.pid_fd is not None:
            os.close(self.pid_fd)
            self.pid_fd = None
        return code


class ProcessGuard:
    """Starts processes that end with the coordinator, by whatever it is ended."""

    def __init__(self) -> None:
        self._token = secrets.token_hex(16)
        self._lock = threading.Lock()
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._groups: set[int] = set()

    def start(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        stdout: int,
        stderr: int,
        pass_fds: Sequence[int] = (),
        cwd: str | None = None,
    ) -> ChildProcess:
        """Start a command in a session of its own, its standard input empty.

        Raises:
            OSError: if it cannot be started.
        """
        with self._lock:
            self._keep_watchdog()
            while True:
                popen = subprocess.Popen(
                    command,
                    env={**env, watchdog.TOKEN_VARIABLE: self._token},
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                    pass_fds=pass_fds,
                    cwd=cwd,
                    start_new_session=True,
                )
                if _leads_a_session(popen.pid):
                    break
                popen.wait()
            self._groups.add(popen.pid)
            self._tell(f"+ {popen.pid}\n")
        return ChildProcess(popen, self)

    def forget(self, group: int) -> None:
        """The group has ended."""
        with self._lock:
            self._groups.discard(group)
            self._tell(f"- {group}\n")

    def close(self) -> None:
        """Kill whatever is left, also what has left its group."""
        with self._lock:
            process, self._watchdog = self._watchdog, None
        if process is None or process.stdin is None:
            return
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(WATCHDOG_GOODBYE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _keep_watchdog(self) -> None:
        if self._watchdog is not None and self._watchdog.poll() is None:
            return
        script = str(Path(watchdog.__file__))
        self._watchdog = subprocess.Popen(
            [sys.executable, "-I", "-S", script, self._token],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )
        for group in self._groups:
            self._tell(f"+ {group}\n")

    def _tell(self, line: str) -> None:
        if self._watchdog is None or self._watchdog.stdin is None:
            return
        with contextlib.suppress(OSError):  # a watchdog that died is replaced at the next start
            self._watchdog.stdin.write(line.encode())
            self._watchdog.stdin.flush()


def _leads_a_session(pid: int) -> bool:
    """Whether a process that was started got as far as its command.

    Until setsid it is in our group, its signals unblocked: a Ctrl-C may end it there (CPython's
    child_exec in _posixsubprocess.c), and that is no failure of the command.
    """
    try:
        return os.getsid(pid) == pid
    except ProcessLookupError:  # it has ended, where the system does not tell of zombies
        return True


class StopRequest:
    """The order to end all that runs, seen by every thread that watches a child.

    Attributes:
        fd: readable from the first request on.
        kill_at: `time.monotonic()` from when on children are killed; infinite before a request.
    """

    def __init__(self) -> None:
        self.fd, self._write_fd = os.pipe()
        self.kill_at = float("inf")
        self.is_made = False
        self._lock = threading.Lock()

    def make(self, grace_s: float) -> None:
        """Ask; a later request can only bring the end forward."""
        with self._lock:
            self.kill_at = min(self.kill_at, time.monotonic() + grace_s)
            self.is_made = True
            if self._write_fd >= 0:
                os.write(self._write_fd, b"!")

    def close(self) -> None:
        """Free the descriptors."""
        with self._lock:
            if self._write_fd >= 0:
                os.close(self._write_fd)
                os.close(self.fd)
                self._write_fd = -1


def describe_end(code: int) -> tuple[str, int | None, str | None]:
    """(what happened in words, exit code, name of the signal) for a process's return code."""
    if code >= 0:
        return f"ended with exit code {code}", code, None
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = " (out of memory? that is how the kernel ends a process)" if name == "SIGKILL" else ""
    return f"was killed by {name}{hint}", None, name
