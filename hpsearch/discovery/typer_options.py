"""The options of programs that make them out of functions and classes: Typer, Fire, and dataclasses
(tyro, HfArgumentParser, simple_parsing). `python_program` asks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hpsearch.discovery.facts import Found, Option, kind_of, readable
from hpsearch.discovery.python_source import PythonSource, dotted, keywords
from hpsearch.discovery.signature_options import (
    argument_defaults,
    bounds,
    read_annotation,
    signature_options,
)

_CLASS_READERS = {
    "cli": "-",  # tyro.cli(Args): --learning-rate
    "HfArgumentParser": "_",  # --learning_rate
    "add_arguments": "_",  # simple_parsing
    "parse": "_",  # simple_parsing.parse(Args), pyrallis.parse(config_class=Args)
    "wrap": "_",
}


def typer_options(source: PythonSource) -> Found | None:
    """The options of the file; None if it has no Typer command."""
    functions = list(_typer_functions(source)) if source.imports("typer") else []
    if not functions:
        return None
    is_grouped = len(functions) > 1
    options = [
        replace(option, command=name if is_grouped else "")
        for name, function in functions
        for option in _typer_arguments(function, source)
    ]
    commands = tuple(name for name, _ in functions) if is_grouped else ()
    return Found("typer", tuple(options), commands, str(source.path))


def _typer_functions(source: PythonSource) -> Iterator[tuple[str, ast.FunctionDef]]:
    for call in source.calls:
        if dotted(call.func) in ("typer.run", "run") and call.args:
            function = source.functions.get(dotted(call.args[0]))
            if function is not None:
                yield function.name.replace("_", "-"), function
    for function in source.functions.values():
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and dotted(decorator.func).endswith(".command"):
                given = source.value(decorator.args[0]) if decorator.args else None
                name = given if isinstance(given, str) else function.name.replace("_", "-")
                yield name, function


def _typer_arguments(function: ast.FunctionDef, source: PythonSource) -> Iterator[Option]:
    written = argument_defaults(function)
    position = 0
    for option in signature_options(function, source):
        argument, default = written[option.name]
        details = read_annotation(argument.annotation, source).details
        if isinstance(default, ast.Call) and dotted(default.func).endswith(("Option", "Argument")):
            details = default
            option = _with_first_argument(option, default, source)
        is_argument = dotted(details.func).endswith("Argument") if details else default is None
        option = replace(option, channel="position" if is_argument else "option", position=position)
        position += is_argument
        yield _as_typer(option, details, source)


def _with_first_argument(option: Option, call: ast.Call, source: PythonSource) -> Option:
    """`typer.Option(0.01, "--lr")`: the first argument is the default; `...` means required."""
    value = source.value(call.args[0] if call.args else keywords(call).get("default"))
    if not isinstance(value, (str, int, float, bool)):
        return replace(option, is_required=value is ...)
    return replace(option, default=value, kind=option.kind or kind_of(value), is_required=False)


def _as_typer(option: Option, details: ast.Call | None, source: PythonSource) -> Option:
    given = [] if details is None else [source.value(argument) for argument in details.args]
    flags = [name for name in given if isinstance(name, str) and name.startswith("-")]
    pairs = [flag for flag in flags if "/" in flag]
    spellings = [flag.partition("/")[0] for flag in flags]
    usual = f"--{option.name.strip('_').replace('_', '-')}"
    is_flag = option.kind == "bool" and option.channel == "option"
    negative = pairs[0].partition("/")[2] if pairs else f"--no-{usual[2:]}"
    if spellings and not pairs:
        negative = ""
    longs = [name for name in spellings if name.startswith("--")]
    spelling = max(longs or spellings or [usual], key=len)
    help_text = source.value(keywords(details).get("help")) if details is not None else ""
    low, high = bounds(details, source) if details is not None else (None, None)
    is_positional = option.channel == "position"
    return replace(
        option,
        name=readable([spelling, option.name], option.name),
        spelling=option.name if is_positional else spelling,
        spellings=() if is_positional else tuple(spellings or [usual]),
        is_flag=is_flag,
        negative=negative if is_flag else "",
        low=low,
        high=high,
        help=" ".join(help_text.split()) if isinstance(help_text, str) else "",
    )


def fire_options(source: PythonSource) -> Found | None:
    """The arguments of the function that `fire.Fire(function)` makes a program of."""
    for call in source.calls:
        if dotted(call.func) not in ("fire.Fire", "Fire") or not call.args:
            continue
        function = source.functions.get(dotted(call.args[0]))
        if function is not None:
            options = [_as_long(o, "_") for o in signature_options(function, source)]
            return Found("fire", tuple(options), (), str(source.path))
    return None


def _as_long(option: Option, separator: str) -> Option:
    spelling = f"--{option.name.replace('_', separator)}"
    return replace(
        option,
        name=readable([option.name], option.name),
        channel="option",
        spelling=spelling,
        spellings=tuple(dict.fromkeys((spelling, f"--{option.name}"))),
        is_flag=option.kind == "bool",
    )


def dataclass_options(source: PythonSource, sources: Sequence[PythonSource]) -> Found | None:
    """The fields of the dataclasses that tyro, HfArgumentParser or simple_parsing reads.

    Args:
        sources: all the files, in which the classes may stand.
    """
    classes = {
        node.name: (node, other)
        for other in reversed(sources)
        for node in other.tree.body
        if isinstance(node, ast.ClassDef)
    }
    for call in source.calls:
        separator = _CLASS_READERS.get(dotted(call.func).rpartition(".")[2])
        if separator is None:
            continue
        given = [*call.args, *filter(None, [keywords(call).get("config_class")])]
        options = [
            _as_long(option, separator)
            for argument in given
            for name in _names_in(argument)
            if name in classes
            for option in _fields(*classes[name])
        ]
        if options:
            return Found("a dataclass", tuple(options), (), str(source.path))
    return None


def _names_in(node: ast.expr) -> Iterator[str]:
    elements = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
    for element in elements:
        yield dotted(element)


def _fields(node: ast.ClassDef, source: PythonSource) -> Iterator[Option]:
    for statement in node.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        annotation = read_annotation(statement.annotation, source)
        default, help_text = _field_default(statement.value, source)
        yield Option(
            name=statement.target.id,
            spelling=statement.target.id,
            default=default,
            kind=annotation.kind or kind_of(default),
            choices=annotation.choices,
            is_path=annotation.is_path,
            is_list=annotation.is_list,
            is_required=statement.value is None,
            help=help_text,
            line=statement.lineno,
        )


def _field_default(
    node: ast.expr | None, source: PythonSource
) -> tuple[str | int | float | bool | None, str]:
    """The default and the help of `0.1` or `field(default=0.1, metadata={"help": ...})`."""
    help_text = ""
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in ("field", "Field"):
        given = keywords(node)
        metadata = given.get("metadata")
        if isinstance(metadata, ast.Dict):
            for key, value in zip(metadata.keys, metadata.values, strict=True):
                if source.value(key) == "help":
                    help_text = str(source.value(value))
        node = given.get("default")
    value = source.value(node)
    return value if isinstance(value, (str, int, float, bool)) else None, help_text
