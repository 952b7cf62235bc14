"""Writing YAML as a person would: numbers, texts in quotes only where they need them, one-line
mappings, and comments that fit a screen. The loader's own rules say what needs quotes.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence

from hpsearch.config.yaml_scalars import number_meant, plain_value
from hpsearch.discovery.facts import Scalar
from hpsearch.discovery.guess import Domain, Values

WIDTH = 88
_PLAIN = re.compile(r"[A-Za-z_./][\w./+-]*(?: [\w./+-]+)*")


def number(value: int | float) -> str:
    """A number as a person would write it; a float is always seen to be one.

    >>> number(3e-05), number(0.01), number(1.0), number(64)
    ('3e-5', '0.01', '1.0', '64')
    """
    if isinstance(value, int):
        return str(value)
    text = f"{value:.12g}"
    if 0 < abs(value) < 1e-3 and "e" not in text:
        mantissa, _, exponent = f"{value:.11e}".partition("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{exponent}"
    text = re.sub(r"e([+-])0*(\d)", lambda m: "e" + m[1].strip("+") + m[2], text)
    return text if re.search(r"[.e]|inf|nan", text) else f"{text}.0"


def scalar(value: Scalar) -> str:
    """A value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value)
    return "null" if value is None else text(value)


def text(words: str) -> str:
    """A text, in quotes where YAML would read something else without them."""
    is_text = plain_value(words) == words and number_meant(words) is None
    if is_text and _PLAIN.fullmatch(words):
        return words
    return quoted(words)


def quoted(words: str) -> str:
    """A text in double quotes: as in JSON, with escapes for all that cannot be printed."""
    escaped = json.dumps(words, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped)


def is_plain_command(words: str) -> bool:
    """Whether a command can stand without quotes after `command:`."""
    begins_safely = re.match(r"[A-Za-z_./]", words) is not None
    return begins_safely and ": " not in words and " #" not in words and words == words.strip()


def flow(entries: Mapping[str, str]) -> str:
    """A mapping in one line; the values are YAML already."""
    return "{" + ", ".join(f"{text(key)}: {value}" for key, value in entries.items()) + "}"


def values(entries: Sequence[Scalar]) -> str:
    """A list in one line."""
    return "[" + ", ".join(scalar(entry) for entry in entries) + "]"


def domain(found: Domain) -> dict[str, str]:
    """The keys of a parameter."""
    if isinstance(found, Values):
        return {"values": values(found.values)}
    scale = {} if found.scale == "linear" else {"scale": found.scale}
    return {**scale, "min": number(found.low), "max": number(found.high)}


def comment(words: str, indent: str = "") -> list[str]:
    """Lines of a comment."""
    prefix = f"{indent}# "
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=prefix,
        subsequent_indent=prefix,
        break_long_words=False,
        break_on_hyphens=False,
    )


def printable(words: str) -> str:
    """One line without control characters, for a comment."""
    return "".join(c if c.isprintable() else " " for c in words)
