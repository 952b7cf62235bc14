"""The options of a shell script, read from its text: getopts, a `case` over long options,
`${1:-0.01}` and `${LR:-0.01}`. Nothing is run. `programs` asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hpsearch.discovery.facts import Found, Option, Scalar, kind_of, number_or_text, readable

_GETOPTS = re.compile(r"""\bgetopts\s+["']?:?([A-Za-z0-9:]+)["']?""")
_LABEL = re.compile(r"^\s*\(?([-\w|\s=*]+)\)\s*(.*)$")
_LABEL_NAME = re.compile(r"-{0,2}[A-Za-z0-9][\w-]*(=\*)?")
_TAKEN = re.compile(
    r"""\b([A-Za-z_]\w*)=["']?\$(?:OPTARG|2|\{2[^}]*\}|\{OPTARG\}|\{1#[^}]*\}|\{i#[^}]*\}|\{arg#[^}]*\})"""
)
_ASSIGNED = re.compile(
    r"""^\s*(?:export\s+|local\s+|declare\s+(?:-\w+\s+)?)?([A-Za-z_]\w*)=(["']?)([^\s"'$;`]*)\2\s*(?:;|#|$)"""
)
_DEFAULTED = re.compile(
    r"""^\s*(?:export\s+|local\s+)?([A-Za-z_]\w*)=["']?\$\{(\w+):?-["']?([^}"']*)["']?\}["']?"""
)
_DEFAULTED_IN_PLACE = re.compile(
    r"""^\s*:\s+["']?\$\{([A-Za-z_]\w*):?=["']?([^}"']*)["']?\}["']?"""
)
_POSITIONAL = re.compile(
    r"""^\s*(?:export\s+|local\s+)?([A-Za-z_]\w*)=["']?\$(?:\{)?([1-9])\}?["']?"""
)
_COMMENT = re.compile(r"(?:^|\s)#\s*(.*)$")


def shell_options(text: str, file: str) -> Found | None:
    """The options of the script; None if it reads none."""
    lines = text.splitlines()
    values = _assigned_values(lines)
    options = [
        option
        for option in _case_options(lines, values, _with_value(text))
        if not {"-h", "--help"} & set(option.spellings)
    ]
    if any(not option.is_flag for option in options):
        reader = "getopts" if _GETOPTS.search(text) else "a case over its arguments"
        return Found(reader, tuple(options), (), file)
    options = [*_defaulted(lines)]
    positions = [option for option in options if option.channel == "position"]
    chosen = positions or options
    reader = "positional arguments" if positions else "variables with defaults"
    return Found(reader, tuple(chosen), (), file) if chosen else None


def _with_value(text: str) -> frozenset[str]:
    """Letters that getopts gives a value: those with a colon behind them."""
    match = _GETOPTS.search(text)
    return frozenset(re.findall(r"([A-Za-z0-9]):", match[1])) if match else frozenset()


def _assigned_values(lines: list[str]) -> dict[str, Scalar]:
    """The first plain value of each variable: its default."""
    values: dict[str, Scalar] = {}
    for line in lines:
        match = _ASSIGNED.match(line)
        if match is not None and match[3]:
            values.setdefault(match[1], number_or_text(match[3]))
    return values


def _case_options(
    lines: list[str], values: dict[str, Scalar], letters: frozenset[str]
) -> Iterator[Option]:
    """Branches such as `l) lr=$OPTARG ;;` and `-l|--lr) lr="$2"; shift 2 ;;`."""
    for number, line in enumerate(lines, start=1):
        label = _LABEL.match(line)
        if label is None:
            continue
        names = [name.strip() for name in label[1].split("|")]
        if not all(map(_LABEL_NAME.fullmatch, names)):
            continue
        names = [name.removesuffix("=*") for name in names]
        is_letters = all(name in letters or not name.startswith("-") for name in names)
        if is_letters and not letters & set(names):
            continue
        body = label[2] if "=" in label[2] else " ".join(lines[number : number + 2])
        taken = _TAKEN.search(body)
        spellings = tuple(f"-{name}" if is_letters else name for name in names if name)
        if taken is None or not spellings:
            if not is_letters:
                yield _flag(spellings, number)
            continue
        default = values.get(taken[1])
        longs = [name for name in spellings if name.startswith("--")]
        comment = _COMMENT.search(line)
        yield Option(
            name=readable([*longs, taken[1].lower()], taken[1].lower()),
            spelling=max(longs or list(spellings), key=len),
            spellings=spellings,
            default=default,
            kind=kind_of(default),
            help=comment[1] if comment else "",
            line=number,
        )


def _flag(spellings: tuple[str, ...], line: int) -> Option:
    name = readable(list(spellings), "flag")
    return Option(name=name, spelling=spellings[-1], spellings=spellings, is_flag=True, line=line)


def _defaulted(lines: list[str]) -> Iterator[Option]:
    """`LR=${LR:-0.01}`, `: ${LR:=0.01}`, `LR=${1:-0.01}` and `LR=$1`."""
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        variable, source, default = "", "", ""
        if match := _DEFAULTED.match(line):
            variable, source, default = match[1], match[2], match[3]
        elif match := _DEFAULTED_IN_PLACE.match(line):
            variable, source, default = match[1], match[1], match[2]
        elif match := _POSITIONAL.match(line):
            variable, source = match[1], match[2]
        if not variable or source in seen:
            continue
        seen.add(source)
        value = number_or_text(default) if default else None
        comment = _COMMENT.search(line)
        is_position = source.isdigit()
        yield Option(
            name=readable([(variable if is_position else source).lower()], source),
            channel="position" if is_position else "environment",
            spelling=variable if is_position else source,
            default=value,
            kind=kind_of(value),
            is_required=not default,
            help=comment[1] if comment else "",
            line=number,
            position=int(source) - 1 if is_position else 0,
        )
