"""What is made of one option: a range to vary it in, or a reason to leave it; and the arithmetic of
ranges around a default. The tables of rules stand on this.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hpsearch.discovery.facts import Option, Scalar

ScaleName = Literal["linear", "log", "1-beta"]
Role = Literal["seed", "budget", "flag", "path", "other", "unknown"]
SMALLEST, LARGEST = 1e-100, 1e12
LARGEST_FACTOR = 30.0
"""Either way from a default on a log scale: three decades in all, as wide as the course's example
for a learning rate (0.0001 to 1 is four), narrow enough for 60 trials."""


@dataclass(frozen=True)
class Range:
    """A range with its ends.

    Attributes:
        low, high: ints for a parameter of whole numbers.
    """

    scale: ScaleName
    low: int | float
    high: int | float


@dataclass(frozen=True)
class Values:
    """A list of values."""

    values: tuple[Scalar, ...]


Domain: TypeAlias = Range | Values


@dataclass(frozen=True)
class Guess:
    """A parameter to vary.

    Attributes:
        rank: its importance; small ranks are varied first. The order is that of the course (week 3,
            "Tuning process"): learning rate; momentum, batch size, hidden units; layers, learning
            rate decay; at the end beta2 and epsilon. The rest stands in between.
        why: in a few words.
    """

    domain: Domain
    rank: int
    why: str


@dataclass(frozen=True)
class Fixed:
    """An option that is left as it is.

    Attributes:
        why: in a few words.
    """

    role: Role
    why: str


Outcome: TypeAlias = Guess | Fixed


def default_number(option: Option) -> float | None:
    """The default, where it is a number of a size that a range can be made around."""
    value = option.default
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if value == 0 or SMALLEST <= abs(value) <= LARGEST else None


def nice(number: float) -> float:
    """The nearest of 1, 2, 3, 5 times a power of ten, on a log scale.

    >>> nice(3.3e-5), nice(0.0316), nice(7e-4)
    (3e-05, 0.03, 0.0005)
    """
    if number <= 0:
        return 0.0
    exponent = math.floor(math.log10(number))
    candidates = [(digit, exponent) for digit in (1, 2, 3, 5)] + [(1, exponent + 1)]
    digit, power = min(candidates, key=lambda c: abs(math.log10(c[0]) + c[1] - math.log10(number)))
    return float(f"{digit}e{power}")


def log_around(default: float, factor: float = LARGEST_FACTOR, top: float = math.inf) -> Range:
    """A log range from default / factor to default x factor, at most `top`."""
    return Range("log", nice(default / factor), min(nice(default * factor), top))


def near_one(default: float) -> Range:
    """A 1-beta range around a default below 1: averages ten times as short to ten times as long."""
    return Range("1-beta", 1 - min(0.5, nice(10 * (1 - default))), 1 - nice((1 - default) / 10))


def doublings(default: float, either_way: int, least: int = 1) -> Values:
    """Powers of two around the default; the default itself is among them.

    >>> doublings(64, 2).values, doublings(20, 1).values
    ((16, 32, 64, 128, 256), (8, 16, 20, 32))
    """
    middle = round(math.log2(max(default, 1)))
    powers = {2**i for i in range(max(0, middle - either_way), middle + either_way + 1)}
    kept = {power for power in powers if power >= least} | {int(default)}
    return Values(tuple(sorted(kept)))


def whole_around(default: float, factor: int, least: int = 1, *, log: bool = True) -> Range:
    """Whole numbers from default / factor to default x factor."""
    low = max(least, math.floor(default / factor))
    return Range("log" if log else "linear", low, max(low + 1, math.ceil(default * factor)))


def within(domain: Domain, option: Option) -> Domain:
    """The domain inside the bounds and choices that the program itself sets."""
    if option.choices and not all(isinstance(choice, str) for choice in option.choices):
        return Values(option.choices)
    low = -math.inf if option.low is None else option.low
    high = math.inf if option.high is None else option.high
    if isinstance(domain, Values):
        inside = [v for v in domain.values if not isinstance(v, (int, float)) or low <= v <= high]
        return Values(tuple(inside)) if len(inside) > 1 else domain
    if domain.scale == "1-beta":
        high = min(high, 1 - 1e-6)
    whole = isinstance(domain.low, int) and isinstance(domain.high, int)
    ends = [min(max(end, low), high) for end in (domain.low, domain.high)]
    if domain.scale == "log" and ends[0] <= 0:
        ends[0] = domain.low
    if ends[0] >= ends[1]:
        return domain
    low_end, high_end = (int(end) if whole else float(end) for end in ends)
    return Range(domain.scale, low_end, high_end)
