"""An option as the rules see it, and what a rule is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from hpsearch.discovery.facts import Option
from hpsearch.discovery.guess import Outcome, default_number


@dataclass(frozen=True)
class Subject:
    """An option as the rules see it.

    Attributes:
        words: of its name.
        default: if it is a number.
        others: the words of all the options of the program.
    """

    option: Option
    words: str
    default: float | None
    others: str

    def says(self, pattern: str) -> bool:
        """Whether the name or the help has such words."""
        return bool(re.search(pattern, f"{self.words} {self.option.help.lower()} "))


def subject(option: Option, words: str, others: str) -> Subject:
    """The option with what the rules ask of it."""
    return Subject(option, words, default_number(option), others)


Rule = tuple[str, Callable[[Subject], Outcome]]
