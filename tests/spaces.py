"""Spaces that many tests use, and a Hypothesis strategy that makes any space."""

from __future__ import annotations

from hypothesis import strategies as st

from hpsearch.domains import Categories, Domain, Fixed, FloatRange, IntegerRange, OrderedList
from hpsearch.space import Condition, Parameter, Space


def every_kind() -> Space:
    """All kinds of parameters, a nested condition and a repeat."""
    return Space(
        [
            Parameter("learning_rate", FloatRange(1e-4, 1.0, "log")),
            Parameter("momentum", FloatRange(0.9, 0.999, "1-beta")),
            Parameter("dropout", FloatRange(0.0, 0.6)),
            Parameter("layers", IntegerRange(0, 3)),
            Parameter("hidden_units", IntegerRange(4, 512, "log"), repeat="layers"),
            Parameter("batch_size", OrderedList((32, 64, 128, 256))),
            Parameter("optimizer", Categories(("momentum", "adam", "rmsprop"))),
            Parameter("amsgrad", Categories((False, True)), (Condition("optimizer", ("adam",)),)),
            Parameter(
                "beta2",
                FloatRange(0.9, 0.9999, "1-beta"),
                (Condition("amsgrad", (True,)), Condition("layers", (1, 2))),
            ),
            Parameter("epochs", Fixed((15,))),
        ]
    )


def wide() -> Space:
    """Linear ranges over orders of magnitude, also where they are inactive or repeat."""
    return Space(
        [
            Parameter("decay", FloatRange(1e-5, 0.1)),
            Parameter("trees", IntegerRange(1, 1000)),
            Parameter("kind", Categories(("plain", "other"))),
            Parameter("rate", FloatRange(1e-3, 1.0), (Condition("kind", ("other",)),)),
            Parameter("layers", IntegerRange(1, 3)),
            Parameter("units", IntegerRange(2, 512), repeat="layers"),
            Parameter("dropout", FloatRange(0.0, 0.6)),
        ]
    )


def discrete(**sizes: int) -> Space:
    """Integers 1 to size."""
    return Space([Parameter(name, IntegerRange(1, size)) for name, size in sizes.items()])


def floats(dimensions: int) -> Space:
    return Space([Parameter(f"x{i}", FloatRange(0.0, 1.0)) for i in range(dimensions)])


_ends = st.floats(-1e6, 1e6, allow_nan=False)
_words = st.text(min_size=1, max_size=5)


@st.composite
def domains(draw: st.DrawFn) -> Domain:
    kind = draw(st.sampled_from(["linear", "log", "1-beta", "int", "logint", "list", "words"]))
    if kind == "linear":
        low = draw(_ends)
        return FloatRange(low, low + draw(st.floats(1e-3, 1e6)))
    if kind == "log":
        low = draw(st.floats(1e-12, 1e6))
        return FloatRange(low, low * draw(st.floats(1.01, 1e12)), "log")
    if kind == "1-beta":
        low = draw(st.floats(0.0, 0.99))
        return FloatRange(low, 1 - (1 - low) / draw(st.floats(1.5, 1e9)), "1-beta")
    if kind == "int":
        low = draw(st.integers(-1000, 1000))
        return IntegerRange(low, low + draw(st.integers(0, 10**6)))
    if kind == "logint":
        low = draw(st.integers(1, 1000))
        return IntegerRange(low, low + draw(st.integers(0, 10**6)), "log")
    if kind == "list":
        numbers = st.one_of(st.integers(-99, 99), st.floats(-9, 9, allow_nan=False))
        return OrderedList(tuple(draw(st.lists(numbers, min_size=1, max_size=6, unique=True))))
    return Categories(tuple(draw(st.lists(_words, min_size=1, max_size=5, unique=True))))


@st.composite
def any_space(draw: st.DrawFn) -> Space:
    parameters = [Parameter("layers", IntegerRange(0, draw(st.integers(0, 4))))]
    for i in range(draw(st.integers(1, 5))):
        when: tuple[Condition, ...] = ()
        listed = [
            p
            for p in parameters
            if p.repeat is None and isinstance(p.domain, (Categories, OrderedList, IntegerRange))
        ]
        if listed and draw(st.booleans()):
            parent = draw(st.sampled_from(listed))
            values = parent.domain
            some = (
                tuple(range(values.low, min(values.high, values.low + 2) + 1))
                if isinstance(values, IntegerRange)
                else values.values[:2]  # type: ignore[union-attr]
            )
            when = (Condition(parent.name, some),)
        repeat = "layers" if draw(st.booleans()) else None
        parameters.append(Parameter(f"p{i}", draw(domains()), when, repeat))
    return Space(parameters)
