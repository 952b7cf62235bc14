"""A Python program as text: its tree, its constants, and the local modules that it imports.

Nothing is imported or run. The readers of argparse, click and so on stand on this.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from hpsearch.errors import HpsearchError

UNKNOWN: Any = object()
"""The value of an expression that only running the program would tell."""

MOST_FILES = 30
MOST_IMPORT_LEVELS = 3
LARGEST_EXPONENT = 64
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}
_CONVERSIONS: dict[str, Callable[[Any], Any]] = {"int": int, "float": float, "str": str}


@dataclass(frozen=True, eq=False)
class PythonSource:
    """One file.

    Attributes:
        path: where it was read.
        tree: its syntax tree.
    """

    path: Path
    tree: ast.Module

    @cached_property
    def constants(self) -> Mapping[str, Any]:
        """Values of the names that the module assigns, and of `Class.name`, as far as known."""
        values: dict[str, Any] = {}
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef):
                for name, value in assigned(node.body, values):
                    values[f"{node.name}.{name}"] = value
            else:
                values.update(assigned([node], values))
        return values

    def value(self, node: ast.expr | None) -> Any:
        """What an expression is, without running anything; UNKNOWN where that cannot be told."""
        return UNKNOWN if node is None else evaluate(node, self.constants)

    @cached_property
    def calls(self) -> list[ast.Call]:
        """All the calls in the order of the file."""
        return [node for node in self.nodes if isinstance(node, ast.Call)]

    @cached_property
    def nodes(self) -> list[ast.stmt | ast.expr]:
        """All the statements and expressions in the order of the file."""
        nodes = [node for node in ast.walk(self.tree) if isinstance(node, (ast.stmt, ast.expr))]
        return sorted(nodes, key=lambda node: (node.lineno, node.col_offset))

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """The functions at the top level by name."""
        return {node.name: node for node in self.tree.body if isinstance(node, ast.FunctionDef)}

    def imports(self, *modules: str) -> bool:
        """Whether it imports one of the modules, or something out of it."""
        for node in ast.walk(self.tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            if any(name.split(".")[0] in modules for name in names):
                return True
        return False


def read_python(path: Path) -> PythonSource:
    """The source of a file.

    Raises:
        HpsearchError: if it cannot be read, or is not Python.
    """
    try:
        return PythonSource(path, ast.parse(path.read_bytes()))
    except SyntaxError as error:
        raise HpsearchError(f"{path}, line {error.lineno}: {error.msg}") from None
    except OSError as error:
        raise HpsearchError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise HpsearchError(f"{path} is not Python: {error}") from None


def read_with_imports(path: Path, folders: Sequence[Path]) -> list[PythonSource]:
    """The file, and after it the modules beside it that it imports, nearest first.

    Args:
        folders: where local modules are looked for, besides the file's own folder.
    Raises:
        HpsearchError: if the file itself cannot be read; modules that cannot be are left out.
    """
    found = [read_python(path)]
    level = found
    for _ in range(MOST_IMPORT_LEVELS):
        level = list(_imported_by(level, [path.parent, *folders], {one.path for one in found}))
        found += level[: MOST_FILES - len(found)]
    return found


def _imported_by(
    sources: Sequence[PythonSource], folders: Sequence[Path], seen: set[Path]
) -> Iterator[PythonSource]:
    for source in sources:
        for module in _module_names(source):
            path = module_path(module, [source.path.parent, *folders])
            if path is not None and path not in seen:
                seen.add(path)
                try:
                    yield read_python(path)
                except HpsearchError:
                    continue


def _module_names(source: PythonSource) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.module:
                yield node.module
            yield from (".".join(filter(None, (node.module, a.name))) for a in node.names)


def module_path(module: str, folders: Sequence[Path]) -> Path | None:
    """The file of a module in one of the folders; None if it is in none of them."""
    for folder in folders:
        base = folder.joinpath(*module.split("."))
        for path in (base.with_name(f"{base.name}.py"), base / "__init__.py"):
            if path.is_file():
                return path
    return None


def assigned(body: Sequence[ast.stmt], known: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names that the statements assign, with their values where these can be told."""
    values = dict(known)
    for node in body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            target = node.target
        else:
            continue
        assert node.value is not None
        value = evaluate(node.value, values)
        if isinstance(target, ast.Name) and value is not UNKNOWN:
            values[target.id] = value
            yield target.id, value


def evaluate(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """What an expression is: a constant, simple arithmetic, or a known name; else UNKNOWN."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.Name, ast.Attribute)):
        return names.get(dotted(node).removesuffix(".value"), UNKNOWN)
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        values = tuple(evaluate(element, names) for element in node.elts)
        return UNKNOWN if UNKNOWN in values else values
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        value = evaluate(node.operand, names)
        if not isinstance(value, (int, float)):
            return UNKNOWN
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp):
        return _arithmetic(node, names)
    if isinstance(node, ast.Call):
        return _conversion(node, names)
    return UNKNOWN


def _arithmetic(node: ast.BinOp, names: Mapping[str, Any]) -> Any:
    left, right = evaluate(node.left, names), evaluate(node.right, names)
    apply = _OPERATORS.get(type(node.op))
    if apply is None or not all(isinstance(side, (int, float)) for side in (left, right)):
        return UNKNOWN
    if isinstance(node.op, ast.Pow) and abs(right) > LARGEST_EXPONENT:
        return UNKNOWN
    try:
        return apply(left, right)
    except (ArithmeticError, ValueError):
        return UNKNOWN


def _conversion(node: ast.Call, names: Mapping[str, Any]) -> Any:
    """`int(1e6)`, and a path as its text."""
    name = dotted(node.func)
    values = [evaluate(argument, names) for argument in node.args]
    if name in ("Path", "pathlib.Path") and len(values) == 1 and isinstance(values[0], str):
        return values[0]
    if name in ("list", "tuple", "sorted") and len(values) == 1 and isinstance(values[0], tuple):
        return values[0]
    if name in _CONVERSIONS and len(values) == 1 and isinstance(values[0], (str, int, float)):
        try:
            return _CONVERSIONS[name](values[0])
        except (ValueError, OverflowError):
            return UNKNOWN
    return UNKNOWN


def dotted(node: ast.AST | None) -> str:
    """The name of what is called or used: `click.option`; empty for other expressions."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else node.attr
    return ""


def keywords(call: ast.Call) -> dict[str, ast.expr]:
    """The arguments of a call that are given by name."""
    return {word.arg: word.value for word in call.keywords if word.arg is not None}


def is_main_guard(node: ast.stmt) -> bool:
    """Whether it is `if __name__ == "__main__":`."""
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and "__name__" in (dotted(node.test.left), dotted(node.test.comparators[0]))
    )
