"""What the readers of this room find in a program: its options and the numbers it prints.

Facts only. `guesses` makes ranges of them, `writing` a config.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from hpsearch.objectives.template import OWN_PLACEHOLDERS

_RESERVED = frozenset(OWN_PLACEHOLDERS) - {"seed"}
"""What means something else between braces in a command; a seed means the same."""

Scalar: TypeAlias = str | int | float | bool | None
Kind = Literal["int", "float", "str", "bool"]
Channel = Literal["option", "assignment", "position", "environment", "key", "constant"]


@dataclass(frozen=True)
class Option:
    """One thing of the program that can be set.

    Attributes:
        name: the most readable of its names, as a parameter of the config.
        channel: how the program is told: `--lr 0.1`, `lr=0.1`, the third word, the environment
            variable LR, the key "lr" of a dict; or not at all (a constant of the source).
        spelling: what stands before the value: the option, the variable or the key.
        spellings: all of its spellings.
        default: the value that the program takes by itself; None if it has none.
        kind: of its values; None where nothing says it.
        choices: the only possible values, where the program lists them.
        low, high: bounds that the program itself sets.
        is_flag: whether it takes no value.
        negative: the spelling that turns a flag off (`--no-nesterov`).
        is_list: whether it takes several values.
        is_required: whether the program refuses to start without it.
        is_path: whether it is declared as a file or a folder.
        is_text: whether the program would get the value as text, although the default is a number.
        help: what the program says of it.
        line: where it stands in the source.
        position: of a positional argument, counted from 0.
        command: the subcommand that it belongs to.
    """

    name: str
    channel: Channel = "option"
    spelling: str = ""
    spellings: tuple[str, ...] = ()
    default: Scalar = None
    kind: Kind | None = None
    choices: tuple[Scalar, ...] = ()
    low: float | None = None
    high: float | None = None
    is_flag: bool = False
    negative: str = ""
    is_list: bool = False
    is_required: bool = False
    is_path: bool = False
    is_text: bool = False
    help: str = ""
    line: int | None = None
    position: int = 0
    command: str = ""


@dataclass(frozen=True)
class Printed:
    """A number that the program prints, returns or logs.

    Attributes:
        name: as the config's metric must name it.
        context: the words around it.
        how: `printed` on stdout, `returned` or `reported` by a function; `stderr` and `logged`
            (to a tracker) do not reach hpsearch.
        lines: where in the source.
        file: path of the source.
    """

    name: str
    context: str
    how: Literal["printed", "returned", "reported", "stderr", "logged"]
    lines: tuple[int, ...] = ()
    file: str = ""


@dataclass(frozen=True)
class Found:
    """What one reader found.

    Attributes:
        reader: how the options were found, in words: "argparse", "click", ...
        options: in the order of the source.
        commands: subcommands; the program needs one of them.
        file: path of the source that they stand in.
    """

    reader: str
    options: tuple[Option, ...]
    commands: tuple[str, ...] = ()
    file: str = ""


def readable(names: list[str], otherwise: str) -> str:
    """The longest of the names without dashes, as a parameter's name."""
    cleaned = [name.lstrip("-+").replace("-", "_") for name in names]
    name = max((name for name in cleaned if name), key=len, default=otherwise)
    return f"{name}_value" if name in _RESERVED else name


def kind_of(value: Scalar) -> Kind | None:
    """The kind of a default."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    return "str" if isinstance(value, str) else None


def number_or_text(text: str) -> Scalar:
    """A value as it stands in a help text, a shell script or on a command line."""
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text
