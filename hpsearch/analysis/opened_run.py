"""One run, open for reading: its folder, its store, its config, and how it stands.

Everything else in `analysis` takes an `OpenedRun`. It never writes and never waits for the writer.
"""

from __future__ import annotations

import math
from enum import Enum
from functools import cached_property
from types import TracebackType

from hpsearch.config import Config
from hpsearch.incumbents import earlier_runs, expected_best
from hpsearch.lock import Holder, current_writer
from hpsearch.run_folder import RunFolder
from hpsearch.samplers import have_a_value, trials_inside
from hpsearch.store import Event, StoredTrial, StoreReader
from hpsearch.stored_config import stored_config
from hpsearch.trial import Decision


class RunState(str, Enum):
    """How a run stands."""

    RUNNING = "running"  # a process holds its lock
    FINISHED = "finished"
    STOPPED = "stopped"  # in good order, before its time
    INTERRUPTED = "interrupted"  # by Ctrl-C or a signal
    BROKEN = "broken"  # its first trials all failed
    FAILED = "failed"  # an error of hpsearch or of the machine ended it
    KILLED = "killed"  # its process died without a word


_OPENING = ("started", "resumed")
_ENDING = tuple(
    state.value for state in RunState if state not in (RunState.RUNNING, RunState.KILLED)
)


class OpenedRun:
    """A run that is read.

    Attributes:
        folder: where it lives.
        reader: its store, read only.
        writer: the process that ran it when it was opened; None if none did.
    Raises:
        StoreError: if the store cannot be read.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        # Asked before the events are read: a run that ends in between is not taken for killed.
        self.writer: Holder | None = current_writer(folder.lock_path)
        self.reader = StoreReader(folder)

    def close(self) -> None:
        """Let go of the store."""
        self.reader.close()

    def __enter__(self) -> OpenedRun:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """`digits-0003`."""
        return self.folder.name

    @cached_property
    def config(self) -> Config:
        """The run's own copy of the config, with what the command line said otherwise.

        Raises:
            ConfigError: if it was edited into something that cannot be.
            StoreError: if the run was killed before it was set up.
        """
        return stored_config(self.folder, self.reader)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """What happened to the run, in order."""
        return tuple(self.reader.events())

    @property
    def state(self) -> RunState:
        """How the run stands."""
        if self.writer is not None:
            return RunState.RUNNING
        last = self.events[-1].kind if self.events else ""
        return RunState(last) if last in _ENDING else RunState.KILLED

    @property
    def detail(self) -> str:
        """What the run said when it ended; may be empty."""
        is_told = self.state not in (RunState.RUNNING, RunState.KILLED)
        return self.events[-1].detail if is_told else ""

    @cached_property
    def incumbent(self) -> Decision | None:
        """Which trial is the best of noisy ones, and why; None where the best value decides.

        A search names it when it ends; as long as it has not, or if it was killed, the same is
        found out here.
        """
        return self.reader.incumbent() or (
            None if self._is_over else expected_best(self.reader, self.config)
        )

    def best(self, count: int = 1) -> list[StoredTrial]:
        """The best trials that have a value, best first; see `StoreReader.best`."""
        return self.reader.best(self.config.metric.goal, count, self.incumbent)

    @property
    def _is_over(self) -> bool:
        """Whether the search has ended, and named the best trial if the values are noisy."""
        return self.state not in (RunState.RUNNING, RunState.KILLED, RunState.FAILED)

    @property
    def round_sizes(self) -> tuple[int, ...]:
        """Planned trials of each round, as the run was last extended."""
        sizes = self.reader.setting("round_sizes")
        return tuple(sizes) if sizes else (self.config.search.trials,)

    @property
    def learned_from(self) -> tuple[str, ...]:
        """Names of the earlier runs that it learns from."""
        space = self.config.space
        return tuple(
            run.name for run in earlier_runs(self.reader) if have_a_value(trials_inside(space, run))
        )

    @property
    def planned(self) -> int:
        """Planned trials in all."""
        return sum(self.round_sizes)

    @property
    def began(self) -> float | None:
        """When it was made, in seconds since the epoch."""
        return self.events[0].time if self.events else None

    def ended(self, now: float) -> float | None:
        """When something last happened, in seconds since the epoch; `now` while it is running."""
        if self.state is RunState.RUNNING:
            return now
        last = self.events[-1].time if self.events else None
        if self.state is RunState.KILLED:
            seen = self.reader.last_activity(before=math.inf)
            return max((t for t in (last, seen) if t is not None), default=None)
        return last

    def elapsed_s(self, now: float) -> float:
        """Wall seconds in which a process ran it, over all its sessions.

        A session that was killed is taken to have lasted to the last sign of one of its trials.
        """
        total, opened = 0.0, None
        for event in self.events:
            if event.kind in _OPENING:
                total += self._killed_span(opened, event.time)
                opened = event.time
            elif event.kind in _ENDING and opened is not None:
                total += event.time - opened
                opened = None
        if opened is None:
            return total
        if self.state is RunState.RUNNING:
            return total + max(0.0, now - opened)
        return total + self._killed_span(opened, math.inf)

    def _killed_span(self, opened: float | None, before: float) -> float:
        if opened is None:
            return 0.0
        seen = self.reader.last_activity(before)
        return max(0.0, seen - opened) if seen is not None else 0.0
