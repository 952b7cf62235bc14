"""What a value of the config can be: each kind reads a node, or says what is wrong with it, and
describes itself to the JSON Schema. One declaration therefore makes both the checks and the schema.

Kinds of single values stand here, mappings and lists in `sections`; `declarations` uses them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from hpsearch.config.report import Place, Report, Spot, shown_text
from hpsearch.config.suggestions import choice_meant
from hpsearch.config.yaml_nodes import BrokenNode, ListNode, Node, ScalarNode
from hpsearch.config.yaml_scalars import number_meant

Schema: TypeAlias = dict[str, Any]  # JSON


@dataclass(frozen=True)
class Found:
    """A value that was read, with every check of its kind passed.

    Attributes:
        value: what the kind makes of it.
        place: of the value; of the section, where a default stands in.
        spot: its key.
        text: as it was written, cut where it is long; empty for lists, mappings and defaults.
        is_given: False for a default.
    """

    value: Any
    place: Place
    spot: Spot
    text: str = ""
    is_given: bool = True

    def complain(self, report: Report, message: str, meant: str | None = None) -> None:
        """Report a problem with this value."""
        report.add(self.place, self.spot.path, message, meant)

    def doubt(self, report: Report, message: str, meant: str | None = None) -> None:
        """Report that this value is probably not meant."""
        report.doubt(self.place, self.spot.path, message, meant)

    def note(self, report: Report, message: str) -> None:
        """Say something about this value that is no problem."""
        report.note(self.place, self.spot.path, message)


class Kind(Protocol):
    """What a value can be."""

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """The value; None where it is not possible, with the problem reported."""

    def schema(self) -> Schema:
        """The kind in JSON Schema."""


def shown(node: Node) -> str:
    """What a person wrote, in a few words."""
    if isinstance(node, ScalarNode):
        if node.value is None:
            return "empty"
        text = shown_text(node.text)
        return text if node.is_plain else f'the text "{text}"'
    if isinstance(node, ListNode):
        return "a list" if node.items else "an empty list"
    return "a mapping" if node.size > 1 else "an empty mapping"


def complain(node: Node, spot: Spot, report: Report, wanted: str, meant: str | None = None) -> None:
    """Report that the node is not what is wanted there; nothing for what was reported before."""
    if not isinstance(node, BrokenNode):
        report.add(node.place, spot.path, f"must be {wanted}, but is {shown(node)}", meant)


@dataclass(frozen=True)
class Text:
    """Text.

    Attributes:
        wanted: what it must be, in words.
        pattern: regular expression of the whole text.
    """

    wanted: str
    pattern: str

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """The text."""
        if isinstance(node, ScalarNode) and isinstance(node.value, str):
            if re.fullmatch(self.pattern, node.value):
                return Found(node.value, node.place, spot, node.text)
            complain(node, spot, report, self.wanted)
            return None
        is_scalar = isinstance(node, ScalarNode) and node.value is not None
        complain(node, spot, report, self.wanted, f'"{shown(node)}"' if is_scalar else None)
        return None

    def schema(self) -> Schema:
        """A string."""
        return {"type": "string", "pattern": f"^{self.pattern}$"}


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """The word."""
        if isinstance(node, ScalarNode) and node.value in self.words:
            return Found(node.value, node.place, spot, node.text)
        meant = choice_meant(node.text, self.words) if isinstance(node, ScalarNode) else None
        complain(node, spot, report, listed(self.words), meant)
        return None

    def schema(self) -> Schema:
        """An enum."""
        return {"enum": list(self.words)}


def listed(words: Sequence[str]) -> str:
    """`random, sobol or grid`."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


@dataclass(frozen=True)
class Whole:
    """A whole number.

    Attributes:
        wanted: what it must be, in words.
        low, high: the ends, both included.
        zero: whether 0 is possible.
    """

    wanted: str
    low: int
    high: int
    zero: bool = True

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """The number as an int; 1e3 counts, as it does in JSON."""
        number = number_of(node)
        if number is not None and self._is_possible(number):
            assert isinstance(node, ScalarNode)
            return Found(int(number), node.place, spot, node.text)
        complain(node, spot, report, self.wanted, number_in_text(node))
        return None

    def _is_possible(self, number: float) -> bool:
        is_whole = math.isfinite(number) and number == math.floor(number)
        return is_whole and self.low <= number <= self.high and (number != 0 or self.zero)

    def schema(self) -> Schema:
        """An integer."""
        schema: Schema = {"type": "integer", "minimum": self.low, "maximum": self.high}
        return schema if self.zero else {**schema, "not": {"const": 0}}


@dataclass(frozen=True)
class Number:
    """A finite number, an int where it is written as a whole one."""

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """The number."""
        number = number_of(node)
        if number is not None and math.isfinite(number):
            assert isinstance(node, ScalarNode)
            return Found(number, node.place, spot, shown_text(node.text))
        wanted = "a number" if number is None else "a finite number"
        complain(node, spot, report, wanted, number_in_text(node))
        return None

    def schema(self) -> Schema:
        """A number."""
        return {"type": "number"}


def number_of(node: Node) -> int | float | None:
    """The number that a node is; None if it is none."""
    value = node.value if isinstance(node, ScalarNode) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def number_in_text(node: Node) -> str | None:
    """How to write the number that a text looks like; None if it does not."""
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        return number_meant(node.text)
    return None


_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_AMOUNT = r"[0-9]+(\.[0-9]+)?"
_DURATION = r"(?=[0-9])" + "".join(f"({_AMOUNT}{unit})?" for unit in _SECONDS)
_ROUGHLY = re.compile(rf"(?P<amount>{_AMOUNT}) *(?P<unit>[dhms])[a-z.]*", re.IGNORECASE)
LONGEST_S = 3650 * 86400.0  # ten years; threading cannot wait for three hundred


@dataclass(frozen=True)
class Duration:
    """A span of time: seconds, or 90s, 10m, 2h, 1d, 1h30m.

    Attributes:
        zero: whether 0 is possible.
    """

    zero: bool

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """Seconds, as a float."""
        seconds: float | None = number_of(node)
        if isinstance(node, ScalarNode) and isinstance(node.value, str):
            seconds = self._parsed(node.value)
        if seconds is not None and 0 <= seconds <= LONGEST_S and (seconds or self.zero):
            assert isinstance(node, ScalarNode)
            return Found(float(seconds), node.place, spot, node.text)
        limit = "from 0" if self.zero else "above 0"
        wanted = f"a time {limit} to 3650d, such as 90s, 10m, 2h, 1d, 1h30m or a number of seconds"
        complain(node, spot, report, wanted, self._meant(node))
        return None

    @staticmethod
    def _parsed(text: str) -> float | None:
        if not re.fullmatch(_DURATION, text) or len(text) > 100:
            return None
        parts = re.findall(rf"({_AMOUNT})([dhms])", text)
        return sum(float(amount) * _SECONDS[unit] for amount, _, unit in parts)

    @staticmethod
    def _meant(node: Node) -> str | None:
        match = _ROUGHLY.fullmatch(node.text) if isinstance(node, ScalarNode) else None
        return match["amount"] + match["unit"].lower() if match else None

    def schema(self) -> Schema:
        """A number or a string."""
        low = {"minimum": 0} if self.zero else {"exclusiveMinimum": 0}
        number = {"type": "number", **low, "maximum": LONGEST_S}
        return {"anyOf": [number, {"type": "string", "pattern": f"^{_DURATION}$"}]}


@dataclass(frozen=True)
class Maybe:
    """A kind, or null."""

    kind: Kind

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """None, or what the kind reads."""
        if isinstance(node, ScalarNode) and node.value is None:
            return Found(None, node.place, spot, node.text)
        return self.kind.read(node, spot, report)

    def schema(self) -> Schema:
        """The kind or null."""
        return {"anyOf": [self.kind.schema(), {"type": "null"}]}


_FORMULA = re.compile(
    r"(?:q_?)?(?P<name>(?:log_?|int_?)?(?:uniform|range|interval)|rand_?int|choice)\(.*\)",
    re.DOTALL,
)


_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_BETWEEN = r"\.\.+|\bto\b|,(?=\s)|[-:;~\u2013\u2026]"
_RANGE = re.compile(
    rf"[\[(]?(?P<low>{_NUMBER})\s*(?P<between>{_BETWEEN})\s*(?P<high>{_NUMBER})[)\]]?"
)


def range_meant(text: str) -> str | None:
    """The range that a text looks like, as a parameter writes it; None if it does not."""
    match = _RANGE.fullmatch(text.strip())
    if match is None or not float(match["low"]) < float(match["high"]):
        return None
    if match["between"] == ":" and re.fullmatch(r"[0-9]+:[0-9]+", match[0]):
        return None  # half past one, or four to three
    return f"{{min: {match['low']}, max: {match['high']}}}"


@dataclass(frozen=True)
class Single:
    """A single value of a parameter: text, a finite number, or a boolean.

    Attributes:
        is_alone: whether nothing else can be meant but this one value; a list of texts may well
            have entries that look like ranges.
    """

    is_alone: bool = False

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """The value."""
        wanted = "text, a number, true or false"
        if not isinstance(node, ScalarNode) or node.value is None:
            is_list_for_value = isinstance(node, ListNode) and spot.path.endswith(".value")
            complain(node, spot, report, wanted, "values: [...]" if is_list_for_value else None)
            return None
        value = node.value
        if isinstance(value, float) and not math.isfinite(value):
            complain(node, spot, report, "a finite number")
            return None
        if isinstance(value, str) and node.is_plain:
            as_range = range_meant(node.text) if self.is_alone else None
            is_doubtful = as_range is not None or not self._is_meant_as_text(node)
            if is_doubtful and self._doubt_text(node, spot, report, as_range):
                return None
        return Found(value, node.place, spot, shown_text(node.text))

    @staticmethod
    def _is_meant_as_text(node: ScalarNode) -> bool:
        return number_meant(node.text) is None and not _FORMULA.fullmatch(node.text)

    @staticmethod
    def _doubt_text(node: ScalarNode, spot: Spot, report: Report, as_range: str | None) -> bool:
        """Whether it is a problem, and reported."""
        text = shown_text(node.text)
        message = f"{text} would be text here; put it in quotes if that is meant"
        meant = as_range or number_meant(node.text)
        if meant is None:
            is_choice = "choice" in node.text.lower()
            meant = "{values: [...]}" if is_choice else "{min: ..., max: ..., scale: ...}"
        return report.doubt(node.place, spot.path, message, meant)

    def schema(self) -> Schema:
        """A string, a number or a boolean."""
        return {"type": ["string", "number", "boolean"]}
