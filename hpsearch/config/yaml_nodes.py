"""YAML text -> a tree of nodes that know their place; no object is ever made from a tag.

It stands on PyYAML's events, which come one by one, so that bombs are refused before they grow:
anchors and merge keys work, but what they spread over is counted. `kinds` reads the tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from yaml.reader import ReaderError

from hpsearch.config.report import START, Place, Report, Spot, shown_text
from hpsearch.config.yaml_errors import place_of, plain_words
from hpsearch.config.yaml_scalars import Scalar, plain_value

MOST_CHARACTERS = 200_000
MOST_NODES = 10_000
"""With aliases written out; a config of a hundred parameters has about a thousand."""
MOST_LEVELS = 30
MERGE = "<<"
YAML_TAG = "tag:yaml.org,2002:"  # what !! is short for
EMPTY = "the file is empty; a config needs objective, metric and space"


@dataclass(frozen=True, eq=False)
class Node:
    """Something that YAML can write.

    Attributes:
        place: where it begins.
        size: nodes in it, itself included, with aliases written out.
    """

    place: Place
    size: int


@dataclass(frozen=True, eq=False)
class ScalarNode(Node):
    """A text, a number, a boolean, or nothing.

    Attributes:
        text: as it was written, without the quotes.
        value: what it means.
        is_plain: whether it has no quotes.
    """

    text: str
    value: Scalar
    is_plain: bool


@dataclass(frozen=True, eq=False)
class ListNode(Node):
    """Entries in order."""

    items: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Entry:
    """A value and where its key stands."""

    key_place: Place
    node: Node


@dataclass(frozen=True, eq=False)
class MapNode(Node):
    """Entries by key, in the order of the file.

    Attributes:
        has_broken_key: whether there were keys that could not be read.
    """

    entries: dict[str, Entry]
    has_broken_key: bool = False


@dataclass(frozen=True, eq=False)
class BrokenNode(Node):
    """What was reported already; readers pass it over in silence."""


class _Unreadable(Exception):
    def __init__(self, place: Place, message: str) -> None:
        self.place, self.message = place, message
        super().__init__(message)


def read_yaml(text: str, report: Report) -> Node | None:
    """The tree of the one document in `text`; None, and a problem, where there is none."""
    if len(text) > MOST_CHARACTERS:
        report.add(START, "", f"a config of {len(text)} characters: is this the right file?")
        return None
    try:
        return _Composer(text, report).document()
    except _Unreadable as error:
        report.add(error.place, "", error.message)
    except ReaderError as error:
        report.add(place_at(text, error.position), "", "a control character is not possible here")
    return None


def place_at(text: str, position: int) -> Place:
    """Line and column of a position in the text."""
    before = text[:position]
    return Place(before.count("\n") + 1, position - before.rfind("\n"))


class _Composer:
    """Builds nodes from events."""

    def __init__(self, text: str, report: Report) -> None:
        self._loader = yaml.SafeLoader(text)
        self._report = report
        self._anchors: dict[str, Node | None] = {}  # None: still being built
        self._size = 0

    def document(self) -> Node | None:
        """The root of the only document."""
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            raise _Unreadable(START, EMPTY)
        root = self._node(self._next(), Spot("", START), level=1)
        if isinstance(root, ScalarNode) and root.value is None:
            raise _Unreadable(START, EMPTY)
        self._next()
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            place = place_of(event.start_mark)
            raise _Unreadable(place, "a second document starts here; a config is one document")
        return root

    def _next(self) -> Any:
        try:
            return self._loader.get_event()  # type: ignore[no-untyped-call]
        except yaml.MarkedYAMLError as error:
            raise _Unreadable(*plain_words(error)) from None
        except (ValueError, OverflowError):  # an escape such as \UFFFFFFFF, in PyYAML 6.0
            place = place_of(self._loader.get_mark())
            raise _Unreadable(place, "an escape or a number that is too large") from None

    def _node(self, event: Any, spot: Spot, level: int) -> Node:
        place = place_of(event.start_mark)
        if level > MOST_LEVELS and isinstance(event, yaml.CollectionStartEvent):
            raise _Unreadable(place, f"more than {MOST_LEVELS} levels of lists and mappings")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), place)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        node = self._built(event, spot, level)
        if event.tag is not None:
            tag = shown_text(event.tag.replace(YAML_TAG, "!!", 1))
            message = f"a tag ({tag}) is not possible in a config; remove it"
            self._report.add(place, spot.path, message)
            node = BrokenNode(place, node.size)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _built(self, event: Any, spot: Spot, level: int) -> Node:
        place = place_of(event.start_mark)
        self._count(1, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(place, spot, level)
        if isinstance(event, yaml.MappingStartEvent):
            return self._map(place, spot, level)
        text: str = event.value
        if any("\ud800" <= character <= "\udfff" for character in text):
            self._report.add(place, spot.path, "an escape that is half a character")
            return BrokenNode(place, 1)
        is_plain = bool(event.implicit[0])
        return ScalarNode(place, 1, text, plain_value(text) if is_plain else text, is_plain)

    def _alias(self, name: str, place: Place) -> Node:
        if name not in self._anchors:
            raise _Unreadable(place, f"no anchor &{shown_text(name)} stands before this alias")
        node = self._anchors[name]
        if node is None:
            raise _Unreadable(place, f"*{shown_text(name)} contains itself")
        self._count(node.size, place)
        return node

    def _count(self, size: int, place: Place) -> None:
        self._size += size
        if self._size > MOST_NODES:
            message = (
                f"more than {MOST_NODES} entries, aliases written out; no config needs so many"
            )
            raise _Unreadable(place, message)

    def _list(self, place: Place, spot: Spot, level: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, spot.entry(len(items), place), level + 1))
        return ListNode(place, 1 + sum(item.size for item in items), tuple(items))

    def _map(self, place: Place, spot: Spot, level: int) -> Node:
        entries: dict[str, Entry] = {}
        merged: list[Node] = []
        size = 1
        has_broken_key = False
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, spot, level + 1)
            key_place = place_of(event.start_mark)
            name = self._key_name(key, spot)
            has_broken_key |= name is None
            below = spot if name is None else spot.below(name, key_place)
            node = self._node(self._next(), below, level + 1)
            size += key.size + node.size
            if name == MERGE and isinstance(key, ScalarNode) and key.is_plain:
                merged += self._merged(node, below)
            elif name in entries:
                line = entries[name].key_place.line
                self._report.add(key_place, below.path, f"is given twice; first in line {line}")
            elif name is not None:
                entries[name] = Entry(key_place, node)
        for node in merged:
            if isinstance(node, MapNode):
                entries = {**node.entries, **entries}
        return MapNode(place, size, entries, has_broken_key)

    def _key_name(self, key: Node, spot: Spot) -> str | None:
        if isinstance(key, BrokenNode):
            return None
        if not isinstance(key, ScalarNode):
            self._report.add(key.place, spot.path, "a key must be a name, not a list or a mapping")
            return None
        if not key.text:
            self._report.add(key.place, spot.path, "a name is missing before the ':'")
            return None
        if not key.text.isprintable():
            message = (
                f"{shown_text(key.text)} is no name: it has a character that cannot be printed"
            )
            self._report.add(key.place, spot.path, message)
            return None
        return key.text

    def _merged(self, node: Node, spot: Spot) -> list[Node]:
        """The mappings of `<<: *one` or `<<: [*one, *two]`; later ones give way to earlier ones."""
        nodes = list(node.items) if isinstance(node, ListNode) else [node]
        for one in nodes:
            if not isinstance(one, (MapNode, BrokenNode)):
                self._report.add(
                    one.place, spot.path, "<< must name a mapping, such as <<: *common"
                )
        return nodes
