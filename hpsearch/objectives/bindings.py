"""What the source of a module binds its names to, as far as reading it tells; nothing is run.

Here are single files; which file a module is, and what it imports from others, is followed in
`function`, which asks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Number

_DISPLAYS: dict[type[ast.expr], str] = {
    ast.List: "a list",
    ast.ListComp: "a list",
    ast.Tuple: "a tuple",
    ast.Dict: "a dict",
    ast.DictComp: "a dict",
    ast.Set: "a set",
    ast.SetComp: "a set",
    ast.JoinedStr: "a text",
}
_OPEN_NAMES = {"*", "__getattr__"}
_NAMESPACES = {"globals", "locals", "vars"}
CLASS = "a class"
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Binding:
    """What a name is bound to by a statement that tells it.

    Attributes:
        line: of the statement, counted from 1.
        what: a class or a plain value, in words; empty for an import.
        imported: the statement, where it is an import.
    """

    line: int
    what: str = ""
    imported: ast.Import | ast.ImportFrom | None = None


def bound_names(body: Sequence[ast.stmt]) -> Iterator[str]:
    """Names that the statements bind at the top level; `*` for a star import."""
    for node in body:
        if isinstance(node, _SCOPES):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield _own_name(node, alias)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
        else:
            for part in _parts(node):
                yield from bound_names(part)


def binds(tree: ast.Module, name: str) -> bool:
    """Whether the source shows that the module has this name."""
    return name in bound_names(tree.body) or _count_stores(tree, name) > 0


def may_have_others(tree: ast.Module) -> bool:
    """Whether it may have names that its source does not show: by a star import, `__getattr__`,
    `globals()[name]`, `setattr(sys.modules[...], ...)` and their kin."""
    return bool(_OPEN_NAMES & set(bound_names(tree.body))) or any(
        map(_binds_unseen, ast.walk(tree))
    )


def _binds_unseen(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return (
            node.attr == "modules" and isinstance(node.value, ast.Name) and node.value.id == "sys"
        )
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    # `vars(args)` is somebody else's names.
    return node.func.id == "exec" or (node.func.id in _NAMESPACES and not node.args)


def imports_from_submodule(tree: ast.Module, name: str) -> bool:
    """Whether a package imports from its submodule of this name, and so has it as its own."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.level == 1
        and (node.module or "").split(".")[0] == name
        for node in ast.walk(tree)
    )


def function_names(body: Sequence[ast.stmt]) -> list[str]:
    """Public functions at the top level, in the order of the file."""
    names = []
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names += [] if node.name.startswith("_") else [node.name]
        elif not isinstance(node, ast.ClassDef):
            names += [name for part in _parts(node) for name in function_names(part)]
    return list(dict.fromkeys(names))


def certain_bindings(tree: ast.Module, name: str) -> list[Binding]:
    """All that the name may be, in the order of the file; nothing where reading does not tell."""
    bindings = list(_bindings(tree.body, name))
    for node in ast.walk(tree):
        if isinstance(node, ast.Global) and name in node.names:
            return []
    certain = [binding for binding in bindings if binding is not None]
    assigned = sum(b.imported is None and b.what != CLASS for b in certain)
    # Loops, `with`, `:=` and their kin bind names too.
    is_all = len(certain) == len(bindings) and assigned == _count_stores(tree, name)
    return certain if is_all else []


def _count_stores(node: ast.AST, name: str) -> int:
    """How often the name is given a value, functions and classes inside left out."""
    own = isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
    inside = [n for n in ast.iter_child_nodes(node) if not isinstance(n, (*_SCOPES, ast.Lambda))]
    return own + sum(_count_stores(child, name) for child in inside)


def _bindings(body: Sequence[ast.stmt], name: str) -> Iterator[Binding | None]:
    """Of each statement that binds the name; None for one that does not tell what it is."""
    for node in body:
        if isinstance(node, _SCOPES):
            if node.name == name:
                yield Binding(node.lineno, CLASS) if _makes_objects(node) else None
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            if name in (_own_name(node, alias) for alias in node.names):
                yield Binding(node.lineno, imported=node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                what = _plain_value(node.value)
                yield Binding(node.lineno, what) if what else None
        else:
            for part in _parts(node):
                yield from _bindings(part, name)


def _makes_objects(node: ast.stmt) -> bool:
    """Whether it is a class of which a call is sure to make an object: what a decorator, another
    class or a `__new__` makes of it is not known."""
    return (
        isinstance(node, ast.ClassDef)
        and not (node.decorator_list or node.bases or node.keywords)
        and not has_method(node, "__new__")
    )


def has_method(node: ast.ClassDef, name: str) -> bool:
    """Whether the class itself has a name like that."""
    return name in bound_names(node.body)


def callable_class(tree: ast.Module, name: str) -> bool:
    """Whether the name is a class whose objects can be called."""
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name]
    return any(has_method(node, "__call__") for node in classes)


def _plain_value(value: ast.expr | None) -> str:
    """A value that is written out and is no function, in words; empty for any other."""
    if value is None:
        return ""
    try:
        constant = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _DISPLAYS.get(type(value), "")
    return in_words(constant)


def in_words(value: object) -> str:
    """What a value that is no function is."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, Number):
        return f"the number {value}"
    return "a text" if isinstance(value, str) else f"a {type(value).__name__}"


def _own_name(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """How the importing module calls it."""
    if alias.asname is not None:
        return alias.asname
    return alias.name.split(".")[0] if isinstance(node, ast.Import) else alias.name


def imported_name(node: ast.Import | ast.ImportFrom, name: str) -> str:
    """What the import calls the thing that its module calls `name`: for `import a.b`, `a`."""
    alias = next(alias for alias in node.names if _own_name(node, alias) == name)
    return alias.name if alias.asname is not None else _own_name(node, alias)


def _parts(node: ast.stmt) -> list[Sequence[ast.stmt]]:
    """The blocks of statements in a statement."""
    parts = [getattr(node, block, []) for block in ("body", "orelse", "finalbody")]
    handlers = [handler.body for handler in getattr(node, "handlers", [])]
    cases = [case.body for case in getattr(node, "cases", [])]
    return [part for part in [*parts, *handlers, *cases] if part]
