"""What can be set in a Python program without a parser of options: absl flags, environment
variables and `sys.argv[1]`. `python_program` asks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hpsearch.discovery.facts import Found, Kind, Option, Scalar, kind_of, readable
from hpsearch.discovery.python_source import PythonSource, dotted, keywords

_ABSL: dict[str, Kind | None] = {
    "DEFINE_float": "float",
    "DEFINE_integer": "int",
    "DEFINE_string": "str",
    "DEFINE_enum": "str",
    "DEFINE_bool": "bool",
    "DEFINE_boolean": "bool",
    "DEFINE_list": None,
    "DEFINE_multi_string": None,
}
_CONVERSIONS: dict[str, Kind] = {"int": "int", "float": "float", "str": "str", "bool": "bool"}


def absl_options(source: PythonSource) -> Found | None:
    """absl's `flags.DEFINE_float("learning_rate", 0.1, "help")`; None if there are none."""
    options = [
        option
        for call in source.calls
        if dotted(call.func).rpartition(".")[2] in _ABSL
        for option in _absl_option(call, source)
    ]
    return Found("absl flags", tuple(options), (), str(source.path)) if options else None


def _absl_option(call: ast.Call, source: PythonSource) -> Iterator[Option]:
    define = dotted(call.func).rpartition(".")[2]
    third = ("enum_values",) if define == "DEFINE_enum" else ()
    order = ("name", "default", *third, "help")
    given = {**dict(zip(order, call.args, strict=False)), **keywords(call)}
    values = {key: source.value(node) for key, node in given.items()}
    name, default, choices = values.get("name"), values.get("default"), values.get("enum_values")
    if not isinstance(name, str):
        return
    low, high = values.get("lower_bound"), values.get("upper_bound")
    yield Option(
        name=readable([name], name),
        spelling=f"--{name}",
        spellings=(f"--{name}", f"-{name}"),
        default=_scalar(default),
        kind=_ABSL[define],
        choices=choices if isinstance(choices, tuple) else (),
        low=low if isinstance(low, (int, float)) else None,
        high=high if isinstance(high, (int, float)) else None,
        is_flag=define in ("DEFINE_bool", "DEFINE_boolean"),
        negative=f"--no{name}" if define in ("DEFINE_bool", "DEFINE_boolean") else "",
        is_list=_ABSL[define] is None,
        help=" ".join(str(values["help"]).split()) if "help" in values else "",
        line=call.lineno,
    )


def environment_options(source: PythonSource) -> Found | None:
    """`float(os.environ.get("LR", 0.1))`; None if no variable is read."""
    options: dict[str, Option] = {}
    kinds = {id(node): kind for node, kind in _converted(source)}
    for node in source.nodes:
        name, default, is_required = _variable(node, source)
        if name and name.lower() not in options:
            options[name.lower()] = Option(
                name=readable([name.lower()], name),
                channel="environment",
                spelling=name,
                default=default,
                kind=kinds.get(id(node)) or kind_of(default),
                is_required=is_required,
                line=node.lineno,
            )
    found = tuple(options.values())
    return Found("environment variables", found, (), str(source.path)) if found else None


def _converted(source: PythonSource) -> Iterator[tuple[ast.expr, Kind]]:
    """The expressions that `float(...)` and its kin convert."""
    for call in source.calls:
        kind = _CONVERSIONS.get(dotted(call.func))
        if kind is not None and len(call.args) == 1:
            yield call.args[0], kind
            if isinstance(call.args[0], ast.BoolOp):  # float(os.getenv("LR") or 0.1)
                yield call.args[0].values[0], kind


def _variable(node: ast.AST, source: PythonSource) -> tuple[str, Scalar, bool]:
    """The environment variable that an expression reads, its default, and whether it must be."""
    if isinstance(node, ast.Subscript) and dotted(node.value) in ("os.environ", "environ"):
        name = source.value(node.slice)
        return (name if isinstance(name, str) else "", None, True)
    if isinstance(node, ast.Call) and node.args:
        called = dotted(node.func)
        if called in ("os.environ.get", "environ.get", "os.getenv", "getenv"):
            name = source.value(node.args[0])
            default = _number(_scalar(source.value(node.args[1])) if len(node.args) > 1 else None)
            return (name if isinstance(name, str) else "", default, False)
    return "", None, False


def _number(default: Scalar) -> Scalar:
    """Defaults of environment variables are often numbers in quotes."""
    if not isinstance(default, str):
        return default
    for convert in (int, float):
        try:
            return convert(default)
        except ValueError:
            continue
    return default


def argv_options(source: PythonSource) -> Found | None:
    """`learning_rate = float(sys.argv[1])`, with `if len(sys.argv) > 1 else 0.1` or without."""
    options: dict[int, Option] = {}
    for node in source.nodes:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        value: ast.expr = node.value
        default: Scalar = None
        if isinstance(node.value, ast.IfExp):
            value, default = node.value.body, _scalar(source.value(node.value.orelse))
        kind = _CONVERSIONS.get(dotted(value.func)) if isinstance(value, ast.Call) else None
        inner = value.args[0] if isinstance(value, ast.Call) and value.args else value
        if not isinstance(inner, ast.Subscript) or dotted(inner.value) != "sys.argv":
            continue
        index = source.value(inner.slice)
        if isinstance(index, int) and index >= 1 and index - 1 not in options:
            name = node.targets[0].id.lower()
            options[index - 1] = Option(
                name=readable([name], name),
                channel="position",
                spelling=name,
                default=default,
                kind=kind or kind_of(default),
                is_required=default is None,
                line=node.lineno,
                position=index - 1,
            )
    found = tuple(options[position] for position in sorted(options))
    return Found("sys.argv", found, (), str(source.path)) if found else None


def _scalar(value: object) -> Scalar:
    return value if isinstance(value, (str, int, float, bool)) else None
