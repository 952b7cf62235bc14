"""What a scalar of YAML means: a number, a boolean, nothing, or text.

The core schema of YAML 1.2 (chapter 10.3.2), and not PyYAML's older rules, by which `1e-4` is text,
`no` is False and `1:30` is ninety.
"""

from __future__ import annotations

import math
import re
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_NAN = frozenset({".nan", ".NaN", ".NAN"})
MOST_DIGITS = 300
"""Longer integers are floats (infinite ones): Python refuses to read or print them in full."""


def plain_value(text: str) -> Scalar:
    """What an unquoted scalar means."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= MOST_DIGITS else float(text)
    if _OTHER_BASE.fullmatch(text) and len(text) <= MOST_DIGITS:
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if match := _INFINITE.fullmatch(text):
        return -math.inf if match[1] == "-" else math.inf
    if text in _NAN:
        return math.nan
    return text


_NEARLY = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?")
_POWER_OF_TEN = re.compile(r"10(?:\^|\*\*)([-+]?[0-9]{1,3})")


def number_meant(text: str) -> str | None:
    """How YAML writes the number that a text looks like (`1_000`, `10^-4`); None if it does not."""
    text = text.strip()
    if match := _POWER_OF_TEN.fullmatch(text):
        return f"1e{int(match[1])}"
    if not _NEARLY.fullmatch(text) or len(text) > MOST_DIGITS:
        return None
    return text.replace("_", "")
