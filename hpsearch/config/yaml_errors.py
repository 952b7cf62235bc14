"""What PyYAML's scanner and parser complain about, in plain words.

`yaml_nodes` turns every error of theirs into a problem with the help of `plain_words`.
"""

from __future__ import annotations

import re

from yaml.error import Mark, MarkedYAMLError

from hpsearch.config.report import START, Place, shown_text

_BY_PROBLEM = (
    (r"found character '\\t' that cannot start any token", "a tab cannot stand here; use spaces"),
    (
        r"found character '(?P<what>.)' that cannot start any token",
        "text cannot start with {what}; put it in quotes",
    ),
    (
        r"mapping values are not allowed here",
        "a ':' cannot stand here; check the indentation, or put the text in quotes",
    ),
    (
        r"sequence entries are not allowed here",
        "a list cannot start here; put the '-' on a line of its own, or write [a, b]",
    ),
    (r"found unknown escape character '(?P<what>.)'", "\\{what} is not possible in double quotes"),
    (r"found undefined tag handle .*", "tags are not possible in a config"),
    (r"found incompatible YAML document .*", "only YAML 1.x can be read"),
    (r"found duplicate YAML directive", "%YAML is given twice"),
    (
        r"expected <block end>, but found '<block mapping start>'",
        "the indentation does not fit the lines above",
    ),
    (r"expected <block end>, but found '(<scalar>|<anchor>|<alias>|<tag>)'", "{after}"),
    (
        r"expected <block end>, but found '[-?]'",
        "keys and entries of a list ('- ...') do not mix; check the indentation",
    ),
    (r"expected <block end>, but found '(?P<what>.+)'", "unexpected '{what}'"),
    (
        r"expected the node content, but found '(?P<what>[^<].*)'",
        "unexpected '{what}'; something is missing before it",
    ),
    (r"expected '<document start>', but found .*", "{after}"),
    (r"expected alphabetic or numeric character, but found .*", "the anchor has no name"),
)
_AFTER = "unexpected text: the value before it has ended already; check quotes and commas"
_UNCLOSED = re.compile(r"expected ',' or '(?P<closer>[\]}])', but got '(?P<got>.*)'", re.DOTALL)
_OPENER = {"]": "[", "}": "{"}


def place_of(mark: Mark | None) -> Place:
    """Where PyYAML's mark points to."""
    return START if mark is None else Place(mark.line + 1, mark.column + 1)


def plain_words(error: MarkedYAMLError) -> tuple[Place, str]:
    """Where the culprit stands, and what is wrong with it."""
    problem, at = error.problem or "", place_of(error.problem_mark)
    opened = place_of(error.context_mark)
    if match := _UNCLOSED.fullmatch(problem):
        return _unclosed(match["closer"], at, opened, match["got"] == "<stream end>")
    if error.context == "while scanning a quoted scalar":
        return opened, "the quote that opens here is never closed"
    if error.context == "while scanning a simple key":
        return opened, "this line has no ':' after its key"
    for pattern, words in _BY_PROBLEM:
        if match := re.fullmatch(pattern, problem):
            what = match.groupdict().get("what", "")
            return at, words.format(what=what, after=_AFTER)
    context = f"{error.context}: " if error.context else ""
    return at, shown_text(f"this is not YAML: {context}{problem}".replace("\n", " "))


def _unclosed(closer: str, at: Place, opened: Place, is_at_end: bool) -> tuple[Place, str]:
    opener = _OPENER[closer]
    if is_at_end:
        return opened, f"this {opener} is never closed"
    if at.line > opened.line:
        return opened, f"this {opener} is not closed before line {at.line}, or a comma is missing"
    return at, f"a comma or a {closer} is missing before this"
