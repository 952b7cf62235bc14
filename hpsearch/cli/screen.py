"""Printing: lines as wide as the terminal, in its encoding, with colours where they are wanted."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from hpsearch.errors import HpsearchError, NobodyReadsError
from hpsearch.run_folder import DEFAULT_RUNS, RUNS_VARIABLE, RunFolder
from hpsearch.views.text import plain_ascii, terminal_width, writes_unicode


def screen_width() -> int:
    """Columns of the terminal; 80 where stdout is none."""
    return terminal_width(sys.stdout)


def print_lines(lines: Sequence[str]) -> None:
    """Print a screen to stdout. Colours: on a terminal, unless NO_COLOR is set (no-color.org).

    Raises, as all the others here do:
        NobodyReadsError: if stdout is a pipe that was closed at its other end.
        HpsearchError: if it cannot be written.
    """
    if not writes_unicode(sys.stdout):
        lines = [plain_ascii(line) for line in lines]
    with _stdout_written():
        click.echo("\n".join(lines), color=False if os.environ.get("NO_COLOR") else None)


def print_json(data: Any) -> None:
    """Print strict JSON to stdout."""
    print_text(json.dumps(data, indent=2, allow_nan=False) + "\n")


def print_text(text: str) -> None:
    """Print text to stdout as it is, for programs."""
    with _stdout_written():
        click.echo(text, nl=False)


def print_pieces(pieces: Iterable[bytes]) -> None:
    """Print bytes to stdout, each piece when it comes."""
    for piece in pieces:
        with _stdout_written():
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()


@contextmanager
def _stdout_written() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # What is left in the buffer would raise once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise NobodyReadsError from None
        raise HpsearchError(f"the output cannot be written: {error.strerror}") from error


def reference_to(run: RunFolder, runs: Path) -> str:
    """How to name the run in the next command, so that it is found from here again."""
    path = run.path.resolve()
    if path.parent != runs.resolve():
        here = Path.cwd()
        return f"./{path.relative_to(here)}" if path.is_relative_to(here) else str(path)
    is_default = str(runs) in (DEFAULT_RUNS, os.environ.get(RUNS_VARIABLE, DEFAULT_RUNS))
    return run.name if is_default else f"{run.name} --runs {runs}"
