"""Printing: lines as wide as the terminal, in its encoding, with colours where they are wanted."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from hpsearch.errors import HpsearchError
from hpsearch.run_folder import DEFAULT_RUNS, RUNS_VARIABLE, RunFolder
from hpsearch.views.text import plain_ascii, terminal_width, writes_unicode


def screen_width() -> int:
    """Columns of the terminal; 80 where stdout is none."""
    return terminal_width(sys.stdout)


def print_lines(lines: Sequence[str]) -> None:
    """Print a screen to stdout. Colours: on a terminal, unless NO_COLOR is set (no-color.org)."""
    if not writes_unicode(sys.stdout):
        lines = [plain_ascii(line) for line in lines]
    _echo("\n".join(lines), color=False if os.environ.get("NO_COLOR") else None)


def print_json(data: Any) -> None:
    """Print strict JSON to stdout."""
    _echo(json.dumps(data, indent=2, allow_nan=False))


def _echo(text: str, color: bool | None = None) -> None:
    try:
        click.echo(text, color=color)
    except BrokenPipeError:  # whoever read has seen enough: click ends quietly
        raise
    except OSError as error:
        # What is left in the buffer would raise once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise HpsearchError(f"the output cannot be written: {error.strerror}") from error


def reference_to(run: RunFolder, runs: Path) -> str:
    """How to name the run in the next command, so that it is found from here again."""
    path = run.path.resolve()
    if path.parent != runs.resolve():
        here = Path.cwd()
        return f"./{path.relative_to(here)}" if path.is_relative_to(here) else str(path)
    is_default = str(runs) in (DEFAULT_RUNS, os.environ.get(RUNS_VARIABLE, DEFAULT_RUNS))
    return run.name if is_default else f"{run.name} --runs {runs}"
