"""Kinds that stand at one key only: a command, a regular expression, what counts of a curve, bytes.

`declarations` uses them; the common kinds are in `kinds` and `sections`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from hpsearch.config.kinds import (
    Choice,
    Found,
    Schema,
    Whole,
    complain,
    number_of,
)
from hpsearch.config.report import Report, Spot
from hpsearch.config.suggestions import choice_meant, folded
from hpsearch.config.yaml_nodes import ListNode, MapNode, Node, ScalarNode
from hpsearch.objectives.take import Take

TAKES = ("last", "min", "max")
_TAKE_WANTED = "last, min, max or {mean: 5}"
_MEANS = ("mean", "average", "avg")
MOST_TAKEN = 1_000_000
_MEAN_COUNT = Whole(f"a whole number from 1 to {MOST_TAKEN}", 1, MOST_TAKEN)
_BYTES = re.compile(r"(?P<amount>[0-9]+(?:\.[0-9]+)?) *(?P<unit>[kMGTkmgt]?)(?:i?[bB])?")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
LEAST_BYTES = 1 << 20
_LENGTH = re.compile(r"(?P<count>[0-9]{1,9})(?: +(?P<unit>[A-Za-z_]+))?")
LONGEST_LENGTH = 1_000_000


@dataclass(frozen=True)
class Command:
    """A command: a text that `sh -c` runs, or a list of arguments that no shell sees."""

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """The text, or a tuple of texts."""
        wanted = "a command, such as python train.py --lr {learning_rate}, or a list of arguments"
        if isinstance(node, ScalarNode) and isinstance(node.value, str) and node.value.strip():
            return Found(node.value, node.place, spot, node.text)
        if isinstance(node, ListNode) and node.items:
            arguments = [self._argument(item) for item in node.items]
            if None not in arguments and arguments[0]:
                return Found(tuple(arguments), node.place, spot)
            for i, (item, argument) in enumerate(zip(node.items, arguments, strict=True)):
                if argument is None:
                    meant = "put {name} in quotes" if isinstance(item, MapNode) else None
                    below = spot.entry(i, item.place)
                    complain(item, below, report, "one argument, as text", meant)
            return None
        complain(node, spot, report, wanted)
        return None

    @staticmethod
    def _argument(node: Node) -> str | None:
        if not isinstance(node, ScalarNode) or node.value is None:
            return None
        return node.value if isinstance(node.value, str) else node.text

    def schema(self) -> Schema:
        """A string, or an array of strings and numbers."""
        entry = {"type": ["string", "number", "boolean"]}
        return {
            "anyOf": [
                {"type": "string", "pattern": r"\S"},
                {"type": "array", "minItems": 1, "items": entry},
            ]
        }


@dataclass(frozen=True)
class Pattern:
    """A regular expression with the value in a group."""

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """The expression as text."""
        wanted = "a regular expression with the value in a group, such as 'Score = ([0-9.]+)'"
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            complain(node, spot, report, wanted)
            return None
        found = Found(node.value, node.place, spot, node.text)
        try:
            groups = re.compile(node.value).groups
        except re.error as error:
            found.complain(report, f"is no regular expression: {error}")
            return None
        if groups == 0:
            found.complain(report, f"must be {wanted}")
            return None
        return found

    def schema(self) -> Schema:
        """A string."""
        return {"type": "string", "format": "regex"}


@dataclass(frozen=True)
class TakeKind:
    """Which value of a learning curve counts."""

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """A `Take`."""
        if isinstance(node, MapNode):
            entry = node.entries.get("mean")
            if entry is None or len(node.entries) > 1:
                complain(node, spot, report, _TAKE_WANTED)
                return None
            count = _MEAN_COUNT.read(entry.node, spot.below("mean", entry.key_place), report)
            return count and Found(Take("mean", count.value), node.place, spot)
        meant = None
        if isinstance(node, ScalarNode):
            if node.value in TAKES:
                word = Choice(TAKES).read(node, spot, report)
                return word and Found(Take(word.value), node.place, spot, word.text)
            is_mean = folded(node.text) in _MEANS
            meant = "{mean: 5}" if is_mean else choice_meant(node.text, TAKES)
        complain(node, spot, report, _TAKE_WANTED, meant)
        return None

    def schema(self) -> Schema:
        """A word, or an object."""
        mean = {
            "type": "object",
            "properties": {
                "mean": {"description": "the mean of so many last values", **_MEAN_COUNT.schema()}
            },
            "required": ["mean"],
            "additionalProperties": False,
        }
        return {"anyOf": [Choice(TAKES).schema(), mean]}


@dataclass(frozen=True)
class Bytes:
    """An amount of memory: 500MB, 4G, 1.5GB, in powers of 1024, or a number of bytes."""

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """Bytes, as an int."""
        amount: float | None = number_of(node)
        if isinstance(node, ScalarNode) and isinstance(node.value, str):
            match = _BYTES.fullmatch(node.value)
            amount = float(match["amount"]) * _UNITS[match["unit"].lower()] if match else None
        if amount is not None and LEAST_BYTES <= amount < float(1 << 60):
            return Found(int(amount), node.place, spot)
        complain(node, spot, report, "an amount of memory of at least 1MB, such as 500MB or 4GB")
        return None

    def schema(self) -> Schema:
        """A number or a string."""
        number = {"type": "number", "minimum": LEAST_BYTES}
        pattern = re.sub(r"\?P<\w+>", "", f"^{_BYTES.pattern}$")
        return {"anyOf": [number, {"type": "string", "pattern": pattern}]}


@dataclass(frozen=True)
class TrueOrFalse:
    """A boolean."""

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """True or False."""
        if isinstance(node, ScalarNode) and isinstance(node.value, bool):
            return Found(node.value, node.place, spot, node.text)
        complain(node, spot, report, "true or false")
        return None

    def schema(self) -> Schema:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Length:
    """A stretch of training: `1 epoch`, `500 steps`, or a number of epochs."""

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """(how many, of what, in the plural)."""
        text = node.text.strip() if isinstance(node, ScalarNode) else ""
        match = _LENGTH.fullmatch(text)
        if match is None or not 1 <= int(match["count"]) <= LONGEST_LENGTH:
            complain(node, spot, report, "a length of training, such as 1 epoch or 500 steps")
            return None
        count, unit = int(match["count"]), match["unit"] or "epochs"
        unit += "s" if count == 1 and not unit.endswith("s") else ""
        return Found((count, unit), node.place, spot, text)

    def schema(self) -> Schema:
        """A number or a string."""
        number = {"type": "integer", "minimum": 1, "maximum": LONGEST_LENGTH}
        return {"anyOf": [number, {"type": "string", "pattern": "^[0-9]{1,9}( +[A-Za-z_]+)?$"}]}


@dataclass(frozen=True)
class Name:
    """A number from 0, or an identifier: of a GPU, of a run.

    Attributes:
        what: it names, with an example.
    """

    what: str

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """The name as text."""
        is_number = number_of(node) is not None
        if isinstance(node, ScalarNode) and (
            (is_number and re.fullmatch(r"\d+", node.text))
            or (isinstance(node.value, str) and re.fullmatch(r"[\w./:-]+", node.value))
        ):
            return Found(node.text, node.place, spot, node.text)
        complain(node, spot, report, self.what)
        return None

    def schema(self) -> Schema:
        """An integer or a string."""
        return {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]}


@dataclass(frozen=True)
class EnvironmentText:
    """The value of an environment variable: text, or a number or boolean as it is written."""

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """The text."""
        if isinstance(node, ScalarNode) and node.value is not None and "\0" not in node.text:
            return Found(node.text, node.place, spot, node.text)
        complain(node, spot, report, "text or a number")
        return None

    def schema(self) -> Schema:
        """A string, a number or a boolean."""
        return {"type": ["string", "number", "boolean"]}


@dataclass(frozen=True)
class PlainMapping:
    """A mapping whose values are passed on as they are.

    Attributes:
        required: a key that must be there, with text.
        example: how to write one.
    """

    required: str
    example: str

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """A dict of plain values."""
        if not isinstance(node, MapNode) or not isinstance(_plain(node).get(self.required), str):
            complain(node, spot, report, f"a mapping with {self.required}, such as {self.example}")
            return None
        return Found(_plain(node), node.place, spot)

    def schema(self) -> Schema:
        """An object with one required key."""
        text = {"description": "what to make", "type": "string"}
        return {"type": "object", "required": [self.required], "properties": {self.required: text}}


def _plain(node: Node) -> Any:
    if isinstance(node, MapNode):
        return {name: _plain(entry.node) for name, entry in node.entries.items()}
    if isinstance(node, ListNode):
        return [_plain(item) for item in node.items]
    return node.value if isinstance(node, ScalarNode) else None
