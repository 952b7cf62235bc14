"""The problems of one config file, collected so that all of them are told at once.

Also how a message shows what a person wrote. Nothing here knows YAML or the keys of a config.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hpsearch.errors import ConfigError, Problem

LONGEST_SHOWN = 60
LONGEST_REASON = 200


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands in the file, line and column counted from 1."""

    line: int
    column: int


START = Place(1, 1)


@dataclass(frozen=True)
class Spot:
    """A key of the config.

    Attributes:
        path: dotted, from the top (`space.momentum.min`); empty for the whole config.
        place: of the key itself.
    """

    path: str
    place: Place

    def below(self, name: str, place: Place) -> Spot:
        """The key `name` of the mapping that stands at this key."""
        name = shown_text(name)
        return Spot(f"{self.path}.{name}" if self.path else name, place)

    def entry(self, index: int, place: Place) -> Spot:
        """Entry `index` of the list that stands at this key."""
        return Spot(f"{self.path}[{index}]", place)


class Report:
    """Collects problems, and notes on what is possible but perhaps not meant.

    Args:
        file: the file as the person named it.
        is_stored: whether it is the copy of a run that has begun. It was checked then, perhaps by
            an earlier version, and what the run did is known: no doubt matters any more.
    """

    def __init__(self, file: str, is_stored: bool = False) -> None:
        self._file = file
        self._is_stored = is_stored
        self._problems: list[tuple[Place, Problem]] = []
        self._notes: list[tuple[Place, Problem]] = []

    def add(self, place: Place, path: str, message: str, meant: str | None = None) -> None:
        """One more problem.

        Args:
            path: dotted path of the key; empty for the whole file.
            message: what was found and what is allowed.
            meant: what the person probably meant.
        """
        if meant is not None:
            message = f"{message}. Did you mean {meant}?"
        self._problems.append((place, self._at(place, path, message)))

    def doubt(self, place: Place, path: str, message: str, meant: str | None = None) -> bool:
        """What is possible, but so probably not meant that no run shall begin with it.

        Returns whether it is a problem; in a stored config it is none. The arguments are those of
        `add`.
        """
        if not self._is_stored:
            self.add(place, path, message, meant)
        return not self._is_stored

    def note(self, place: Place, path: str, message: str) -> None:
        """One more note; the arguments are those of `add`."""
        self._notes.append((place, self._at(place, path, f"note: {message}")))

    @property
    def notes(self) -> tuple[Problem, ...]:
        """All the notes, in the order of the file."""
        return tuple(note for _, note in sorted(self._notes, key=lambda item: item[0]))

    def _at(self, place: Place, path: str, message: str) -> Problem:
        return Problem(self._file, place.line, place.column, path, _printable(message))

    def raise_if_any(self) -> None:
        """End here if there is a problem.

        Raises:
            ConfigError: with all of them, in the order of the file.
        """
        if self._problems:
            in_order = sorted(self._problems, key=lambda item: item[0])
            raise ConfigError([problem for _, problem in in_order])


def shown_text(text: str, longest: int = LONGEST_SHOWN) -> str:
    """The text in one printable line, cut where it is long."""
    if len(text) > longest:
        text = text[: longest - 3] + "..."
    return _printable(text)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown_reason(error: Exception) -> str:
    """Why something is not possible, in the words of the room below."""
    return shown_text(str(error), LONGEST_REASON)


def shown_number(number: float) -> str:
    """The number as a person would write it: `0.001`, `1e-5`, `0.999`."""
    return re.sub(r"e([+-])0*", lambda match: "e" + match[1].strip("+"), f"{number:.12g}")
