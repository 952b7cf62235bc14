"""A function that a Python program hands over itself: whether other processes can find it again.

`api` asks. A worker process, and `hpsearch resume`, find a function by its module and its name;
what has none (a lambda, a closure, a method of an object) can only be called where it is.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from hpsearch.errors import ObjectiveError
from hpsearch.objectives.function import FunctionObjective


@dataclass(frozen=True)
class GivenFunction(FunctionObjective):
    """A function that is called in this process, whatever its name leads to elsewhere."""

    function: Callable[..., Any]

    def load(self) -> Callable[..., Any]:
        """The function itself."""
        return self.function


def given_function(function: Callable[..., Any]) -> GivenFunction:
    """The function with a name of the form `module:<name>`, by which nobody will look for it."""
    of = function if hasattr(function, "__name__") else type(function)
    module = str(getattr(of, "__module__", None) or "__main__")
    name = re.sub(r"[^\w.]", "", str(getattr(of, "__name__", "function")))
    return GivenFunction(f"{module}:<{name}>", (), function)


def find_again(function: Callable[..., Any]) -> FunctionObjective | None:
    """How another process finds the function; None if only this one has it.

    The first of its folders is the one in which its module, or the module's package, lies.

    Raises:
        ObjectiveError: if it lies in the running script, which would start the search once more
            when it is imported.
    """
    module = str(getattr(function, "__module__", ""))
    name = str(getattr(function, "__qualname__", ""))
    loaded = sys.modules.get(module)
    file = getattr(loaded, "__file__", None)
    if loaded is None or file is None or _attribute(loaded, name) is not function:
        return None
    path = Path(file).resolve()
    if module == "__main__":
        spec = getattr(loaded, "__spec__", None)
        module = path.stem if spec is None else spec.name
    folder = path.parent
    for _ in module.split(".")[path.name != "__init__.py" :]:
        folder = folder.parent
    found = FunctionObjective(f"{module}:{name}", (str(folder), os.getcwd()))
    if not found.is_in(path):
        return None
    if loaded is sys.modules["__main__"]:
        guarded = _guarded_lines(path)
        code = getattr(function, "__code__", None)
        if code is not None and code.co_firstlineno in guarded:
            return None
        _require_guard(path, guarded, name)
    return found


def _attribute(module: object, name: str) -> object:
    found: object = module
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def _guarded_lines(script: Path) -> set[int]:
    """Lines that do not run when the script is imported: those below `if __name__ == ...`."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(script.read_bytes())):
        if isinstance(node, ast.If) and any(
            isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test)
        ):
            lines.update(range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def _require_guard(script: Path, guarded: set[int], name: str) -> None:
    """Raise if the line of the script that is running now would run at its import too."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        is_top = frame.f_code.co_name == "<module>"
        if is_top and Path(frame.f_code.co_filename).resolve() == script:
            if frame.f_lineno not in guarded:
                raise ObjectiveError(
                    f"{script.name}:{frame.f_lineno}: worker processes import {script.name} to "
                    f"find {name}, and would start the search again; put this line below "
                    'if __name__ == "__main__":'
                )
            return
        frame = frame.f_back
