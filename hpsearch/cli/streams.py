"""The standard streams of a process that was started without them, as by some daemons and job
schedulers (`<&- >&- 2>&-`).
"""

from __future__ import annotations

import os
import sys


def open_closed_streams() -> None:
    """Open those of stdin, stdout and stderr that are closed on /dev/null.

    Python has None in their place, and the next file that is opened would get their number: what a
    child prints would then be written into it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode)  # noqa: SIM115 - as long as the process
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)
