"""The options that a help text tells of, in the ways that programs print it.

GNU, argparse, click, clap, Go, optparse and boost are known; docopt's texts are help texts too.
Running a program for its help is in `programs`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hpsearch.discovery.facts import Kind, Option, Scalar, kind_of, number_or_text, readable

_HEAD = re.compile(r"^\s{0,12}(-{1,2}(?:\[no-\])?[A-Za-z].*)$")
_SPELLING = re.compile(r"(?:^|[,|/ \[])(-{1,2}[A-Za-z][\w.-]*)")
_DEFAULTS = (
    re.compile(r"\(=([^)\s]+)\)"),
    re.compile(
        r"[\[(]?\bdefaults?(?:\s+to|\s+is|\s+value)?\s*[:=]?\s*[\"'`]?([^\s\"'`\]),;]+)", re.I
    ),
)
_CHOICES = re.compile(r"\{([^{}]*[,|][^{}]*)\}|<(\w+(?:\|\w+)+)>|\[possible values: ([^\]]+)\]")
_CHOICE_METAVAR = re.compile(r"\[(\w+(?:\|\w+)+)\]")
_RANGE = re.compile(r"(-?[\d.]+)<=?x<=?(-?[\d.]+)")
_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"\b(float|double|real|numeric)\b", "float"),
    (r"\b(int|integer|uint|whole number)\b", "int"),
    (r"\b(path|file|dir|directory|filename|string|text|str)\b", "str"),
)
_PATHS = re.compile(r"\b(PATH|FILE|DIR|DIRECTORY|FILENAME|FOLDER)\b|<(path|file|dir)>")
_NOTHING = frozenset({"none", "null", "n/a", "false", "true", "off", "on", "no", "auto"})
_OWN = frozenset({"-h", "--help", "--version", "-V", "--install-completion", "--show-completion"})


def help_options(text: str) -> list[Option]:
    """The options of a help text, each once, in its order."""
    options: dict[str, Option] = {}
    for head, description in _entries(text):
        option = _option(head, description)
        if option is not None and not _OWN & set(option.spellings):
            options.setdefault(option.spelling, option)
    return list(options.values())


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """The options and the values that they take, with the description beside or below them."""
    head, description, indent = "", "", 0
    for line in text.expandtabs().splitlines():
        match = _HEAD.match(line)
        if match is not None and (not head or _indent(line) <= indent + 8):
            if head:
                yield head, description
            head, description = _split(match[1])
            indent = _indent(line)
        elif head and line.strip() and _indent(line) > indent:
            description += f" {line.strip()}"
        elif head:
            yield head, description
            head = ""
    if head:
        yield head, description


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _split(line: str) -> tuple[str, str]:
    """The option with its value, and the description on the same line, two blanks further."""
    parts = re.split(r"\s{2,}", line, maxsplit=1)
    return parts[0], parts[1] if len(parts) > 1 else ""


def _option(head: str, description: str) -> Option | None:
    both = f"{head} {description}"
    is_negatable = "[no-]" in head
    head = head.replace("[no-]", "")
    spellings = tuple(dict.fromkeys(name.rstrip(".") for name in _SPELLING.findall(head)))
    if not spellings:
        return None
    longs = [name for name in spellings if name.startswith("--")] or list(spellings)
    spelling = max(longs, key=len)
    value = _SPELLING.sub(" ", head).strip(" ,|/=[]")
    is_negatable |= f"--no-{spelling[2:]}" in head
    default = _default(both)
    choices = _choices(both)
    kind: Kind | None = kind_of(default) if isinstance(default, (int, float)) else None
    for pattern, named in _KINDS:
        if kind is None and re.search(pattern, value, re.I):
            kind = named
    bounds = _RANGE.search(both)
    return Option(
        name=readable(longs, spelling),
        spelling=spelling,
        spellings=spellings,
        default=float(default) if kind == "float" and isinstance(default, int) else default,
        kind=kind if kind or not choices else "str",
        choices=choices,
        low=float(bounds[1]) if bounds else None,
        high=float(bounds[2]) if bounds else None,
        is_flag=not value or is_negatable,
        negative=f"--no-{spelling[2:]}" if is_negatable else "",
        is_list="..." in value,
        is_required="[required]" in description.lower(),
        is_path=_PATHS.search(head) is not None,
        help=" ".join(description.split()),
    )


def _default(text: str) -> Scalar:
    for pattern in _DEFAULTS:
        if match := pattern.search(text):
            found = match[1].rstrip(".")
            return None if found.lower() in _NOTHING else number_or_text(found)
    return None


def _choices(text: str) -> tuple[Scalar, ...]:
    match = _CHOICES.search(text) or _CHOICE_METAVAR.search(text.split("  ")[0])
    if match is None:
        return ()
    found = next(filter(None, match.groups()))
    return tuple(number_or_text(choice.strip()) for choice in re.split(r"[,|]", found))
