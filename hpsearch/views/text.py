"""Text on a terminal: how wide it is, how it is cut, and how numbers and times are written.

The screens are composed in Unicode; `plain_ascii` turns them into ASCII without moving a column.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from click import unstyle

from hpsearch.analysis.wording import written_apart, written_number

DEFAULT_WIDTH = 80
NARROWEST = 40
NAME_WIDTHS = (64, 48, 40, 32, 28, 24, 20, 16, 12, 9)
"""Of names in a sentence: tried one after the other, until it fits."""

# One column each, so that what was aligned stays aligned.
_ASCII = str.maketrans("▁▂▃▄▅▆▇█─│┤└·…–→×", "_.:-=+*#-||+|~-*x")


def terminal_width(stream: TextIO) -> int:
    """Columns of the terminal behind a stream; 80 where there is none."""
    if not stream.isatty():
        return DEFAULT_WIDTH
    return max(NARROWEST, shutil.get_terminal_size((DEFAULT_WIDTH, 24)).columns)


def writes_unicode(stream: TextIO) -> bool:
    """Whether the stream takes all the characters of a screen."""
    try:
        "▁█─…".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def plain_ascii(line: str) -> str:
    """The line in ASCII, as wide as before."""
    return line.translate(_ASCII).encode("ascii", "replace").decode()


def format_number(value: float) -> str:
    """A number with four significant digits."""
    return written_number(value)


def format_duration(seconds: float) -> str:
    """A span of time.

    >>> format_duration(41), format_duration(11520), format_duration(100000)
    ('00:41', '3h12m', '1d03h')
    """
    whole = int(seconds + 0.5)
    if whole < 3600:
        return f"{whole // 60:02d}:{whole % 60:02d}"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
    return f"{whole // 86400}d{whole % 86400 // 3600:02d}h"


def format_trial_time(seconds: float) -> str:
    """A span of time that may be shorter than a second: `0.31 s`, then as `format_duration`."""
    if seconds < 0.01:
        return "<0.01 s"
    return f"{seconds:.2g} s" if seconds < 9.95 else format_duration(seconds)


def format_age(seconds: float) -> str:
    """How long ago something was, in one unit.

    >>> format_age(30), format_age(700), format_age(90000)
    ('just now', '12 min ago', '25 h ago')
    """
    if seconds < 60:
        return "just now"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min ago"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.0f} h ago"
    return f"{seconds / 86400:.0f} days ago"


def format_share(share: float) -> str:
    """A share of the space: `31%`, `0.8%`, `4e-5%`.

    >>> format_share(0.312), format_share(0.0081), format_share(1.0)
    ('31%', '0.8%', '100%')
    """
    percent = 100 * share
    return f"{percent:.0f}%" if percent >= 1 else f"{written_number(percent, 1)}%"


def count(n: int, noun: str, plural: str = "") -> str:
    """`1 trial`, `2 trials`."""
    return f"{n} {noun}" if n == 1 else f"{n} {plural or noun + 's'}"


def display_width(text: str) -> int:
    """Columns that the text takes on a terminal."""
    if text.isascii() and "\x1b" not in text:
        return len(text)
    return sum(_columns(character) for character in unstyle(text))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, width: int) -> str:
    """The text, cut at its end where it is too wide, with `…` for the rest."""
    if display_width(text) <= width:
        return text
    taken, columns = [], 0
    for character in text:
        columns += _columns(character)
        if columns > width - 1:
            break
        taken.append(character)
    return "".join(taken).rstrip() + "…" if width > 0 else ""


def shorten_middle(text: str, width: int) -> str:
    """The text, cut in its middle where it is too wide: `learni…yer_1`."""
    if display_width(text) <= width:
        return text
    tail, columns = "", 0
    for character in reversed(text):
        columns += _columns(character)
        if columns > (width - 1) // 2:
            break
        tail = character + tail
    tail = tail.lstrip()
    return shorten(text, width - display_width(tail)) + tail


def distinct_names(names: Sequence[str], width: int) -> list[str]:
    """Names in at most `width` columns each, cut in the middle: `learni…yer_1`, `learni…yer_2`.

    Those that are alike then are cut where they differ (`…_1_units_of_all`), or, where even that
    leaves two alike, numbered. No two names come out the same, if there is room for a number.
    """
    cut = {name: shorten_middle(name, width) for name in names}
    for short in [short for short, times in Counter(cut.values()).items() if times > 1]:
        alike = [name for name in cut if cut[name] == short]
        letters = enumerate(zip(*alike, strict=False))
        shared = next((i for i, all_ in letters if len(set(all_)) > 1), 0)
        ways = [
            [shorten("…" + name[shared:], width) for name in alike],
            [_numbered(name, number, width) for number, name in enumerate(alike, start=1)],
        ]
        taken = {cut[name] for name in cut} - {short}
        best = next((way for way in ways if len(set(way) - taken) == len(alike)), ways[-1])
        cut |= dict(zip(alike, best, strict=True))
    return [cut[name] for name in names]


def _numbered(name: str, number: int, width: int) -> str:
    suffix = f"…{number}"
    start = shorten(name, width - display_width(suffix) + 1).rstrip("…")
    return shorten(start + suffix, width)


def shorten_names(text: str, names: Sequence[str], width: int) -> str:
    """The text in at most `width` columns: long names that are in it are cut before its end is.

    Args:
        names: all those that it must not mistake for each other.
    """
    if display_width(text) <= width or not names:
        return shorten(text, width)
    for name_width in NAME_WIDTHS:
        shorter = with_names_cut(text, names, name_width)
        if display_width(shorter) <= width:
            break
    return shorten(shorter, width)


def with_names_cut(text: str, names: Sequence[str], width: int) -> str:
    """The text with each of the names in it in at most `width` columns."""
    if all(display_width(name) <= width for name in names):
        return text
    cut = dict(zip(names, distinct_names(names, width), strict=True))
    # The longest first: a name may begin with another one.
    pattern = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return "".join(cut.get(piece, piece) for piece in re.split(f"({pattern})", text))


def pad(text: str, width: int, align: str = "<") -> str:
    """The text, filled with spaces to the width: `<` at its end, `>` at its start."""
    blank = " " * (width - display_width(text))
    return blank + text if align == ">" else text + blank


def wrap(text: str, width: int, indent: str = "", hanging: str | None = None) -> list[str]:
    """The text in lines of at most `width` columns, broken at spaces.

    Args:
        indent: before the first line.
        hanging: before the others; the same as `indent` if None.
    """
    hanging = indent if hanging is None else hanging
    lines, line = [], indent
    is_fresh = True
    for word in text.split():
        if not is_fresh and display_width(line) + 1 + display_width(word) > width:
            lines.append(line)
            line, is_fresh = hanging, True
        line += word if is_fresh else " " + word
        is_fresh = False
        while display_width(line) > width > display_width(hanging) + 1:
            head, line = _split(line, width)
            lines.append(head)
            line = hanging + line
    return [*lines, line]


def _split(line: str, width: int) -> tuple[str, str]:
    """The first `width` columns of a line, and the rest."""
    columns = 0
    for i, character in enumerate(line):
        columns += _columns(character)
        if columns > width:
            return line[:i], line[i:]
    return line, ""


def number_among(value: float, others: Sequence[float]) -> str:
    """A number, with more digits than usual where it differs from others beside an offset only.

    >>> number_among(1e9 + 0.25, [1e9, 1e9 + 3.0]), number_among(0.020001, [0.02, 1.0])
    ('1000000000.2', '0.02')
    """
    if _is_beside_an_offset([value, *others]):
        return written_apart(value, others)
    return format_number(value)


def _is_beside_an_offset(values: Sequence[float]) -> bool:
    """Whether 7 digits do not even tell a hundredth of all their differences."""
    spread = max(values) / 100 - min(values) / 100
    return spread < max(map(abs, values)) * 1e-6


def _with_equal_decimals(values: Sequence[float], texts: Sequence[str]) -> list[str]:
    """The values with as many decimals as the text that has the most."""
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    return [f"{value:.{decimals}f}" for value in values]


def aligned_numbers(values: Sequence[float | None]) -> list[str]:
    """Numbers of one column, with enough digits to tell neighbours apart and aligned points.

    >>> aligned_numbers([0.025, 0.02531, None])
    ['0.02500', '0.02531', '-']
    >>> aligned_numbers([1e9, 1e9 + 0.25])
    ['1000000000.0', '1000000000.2']
    >>> aligned_numbers([1e6 + 0.02, 1e6 + 0.03, 1e6 + 1.0])
    ['1000000.02', '1000000.03', '1000001.00']
    >>> aligned_numbers([1e6, 999999.6])
    ['1e6', '999999.6']
    """
    present = [value for value in values if value is not None]
    texts: list[str] = []
    told_apart = 0
    for digits in range(4, 8):
        texts = [written_number(value, digits) for value in present]
        told_apart = len(set(map(float, texts)))  # 1e6 and 1000000 are one number
        if told_apart == len(set(present)):
            break
    if told_apart < len(set(present)) and _is_beside_an_offset(present):
        texts = [written_apart(value, present) for value in present]
        if any("e" not in text for text in texts):  # one notation for all
            texts = _with_equal_decimals(present, [text for text in texts if "e" not in text])
    if all(text.replace(".", "").replace("-", "").isdigit() for text in texts):
        texts = _with_equal_decimals(present, texts)
    numbers = iter(texts)
    return ["-" if value is None else next(numbers) for value in values]
