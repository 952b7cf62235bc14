"""Kinds that hold others: a section with its keys, a mapping of free names, a list.

A `Field` declares one key once: its name, kind, default and one-line description. `Section` reads
by it, finds what is missing or unknown, and writes the schema from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hpsearch.config.kinds import Found, Kind, Schema, complain
from hpsearch.config.report import Report, Spot
from hpsearch.config.yaml_nodes import Entry, ListNode, MapNode, Node, ScalarNode

REQUIRED = object()


@dataclass(frozen=True)
class Field:
    """One key.

    Attributes:
        kind: what its value can be.
        description: one line for editors.
        default: the value where the key is not given; REQUIRED for none.
        default_words: the default in words, where it depends on other keys.
        example: how to write it, for the message that it is missing.
    """

    name: str
    kind: Kind
    description: str
    default: Any = REQUIRED
    default_words: str = ""
    example: str = ""

    @property
    def is_required(self) -> bool:
        """Whether it must be given."""
        is_optional_section = isinstance(self.kind, Section) and self.kind.optional
        return self.default is REQUIRED and not is_optional_section

    def schema(self) -> Schema:
        """The schema of its value."""
        words = f"{self.description} (default: {self.default_words})"
        schema = {"description": words if self.default_words else self.description}
        if self.default not in (REQUIRED, None) and not self.default_words:
            schema["default"] = self.default
        return {**schema, **self.kind.schema()}


@dataclass(frozen=True)
class Section:
    """A mapping of known keys.

    Attributes:
        example: how to write one, for the message that this is none.
        meant: unknown key, its entry and its section's path -> the key that is meant, or None.
        optional: whether the section can be left out, or have nothing in it.
        one_of: keys of which exactly one must be given; the loader says which one is wrong.
        in_full: what stands there in place of the section -> the section that is meant, or None.
    """

    fields: tuple[Field, ...]
    example: str
    meant: Callable[[str, Entry, Section], str | None]
    optional: bool = False
    one_of: tuple[str, ...] = ()
    in_full: Callable[[str], str | None] = lambda text: None

    def field(self, name: str) -> Field | None:
        """The key of that name."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The possible keys."""
        return tuple(field.name for field in self.fields)

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """A dict of `Found` by key; a key that is broken or missing is absent from it."""
        if self.optional and isinstance(node, ScalarNode) and node.value is None:
            node = MapNode(node.place, node.size, {})
        if not isinstance(node, MapNode):
            text = node.text if isinstance(node, ScalarNode) and node.value is not None else ""
            wanted = f"a mapping, such as {self.example}"
            complain(node, spot, report, wanted, self.in_full(text))
            return None
        meant = self._report_unknown(node.entries, spot, report)
        found: dict[str, Found] = {}
        for field in self.fields:
            entry = node.entries.get(field.name)
            if entry is not None:
                below = spot.below(field.name, entry.key_place)
                value = field.kind.read(entry.node, below, report)
            else:
                value = self._absent(field, spot.below(field.name, spot.place), report, meant)
            if value is not None:
                found[field.name] = value
        return Found(found, node.place, spot)

    @staticmethod
    def _absent(field: Field, spot: Spot, report: Report, meant: set[str]) -> Found | None:
        """What stands in for a key that is not given."""
        if field.is_required:
            if field.name not in meant:
                report.add(spot.place, spot.path, f"is missing; write {field.example}")
            return None
        if isinstance(field.kind, Section) and field.default is REQUIRED:
            return field.kind.read(MapNode(spot.place, 1, {}), spot, report)
        return Found(field.default, spot.place, spot, is_given=False)

    def _report_unknown(self, entries: Mapping[str, Entry], spot: Spot, report: Report) -> set[str]:
        """Report the unknown keys; returns what is meant by them, which is not missing then."""
        guesses: set[str] = set()
        for name, entry in entries.items():
            if self.field(name) is None:
                guess = self.meant(name, entry, self)
                guesses.add((guess or "").partition(":")[0])
                message = f"no such key; possible: {', '.join(self.names)}"
                report.add(entry.key_place, spot.below(name, entry.key_place).path, message, guess)
        return guesses

    def schema(self) -> Schema:
        """An object without other keys."""
        required = [field.name for field in self.fields if field.is_required]
        return {
            "type": ["object", "null"] if self.optional else "object",
            "additionalProperties": False,
            **({"required": required} if required else {}),
            **({"oneOf": [{"required": [name]} for name in self.one_of]} if self.one_of else {}),
            "properties": {field.name: field.schema() for field in self.fields},
        }


@dataclass(frozen=True)
class MapOf:
    """A mapping of free names, all of one kind, at least one.

    Attributes:
        wanted: what it must be, in words.
    """

    kind: Kind
    wanted: str

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """A dict of `Found` by name, in the order of the file; None for a name that is broken."""
        if isinstance(node, MapNode) and not node.entries and node.has_broken_key:
            return None
        if not isinstance(node, MapNode) or not node.entries:
            complain(node, spot, report, self.wanted)
            return None
        found = {
            name: self.kind.read(entry.node, spot.below(name, entry.key_place), report)
            for name, entry in node.entries.items()
        }
        return Found(found, node.place, spot)

    def schema(self) -> Schema:
        """An object with any keys."""
        return {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": self.kind.schema(),
        }


@dataclass(frozen=True)
class ListOf:
    """A list, all entries of one kind.

    Attributes:
        wanted: what it must be, in words.
        at_least: how many entries.
        null: whether `key:` with nothing after it is the list with nothing in it.
        unique: whether an entry can stand in it only once.
    """

    kind: Kind
    wanted: str
    at_least: int = 1
    null: bool = False
    unique: bool = False

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """A tuple of the `Found` entries; None for an entry that is broken."""
        if self.null and isinstance(node, ScalarNode) and node.value is None:
            node = ListNode(node.place, node.size, ())
        if not isinstance(node, ListNode) or len(node.items) < self.at_least:
            complain(node, spot, report, self.wanted)
            return None
        entries = tuple(
            self.kind.read(item, spot.entry(i, item.place), report)
            for i, item in enumerate(node.items)
        )
        if self.unique and self._has_twins(entries, report):
            return None
        return Found(entries, node.place, spot)

    @staticmethod
    def _has_twins(entries: tuple[Found | None, ...], report: Report) -> bool:
        seen: dict[Any, Found] = {}
        has_twins = False
        for entry in filter(None, entries):
            identity = (isinstance(entry.value, bool), entry.value)  # tells true from 1
            if identity in seen:
                entry.complain(report, f"{entry.text} is listed twice")
                has_twins = True
            seen.setdefault(identity, entry)
        return has_twins

    def schema(self) -> Schema:
        """An array."""
        return {
            "type": ["array", "null"] if self.null else "array",
            "items": self.kind.schema(),
            "minItems": self.at_least,
            **({"uniqueItems": True} if self.unique else {}),
        }


@dataclass(frozen=True)
class OneOrMore:
    """One entry, or a list of them; `each` reads both."""

    entries: ListOf

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """What the entry's kind reads, or a tuple of the `Found` entries."""
        kind: Kind = self.entries.kind if isinstance(node, ScalarNode) else self.entries
        return kind.read(node, spot, report)

    def schema(self) -> Schema:
        """The entry or an array."""
        return {"anyOf": [self.entries.kind.schema(), self.entries.schema()]}


def each(found: Found) -> tuple[Found | None, ...]:
    """The entries of what `OneOrMore` has read; None for an entry that is broken."""
    return found.value if isinstance(found.value, tuple) else (found,)
