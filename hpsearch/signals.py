"""The signals that end a run: SIGINT, SIGTERM and SIGHUP, heard from before its folder is made.

Until there is a search that can end in good order a signal is kept for it, so that no run looks as
if it had died without a word.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

End = Callable[[bool], None]


class Signals:
    """Hears the signals while it is entered, which more than once does no harm.

    Only the main thread can hear them: entered in another one, it leaves them to whoever has that.
    The second one that is kept raises KeyboardInterrupt, and so does the third one in all.

    Attributes:
        received: the numbers of those that came, in order.
    """

    def __init__(self) -> None:
        self.received: list[int] = []
        self._told = 0
        self._end: End | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Signals:
        if self._before or threading.current_thread() is not threading.main_thread():
            return self
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # What nohup and shells set to be ignored stays so; None was not set by Python.
            if signal.getsignal(signum) not in (signal.SIG_IGN, None):
                self._before[signum] = signal.signal(signum, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        before, self._before = self._before, {}
        for signum, handler in before.items():
            signal.signal(signum, handler)

    def obey(self, end: End) -> None:
        """From now on each signal ends the search, also one that was kept.

        Args:
            end: told whether it is the first signal. It may take its time.
        """
        self._end = end
        while self._told < len(self.received):
            self._told += 1
            end(self._told == 1)

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        self.received.append(signum)
        if len(self.received) > (1 if self._end is None else 2):
            raise KeyboardInterrupt
        if self._end is not None:
            self._told += 1
            # A handler must not wait for a lock that the thread it interrupted may hold.
            threading.Thread(target=self._end, args=(self._told == 1,), daemon=True).start()
