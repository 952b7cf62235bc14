"""What a program in a shell, R or another language prints: the texts in its printing lines.

Line by line and by pattern, because there is no parser of those languages here; `printed` finds
the names in the lines.
"""

from __future__ import annotations

import re

from hpsearch.discovery.facts import Printed
from hpsearch.discovery.printed import HOLE, metric_names

_PRINTS = re.compile(
    r"(?<![\w.])(?:echo|printf|fprintf|print|println!?|cat|message|puts|std::cout|cout|disp|writeln|"
    r"console\.log|@printf|@info|@show|sprintf|io\.write)(?![\w.])(?P<rest>.*)"
)
_STDERR = re.compile(r">&2|(?<!\w)message\s*\(|cerr|stderr|console\.error|eprintln|@info")
_TOKENS = re.compile(
    r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|([A-Za-z_$@][\w.$]*)(?!\s*\(|[\w.])"
)
_VALUES = re.compile(
    r"%[-+ #0]*\d*(?:\.\d+)?l*[a-zA-Z]|\$\{[^}]*\}|\$\([^)]*\)|\$\w+|#\{[^}]*\}|\{[^{}]*\}"
)
_COMMENT = re.compile(r"^\s*(#|//|--|%)")
LONGEST_LINE = 2000


def printed_in(text: str, file: str) -> list[Printed]:
    """The metrics that the lines of a program print, one entry for each name."""
    found: dict[str, Printed] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        match = _PRINTS.search(line[:LONGEST_LINE])
        if match is None or _COMMENT.match(line):
            continue
        is_stderr = _STDERR.search(line) is not None
        for name, context in metric_names(_line_of(match["rest"])):
            old = found.get(name)
            lines = (number,) if old is None else (*old.lines, number)
            how = old.how if old and old.how == "printed" else "stderr" if is_stderr else "printed"
            found[name] = Printed(name, context, how, lines, file)
    return list(found.values())


def _line_of(rest: str) -> str:
    """The texts of a printing line, with a hole for each variable in or beside them."""
    if not rest.lstrip().startswith(("(", "<<")):  # a shell: words are text, quoted or not
        return _VALUES.sub(HOLE, re.sub(r"\\?[\"']", "", _without_escapes(rest)))
    parts = []
    for match in _TOKENS.finditer(rest):
        text = match[1] if match[1] is not None else match[2]
        parts.append(HOLE if text is None else _VALUES.sub(HOLE, _without_escapes(text)))
    return " ".join(parts)


def _without_escapes(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t")
