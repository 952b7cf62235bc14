"""Reading a program: by its source where it is Python, a shell script or R, else by its `--help`.

Python is never run. Another program is run once, with `--help`, and only if nothing else is known.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hpsearch.discovery.command_line import Typed
from hpsearch.discovery.facts import Found, Printed
from hpsearch.discovery.help_text import help_options
from hpsearch.discovery.printed_text import printed_in
from hpsearch.discovery.python_functions import Function
from hpsearch.discovery.python_program import read_python_program
from hpsearch.discovery.python_source import module_path
from hpsearch.discovery.r_options import r_options
from hpsearch.discovery.shell_options import shell_options

HELP_TIMEOUT_S = 10.0
LONGEST_SOURCE = 2_000_000
Language = Literal["python", "shell", "r", "other"]

_SUFFIXES: dict[str, Language] = {
    ".py": "python",
    ".sh": "shell",
    ".bash": "shell",
    ".zsh": "shell",
    ".ksh": "shell",
    ".r": "r",
}
_KNOWS_HELP = re.compile(r"--help|argparse|ArgParse|GetOpt|getopt|yargs|commander|docopt|optparse")
_ENTRY_POINT = re.compile(r"^from ([\w.]+) import \w+", re.MULTILINE)
_WORD_BREAKS = re.compile(r"[\s\"'=;()]+")


@dataclass(frozen=True)
class Program:
    """A program as it was read.

    Attributes:
        language: of its source.
        found: its options; None where none were found.
        printed: the metrics that it prints.
        function: the function by which it is to be called, where it has no options.
        ran: the command that was run for its help, if any.
    """

    language: Language
    found: Found | None
    printed: tuple[Printed, ...]
    function: Function | None = None
    ran: str = ""


def read_program(typed: Typed, folder: Path) -> Program:
    """Find the options and the metrics of a program.

    Args:
        folder: the current one.
    Raises:
        HpsearchError: if its source cannot be read.
    """
    if typed.path is None:
        return Program("python", None, ())
    language, text = _language(typed.path)
    if language == "python":
        path = _entry_point(typed.path, text, folder)
        return Program("python", *read_python_program(path, [folder, folder / "src"]))
    if language == "shell":
        found = shell_options(text, str(typed.path))
    elif language == "r":
        found = r_options(text, str(typed.path))
    else:
        found = None
    printed = (*printed_in(text, str(typed.path)), *_printed_inside(text, typed.path, folder))
    if found is None and (not text or _KNOWS_HELP.search(text)):
        command = [*typed.before, "--help"]
        options = help_options(_help_of(command, folder))
        found = Found("--help", tuple(options), (), str(typed.path)) if options else None
        return Program(language, found, printed, ran=" ".join(command))
    return Program(language, found, printed)


def _language(path: Path) -> tuple[Language, str]:
    """By the suffix or the first line; the text is empty for what is no text."""
    try:
        data = path.read_bytes()[:LONGEST_SOURCE]
    except OSError:
        return "other", ""
    if b"\0" in data[:8000]:
        return "other", ""
    text = data.decode("utf-8", errors="replace")
    known = _SUFFIXES.get(path.suffix.lower())
    if known is not None:
        return known, text
    first = text.partition("\n")[0] if text.startswith("#!") else ""
    for word, language in (("python", "python"), ("Rscript", "r"), ("sh", "shell")):
        if re.search(rf"\b\w*{word}\w*\b", first):
            return language, text  # type: ignore[return-value]
    return "other", text


def _entry_point(path: Path, text: str, folder: Path) -> Path:
    """The module behind a command that an installer made: `from package.cli import main`."""
    match = _ENTRY_POINT.search(text)
    if path.suffix == ".py" or match is None or len(text) > 1000:
        return path
    site_packages = sorted(path.parent.parent.glob("lib/python3*/site-packages"))
    return module_path(match[1], [folder, folder / "src", *site_packages]) or path


def _printed_inside(text: str, path: Path, folder: Path) -> Sequence[Printed]:
    """The metrics of the Python or R program that a script starts."""
    named = [word for word in _WORD_BREAKS.split(text) if word.endswith((".py", ".R", ".r"))]
    for word in dict.fromkeys(named):
        name = word.rpartition("/")[2] if "$" in word else word
        for inner in (path.parent / name, folder / name):
            if inner.is_file() and inner != path and inner.suffix == ".py":
                return read_python_program(inner, [folder])[1]
            if inner.is_file() and inner != path:
                return printed_in(inner.read_text(encoding="utf-8", errors="replace"), str(inner))
    return ()


def _help_of(command: Sequence[str], folder: Path) -> str:
    """What the program says of itself; empty where it cannot be started or takes too long."""
    words = list(command)
    environment = dict(os.environ)
    while words and re.fullmatch(r"[A-Za-z_]\w*=.*", words[0]):
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    if shutil.which(words[0]) is None and (folder / words[0]).is_file():
        words[0] = str(folder / words[0])
    try:
        process = subprocess.Popen(
            words,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError:
        return ""
    try:
        output, _ = process.communicate(timeout=HELP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
    return output[:LONGEST_SOURCE].decode("utf-8", errors="replace")
