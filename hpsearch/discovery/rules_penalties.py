"""Ranges for what holds a training back: weight decay, penalties, dropout, clipping, epsilon.

`rules` says which names these are for.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from hpsearch.config.report import shown_number
from hpsearch.discovery.guess import (
    Fixed,
    Guess,
    Outcome,
    Range,
    log_around,
)
from hpsearch.discovery.subject import Subject


def weight(it: Subject) -> Outcome:
    """A weight of one term against others, or a temperature."""
    if not it.default or it.default < 0:
        return Fixed("unknown", "no default to guess around")
    why = f"{it.option.name}, log scale around {shown_number(it.default)}"
    return Guess(log_around(it.default, 10), 45, why)


def weight_decay(it: Subject) -> Outcome:
    """Log; from nothing, the usual range."""
    if not it.default or it.default < 0:
        why = "weight decay, log scale; 0, the default, has no place on it"
        return Guess(Range("log", 1e-6, 1e-2), 40, why)
    return Guess(
        log_around(it.default, top=max(1.0, 10 * it.default)),
        40,
        f"weight decay, log scale around {shown_number(it.default)}",
    )


def penalty(it: Subject) -> Outcome:
    """Log; from nothing, up to 1."""
    if it.says(r"mixup|cutmix"):
        return Guess(Range("linear", 0.0, 1.0), 58, "the strength of mixing, linear")
    if not it.default or it.default < 0:
        return Guess(
            Range("log", 1e-6, 1.0),
            40,
            f"{it.option.name}, a penalty; log scale, where 0, the default, has no place",
        )
    return Guess(
        log_around(it.default),
        40,
        f"{it.option.name}, read as a penalty; log scale around {shown_number(it.default)}",
    )


def dropout(it: Subject) -> Outcome:
    """Linear from none to 0.6; of what is kept, from 0.4."""
    if " keep " in it.words:
        return Guess(Range("linear", 0.4, 1.0), 41, "the share that is kept, linear")
    high = 0.6 if it.default is None or it.default <= 0.6 else min(0.9, _tenth_more(it.default))
    if " path " in it.words or " depth " in it.words:
        return Guess(Range("linear", 0.0, 0.4), 41, "stochastic depth, linear, from none")
    return Guess(Range("linear", 0.0, high), 41, f"dropout, linear from none to {high:g}")


def _tenth_more(share: float) -> float:
    """The share and a tenth more."""
    return round(share + 0.1, 1)


def share(rank: int, what: str, low: float, high: float) -> Callable[[Subject], Outcome]:
    """A linear range that is the same for all defaults."""
    return lambda it: Guess(Range("linear", low, high), rank, f"{what}, linear")


def clip(it: Subject) -> Outcome:
    """How far a policy may move, or the largest gradient."""
    if it.says(r"epsilon|range|ratio|ppo|surrogate|policy") or " clip coefficient " in it.words:
        default = it.default or 0.2
        return Guess(
            Range("linear", default / 2, default * 2),
            55,
            "how far a policy may move, linear, half to twice the default",
        )
    if not it.default or it.default < 0:
        return Fixed("unknown", "gradients are not clipped by default; no guess where to begin")
    return Guess(log_around(it.default, 10), 57, "gradient clipping, log scale around the default")


def entropy(it: Subject) -> Outcome:
    """The weight of an entropy: log."""
    domain = log_around(it.default, 10) if it.default else Range("log", 1e-4, 0.1)
    return Guess(domain, 45, "the weight of the entropy, log scale")


def epsilon(it: Subject) -> Outcome:
    """Of a denominator: log, and last of all; else of an exploration."""
    if re.search(r" (start|end|min|max|final|initial|decay) ", it.words):
        return Fixed("unknown", "a part of an exploration schedule")
    if it.default is not None and it.default > 1e-3:
        return Guess(
            log_around(it.default, 5, top=1.0), 56, "epsilon, log scale around the default"
        )
    domain = log_around(it.default, 100) if it.default else Range("log", 1e-10, 1e-6)
    return Guess(domain, 90, "epsilon, log scale; of all the least important")
