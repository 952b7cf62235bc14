"""The arguments of a Python function as options: names, annotations and defaults.

Typer, Fire and functions that a config can call by name all stand on this.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from hpsearch.discovery.facts import Kind, Option, kind_of
from hpsearch.discovery.python_source import UNKNOWN, PythonSource, dotted, keywords

_KINDS: dict[str, Kind] = {"int": "int", "float": "float", "str": "str", "bool": "bool"}
_PATHS = frozenset({"Path", "pathlib.Path", "FileText", "typer.FileText"})
_LISTS = frozenset({"list", "List", "tuple", "Tuple", "Sequence", "Iterable", "set"})
_OPTIONAL = frozenset({"Optional", "typing.Optional"})


@dataclass(frozen=True)
class Annotation:
    """What an annotation says of the values.

    Attributes:
        details: the `typer.Option(...)` or `typer.Argument(...)` inside an `Annotated`.
    """

    kind: Kind | None = None
    choices: tuple[Any, ...] = ()
    is_path: bool = False
    is_list: bool = False
    details: ast.Call | None = None


def signature_options(function: ast.FunctionDef, source: PythonSource) -> list[Option]:
    """The arguments with their annotations and defaults; `*args` and `self` are left out."""
    options = []
    for argument, default in _arguments(function):
        if argument.arg in ("self", "cls", "ctx"):
            continue
        annotation = read_annotation(argument.annotation, source)
        value = source.value(default)
        value = value if isinstance(value, (str, int, float, bool)) else None
        options.append(
            Option(
                name=argument.arg,
                channel="key",
                spelling=argument.arg,
                spellings=(argument.arg,),
                default=value,
                kind=annotation.kind or kind_of(value),
                choices=annotation.choices,
                is_path=annotation.is_path,
                is_list=annotation.is_list,
                is_required=default is None,
                line=argument.lineno,
            )
        )
    return options


def _arguments(function: ast.FunctionDef) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    spec = function.args
    plain = [*spec.posonlyargs, *spec.args]
    missing: list[ast.expr | None] = [None] * (len(plain) - len(spec.defaults))
    yield from zip(plain, [*missing, *spec.defaults], strict=True)
    yield from zip(spec.kwonlyargs, spec.kw_defaults, strict=True)


def argument_defaults(function: ast.FunctionDef) -> dict[str, tuple[ast.arg, ast.expr | None]]:
    """The arguments by name, with the expression of the default."""
    return {argument.arg: (argument, default) for argument, default in _arguments(function)}


def read_annotation(node: ast.expr | None, source: PythonSource) -> Annotation:
    """What `float`, `float | None`, `Literal["a", "b"]`, `Annotated[...]` or an Enum says."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return Annotation()
    if isinstance(node, ast.BinOp):  # float | None
        left, right = read_annotation(node.left, source), read_annotation(node.right, source)
        return left if left != Annotation() else right
    if isinstance(node, ast.Subscript):
        return _subscript(node, source)
    name = dotted(node)
    if name in _PATHS:
        return Annotation("str", is_path=True)
    if name in _KINDS:
        return Annotation(_KINDS[name])
    members = tuple(_enum_members(name, source))
    if members:
        return Annotation("str", members)
    return Annotation(is_list=name in _LISTS)


def _subscript(node: ast.Subscript, source: PythonSource) -> Annotation:
    name = dotted(node.value).rpartition(".")[2]
    inner = node.slice
    if name in _OPTIONAL:
        return read_annotation(inner, source)
    if name == "Annotated" and isinstance(inner, ast.Tuple) and inner.elts:
        calls = [element for element in inner.elts[1:] if isinstance(element, ast.Call)]
        return replace(read_annotation(inner.elts[0], source), details=calls[0] if calls else None)
    if name == "Literal":
        values = source.value(inner)
        known = values if isinstance(values, tuple) else (values,)
        return Annotation(None, known) if UNKNOWN not in known else Annotation()
    return Annotation(is_list=name in _LISTS)


def _enum_members(name: str, source: PythonSource) -> Iterator[str]:
    for node in source.tree.body:
        if not isinstance(node, ast.ClassDef) or node.name != name:
            continue
        if any("Enum" in dotted(base) for base in node.bases):
            for key, value in source.constants.items():
                if key.startswith(f"{name}.") and isinstance(value, str):
                    yield value


def bounds(call: ast.Call, source: PythonSource) -> tuple[float | None, float | None]:
    """The ends that `min=` and `max=` of a call set."""
    given = keywords(call)
    low, high = (source.value(given.get(key)) for key in ("min", "max"))
    return (
        low if isinstance(low, (int, float)) else None,
        high if isinstance(high, (int, float)) else None,
    )
