"""Following a learning curve while the trial runs: what it reports, or else what it prints.

For runners that are asked to end trials in the middle; `handle.read_curve` reads a whole curve.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from hpsearch.objectives.handle import METRICS_FILE, Point, points_in
from hpsearch.objectives.output import OutputParser, OutputReader


class CurveFollower:
    """The points of one trial, as they come.

    Args:
        printed: the log of what it prints, and how its metrics are found there; None for a
            function, which reports.
    """

    def __init__(self, trial_dir: Path, printed: tuple[Path, OutputParser] | None = None) -> None:
        self._path = trial_dir / METRICS_FILE
        self._offset = 0
        self._printed = None if printed is None else OutputReader(*printed)
        self._reports = False

    def new_points(self, is_complete: bool = False) -> Sequence[Point]:
        """What has come since the last call.

        Args:
            is_complete: the trial has ended in good order, so its last line counts in any case.
        """
        reported = self._new_reports()
        self._reports |= bool(reported)
        if self._printed is None or self._reports:
            return reported
        return list(self._printed.new_points(is_complete))

    def _new_reports(self) -> list[Point]:
        try:
            with open(self._path, "rb") as file:
                if file.seek(0, os.SEEK_END) == self._offset:
                    return []
                file.seek(self._offset)
                whole, newline, _ = file.read().rpartition(b"\n")
        except OSError:
            return []
        self._offset += len(whole) + len(newline)
        return points_in(whole.decode("utf-8", errors="replace").splitlines())
