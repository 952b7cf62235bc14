"""The story of `init`: the words that were typed -> the program -> its options and metrics -> what
is varied -> the text of a config.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hpsearch.discovery.command_line import Matched, Typed, match, typed
from hpsearch.discovery.facts import Option
from hpsearch.discovery.metric_choice import choose_metric
from hpsearch.discovery.objective_text import (
    Objective,
    of_call,
    of_command,
    of_constants,
    of_function,
)
from hpsearch.discovery.printed_python import printed_by
from hpsearch.discovery.programs import Program, read_program
from hpsearch.discovery.python_functions import named_function
from hpsearch.discovery.python_source import module_path, read_python
from hpsearch.discovery.selection import Parameter, Selection, select
from hpsearch.discovery.writing import config_text, ranges_in_words
from hpsearch.errors import HpsearchError

_FUNCTION = re.compile(r"([^\s:]+):([A-Za-z_]\w*)")


@dataclass(frozen=True)
class StartingConfig:
    """A config that was made for a program.

    Attributes:
        name: of the file, without its suffix.
        text: of the file.
        summary: what was found, for the screen.
        to_do: what has to be done before it runs.
        ran: the command that was run for its help; empty if none.
    """

    name: str
    text: str
    summary: tuple[str, ...]
    to_do: tuple[str, ...]
    ran: str


def starting_config(
    words: Sequence[str], folder: Path, target: Path, file: str | None = None
) -> StartingConfig:
    """The config for the program that the words start.

    Args:
        words: `python train.py --lr 0.1`, or a function: `train.py:train`, `package.module:train`.
        folder: the current one, in which the words mean what they say.
        target: the folder that the config will lie in.
        file: how a command will name the config; empty where nobody knows yet. None: by its name.
    Raises:
        HpsearchError: if there is no such program, or nothing about it that could be tuned.
    """
    function = _FUNCTION.fullmatch(words[0]) if len(words) == 1 else None
    working_dir = os.path.relpath(folder, target)
    if function is not None and not (folder / words[0]).exists():
        return _for_function(words[0], folder, working_dir, file)
    known = typed(words, folder)
    program = read_program(known, folder)
    options = program.found.options if program.found is not None else ()
    commands = program.found.commands if program.found is not None else ()
    matched = match(known.arguments, options, commands)
    _require_command(known, matched, commands)
    matched = replace(matched, options=_of_command(matched))
    selection = select(matched.options)
    _require_something(known, program, selection)
    objective = _objective(known, program, matched, selection, folder, working_dir)
    name = known.module.split(".")[-1] if known.module else Path(known.before[-1]).stem
    return _written(name, shlex.join(words), program, selection, objective, file)


def _for_function(
    word: str, folder: Path, working_dir: str, config_file: str | None
) -> StartingConfig:
    file, _, name = word.partition(":")
    path = folder / file if file.endswith(".py") else None
    if path is None:
        path = module_path(file, [folder, folder / "src"])
    if path is None or not path.is_file():
        raise HpsearchError(f"{file}: no such file or module in this folder")
    source = read_python(path)
    function = named_function(name, source)
    selection = select(function.found.options)
    inner = tuple(one for one in printed_by(source) if one.how != "logged")
    program = Program("python", function.found, (*function.returned, *inner), function)
    known = Typed((os.path.relpath(path, folder),), (), path)
    _require_something(known, program, selection)
    if function.takes == "dict":
        selection = _with_needed_keys(selection)
        reported = tuple(one for one in program.printed if one.how in ("returned", "reported"))
        program = replace(program, printed=reported)
        module = file if not file.endswith(".py") else _module_name(path, folder)
        objective = of_function(module, function)
    else:
        objective = of_call(known, function, selection, folder, working_dir)
    return _written(path.stem, word, program, selection, objective, config_file)


def _with_needed_keys(selection: Selection) -> Selection:
    """A function that reads a seed from its dict, without a default, has to find one there."""
    needed = [option for option in selection.seeds if option.is_required]
    fixed = (Parameter(replace(o, default=0), None, "read from the dict", False) for o in needed)
    return replace(selection, seeds=(), needed=tuple(fixed))


def _module_name(path: Path, folder: Path) -> str:
    parts = Path(os.path.relpath(path, folder)).with_suffix("").parts
    return ".".join(parts)


def _require_command(known: Typed, matched: Matched, commands: Sequence[str]) -> None:
    """A program with subcommands has to be told one."""
    if commands and not matched.command:
        words = shlex.join([*known.before, commands[0]])
        raise HpsearchError(
            f"{known.before[-1]} has subcommands ({', '.join(commands)}); say which one: "
            f"hpsearch init -- {words}"
        )


def _of_command(matched: Matched) -> tuple[Option, ...]:
    return tuple(o for o in matched.options if o.command in ("", matched.command))


def _require_something(known: Typed, program: Program, selection: Selection) -> None:
    if selection.varied:
        return
    name = known.before[-1]
    if program.found is None and not selection.left:
        raise HpsearchError(
            f"{name}: no options were found, neither in its text nor by --help. Type some of them "
            f"with their values: hpsearch init -- {shlex.join(known.before)} --lr 0.01"
        )
    left = [option.spelling or option.name for option, _ in selection.left]
    raise HpsearchError(
        f"{name}: none of its options looks like a hyperparameter ({', '.join(left[:8])}). "
        "`hpsearch init` alone writes an example of a config to fill in"
    )


def _objective(
    known: Typed,
    program: Program,
    matched: Matched,
    selection: Selection,
    folder: Path,
    working_dir: str,
) -> Objective:
    if program.function is not None:
        return of_call(known, program.function, selection, folder, working_dir)
    if program.found is not None and selection.varied[0].option.channel == "constant":
        return of_constants(known, program.found, selection, folder, working_dir)
    return of_command(known, matched, selection, program.language, working_dir)


def _written(
    name: str,
    words: str,
    program: Program,
    selection: Selection,
    objective: Objective,
    file: str | None,
) -> StartingConfig:
    metric = choose_metric(program.printed, selection, program.language)
    missing = [
        _what_is_missing(option)
        for option, _ in selection.left
        if option.is_required and not _is_set(option)
    ]
    to_do = [*objective.to_do, *missing]
    if not metric.is_found:
        to_do.append("the program prints no metric that hpsearch sees: look at metric")
    reader = program.found.reader if program.found is not None else "the command line"
    head = [
        f"Written by: hpsearch init -- {words}",
        f"Options: read from {reader}. Every range is a guess from a name and a default: look at "
        f"them, then{_how_to_run(f'{name}.yaml' if file is None else file)}",
        *(f"TO DO: {one}." for one in to_do),
    ]
    summary = (
        f"options read from {reader}: {len(selection.varied)} varied, "
        f"{len(selection.spare) + len(selection.budgets)} fixed, {len(selection.left)} left",
        *ranges_in_words(selection),
        f"metric: {metric.name}, {metric.goal} ({metric.origin})",
    )
    text = config_text(head, objective, metric, selection)
    return StartingConfig(name, text, summary, tuple(to_do), program.ran)


def _how_to_run(file: str) -> str:
    return f": hpsearch run {shlex.quote(file)}" if file else " give this file to hpsearch run"


def _is_set(option: Option) -> bool:
    return option.channel == "environment" and option.spelling in os.environ


def _what_is_missing(option: Option) -> str:
    if option.channel == "key":
        return f"{option.name} has no default: add it to the space"
    if option.channel == "environment":
        return f"the environment variable {option.spelling} has to be set: see objective.env"
    return f"{option.spelling or option.name} has no default: give it a value in the command"
