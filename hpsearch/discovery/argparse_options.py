"""The options of a program that uses argparse, read from its `add_argument` calls.

Groups, subparsers and `set_defaults` are followed; ConfigArgParse and simple_parsing, which have
the same calls, are read too. `python_program` asks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hpsearch.discovery.facts import Found, Kind, Option, kind_of, readable
from hpsearch.discovery.python_source import UNKNOWN, PythonSource, dotted, keywords

_KINDS: dict[str, Kind] = {"int": "int", "float": "float", "str": "str", "bool": "bool"}
_FLAG_ACTIONS = frozenset(
    {"store_true", "store_false", "store_const", "count", "help", "version", "append_const"}
)
_PATH_TYPES = ("Path", "pathlib.Path", "argparse.FileType", "FileType", "os.path.abspath")
_OWN_OPTIONS = frozenset({"-h", "--help", "--version"})


def argparse_options(source: PythonSource) -> Found | None:
    """The options of the file; None if it has none."""
    reader = _Reader(source)
    reader.read()
    if not reader.options and not reader.commands:
        return None
    options = [option for option in reader.options if not _is_own(option)]
    return Found("argparse", tuple(options), tuple(reader.commands), str(source.path))


def _is_own(option: Option) -> bool:
    return bool(_OWN_OPTIONS & set(option.spellings))


class _Reader:
    """Goes through one file in its order, because a variable may hold one parser after another."""

    def __init__(self, source: PythonSource) -> None:
        self._source = source
        self._command_of: dict[str, str] = {}  # variable -> subcommand
        self.options: list[Option] = []
        self.commands: list[str] = []

    def read(self) -> None:
        for node in self._source.nodes:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                self._bind(node.targets, node.value)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                self._read_call(node, node.func)

    def _bind(self, targets: Sequence[ast.expr], call: ast.Call) -> None:
        """`train = subparsers.add_parser("train")`, and groups of a parser."""
        if not isinstance(call.func, ast.Attribute):
            return
        command = ""
        if call.func.attr == "add_parser" and call.args:
            name = self._source.value(call.args[0])
            command = name if isinstance(name, str) else ""
        elif call.func.attr in ("add_argument_group", "add_mutually_exclusive_group"):
            command = self._command_of.get(dotted(call.func.value), "")
        for target in targets:
            self._command_of[dotted(target)] = command

    def _read_call(self, call: ast.Call, function: ast.Attribute) -> None:
        command = self._command_of.get(dotted(function.value), "")
        if function.attr == "add_argument":
            option = _option(call, self._source)
            if option is not None:
                self._add(replace(option, command=command))
        elif function.attr == "add_parser" and call.args:
            name = self._source.value(call.args[0])
            if isinstance(name, str):
                self.commands.append(name)
        elif function.attr == "set_defaults":
            for name, value in keywords(call).items():
                self._set_default(name, self._source.value(value), command)

    def _add(self, option: Option) -> None:
        if option.channel == "position":
            before = [o for o in self.options if o.channel == "position"]
            place = sum(o.command in ("", option.command) for o in before)
            option = replace(option, position=place)
        self.options.append(option)

    def _set_default(self, name: str, value: object, command: str) -> None:
        if not isinstance(value, (str, int, float, bool)):
            return
        for i, option in enumerate(self.options):
            if command in ("", option.command) and name in _destinations(option):
                self.options[i] = replace(option, default=value, is_required=False)


def _destinations(option: Option) -> Iterator[str]:
    yield option.name
    for spelling in option.spellings:
        yield spelling.lstrip("-").replace("-", "_")


def _option(call: ast.Call, source: PythonSource) -> Option | None:
    """The option of one `add_argument` call; None if its name is computed."""
    names = [source.value(argument) for argument in call.args]
    spellings = tuple(name for name in names if isinstance(name, str))
    given = keywords(call)
    if not spellings or len(spellings) < len(names):
        return None
    default = source.value(given.get("default"))
    kind, is_path = _type(given.get("type"), default)
    action = source.value(given.get("action"))
    is_boolean_pair = dotted(given.get("action")).endswith("BooleanOptionalAction")
    choices = source.value(given.get("choices"))
    nargs = source.value(given.get("nargs"))
    dest = source.value(given.get("dest"))
    help_text = source.value(given.get("help"))
    is_option = spellings[0].startswith("-")
    longs = [name for name in spellings if name.startswith("--")] or list(spellings)
    named = [*longs, dest] if isinstance(dest, str) else longs
    spelling = max(longs, key=len)
    return Option(
        name=readable(named, spelling),
        channel="option" if is_option else "position",
        spelling=spelling,
        spellings=spellings,
        default=default if isinstance(default, (str, int, float, bool)) else None,
        kind=kind,
        choices=_scalars(choices),
        is_flag=action in _FLAG_ACTIONS or is_boolean_pair,
        negative=f"--no-{spelling.lstrip('-')}" if is_boolean_pair else "",
        is_list=nargs in ("+", "*", "...") or action == "append" or isinstance(nargs, int),
        is_required=_is_required(given, is_option, nargs, source),
        is_path=is_path,
        is_text="type" not in given and kind in ("int", "float"),
        help=" ".join(help_text.split()) if isinstance(help_text, str) else "",
        line=call.lineno,
    )


def _is_required(
    given: dict[str, ast.expr], is_option: bool, nargs: object, source: PythonSource
) -> bool:
    if is_option:
        return source.value(given.get("required")) is True and "default" not in given
    return nargs not in ("?", "*") and "default" not in given


def _type(node: ast.expr | None, default: object) -> tuple[Kind | None, bool]:
    """The kind of the values, and whether they are paths."""
    name = dotted(node.func if isinstance(node, ast.Call) else node)
    if name in _PATH_TYPES:
        return "str", True
    if name in _KINDS:
        return _KINDS[name], False
    if "bool" in name.lower():
        return "bool", False
    for kind in ("float", "int"):
        if kind in name.lower():
            return _KINDS[kind], False
    return kind_of(default if isinstance(default, (str, int, float, bool)) else None), False


def _scalars(values: object) -> tuple[str | int | float, ...]:
    """Choices, where all of them are known."""
    if values is UNKNOWN or not isinstance(values, tuple):
        return ()
    return tuple(value for value in values if isinstance(value, (str, int, float)))
