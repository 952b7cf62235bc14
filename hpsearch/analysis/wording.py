"""How a value is written for a person: as few digits as tell it apart, on its own scale.

Used by the sentences of `analysis` and by the tables of `views`; nothing is read back from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from hpsearch.domains import Domain, FloatRange, IntegerRange, OrderedList

DIGITS = 4
MOST_DIGITS = 9
MOST_DIGITS_APART = 14
"""Beyond, values differ by rounding errors only."""


def written_number(value: float, digits: int = DIGITS) -> str:
    """A number with `digits` significant digits, without trailing zeros: `0.0306`, `4.1e-5`.

    >>> written_number(0.00004123, 2)
    '4.1e-5'
    >>> written_number(123456.7), written_number(1234567.0), written_number(1234567.8, 8)
    ('123457', '1.235e6', '1234567.8')
    """
    if not math.isfinite(value):
        return str(float(value))
    size = abs(value)
    if 10**digits <= size < 1e6:
        return f"{value:.0f}"
    if size == 0 or 1e-3 <= size < 1e6:
        text = f"{value:.{digits}g}"
        return text if "e" not in text else f"{value:.0f}"  # 9999.6 is rounded up to 10000
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    decimals = len(mantissa.partition(".")[2]) - int(exponent)
    if size >= 1e6 and decimals >= 0:  # every digit is told, so none has to be counted
        return f"{value:.{decimals}f}"
    return f"{mantissa}e{int(exponent)}"


def written_apart(value: float, others: Iterable[float]) -> str:
    """A number with as many digits as tell it apart from those of the others that differ, also
    where these are written with fewer; from as many as possible, where some are too near.

    >>> written_apart(1000.004, [1000.016, 1000.004]), written_apart(1000.004, [2.0])
    ('1000.004', '1000')
    >>> written_apart(1e9 + 0.25, [1e9]), written_apart(0.1 + 0.2, [0.3])
    ('1000000000.2', '0.3')
    >>> written_apart(-1e9 - 9, [-1e9 - 8.999]), written_apart(1e9 + 0.25, [1e9, 1e9 + 0.25000001])
    ('-1000000009', '1000000000.2')
    """
    theirs: dict[float, list[float]] = {other: [] for other in others if other != value}
    found: dict[tuple[int, int], str] = {}
    for digits in range(DIGITS, MOST_DIGITS_APART):
        text = written_number(value, digits)
        read = float(text)  # 1e6 and 1000000 are one number
        for other, readings in theirs.items():
            readings.append(float(written_number(other, digits)))
        alike = sum(read in readings for readings in theirs.values())
        found.setdefault((alike, sum(read == last for *_, last in theirs.values())), text)
        if not alike:
            break
    return found[min(found)]


def written_beta(value: float, digits: int = DIGITS) -> str:
    """A number on a 1-beta scale, by the significant digits of 1 - beta, which is what matters.

    There are `digits` - 1 of them, at least two: the nines before them are read too.

    >>> written_beta(0.99987, 2), written_beta(0.9990, 2)
    ('0.99987', '0.999')
    """
    rest = 1.0 - value
    if not 0.5 < value < 1.0:
        return written_number(value, digits)
    decimals = max(2, digits - 1) - 1 - math.floor(math.log10(rest))
    return f"{value:.{decimals}f}".rstrip("0")


def written(value: Any, domain: Domain | None = None, digits: int = DIGITS) -> str:
    """Any value of a parameter, as YAML would have it but with few digits.

    Args:
        domain: of the parameter (of each entry, for a list); None if it is not known.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if isinstance(domain, FloatRange) and domain.scale == "1-beta":
            return written_beta(value, digits)
        return written_number(value, digits)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(written(entry, domain, digits) for entry in value) + "]"
    return one_line(str(value))


def one_line(text: str) -> str:
    """The text without line breaks, control characters and double spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def written_pair(low: Any, high: Any, domain: Domain, digits: int = 2) -> tuple[str, str]:
    """Two ends of a stretch, with as many digits as tell them apart."""
    while digits < MOST_DIGITS and low != high:
        if written(low, domain, digits) != written(high, domain, digits):
            break
        digits += 1
    return written(low, domain, digits), written(high, domain, digits)


def whole_ends(domain: Domain) -> tuple[float, float]:
    """The smallest and the largest value of an ordered domain."""
    if isinstance(domain, OrderedList):
        return domain.values[0], domain.values[-1]
    assert isinstance(domain, (FloatRange, IntegerRange))
    return domain.low, domain.high


def written_ends(domain: Domain) -> tuple[str, str]:
    """Both ends of an ordered domain, as a person would have written them."""
    low, high = whole_ends(domain)
    return written(low, domain, MOST_DIGITS), written(high, domain, MOST_DIGITS)


def written_range(domain: Domain) -> str:
    """An ordered domain in brackets: `(1e-4 … 1)`."""
    low, high = written_ends(domain)
    return f"({low} … {high})"
