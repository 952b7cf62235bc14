"""The options of a program that uses click, read from its decorators.

Each `@click.command()` is a subcommand where there are several. `python_program` asks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hpsearch.discovery.facts import Found, Kind, Option, kind_of, readable
from hpsearch.discovery.python_source import PythonSource, dotted, keywords

_KINDS: dict[str, Kind] = {
    "int": "int",
    "float": "float",
    "str": "str",
    "bool": "bool",
    "click.INT": "int",
    "click.FLOAT": "float",
    "click.STRING": "str",
    "click.BOOL": "bool",
    "click.IntRange": "int",
    "click.FloatRange": "float",
}
_PATHS = frozenset({"click.Path", "click.File", "Path", "pathlib.Path"})
_OPTIONS = frozenset({"click.option", "option"})
_ARGUMENTS = frozenset({"click.argument", "argument"})


@dataclass(frozen=True)
class _Type:
    kind: Kind | None = None
    choices: tuple[str | int | float, ...] = ()
    low: float | None = None
    high: float | None = None
    is_path: bool = False


def click_options(source: PythonSource) -> Found | None:
    """The options of the file; None if it has no command."""
    if not source.imports("click", "rich_click"):
        return None
    found = [each for node in ast.walk(source.tree) for each in _of_function(node, source)]
    if not found:
        return None
    names = [name for name, is_group, _ in found if not is_group]
    is_grouped = any(is_group for _, is_group, _ in found) or len(names) > 1
    options = [
        replace(option, command="" if is_group or not is_grouped else name)
        for name, is_group, options in found
        for option in options
    ]
    commands = tuple(names) if is_grouped else ()
    return Found("click", tuple(options), commands, str(source.path))


def _of_function(
    node: ast.AST, source: PythonSource
) -> Iterator[tuple[str, bool, tuple[Option, ...]]]:
    """The name of a command, whether it is a group of others, and its options."""
    if not isinstance(node, ast.FunctionDef):
        return
    decorators = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
    kinds = [dotted(d).rpartition(".")[2] for d in decorators]
    if not {"command", "group"} & set(kinds):
        return
    options = []
    position = 0
    name = node.name.replace("_", "-")
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        called = dotted(decorator.func)
        if called in _OPTIONS or called in _ARGUMENTS:
            option = _option(decorator, called in _ARGUMENTS, source)
            if option is not None:
                options.append(replace(option, position=position))
                position += option.channel == "position"
        elif called.endswith((".command", "group")):
            given = [*decorator.args, *filter(None, [keywords(decorator).get("name")])]
            written = source.value(given[0]) if given else None
            name = written if isinstance(written, str) else name
    yield name, "group" in kinds, tuple(options)


def _option(call: ast.Call, is_argument: bool, source: PythonSource) -> Option | None:
    given = keywords(call)
    names = [source.value(argument) for argument in call.args]
    names = [name for name in names if isinstance(name, str)]
    pairs = [name for name in names if name.startswith("-") and "/" in name]
    spellings = tuple(name.partition("/")[0] for name in names if name.startswith("-"))
    python_names = [name for name in names if not name.startswith("-")]
    if not names or (not is_argument and not spellings):
        return None
    longs = [name for name in spellings if name.startswith("--")] or list(spellings)
    spelling = python_names[0] if is_argument else max(longs, key=len)
    default = source.value(given.get("default"))
    default = default if isinstance(default, (str, int, float, bool)) else None
    kind = _type(given.get("type"), source)
    help_text = source.value(given.get("help"))
    is_flag = source.value(given.get("is_flag")) is True or bool(pairs) or "flag_value" in given
    is_flag |= source.value(given.get("count")) is True
    is_flag |= isinstance(default, bool) and "type" not in given
    return Option(
        name=readable([*longs, *python_names], spelling),
        channel="position" if is_argument else "option",
        spelling=spelling,
        spellings=spellings or (spelling,),
        default=default,
        kind=kind.kind or kind_of(default),
        choices=kind.choices,
        low=kind.low,
        high=kind.high,
        is_flag=is_flag and not is_argument,
        negative=pairs[0].partition("/")[2].strip() if pairs else "",
        is_list=source.value(given.get("multiple")) is True or "nargs" in given,
        is_required=_is_required(given, is_argument, source),
        is_path=kind.is_path,
        help=" ".join(help_text.split()) if isinstance(help_text, str) else "",
        line=call.lineno,
    )


def _is_required(given: dict[str, ast.expr], is_argument: bool, source: PythonSource) -> bool:
    if is_argument:
        return source.value(given.get("required")) is not False and "default" not in given
    return source.value(given.get("required")) is True and "default" not in given


def _type(node: ast.expr | None, source: PythonSource) -> _Type:
    name = dotted(node.func if isinstance(node, ast.Call) else node)
    if name in _PATHS:
        return _Type("str", is_path=True)
    if name == "click.Choice" and isinstance(node, ast.Call) and node.args:
        values = source.value(node.args[0])
        known = values if isinstance(values, tuple) else ()
        return _Type("str", tuple(v for v in known if isinstance(v, (str, int, float))))
    ends: list[float | None] = [None, None]
    if isinstance(node, ast.Call):
        given = keywords(node)
        written = [*node.args[:2], *[None] * (2 - len(node.args[:2]))]
        for i, key in enumerate(("min", "max")):
            value = source.value(given.get(key, written[i]))
            ends[i] = value if isinstance(value, (int, float)) else None
    return _Type(_KINDS.get(name), low=ends[0], high=ends[1])
