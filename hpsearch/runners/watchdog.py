"""The watchdog: a tiny process that kills what a dead coordinator leaves behind.

It holds the read end of a pipe. Lines say which process groups live (`+ 4711`, `- 4711`); at end of
file, whatever killed the writer, it kills the groups that are left, and every process that carries
the run's token in its environment (those that left their group). Runs as a script of its own with
`python -I -S`, so that it starts in 10 ms; it imports nothing of hpsearch.
"""

import contextlib
import os
import signal
import sys
import time

TOKEN_VARIABLE = "HPSEARCH_RUN_TOKEN"
SWEEPS = 5
PAUSE_S = 0.02


def main() -> None:
    """Wait for the end of the coordinator, then clean up."""
    token = sys.argv[1]
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        sign, group = line.split()
        (groups.add if sign == "+" else groups.discard)(int(group))
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for _ in range(SWEEPS):  # a process may fork while it is being looked for
        if not kill_carriers(token):
            break
        time.sleep(PAUSE_S)


def kill_carriers(token: str) -> int:
    """Kill every process whose environment carries the token; returns how many there were."""
    if not os.path.isdir("/proc/self"):
        return 0  # no /proc (macOS): the groups are all that is known
    marker = f"{TOKEN_VARIABLE}={token}".encode()
    killed = 0
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            with open(f"/proc/{name}/environ", "rb") as file:
                carries = marker in file.read().split(b"\0")
            if carries:
                os.kill(int(name), signal.SIGKILL)
                killed += 1
    return killed


if __name__ == "__main__":
    main()
