"""The distributions of a W&B sweep -> ranges and lists of a config.

As W&B's sweep documentation defines them: `log_uniform` takes exponents of e,
`inv_log_uniform_values` draws as `log_uniform_values` does, and no one of them is a 1-beta scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from hpsearch.discovery.guess import Domain, Range, Values

MOST_STEPS = 100
UNIFORM = frozenset({"uniform", "int_uniform", "q_uniform"})
LOG = frozenset(
    {
        "log_uniform",
        "log_uniform_values",
        "q_log_uniform",
        "q_log_uniform_values",
        "inv_log_uniform",
        "inv_log_uniform_values",
    }
)
OF_EXPONENTS = frozenset({"log_uniform", "q_log_uniform", "inv_log_uniform"})
BELLS = frozenset({"normal", "q_normal", "log_normal", "q_log_normal", "beta", "q_beta"})
LARGEST_EXPONENT = 700.0  # e to the power of 710 is beyond a float
_NOTES = {
    "log_uniform": "min and max were exponents of e",
    "q_log_uniform": "min and max were exponents of e",
    "inv_log_uniform": "min and max were exponents of e, of 1 over the value",
    "inv_log_uniform_values": "the same as log_uniform_values; for a momentum take scale: 1-beta",
}


@dataclass(frozen=True)
class Drawn:
    """What a distribution became.

    Attributes:
        note: what is different now.
    """

    domain: Domain
    note: str


class ImpossibleRange(ValueError):
    """A range that W&B would not draw from either.

    Attributes:
        key: the key that is wrong.
    """

    def __init__(self, key: str, reason: str) -> None:
        self.key = key
        super().__init__(reason)


def range_of(distribution: str, low: float, high: float, step: float | None) -> Drawn:
    """The range or the list of a distribution between two ends.

    Args:
        step: q, to whose multiples values are rounded; None for no rounding.
    Raises:
        ImpossibleRange: if it holds no values.
    """
    if low >= high:
        raise ImpossibleRange("min", "must be below max")
    if step is not None and step <= 0:
        raise ImpossibleRange("q", "must be above 0")
    if distribution in OF_EXPONENTS:
        are_values = 0 < low < high <= 1
        if max(abs(low), abs(high)) > LARGEST_EXPONENT:
            raise ImpossibleRange("max", "is an exponent of e here, and e to that power no number")
        ends = (-high, -low) if distribution == "inv_log_uniform" else (low, high)
        low, high = (power_of_e(end) for end in ends)
        if are_values and low < high:
            note = "as exponents of e; was log_uniform_values meant?"
            return Drawn(Range("log", low, high), note)
    if not low < high:
        raise ImpossibleRange("min", "is an exponent of e here, too near to that of max")
    if distribution in LOG and low <= 0:
        raise ImpossibleRange("min", f"must be above 0 for {distribution}")
    if distribution.startswith("q_") and step is None:
        step = 1.0
    return _stepped(distribution, low, high, step)


def _stepped(distribution: str, low: float, high: float, step: float | None) -> Drawn:
    note = _NOTES.get(distribution, "")
    is_log = distribution in LOG
    if distribution == "int_uniform" or step == 1:
        first = max(round(low), 1) if is_log else round(low)
        last = max(round(high), first + 1)
        return Drawn(Range("log" if is_log else "linear", first, last), note)
    if step is not None and not is_log and (high - low) / step < MOST_STEPS:
        values = tuple(_multiples(low, high, step))
        if len(values) > 1:
            return Drawn(Values(values), "one value for each step of q")
    if step is not None:
        note = "; ".join(filter(None, (note, f"not rounded to multiples of {step:g}")))
        if float(step).is_integer() and high - low >= 1:  # what it rounds to are whole numbers
            return Drawn(Range("log" if is_log else "linear", round(low), round(high)), note)
    if not is_log and low >= 0.5 and 0.98 <= high < 1:
        note = "scale: 1-beta, which W&B has not, may suit it better"
    return Drawn(Range("log" if is_log else "linear", float(low), float(high)), note)


def _multiples(low: float, high: float, step: float) -> Iterator[float | int]:
    """The multiples of the step that W&B rounds to, from the one at `low` to that at `high`."""
    is_whole = float(step).is_integer()
    for i in range(round(low / step), round(high / step) + 1):
        yield int(i * step) if is_whole else float(f"{i * step:.12g}")


def power_of_e(exponent: float) -> float:
    """A power of e, with the few digits that a person means by -9.21."""
    return float(f"{math.exp(exponent):.3g}")


def near_bell(distribution: str, mu: float, sigma: float) -> Range | None:
    """A range with 95 of 100 draws of a bell in it; None where there is none."""
    low, high = mu - 2 * sigma, mu + 2 * sigma
    if "beta" in distribution or not low < high:
        return None
    if "log" not in distribution:
        return Range("linear", low, high)
    if max(abs(low), abs(high)) > LARGEST_EXPONENT:
        return None
    return Range("log", power_of_e(low), power_of_e(high))
