"""Every error that hpsearch raises on purpose; each one prints as one plain line.

A person's mistake becomes one of these; `hpsearch.cli` turns it into its exit code.
Anything else that is raised is our own mistake and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class HpsearchError(Exception):
    """Root of all the errors below.

    Attributes:
        exit_code: what the shell gets when the error ends a command.
    """

    exit_code = 1


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a config file.

    Attributes:
        file: the file as the person named it.
        line, column: where it stands, counted from 1; 0 in a config that is no file.
        key: the dotted path of the key (`space.learning_rate.min`); empty for the whole file.
        message: what was found and what is allowed, in one line.
    """

    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: "
        return place + (f"{self.key}: " if self.key else "") + self.message


class ConfigError(HpsearchError, ValueError):
    """A config with one or more problems, all of them found at once.

    The text ends in their number, unless the config is no file: then it is no report of `check`,
    but the message of an exception.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems]
        if any(problem.line for problem in self.problems):
            lines.append("1 error" if len(lines) == 1 else f"{len(lines)} errors")
        super().__init__("\n".join(lines))


class SpaceError(HpsearchError, ValueError):
    """A value, a parameter or a space that cannot be."""


class SamplerError(HpsearchError, ValueError):
    """A sampler that cannot work on this space (a grid larger than `trials`, say)."""


class ObjectiveError(HpsearchError):
    """An objective that cannot be found or loaded."""


class StoreError(HpsearchError):
    """A results store that cannot be read or written."""


class RunBusyError(StoreError):
    """The run already has a writer.

    Attributes:
        pid, host: the process that writes it.
    """

    def __init__(self, run: str, pid: int, host: str) -> None:
        self.pid, self.host = pid, host
        super().__init__(
            f"{run} is being run by process {pid} on {host}; wait for it, or stop it first"
        )


class RunNotFoundError(HpsearchError):
    """No run, or more than one run, answers to the name that was given."""


class NobodyReadsError(HpsearchError):
    """Whoever read the output has seen enough and closed it, as `| head` does: no mistake."""

    exit_code = 0


class NoTrialSucceededError(HpsearchError):
    """A run in which not one trial succeeded."""

    exit_code = 3
