"""The constants that a Python program trains with: at its top, in a class like Config, in a dict.

Nothing outside can change them; `objective_text` says which lines to change.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from hpsearch.discovery.facts import Found, Option, kind_of, readable
from hpsearch.discovery.python_source import PythonSource, evaluate, is_main_guard

_SETTINGS = re.compile(
    r"(config|cfg|args|arguments|h?params?|hyperparameters|settings|opts?)$", re.I
)


def constants(source: PythonSource) -> Found | None:
    """Numbers and texts that are assigned in one place; None if there are none."""
    options = list(_options(source.tree.body))
    counts = Counter(option.name for option in options)
    found = tuple(option for option in options if counts[option.name] == 1)
    return Found("constants", found, (), str(source.path)) if found else None


def _options(body: list[ast.stmt]) -> Iterator[Option]:
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            yield from _of_dict(node.value)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            yield from _of_assignment(node)
        elif isinstance(node, (ast.ClassDef, ast.If)) and _holds_settings(node):
            yield from _options(node.body)


def _holds_settings(node: ast.ClassDef | ast.If) -> bool:
    if isinstance(node, ast.ClassDef):
        return _SETTINGS.search(node.name) is not None
    return is_main_guard(node)


def _of_assignment(node: ast.Assign | ast.AnnAssign) -> Iterator[Option]:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    if not isinstance(target, ast.Name) or node.value is None or target.id.startswith("_"):
        return
    spelling = target.id
    if isinstance(node, ast.AnnAssign):
        spelling = f"{target.id}: {ast.unparse(node.annotation)}"
    yield from _option(target.id, spelling, node.value)


def _of_dict(node: ast.Dict) -> Iterator[Option]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield from _option(key.value, f"{key.value!r}:", value)


def _option(name: str, spelling: str, node: ast.expr) -> Iterator[Option]:
    value = evaluate(node, {})
    if isinstance(value, (int, float, str)):
        yield Option(
            name=readable([name.lower()], name),
            channel="constant",
            spelling=spelling,
            default=value,
            kind=kind_of(value),
            line=node.lineno,
        )
