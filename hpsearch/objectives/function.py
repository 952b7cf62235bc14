"""A Python function as the objective: finding it without running it, and loading it.

`config` asks for `problem()`, which reads source files only; the worker process calls `load()`.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

from hpsearch.errors import ObjectiveError
from hpsearch.objectives.bindings import (
    binds,
    callable_class,
    certain_bindings,
    function_names,
    imported_name,
    imports_from_submodule,
    in_words,
    may_have_others,
)
from hpsearch.objectives.extras import EXTRAS, how_to_install
from hpsearch.objectives.signature import (
    CLASS,
    makes_objects,
    misfit,
    no_value_in_source,
    signature_in_source,
)

MOST_IMPORTS = 5
MOST_SUGGESTED = 3
_importing: ContextVar[str] = ContextVar("importing", default="")


def function_being_imported() -> str:
    """The function for which a module is being imported at this moment; empty if none."""
    return _importing.get()


@dataclass(frozen=True)
class FunctionObjective:
    """A function that is named `module:name`.

    Attributes:
        reference: the name; both sides may be dotted.
        folders: where the module is looked up first, before the Python path.
    """

    reference: str
    folders: tuple[str, ...]

    @property
    def module(self) -> str:
        """The part before the colon."""
        return self.reference.partition(":")[0]

    @property
    def name(self) -> str:
        """The part after the colon."""
        return self.reference.partition(":")[2]

    def problem(self) -> str | None:
        """Why the function cannot be found, in one line; None if it can, or nobody can know.

        Nothing is imported or run: the module's source is read and parsed.
        """
        if self.name.startswith("<"):
            return (
                f"{self.name} is a function that only the Python program which started the run "
                "has; call hpsearch.run there again, with a function of a module to resume it here"
            )
        parts = [*self.module.split("."), *self.name.split(".")]
        if self.reference.count(":") != 1 or not all(part.isidentifier() for part in parts):
            return f"{self.reference!r} is not of the form module:function"
        spec = self._spec(self.module)
        if spec is None:
            return f"there is no module {self.module}{self._suggest_module()}"
        if spec.origin is not None and spec.origin.endswith(".py"):
            problem = self._problem_in_source(Path(spec.origin), self.name.split(".")[0])
            if problem is not None:
                return problem
        # Of an extension, only importing it would tell.
        found = None if "." in self.name else self._plain_thing(MOST_IMPORTS)
        return None if found is None else f"{found}, not a function{self._suggest_function()}"

    def _problem_in_source(self, path: Path, name: str) -> str | None:
        """Why the file does not bind the name; None if it does, or might."""
        try:
            tree = ast.parse(path.read_bytes())
        except SyntaxError as error:
            return f"{path.name}, line {error.lineno}: {error.msg}"
        except (OSError, ValueError) as error:
            return f"{path.name} cannot be read: {error}"
        if binds(tree, name) or may_have_others(tree):
            return None
        if self._as_module() and (name == self.name or imports_from_submodule(tree, name)):
            return None
        functions = [n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
        return f"{path.name} has no {name}{_did_you_mean(name, functions)}"

    def _plain_thing(self, hops: int) -> str | None:
        """What the name is, if it is certain that it cannot be called; None if it may be."""
        spec, tree = self._spec(self.module), self._source()
        if spec is None:
            return None
        if tree is None:
            return self._module_in_words() or self._loaded_thing(spec)
        if may_have_others(tree):
            return None
        if not binds(tree, self.name):
            return self._module_in_words()
        assert spec.origin is not None
        things = [
            f"{self.name} ({Path(spec.origin).name}, line {binding.line}) is {binding.what}"
            if binding.imported is None
            else self._imported_thing(binding.imported, spec, hops)
            for binding in certain_bindings(tree, self.name)
        ]
        return things[-1] if things and all(things) else None

    def _imported_thing(
        self, node: ast.Import | ast.ImportFrom, spec: ModuleSpec, hops: int
    ) -> str | None:
        """The same of a name that an import binds."""
        imported = imported_name(node, self.name)
        if isinstance(node, ast.Import):
            return f"{self.name} is the module {imported}" if self._spec(imported) else None
        module = _absolute(node, self.module, spec)
        if (module, imported) == (self.module, self.name):  # from . import name
            return self._module_in_words()
        source = FunctionObjective(f"{module}:{imported}", self.folders)
        return source._plain_thing(hops - 1) if hops else None

    def _loaded_thing(self, spec: ModuleSpec) -> str | None:
        """The same of a module without source, such as math, if it is there already."""
        loaded = sys.modules.get(self.module)
        if spec.origin is None or getattr(loaded, "__spec__", None) is None:
            return None
        thing = getattr(loaded, self.name, print)
        return None if callable(thing) else f"{self.name} is {in_words(thing)}"

    def _module_in_words(self) -> str | None:
        return f"{self.module}.{self.name} is a module" if self._as_module() else None

    def _as_module(self) -> ModuleSpec | None:
        """The module that is called as the name in the package would be."""
        return self._spec(f"{self.module}.{self.name.split('.')[0]}")

    def _source(self) -> ast.Module | None:
        """The module's source; None if it has none that can be read."""
        spec = self._spec(self.module)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            return None
        try:
            return ast.parse(Path(spec.origin).read_bytes())
        except (SyntaxError, OSError, ValueError):
            return None

    def _suggest_function(self) -> str:
        """An object of the class that the name is, or functions of the module itself, or of the
        submodule that the name is."""
        tree = self._source()
        if tree is not None and callable_class(tree, self.name):
            return f"; write objective = {self.name}() below it, and {self.module}:objective here"
        for module in (f"{self.module}.{self.name}", self.module):
            tree = FunctionObjective(f"{module}:", self.folders)._source()
            names = [] if tree is None else function_names(tree.body)[:MOST_SUGGESTED]
            if names:
                return f"; write {' or '.join(f'{module}:{name}' for name in names)}"
        return "; write module:function"

    def argument_names(self) -> tuple[str, ...]:
        """Names of the arguments after the first, as its source has them; none if it is not found.

        A name that a module imports from another one is followed; nothing is run.
        """
        found = self._definition()
        if found is None:
            return ()
        arguments = found.args
        named = [*arguments.posonlyargs, *arguments.args][1:] + arguments.kwonlyargs
        return tuple(argument.arg for argument in named)

    def misfit(self, parameters: Collection[str]) -> str | None:
        """Why every call of it would fail, as its source has it; None if it can be called, or
        nobody can know.

        Args:
            parameters: names of the space.
        """
        found = self._definition()
        if found is None:
            return None
        if nothing := no_value_in_source(found):
            return f"{self.name} {nothing}"
        signature = signature_in_source(found)
        return None if signature is None else misfit(signature, self.name, parameters)

    def _definition(self) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """Its `def`, in the module that it is imported from in the end; None if it is not found."""
        reference, wanted = self, self.name.split(".")[0]
        if wanted != self.name:
            return None
        for _ in range(MOST_IMPORTS):
            spec, tree = reference._spec(reference.module), reference._source()
            if spec is None or tree is None:
                return None
            found = _function_or_import(tree.body, wanted)
            if not isinstance(found, ast.ImportFrom):
                return found
            names = {a.asname or a.name: a.name for a in found.names}
            wanted = names[wanted]
            module = _absolute(found, reference.module, spec)
            reference = FunctionObjective(f"{module}:{wanted}", self.folders)
        return None

    def is_in(self, path: Path) -> bool:
        """Whether the module that would be imported is this very file, and binds the name."""
        spec = None if self.problem() is not None else self._spec(self.module)
        return spec is not None and spec.origin is not None and Path(spec.origin).resolve() == path

    def missing_framework(self) -> str | None:
        """What the module needs and this Python has not got, in one line; None if nothing.

        Like `problem`, it imports nothing: it reads the module's source, and that of the files
        beside it that it imports. Imports inside `try`, `if` or a function need not happen, and
        do not count.
        """
        modules = [self.module]
        for module in modules:  # it grows on the way
            spec = self._spec(module)
            if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
                continue
            for imported in _imported_modules(Path(spec.origin)):
                root = imported.partition(".")[0]
                if root in EXTRAS and not self._has_module(root):
                    return f"{module} needs {how_to_install(root)}"
                if imported not in modules and self._is_beside(root):
                    modules.append(imported)
        return None

    def load(self) -> Callable[..., Any]:
        """Import the module and return the function.

        Raises:
            ObjectiveError: if the module or the function is missing, or it is no function, or a
                class.
            Exception: whatever the module itself raises while it is imported.
        """
        for folder in reversed(self.folders):
            if folder not in sys.path:
                sys.path.insert(0, folder)
        importing = _importing.set(self.reference)
        try:
            found: Any = importlib.import_module(self.module)
        except ModuleNotFoundError as error:
            if error.name is not None and f"{self.module}.".startswith(f"{error.name}."):
                raise ObjectiveError(f"there is no module {self.module}") from error
            raise
        finally:
            _importing.reset(importing)
        for attribute in self.name.split("."):
            if not hasattr(found, attribute):
                raise ObjectiveError(f"{self.module} has no {self.name}{self._hidden_by(found)}")
            found = getattr(found, attribute)
        if not callable(found):
            raise ObjectiveError(f"{self.reference} is not a function")
        if makes_objects(found):
            raise ObjectiveError(f"{self.name} {CLASS}")
        function: Callable[..., Any] = found
        return function

    def _hidden_by(self, found: Any) -> str:
        """What else was loaded under the module's name, if the file that was meant was not."""
        spec, loaded = self._spec(self.module), getattr(found, "__file__", None)
        if loaded is None or spec is None or spec.origin in (None, loaded):
            return ""
        return f": Python has a module of that name already ({loaded}); rename {spec.origin}"

    def _is_beside(self, root: str) -> bool:
        return PathFinder.find_spec(root, list(self.folders)) is not None

    def _has_module(self, root: str) -> bool:
        try:
            return self._is_beside(root) or importlib.util.find_spec(root) is not None
        except (ImportError, ValueError):
            return False

    def _spec(self, module: str) -> ModuleSpec | None:
        names = module.split(".")
        try:
            # One search, as an import does it: a package further on hides a plain folder here.
            spec = PathFinder.find_spec(names[0], [*self.folders, *sys.path])
            spec = spec or importlib.util.find_spec(names[0])
            for name in names[1:]:
                if spec is None:
                    return None
                if spec.submodule_search_locations is None:
                    # As os.path: a module that another one has put among the loaded ones.
                    return getattr(sys.modules.get(module), "__spec__", None)
                # By its last name only: under its full one, Python looks its parent up among the
                # loaded modules where it is a folder without __init__.py, and it is not there.
                spec = PathFinder.find_spec(name, list(spec.submodule_search_locations))
        except (ImportError, ValueError):
            return None
        return spec

    def _suggest_module(self) -> str:
        beside = {
            path.stem if path.is_file() else path.name
            for folder in self.folders
            for path in _entries(Path(folder))
            if path.suffix == ".py" or (path / "__init__.py").is_file()
        }
        return _did_you_mean(self.module, sorted(beside))


def _entries(folder: Path) -> Iterable[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _did_you_mean(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f". Did you mean {close[0]}?" if close else ""


def _function_or_import(
    body: Sequence[ast.stmt], name: str
) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ImportFrom | None:
    """What binds the name at the top level, if that tells its arguments."""
    for node in reversed(body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
            return node
        if isinstance(node, ast.ImportFrom) and any(
            (alias.asname or alias.name) == name for alias in node.names
        ):
            return node
    return None


def _absolute(node: ast.ImportFrom, module: str, spec: ModuleSpec) -> str:
    """The module that an import names, from the one that it stands in."""
    if not node.level:
        return node.module or ""
    is_package = spec.submodule_search_locations is not None
    parts = module.split(".")
    parts = parts[: len(parts) - node.level + is_package]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _imported_modules(path: Path) -> Iterator[str]:
    """What a file is sure to import, by full names, and names in it that may be modules too.

    Nothing where it cannot be read.
    """
    try:
        body = ast.parse(path.read_bytes()).body
    except (OSError, SyntaxError, ValueError):
        return
    inside = [inner for node in body if isinstance(node, ast.With) for inner in node.body]
    for node in [*body, *inside]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
