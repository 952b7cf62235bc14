"""Text on a terminal: how wide it is, how it is cut, and how numbers and times are written.

The screens are composed in Unicode; `plain_ascii` turns them into ASCII without moving a column.
"""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Sequence
from typing import TextIO

from click import unstyle

from hpsearch.analysis.wording import written_number

DEFAULT_WIDTH = 80
NARROWEST = 40

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


def distinct_names(names: Sequence[str], width: int) -> list[str]:
    """Names in at most `width` columns each, cut where they are alike: `…ing_rate`, `…entum`.

    Names that their first columns tell apart are cut at the end; the others lose what they share.
    """
    cut = [shorten(name, width) for name in names]
    alike = [name for name, short in zip(names, cut, strict=True) if cut.count(short) > 1]
    if not alike:
        return cut
    letters = enumerate(zip(*alike, strict=False))
    shared = next((i for i, both in letters if len(set(both)) > 1), 0)
    return [
        shorten("…" + name[shared:], width) if name in alike and shared else short
        for name, short in zip(names, cut, strict=True)
    ]


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


def aligned_numbers(values: Sequence[float | None]) -> list[str]:
    """Numbers of one column, with enough digits to tell neighbours apart and aligned points.

    >>> aligned_numbers([0.025, 0.02531, None])
    ['0.02500', '0.02531', '-']
    """
    present = [value for value in values if value is not None]
    texts: list[str] = []
    for digits in range(4, 8):
        texts = [written_number(value, digits) for value in present]
        if len(set(texts)) == len(set(present)):
            break
    if all(text.replace(".", "").replace("-", "").isdigit() for text in texts):
        decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
        texts = [f"{value:.{decimals}f}" for value in present]
    numbers = iter(texts)
    return ["-" if value is None else next(numbers) for value in values]
