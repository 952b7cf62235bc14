"""Whether a function takes what an objective is called with: one dict of the values, and by name
those of `trial`, `budget` and `seed` that it asks for.

`config` asks of a function's source, `api` of the function itself; the call is made in `call`.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Collection
from inspect import Parameter, Signature
from typing import Any

GIVEN_BY_NAME = ("trial", "budget", "seed")
NUMBERS_GIVEN = {"budget": "the trial's budget", "seed": "the trial's seed"}
"""Those that a parameter of the same name could be taken for."""
MOST_LISTED = 4
ASYNC = "is async, and an objective must return its value: call it with asyncio.run in a plain def"
GENERATOR = "yields, and an objective must return its value: report curves with trial.report"
CLASS = (
    "is a class, and an objective must return its value: name a function, or an object of the "
    "class that can be called"
)
_BY_POSITION = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


def signature_of(function: Callable[..., Any]) -> Signature | None:
    """The signature; None where nobody can know it, as of some built-in functions.

    A decorator's own one, unless it hands on by name whatever it gets.
    """
    try:
        own = inspect.signature(function, follow_wrapped=False)
        hands_on = any(a.kind is Parameter.VAR_KEYWORD for a in own.parameters.values())
        return inspect.signature(function) if hands_on else own
    except (TypeError, ValueError):
        return None


def no_value(function: Callable[..., Any]) -> str | None:
    """Why the function returns no value that could be judged, in a few words; None if it may."""
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return ASYNC
    if makes_objects(function):
        return CLASS
    return GENERATOR if inspect.isgeneratorfunction(function) else None


def makes_objects(function: Callable[..., Any]) -> bool:
    """Whether it is a class, and what a call of it makes is an object of that class.

    Those of `float`, `dict` and their kin are values, and a `__new__` or a metaclass may do
    anything.
    """
    return (
        isinstance(function, type)
        and type(function).__call__ is type.__call__
        and not any("__new__" in vars(one) for one in function.__mro__[:-1])  # but object
    )


def no_value_in_source(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    """The same of a function as it is written; None where a decorator may have changed it."""
    if node.decorator_list:
        return None
    if isinstance(node, ast.AsyncFunctionDef):
        return ASYNC
    return GENERATOR if any(_yields(statement) for statement in node.body) else None


def _yields(node: ast.AST) -> bool:
    """Whether it has a `yield` of its own, functions inside left out."""
    if isinstance(node, (ast.Yield, ast.YieldFrom)):
        return True
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
        return False
    return any(_yields(child) for child in ast.iter_child_nodes(node))


def signature_in_source(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Signature | None:
    """The signature as it is written; None where a decorator may have changed it."""
    if node.decorator_list:
        return None
    written = node.args
    by_position = [*written.posonlyargs, *written.args]
    without_default = len(by_position) - len(written.defaults)
    parameters = [
        Parameter(
            argument.arg,
            _BY_POSITION[i >= len(written.posonlyargs)],
            default=Parameter.empty if i < without_default else None,
        )
        for i, argument in enumerate(by_position)
    ]
    if written.vararg is not None:
        parameters.append(Parameter(written.vararg.arg, Parameter.VAR_POSITIONAL))
    parameters += [
        Parameter(
            argument.arg,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if default is None else None,
        )
        for argument, default in zip(written.kwonlyargs, written.kw_defaults, strict=True)
    ]
    if written.kwarg is not None:
        parameters.append(Parameter(written.kwarg.arg, Parameter.VAR_KEYWORD))
    return Signature(parameters)


def misfit(signature: Signature, name: str, parameters: Collection[str]) -> str | None:
    """Why every call of the function would fail, or get a wrong value, in one line; None if it
    can be called.

    Args:
        name: of the function.
        parameters: names of the space.
    """
    arguments = list(signature.parameters.values())
    if not arguments or arguments[0].kind not in (*_BY_POSITION, Parameter.VAR_POSITIONAL):
        found = "has no argument for the values"
    else:
        first, others = arguments[0].name, arguments[1:]
        missing = [a.name for a in others if _is_required(a) and not _is_given(a)]
        values = [a.name for a in others if a.name in parameters and not _is_given(a)]
        taken = [a.name for a in others if a.name in parameters and a.name in NUMBERS_GIVEN]
        if taken and not missing:
            return (
                f"{name} has the argument {taken[0]}, which gets {NUMBERS_GIVEN[taken[0]]} and "
                f"not the parameter {taken[0]}; give one of them another name"
            )
        if missing:
            found = f"needs {_listed(missing)}, which nothing gives it"
        elif first in parameters and values:  # it would get the dict as its first value
            found = f"has {_listed([first, *values])} as arguments of their own"
        else:
            return None
    return (
        f"{name} {found}; an objective is called with one dict of all the values, and by name with "
        f"trial, budget and seed if it has them: write def {name}(params), and params[NAME] in it"
    )


def _is_required(argument: Parameter) -> bool:
    return argument.default is Parameter.empty and argument.kind in (*_BY_POSITION, *_BY_NAME)


def _is_given(argument: Parameter) -> bool:
    return argument.name in GIVEN_BY_NAME and argument.kind in _BY_NAME


def _listed(names: list[str]) -> str:
    if len(names) > MOST_LISTED:
        names = [*names[: MOST_LISTED - 1], f"{len(names) - MOST_LISTED + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
