"""Ranges for what makes up the model: units, layers, heads, trees, neighbours.

`rules` says which names these are for.
"""

from __future__ import annotations

from collections.abc import Callable

from hpsearch.discovery.guess import (
    Fixed,
    Guess,
    Outcome,
    Range,
    Values,
    doublings,
    log_around,
    whole_around,
)
from hpsearch.discovery.subject import Subject


def units(rank: int, what: str, usual: int) -> Callable[[Subject], Outcome]:
    """How wide: whole numbers on a log scale; doublings where attention heads must divide it."""

    def guess(it: Subject) -> Outcome:
        default = usual if it.default is None or it.default < 1 else it.default
        if " heads " in it.others:
            values = tuple(int(default * factor) for factor in (0.5, 1, 2))
            if default >= 2 and default % 2 == 0:
                why = f"{what}, doublings, so that the heads still divide it"
                return Guess(Values(values), rank, why)
        domain = whole_around(default, 4, least=2)
        return Guess(
            domain,
            rank,
            f"{what}, whole numbers on a log scale, a quarter to four times the default",
        )

    return guess


def layers(it: Subject) -> Outcome:
    """Whole numbers from half to twice the default."""
    default = it.default or 2
    return Guess(
        whole_around(default, 2, log=False),
        30,
        "layers, whole numbers from half the default to twice",
    )


def heads(it: Subject) -> Outcome:
    """Powers of two beside the default."""
    return Guess(
        doublings(it.default or 4, 1),
        50,
        "heads, powers of two, because they must divide the width",
    )


def kernel_size(it: Subject) -> Outcome:
    """The usual odd numbers."""
    return Guess(Values((3, 5, 7)), 58, "kernel size, the usual odd numbers")


def tree_depth(it: Subject) -> Outcome:
    """Whole numbers from 2 to at least 10."""
    if it.default is not None and it.default < 1:
        return Fixed("unknown", "no limit by default")
    default = it.default or 6
    return Guess(
        Range("linear", 2, max(10, int(2 * default))),
        22,
        "the depth of the trees, whole numbers",
    )


def counts(rank: int, what: str, usual: int, least: int = 1) -> Callable[[Subject], Outcome]:
    """Whole numbers on a log scale, a quarter to four times the default."""

    def guess(it: Subject) -> Outcome:
        default = usual if it.default is None or it.default < 1 else it.default
        domain = whole_around(default, 4, least=least)
        return Guess(
            domain,
            rank,
            f"{what}, whole numbers on a log scale, a quarter to four times the default",
        )

    return guess


def smallest_leaf(it: Subject) -> Outcome:
    """The least that a leaf or a split may hold: log."""
    least = 2 if " split " in it.words else 1
    if it.option.kind == "float":
        low = 0.1 if not it.default or it.default >= 0.1 else it.default / 10
        return Guess(
            Range("log", low, max(10.0, 10 * (it.default or 1))),
            45,
            "the least in a leaf, log scale",
        )
    high = max(20, int(4 * (it.default or 1)))
    return Guess(Range("log", least, high), 45, "the least in a leaf, whole numbers on a log scale")


def fraction(what: str) -> Callable[[Subject], Outcome]:
    """A share of the rows or columns, up to all of them."""

    def guess(it: Subject) -> Outcome:
        if it.default is not None and it.default > 1:
            return Fixed("unknown", "not a share")
        low = 0.5 if it.default is None or it.default >= 0.5 else round(it.default / 2, 2)
        return Guess(Range("linear", low, 1.0), 44, f"{what}, linear")

    return guess


def inverse_penalty(it: Subject) -> Outcome:
    """C of support vector machines: log, three decades either way."""
    return Guess(
        log_around(it.default or 1.0, 1000), 11, "C, the inverse of the penalty, log scale"
    )


def degree(it: Subject) -> Outcome:
    """Of a polynomial."""
    return Guess(Range("linear", 2, 5), 50, "a degree, whole numbers")


def spread(it: Subject) -> Outcome:
    """A standard deviation: log."""
    if not it.default or it.default < 0:
        return Fixed("unknown", "no default to guess around")
    return Guess(log_around(it.default, 10), 60, "a spread, log scale around the default")


def epochs_inside(it: Subject) -> Outcome:
    """How often each batch of experience is used."""
    default = it.default or 4
    return Guess(
        whole_around(default, 3), 54, "passes over each batch of experience, whole numbers"
    )
