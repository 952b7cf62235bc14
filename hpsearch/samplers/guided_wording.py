"""Values that a model expects, in words: with as many digits as it knows of them."""

from __future__ import annotations

import math

LEAST_DIGITS, MOST_DIGITS = 4, 17
"""A float has no more than 17."""


def written_to(value: float, width: float, digits: int = LEAST_DIGITS) -> str:
    """The value with four digits, or so many, and as many as show a tenth of the width.

    >>> written_to(1e9 + 0.25, 0.05), written_to(0.27983, 0.21), written_to(1e300, 0.0)
    ('1000000000.25', '0.2798', '1e300')
    """
    if value and width > 0:
        above = math.floor(math.log10(abs(value))) - math.floor(math.log10(width))
        digits = min(max(digits, above + 2), MOST_DIGITS)
    return f"{value:.{digits}g}".replace("e+", "e")
