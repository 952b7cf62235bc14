"""What a person typed after `init --`: which word is the program, which words are values of its
options, and the command of the config that is made of them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hpsearch.discovery.facts import Option, kind_of, number_or_text, readable
from hpsearch.discovery.python_source import module_path
from hpsearch.errors import HpsearchError
from hpsearch.objectives.program_words import INTERPRETERS, SCRIPT_SUFFIXES

_ENVIRONMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_ASSIGNMENT = re.compile(r"\+{0,2}([A-Za-z_][\w.\-/]*)=(.*)", re.DOTALL)
_NUMBER = re.compile(r"-(\d|\.\d).*")


@dataclass(frozen=True)
class Typed:
    """The words of a command line.

    Attributes:
        before: up to and with the program: `python -u train.py`.
        arguments: of the program.
        path: of its source or its executable file; None for an installed module.
        module: where it was named by `-m`.
    """

    before: tuple[str, ...]
    arguments: tuple[str, ...]
    path: Path | None
    module: str = ""


@dataclass(frozen=True)
class Slot:
    """A value of an option that was typed.

    Attributes:
        option: whose value it is.
        prefix: what stands before it in the same word: `--lr=`.
        text: the value as typed.
    """

    option: Option
    prefix: str
    text: str


Piece = str | Slot


@dataclass(frozen=True)
class Matched:
    """A command line with its values found.

    Attributes:
        pieces: its arguments in order.
        options: of the program, with the typed values as defaults, and those that were only typed.
        command: the subcommand.
        command_place: where in the pieces it stands; None without one.
    """

    pieces: tuple[Piece, ...]
    options: tuple[Option, ...]
    command: str
    command_place: int | None


def typed(words: Sequence[str], folder: Path) -> Typed:
    """Which word is the program.

    Raises:
        HpsearchError: if no word is a program.
    """
    first = next((i for i, word in enumerate(words) if not _ENVIRONMENT.fullmatch(word)), None)
    if first is None:
        raise HpsearchError("no program was named: hpsearch init -- python train.py")
    for i in range(first, len(words)):
        word = words[i]
        if word == "-m" and i + 1 < len(words) and i > first:
            module = words[i + 1]
            path = module_path(module, [folder, folder / "src"])
            main = None if path is None else _main_of(path)
            return Typed(tuple(words[: i + 2]), tuple(words[i + 2 :]), main or path, module)
        is_script = Path(word).suffix.lower() in SCRIPT_SUFFIXES and not word.startswith("-")
        # /usr/bin/env or a Python of another folder starts the program, and is not it.
        is_own_file = i == first and not Path(word).is_absolute() and (folder / word).is_file()
        if is_script or is_own_file:
            if not (folder / word).is_file():
                raise HpsearchError(f"{word}: no such file")
            return Typed(tuple(words[: i + 1]), tuple(words[i + 1 :]), folder / word)
        if word.endswith(".ipynb"):
            raise HpsearchError(
                f"{word} is a notebook; save it as a script first: jupyter nbconvert --to script"
            )
    name = words[first]
    if INTERPRETERS.fullmatch(Path(name).name):
        raise HpsearchError(f"which script? Say: hpsearch init -- {name} SCRIPT")
    found = shutil.which(name)
    if found is None:
        raise HpsearchError(f"{name}: no such program")
    return Typed(tuple(words[: first + 1]), tuple(words[first + 1 :]), Path(found))


def _main_of(path: Path) -> Path | None:
    """What `python -m package` runs: its __main__.py."""
    main = path.with_name("__main__.py")
    return main if path.name == "__init__.py" and main.is_file() else None


def match(arguments: Sequence[str], options: Sequence[Option], commands: Sequence[str]) -> Matched:
    """Find the values of the options among the arguments."""
    return _Matching(arguments, options, commands).result()


class _Matching:
    """Goes through the words once, from left to right."""

    def __init__(
        self, arguments: Sequence[str], options: Sequence[Option], commands: Sequence[str]
    ) -> None:
        self._words = list(arguments)
        self._options = list(options)
        self._commands = commands
        self._pieces: list[Piece] = []
        self._command = ""
        self._command_place: int | None = None
        self._positions = 0

    def result(self) -> Matched:
        while self._words:
            word = self._words.pop(0)
            if word.startswith("-") and len(word) > 1 and not _NUMBER.fullmatch(word):
                self._read_option(word)
            else:
                self._read_position(word)
        return Matched(
            tuple(self._pieces), tuple(self._options), self._command, self._command_place
        )

    def _read_option(self, word: str) -> None:
        name, equals, value = word.partition("=")
        option = self._named(name)
        if option is None and not word.startswith("--"):
            option = self._named(word[:2])
            if option is not None:
                name, equals, value = word[:2], "attached", word[2:]
        if option is None:
            option = self._new(name, value if equals else None)
        if option.is_flag or option.is_list or name == option.negative:
            self._pieces.append(word)
            while option.is_list and not equals and self._words and not self._is_option(0):
                self._pieces.append(self._words.pop(0))
        elif equals:
            prefix = name if equals == "attached" else f"{name}="
            self._take(option, prefix, value)
        elif self._words:
            self._pieces.append(name)
            self._take(option, "", self._words.pop(0))
        else:
            self._pieces.append(word)

    def _is_option(self, place: int) -> bool:
        word = self._words[place]
        return word.startswith("-") and not _NUMBER.fullmatch(word)

    def _named(self, name: str) -> Option | None:
        """The option of that spelling, or the only one that begins so, as argparse allows."""
        usable = [o for o in self._options if o.command in ("", self._command)]
        for option in usable:
            if name in option.spellings or (name and name == option.negative):
                return option
        long = name.replace("_", "-")
        begins = [
            option
            for option in usable
            if option.channel == "option" and len(name) > 3 and name.startswith("--")
            if any(s.replace("_", "-").startswith(long) for s in option.spellings)
        ]
        return begins[0] if len(begins) == 1 else None

    def _new(self, name: str, value: str | None) -> Option:
        """An option that only the command line knows."""
        is_flag = value is None and (not self._words or self._is_option(0))
        option = Option(readable([name], name), "option", name, (name,), is_flag=is_flag)
        self._options.append(option)
        return option

    def _read_position(self, word: str) -> None:
        if word in self._commands and not self._command:
            self._command, self._command_place = word, len(self._pieces)
            self._pieces.append(word)
            return
        assignment = _ASSIGNMENT.fullmatch(word)
        if assignment is not None:
            name = assignment[1]
            new = Option(name.replace("/", "."), "assignment", f"{name}=", (name,))
            self._options.append(new)
            self._take(new, word[: assignment.start(2)], assignment[2])
            return
        option = next(
            (
                o
                for o in self._options
                if o.channel == "position"
                and o.position == self._positions
                and o.command in ("", self._command)
            ),
            None,
        )
        self._positions += 1
        if option is None:
            self._pieces.append(word)
        else:
            self._take(option, "", word)

    def _take(self, option: Option, prefix: str, text: str) -> None:
        value = text if option.kind == "str" else number_or_text(text)
        if option.kind == "float" and isinstance(value, int):
            value = float(value)
        known = replace(
            option, default=value, kind=option.kind or kind_of(value), is_required=False
        )
        self._options[self._options.index(option)] = known
        self._pieces.append(Slot(known, prefix, text))
