"""Ranges for how a training steps: learning rate, its decay, momentum, averages, batch size.

`rules` says which names these are for.
"""

from __future__ import annotations

import re

from hpsearch.config.report import shown_number
from hpsearch.discovery.guess import (
    Domain,
    Fixed,
    Guess,
    Outcome,
    Range,
    doublings,
    log_around,
    near_one,
    whole_around,
)
from hpsearch.discovery.rules_penalties import penalty, weight
from hpsearch.discovery.subject import Subject


def learning_rate(it: Subject) -> Outcome:
    """Log, a factor of 30 either way; above 1 only where the default is near it."""
    if not it.default or it.default < 0:
        return Guess(
            Range("log", 1e-4, 0.1),
            10,
            "learning rate, the most important of all; log scale, the usual range",
        )
    domain = log_around(it.default, top=max(1.0, 3 * it.default))
    why = f"learning rate, the most important of all; log scale around {shown_number(it.default)}"
    return Guess(domain, 10, why)


def learning_rate_detail(it: Subject) -> Outcome:
    """Smallest rates, multipliers, steps of a schedule."""
    if it.words.strip().endswith(("scheduler", "schedule", "policy", "type", "mode")):
        return Fixed("unknown", "a schedule; its possible values are not known")
    if not it.default or it.default < 0:
        return Fixed("unknown", "a detail of the learning rate's schedule")
    if isinstance(it.option.default, int):
        return Guess(whole_around(it.default, 2, log=False), 58, "when the learning rate changes")
    if it.default < 1 and it.default >= 0.5:
        return decay(it)
    return Guess(log_around(it.default, 10), 58, "a detail of the learning rate's schedule")


def step_size(it: Subject) -> Outcome:
    """Of a descent where it is a fraction, of a schedule where it is a whole number."""
    is_whole = isinstance(it.option.default, int) and it.option.kind != "float"
    return learning_rate_detail(it) if is_whole else learning_rate(it)


def decay(it: Subject) -> Outcome:
    """How much of the learning rate remains: near 1 if it is often applied."""
    name = "learning rate decay"
    if it.default is not None and 0.5 <= it.default < 1:
        high = 1 - min(0.1, 1 - near_one(it.default).high)
        return Guess(Range("1-beta", 0.5, high), 31, f"{name} near 1, 1-beta scale")
    if it.default is not None and 0.05 <= it.default < 0.5:
        return Guess(
            Range("log", 0.03, 0.9), 31, f"{name}, a factor applied a few times, log scale"
        )
    if it.default:
        return Guess(log_around(it.default, top=1.0), 31, f"{name}, log scale around the default")
    return Guess(Range("log", 1e-5, 0.1), 31, f"{name}, log scale, because the default is no decay")


def momentum(it: Subject) -> Outcome:
    """1-beta around the usual 0.9; the momentum of a normalization is left."""
    if re.search(r" (bn|norm|batchnorm|batch norm) ", it.words):
        return Fixed("unknown", "the momentum of a normalization seldom matters")
    return Guess(
        _first_moment(it.default),
        20,
        "momentum, 1-beta scale; 0.8 averages over 5 steps, 0.99 over 100",
    )


def _first_moment(default: float | None) -> Domain:
    if not default or 0.8 <= default <= 0.99:
        return Range("1-beta", 0.8, 0.99)
    if default > 0.99:
        return near_one(default)
    return Range("1-beta", 0.5 if default > 0.5 else 0.0, 0.99)


def beta1(it: Subject) -> Outcome:
    """As a momentum."""
    return Guess(_first_moment(it.default), 20, "beta1, Adam's momentum, 1-beta scale")


def beta2(it: Subject) -> Outcome:
    """Up to averages of ten thousand steps."""
    low = 0.9 if it.default is None or it.default >= 0.9 else 0.5
    return Guess(Range("1-beta", low, 0.9999), 80, "beta2, 1-beta scale; it seldom matters much")


def beta(it: Subject) -> Outcome:
    """A momentum where it is near 1, else a weight."""
    if it.default is not None and 0.5 <= it.default < 1:
        return Guess(_first_moment(it.default), 20, "beta near 1, a momentum, 1-beta scale")
    return weight(it)


def gamma(it: Subject) -> Outcome:
    """A discount, a schedule's decay, a gain or a kernel: as the default and the others say."""
    is_schedule = it.says(r"learning rate|\blr\b|schedul|decay|step size") or (
        " step size " in it.others or " learning rate step " in it.others
    )
    if it.default is None or 0.5 <= it.default < 1:
        if is_schedule:
            return decay(it)
        domain = Range("1-beta", 0.9, 0.999) if it.default is None else near_one(it.default)
        return Guess(domain, 25, "gamma near 1, a discount, 1-beta scale")
    if is_schedule:
        return decay(it)
    if it.default == 0:
        return Guess(Range("linear", 0.0, 5.0), 55, "gamma as in boosted trees, from none, linear")
    return Guess(log_around(it.default), 22, "gamma as in a kernel, log scale around the default")


def average(it: Subject) -> Outcome:
    """The decay of a moving average, or its small complement."""
    if it.default is not None and 0.5 <= it.default < 1:
        return Guess(near_one(it.default), 70, "the decay of an average, 1-beta scale")
    if it.default:
        return Guess(
            log_around(it.default, 10, top=1.0), 70, "a small step of an average, log scale"
        )
    return Fixed("unknown", "0 or no default: it is switched off")


def batch_size(it: Subject) -> Outcome:
    """Powers of two, two doublings either way."""
    if it.default is not None and it.default < 1:
        return Fixed("unknown", "not a number of examples")
    default = it.default or 64
    why = "batch size, powers of two; take the largest out if it does not fit the memory"
    return Guess(doublings(default, 2), 21, why)


def warmup(it: Subject) -> Outcome:
    """Linear from none to twice the default."""
    if it.default is not None and isinstance(it.option.default, int) and it.default >= 1:
        return Guess(
            Range("linear", 0, int(2 * it.default)),
            55,
            "warmup, linear, from none to twice the default",
        )
    if it.option.kind == "float" or isinstance(it.option.default, float):
        return Guess(
            Range("linear", 0.0, max(0.2, 2 * (it.default or 0.0))),
            55,
            "warmup as a share, linear, from none",
        )
    return Fixed("unknown", "no warmup by default, and the unit is not known")


def lambda_(it: Subject) -> Outcome:
    """A decay where it is near 1, else a penalty."""
    if it.default is not None and 0.5 <= it.default < 1:
        return Guess(Range("1-beta", 0.8, 0.99), 56, "lambda near 1, a decay, 1-beta scale")
    return penalty(it)


def steps_of_rollout(it: Subject) -> Outcome:
    """Powers of two around the default."""
    if not it.default:
        return Fixed("unknown", "no default to guess around")
    return Guess(doublings(it.default, 2), 52, "powers of two around the default")
