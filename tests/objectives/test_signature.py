"""Which functions can be called as objectives are, by their source and by themselves."""

from __future__ import annotations

import ast
import functools
import inspect
from typing import Any

import pytest

from hpsearch.objectives.signature import (
    misfit,
    no_value,
    no_value_in_source,
    signature_in_source,
    signature_of,
)

FITS = [
    "def f(params): ...",
    "def f(x): ...",
    "def f(params, /): ...",
    "def f(params, trial, seed, budget): ...",
    "def f(params, *, trial, extra=1, **more): ...",
    "def f(*anything, **more): ...",
    "def f(params, x=3): ...",
    "def f(params, folds=5): ...",
]
UNFIT = [
    ("def f(): ...", "has no argument for the values"),
    ("def f(**values): ...", "has no argument for the values"),
    ("def f(*, x): ...", "has no argument for the values"),
    ("def f(x, y): ...", "needs y"),
    ("def f(params, a, b, trial, c): ...", "needs a, b and c"),
    ("def f(params, a, b, c, d, e): ...", "needs a, b, c and 2 more"),
    ("def f(params, trial, /): ...", "needs trial"),
    ("def f(x=1, y=2): ...", "has x and y as arguments of their own"),
]


def both_signatures(source: str) -> list[inspect.Signature]:
    node = ast.parse(source).body[0]
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    written = signature_in_source(node)
    assert written is not None
    names: dict[str, Any] = {}
    exec(source, names)
    return [written, inspect.signature(names["f"])]


@pytest.mark.parametrize("source", FITS)
def test_a_function_that_can_be_called_is_not_refused(source: str) -> None:
    for signature in both_signatures(source):
        assert misfit(signature, "f", ["x", "y"]) is None


@pytest.mark.parametrize(("source", "why"), UNFIT)
def test_a_function_that_cannot_be_called_is_told_why(source: str, why: str) -> None:
    for signature in both_signatures(source):
        assert f"f {why}" in (misfit(signature, "f", ["x", "y"]) or "")


def test_what_a_decorator_makes_of_a_function_is_not_guessed() -> None:
    node = ast.parse("@cached\ndef f(x, y): ...").body[0]
    assert isinstance(node, ast.FunctionDef)
    assert signature_in_source(node) is None


def test_a_decorator_that_gives_an_argument_itself_is_taken_as_it_is() -> None:
    def f(params: dict[str, float], connection: int) -> float:
        return 0.0

    @functools.wraps(f)
    def connected(params: dict[str, float]) -> float:
        return f(params, 7)

    @functools.wraps(f)
    def timed(*args: Any, **kwargs: Any) -> float:
        return f(*args, **kwargs)

    def fits(function: Any) -> bool:
        signature = signature_of(function)
        assert signature is not None
        return misfit(signature, "f", ["x"]) is None

    assert fits(connected)
    assert not fits(timed)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("async def f(params): return 1.0", "is async"),
        ("async def f(params): yield 1.0", "is async"),
        ("def f(params):\n    for i in range(3): yield i", "yields"),
        ("def f(params): return sum(i for i in range(3))", None),
        ("def f(params):\n    def g(): yield 1\n    return sum(g())", None),
    ],
)
def test_what_returns_no_value_is_told_so(source: str, why: str | None) -> None:
    node = ast.parse(source).body[0]
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    names: dict[str, Any] = {}
    exec(source, names)
    for found in (no_value_in_source(node), no_value(names["f"])):
        assert (found or "").startswith(why or "")
        assert (found is None) == (why is None)


def test_a_class_returns_no_value_unless_its_objects_are_values() -> None:
    class Trainer:
        def __init__(self, params: Any) -> None: ...
        def __call__(self, params: Any) -> float:
            return 1.0

    class Chosen:
        def __new__(cls, params: Any) -> Any:
            return 1.0

    class Counting(type):
        def __call__(cls, params: Any) -> Any:
            return 1.0

    class Counted(metaclass=Counting): ...

    assert (no_value(Trainer) or "").startswith("is a class")
    for one in (Trainer({}), Chosen, Counted, float, dict):
        assert no_value(one) is None


@pytest.mark.parametrize(("name", "means"), [("seed", "seed"), ("budget", "budget")])
@pytest.mark.parametrize("default", ["", "=0"])
def test_an_argument_that_gets_something_else_than_the_parameter_of_its_name_is_told(
    name: str, means: str, default: str
) -> None:
    source = ast.parse(f"def f(params, {name}{default}): ...").body[0]
    assert isinstance(source, ast.FunctionDef)
    signature = signature_in_source(source)
    assert signature is not None
    assert misfit(signature, "f", ["x", name]) == (
        f"f has the argument {name}, which gets the trial's {means} and not the parameter {name}; "
        "give one of them another name"
    )
    assert misfit(signature, "f", ["x"]) is None
