"""The section `objective` of a config: how each kind of program is started and told its values.

Each function returns lines of YAML and what a person has to know or do; `writing` puts them in.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hpsearch.discovery import yaml_text
from hpsearch.discovery.command_line import Matched, Typed
from hpsearch.discovery.command_words import words_of_command
from hpsearch.discovery.facts import Found, Option
from hpsearch.discovery.python_functions import Function
from hpsearch.discovery.selection import Selection
from hpsearch.objectives.template import variable_of

LONGEST_LINE = 92
_READS = {"int": "int({})", "float": "float({})"}


@dataclass(frozen=True)
class Objective:
    """The section, and what stands above it as comments.

    Attributes:
        comments: those that begin with two blanks are lines of a program, and stay as they are.
        to_do: what has to be changed before the config can run; empty if nothing.
    """

    lines: tuple[str, ...]
    comments: tuple[str, ...] = ()
    to_do: tuple[str, ...] = ()


def of_command(
    typed: Typed, matched: Matched, selection: Selection, language: str, working_dir: str
) -> Objective:
    """A program with options, environment variables or positional arguments."""
    placeholders = {p.name: f"{{{p.name}}}" for p in selection.parameters}
    # R's integers end at 2^31, below most of the seeds; the number of the trial is one as well.
    seed = "{trial}" if language == "r" else "{seed}"
    placeholders.update({option.name: seed for option in selection.seeds})
    words = words_of_command(typed, matched, placeholders)
    return Objective((*_command(words), *_working_dir(working_dir)))


def of_constants(
    typed: Typed, found: Found, selection: Selection, folder: Path, working_dir: str
) -> Objective:
    """A Python program that nothing can be told yet: it is to read environment variables."""
    file = os.path.relpath(found.file, folder)
    parameters = [p.option for p in selection.parameters]
    variables = [variable_of(option.name) for option in parameters]
    program = shlex.join([*typed.before, *typed.arguments])
    script = shlex.quote(file)
    message = f"{file} does not read $variable yet: see the config"
    words = [
        "for variable in",
        *variables[:-1],
        f"{variables[-1]}; do",
        f'if ! grep -q "$variable" {script}; then',
        f"echo {_double_quoted(message)} >&2; exit 1; fi; done;",
        program.replace("{", "{{").replace("}", "}}"),
    ]
    changes = ["import os", *(_reading_line(option) for option in parameters)]
    comments = (
        f"{file} has its values as constants, which nothing outside can change. Change these "
        "lines there; the values after the commas stay the defaults when it is run by hand:",
        *(f"  {line}" for line in changes),
        "The loop in the command stops a trial whose values the program would not see.",
    )
    to_do = (
        f"{file} cannot be told its values yet: change {len(parameters)} of its lines, as the "
        "config says above objective",
    )
    return Objective((*_command(words), *_working_dir(working_dir)), comments, to_do)


def _double_quoted(words: str) -> str:
    """For the shell, with its variables in place."""
    kept = "".join(f"\\{c}" if c in '"\\`' else c for c in words)
    return f'"{kept}"'.replace("{", "{{").replace("}", "}}")


def _reading_line(option: Option) -> str:
    kind = option.kind or "str"
    default = repr(option.default)
    read = f'os.environ.get("{variable_of(option.name)}", {default})'
    value = _READS.get(kind, "{}").format(read)
    end = "," if option.spelling.endswith(":") else ""
    sign = " " if end else " = "
    return f"{option.spelling}{sign}{value}{end}   # line {option.line}"


def of_function(module: str, function: Function) -> Objective:
    """A Python function that takes the values as one dict."""
    return Objective((f"  function: {module}:{function.name}",))


def of_call(
    typed: Typed, function: Function, selection: Selection, folder: Path, working_dir: str
) -> Objective:
    """A Python function that takes each value as an argument: a line of Python calls it."""
    assert typed.path is not None
    parent = os.path.relpath(typed.path.parent, folder)
    path = "" if parent == "." else f"sys.path.insert(0, {parent!r}); "
    module = typed.path.stem
    imported = (
        f"import {module}" if module.isidentifier() else "from importlib import import_module"
    )
    name = module if module.isidentifier() else f"import_module({module!r})"
    seeds = [option.name for option in selection.seeds]
    given = "".join(f"{seed}=int(sys.argv[2]), " for seed in seeds)
    call = f"{name}.{function.name}({given}**json.load(open(sys.argv[1])))"
    if function.is_value:
        call = f"print({function.returned[0].name!r}, {call})"
    elif function.returned:
        call = f"print({call})"
    code = f"import json, sys; {path}{imported}; {call}"
    python = list(typed.before[:-1]) or ["python3"]
    seed = ["{seed}"] if seeds else []
    words = [*python, "-c", code.replace("{", "{{").replace("}", "}}"), "{params_json}", *seed]
    lines = ("  command:", *(f"    - {yaml_text.text(word)}" for word in words))
    comments = (
        f"{function.name} in {typed.path.name} takes its values as arguments; this line of Python "
        "calls it with those of the trial.",
    )
    return Objective((*lines, *_working_dir(working_dir)), comments)


def _working_dir(folder: str) -> list[str]:
    if folder == ".":
        return []
    return [f"  working_dir: {yaml_text.text(folder)}   # from the folder of this file"]


def _command(groups: Sequence[str]) -> list[str]:
    """The command in one line, or in a folded block with an option or two in each line."""
    line = " ".join(groups)
    whole = f"  command: {line}"
    is_plain = yaml_text.is_plain_command(line)
    if "\n" in line or (len(whole) <= LONGEST_LINE and not is_plain):
        return [f"  command: {yaml_text.quoted(line)}"]
    if len(whole) <= LONGEST_LINE:
        return [whole]
    lines: list[str] = []
    for group in groups:
        if lines and len(lines[-1]) + 1 + len(group) <= LONGEST_LINE:
            lines[-1] += f" {group}"
        else:
            lines.append(f"    {group}")
    return ["  command: >-", *lines]
