"""Python functions that train: those that take the values as one dict, and those that take each
value as an argument. What they return is a metric. `python_program` asks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from hpsearch.discovery.facts import Found, Kind, Option, Printed, Scalar, kind_of
from hpsearch.discovery.metric_words import goal_of
from hpsearch.discovery.printed_python import printed_by
from hpsearch.discovery.python_source import PythonSource, dotted, is_main_guard, keywords
from hpsearch.discovery.signature_options import signature_options
from hpsearch.errors import HpsearchError

TRIAL_ARGUMENTS = frozenset({"trial", "budget"})
_CONVERSIONS: dict[str, Kind] = {"int": "int", "float": "float", "str": "str", "bool": "bool"}
_DICTS = ("dict", "Dict", "Mapping", "MutableMapping", "typing.Dict", "typing.Mapping")


@dataclass(frozen=True)
class Function:
    """A function that a config can run.

    Attributes:
        name: in its module.
        takes: all the values as one dict, or each as an argument.
        found: its keys or arguments.
        returned: the metrics that it returns; more than one where it returns a dict.
        is_value: whether it returns a number, which hpsearch would not know the name of.
    """

    name: str
    takes: Literal["dict", "arguments"]
    found: Found
    returned: tuple[Printed, ...]
    is_value: bool


def named_function(name: str, source: PythonSource) -> Function:
    """The function of that name.

    Raises:
        HpsearchError: if the file has none.
    """
    node = source.functions.get(name)
    if node is None:
        names = ", ".join(source.functions) or "none"
        raise HpsearchError(f"{source.path} has no function {name}; its functions: {names}")
    return _function(node, source)


def called_function(source: PythonSource) -> Function | None:
    """The function that `if __name__ == "__main__":` calls without values from outside.

    None where there is none, or where importing the file would already train.
    """
    guarded = [node for node in source.tree.body if is_main_guard(node)]
    if any(_called_in(node, source) for node in source.tree.body if node not in guarded):
        return None
    for guard in guarded:
        for call in _called_in(guard, source):
            given = {key: source.value(value) for key, value in keywords(call).items()}
            function = _function(source.functions[dotted(call.func)], source)
            if call.args or function.takes == "dict":
                continue
            options = [
                replace(option, default=given[option.name], is_required=False)
                if isinstance(given.get(option.name), (str, int, float, bool))
                else option
                for option in function.found.options
            ]
            return replace(function, found=replace(function.found, options=tuple(options)))
    return None


def _called_in(node: ast.stmt, source: PythonSource) -> list[ast.Call]:
    """Calls of the file's own functions that happen when the statement is run."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
        return []
    calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
    return [call for call in calls if dotted(call.func) in source.functions]


def _function(node: ast.FunctionDef, source: PythonSource) -> Function:
    arguments = [
        option for option in signature_options(node, source) if option.name not in TRIAL_ARGUMENTS
    ]
    first = arguments[0].name if arguments else ""
    keys = tuple(_keys_of(first, node, source))
    is_dict = len([a for a in arguments if a.is_required]) == 1 and (
        bool(keys) or _is_annotated_dict(first, node)
    )
    reader = "the keys of its dict" if is_dict else "the arguments of the function"
    file = str(source.path)
    found = Found(reader, keys if is_dict else tuple(arguments), (), file)
    returned = tuple(_returned(node, source))
    is_value = len(returned) == 1 and not _returns_dict(node)
    return Function(node.name, "dict" if is_dict else "arguments", found, returned, is_value)


def _is_annotated_dict(name: str, node: ast.FunctionDef) -> bool:
    for argument in node.args.args:
        if argument.arg == name:
            annotation = argument.annotation
            base = annotation.value if isinstance(annotation, ast.Subscript) else annotation
            return dotted(base).rpartition(".")[2] in _DICTS
    return False


def _keys_of(name: str, node: ast.FunctionDef, source: PythonSource) -> Iterator[Option]:
    """The keys that are read from the dict of that name, with the defaults of `get`."""
    kinds = {
        id(call.args[0]): _CONVERSIONS[dotted(call.func)]
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and dotted(call.func) in _CONVERSIONS and call.args
    }
    seen: set[str] = set()
    inner = [n for n in ast.walk(node) if isinstance(n, (ast.Subscript, ast.Call))]
    for use in sorted(inner, key=lambda n: (n.lineno, n.col_offset)):
        key, default, is_required = _key(use, name, source)
        if key and key not in seen:
            seen.add(key)
            yield Option(
                name=key,
                channel="key",
                spelling=key,
                spellings=(key,),
                default=default,
                kind=kinds.get(id(use)) or kind_of(default),
                is_required=is_required,
                line=use.lineno,
            )


def _key(
    node: ast.Subscript | ast.Call, name: str, source: PythonSource
) -> tuple[str, Scalar, bool]:
    if isinstance(node, ast.Subscript):
        key = source.value(node.slice) if dotted(node.value) == name else None
        return (key, None, True) if isinstance(key, str) else ("", None, False)
    if dotted(node.func) in (f"{name}.get", f"{name}.pop") and node.args:
        key = source.value(node.args[0])
        default = source.value(node.args[1]) if len(node.args) > 1 else None
        default = default if isinstance(default, (str, int, float, bool)) else None
        return (key, default, False) if isinstance(key, str) else ("", None, False)
    return "", None, False


def _own_returns(node: ast.FunctionDef) -> Iterator[ast.Return]:
    """The function's own `return` statements, not those of functions inside it."""
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        statement = waiting.pop(0)
        if isinstance(statement, ast.Return):
            yield statement
        elif not isinstance(statement, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            waiting += ast.iter_child_nodes(statement)


def _returns_dict(node: ast.FunctionDef) -> bool:
    return any(isinstance(statement.value, ast.Dict) for statement in _own_returns(node))


def _returned(node: ast.FunctionDef, source: PythonSource) -> Iterator[Printed]:
    for statement in _own_returns(node):
        value = statement.value
        if value is None or isinstance(value, ast.Constant):
            continue
        names: list[object] = [_name_of_value(value) or node.name]
        if isinstance(value, ast.Dict):
            names = [source.value(key) for key in value.keys]
        for name in names:
            if isinstance(name, str):
                yield Printed(
                    name, f"{node.name} {name}", "returned", (statement.lineno,), str(source.path)
                )


def _name_of_value(value: ast.expr) -> str:
    """A name for what is returned: `-accuracy` and `1 - accuracy` are small when it is large."""
    named = [dotted(n).rpartition(".")[2] for n in ast.walk(value) if dotted(n)]
    metrics = [name for name in named if goal_of(name) is not None]
    name = next(iter(metrics or named), "")
    is_negated = isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub)
    if isinstance(value, ast.BinOp) and isinstance(value.left, ast.Constant):
        is_negated = isinstance(value.op, ast.Sub)
    return f"negative_{name}" if name and is_negated else name


def printed_outside_main(source: PythonSource) -> list[Printed]:
    """What the file prints when its functions are called from outside: not what its main prints."""
    inside = {
        inner.lineno
        for guard in source.tree.body
        if is_main_guard(guard)
        for inner in ast.walk(guard)
        if isinstance(inner, ast.expr)
    }
    kept = [replace(p, lines=tuple(set(p.lines) - inside)) for p in printed_by(source)]
    return [printed for printed in kept if printed.lines]
