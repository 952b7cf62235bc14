"""The options of an R script, read from its text: optparse, argparse, argparser, and the words of
`commandArgs`. R itself is not needed. `programs` asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hpsearch.discovery.facts import Found, Kind, Option, Scalar, kind_of, readable

_CALL = re.compile(r"(?:\b(make_option|add_option|add_argument)|\$(add_argument))\s*\(")
_KINDS: dict[str, Kind] = {
    "integer": "int",
    "double": "float",
    "numeric": "float",
    "character": "str",
    "logical": "bool",
}
_WORD = re.compile(
    r"^\s*(\w[\w.]*)\s*(?:<-|=)\s*(?:as\.(numeric|integer|double|character)\()?\s*args\[\[?(\d+)\]"
)
_ARGUMENT_NAME = re.compile(r"^\s*([\w.]+)\s*=(?!=)\s*(.*)$", re.DOTALL)
_STRING = re.compile(r"""^\s*["'](.*)["']\s*$""", re.DOTALL)
_NUMBER = re.compile(r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?L?\s*$")
_OWN = frozenset({"-h", "--help"})


def r_options(text: str, file: str) -> Found | None:
    """The options of the script; None if it reads none."""
    clean = _without_comments(text)
    options = []
    reader = "optparse"
    for match in _CALL.finditer(clean):
        reader = "optparse" if match[1] in ("make_option", "add_option") else "argparse"
        arguments = list(_arguments(clean, match.end()))
        option = _option(arguments, clean.count("\n", 0, match.start()) + 1)
        if option is not None and not _OWN & set(option.spellings):
            options.append(option)
    if options:
        return Found(reader, tuple(options), (), file)
    words = list(_words(clean))
    return Found("commandArgs", tuple(words), (), file) if words else None


def _without_comments(text: str) -> str:
    """The text with its comments blanked; a # inside quotes is no comment."""
    lines = []
    for line in text.splitlines():
        quote = ""
        end = len(line)
        for i, character in enumerate(line):
            if character in "\"'" and quote in ("", character):
                quote = "" if quote else character
            elif character == "#" and not quote:
                end = i
                break
        lines.append(line[:end])
    return "\n".join(lines)


def _arguments(text: str, start: int) -> Iterator[str]:
    """The arguments of the call whose parenthesis opens before `start`, each as its text."""
    depth, quote, begin = 1, "", start
    for i in range(start, len(text)):
        character = text[i]
        if quote:
            quote = "" if character == quote and text[i - 1] != "\\" else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                yield text[begin:i]
                return
        elif character == "," and depth == 1:
            yield text[begin:i]
            begin = i + 1


def _option(arguments: list[str], line: int) -> Option | None:
    named: dict[str, str] = {}
    spellings: list[str] = []
    for argument in arguments:
        match = _ARGUMENT_NAME.match(argument)
        if match is not None:
            named[match[1]] = match[2].strip()
        elif not spellings:
            spellings = re.findall(r"""["'](-{0,2}[A-Za-z][\w.-]*)["']""", argument)
    spellings = spellings or re.findall(r"""["'](-{1,2}[\w.-]+)["']""", named.get("opt_str", ""))
    if not spellings:
        return None
    longs = [name for name in spellings if name.startswith("--")]
    default = _value(named.get("default", ""))
    declared = _text(named.get("type", ""))
    kind = _KINDS.get(declared) or kind_of(default)
    action = _text(named.get("action", "store"))
    help_text = _text(named.get("help", ""))
    choices = tuple(re.findall(r"""["']([^"']*)["']""", named.get("choices", "")))
    return Option(
        name=readable([*longs, _text(named.get("dest", ""))], spellings[0]),
        channel="option" if spellings[0].startswith("-") else "position",
        spelling=max(longs or spellings, key=len),
        spellings=tuple(spellings),
        default=float(default) if kind == "float" and isinstance(default, int) else default,
        kind=kind,
        choices=choices,
        is_flag=action in ("store_true", "store_false") or named.get("flag") in ("TRUE", "T"),
        is_required=named.get("required") in ("TRUE", "T"),
        help=" ".join(help_text.split()),
        line=line,
    )


def _text(written: str) -> str:
    match = _STRING.match(written)
    return match[1] if match else ""


def _value(written: str) -> Scalar:
    """A literal of R; None for NULL, NA and expressions. `64L` is whole, `64` is a double."""
    written = written.strip()
    if written in ("TRUE", "T", "FALSE", "F"):
        return written.startswith("T")
    if match := _STRING.match(written):
        return match[1]
    if not _NUMBER.match(written):
        return None
    number = float(written.rstrip("L"))
    return int(number) if number.is_integer() and "." not in written else number


def _words(text: str) -> Iterator[Option]:
    """`lr <- as.numeric(args[1])`."""
    if "commandArgs" not in text:
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _WORD.match(line):
            yield Option(
                name=readable([match[1].replace(".", "_").lower()], match[1]),
                channel="position",
                spelling=match[1],
                kind=_KINDS.get(match[2] or ""),
                is_required=True,
                line=number,
                position=int(match[3]) - 1,
            )
