"""One option -> a range to vary it in, or why it is left: the rules in their order, then the bounds
and the kind that the program itself declares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from hpsearch.discovery.facts import Option
from hpsearch.discovery.guess import (
    Domain,
    Fixed,
    Guess,
    Outcome,
    Range,
    Values,
    default_number,
    log_around,
    whole_around,
    within,
)
from hpsearch.discovery.names import words_of
from hpsearch.discovery.rules import CHOICE_RANKS, RULES
from hpsearch.discovery.rules_fixed import why_fixed
from hpsearch.discovery.subject import subject
from hpsearch.domains import FloatRange, IntegerRange
from hpsearch.errors import SpaceError

_MEANINGS: tuple[tuple[str, str], ...] = (
    (r"\bweight decay\b|\bl2 (penalty|regulari[sz]ation)", " weight decay "),
    (r"\blearning[- ]rate decay\b", " learning rate decay "),
    (r"\b(initial |base |peak )?learning[- ]rate\b|\bstep size\b", " learning rate "),
    (r"\b(mini[- ]?)?batch[- ]size\b", " batch size "),
    (r"\bdropout\b", " dropout "),
    (r"\bmomentum\b", " momentum "),
    (r"\b(hidden|layer) (units|size|neurons|dimension)\b|\bneurons\b", " hidden units "),
    (r"\bnumber of (hidden )?layers\b", " layers "),
    (r"\b(number of|maximum|training) epochs\b", " epochs "),
    (r"\brandom (number )?seed\b|\bseed\b", " seed "),
)
"""What a help text says -> the words of a name, for options whose name says nothing."""

LOSS_WORDS = r" (label smoothing|temperature|margin|kl|loss weight|focal) "


def guess(option: Option, others: Iterable[Option]) -> Outcome:
    """What to make of the option.

    Args:
        others: all the options of the program, for what they say of each other.
    """
    all_words = "".join(words_of(other.name) for other in others)
    words = words_of(option.name)
    outcome = _by_words(option, words, all_words)
    if isinstance(outcome, Fixed) and outcome.role == "unknown" and not outcome.why:
        outcome = _by_help(option, all_words) or Fixed("unknown", _nothing_known(option))
    if isinstance(outcome, Guess):
        return _as_declared(outcome, option)
    return outcome


def is_known(option: Option) -> bool:
    """Whether the name alone says that it is a hyperparameter with a range."""
    return isinstance(guess(option, [option]), Guess)


def _by_words(option: Option, words: str, all_words: str) -> Outcome:
    fixed = why_fixed(option, words, all_words)
    if fixed is not None:
        return fixed
    if option.kind == "str" or any(isinstance(choice, str) for choice in option.choices):
        return _of_choices(option, words)
    for pattern, rule in RULES:
        if re.search(pattern, words):
            return rule(subject(option, words, all_words))
    return Fixed("unknown", "")


def _by_help(option: Option, all_words: str) -> Outcome | None:
    for pattern, words in _MEANINGS:
        if re.search(pattern, option.help.lower()):
            outcome = _by_words(option, words, all_words)
            if not isinstance(outcome, Fixed) or outcome.role != "unknown":
                return outcome
    return None


def _of_choices(option: Option, words: str) -> Outcome:
    if not option.choices:
        if re.search(CHOICE_RANKS[0][0], words):
            return Fixed("unknown", "which others the program knows, it does not say")
        return Fixed("unknown", "a text, and what else it could be is not known")
    for pattern, rank, why in CHOICE_RANKS:
        if re.search(pattern, words):
            return Guess(Values(option.choices), rank, why)
    return Fixed("unknown", "a choice that may not be a hyperparameter")


def _nothing_known(option: Option) -> str:
    if default_number(option) is None:
        return "no guess for this name, and no default"
    return "no guess for this name"


def _as_declared(found: Guess, option: Option) -> Outcome:
    """The guess within the program's own bounds, whole where it wants whole numbers."""
    domain = within(found.domain, option)
    if option.kind == "int" and isinstance(domain, Range) and isinstance(domain.low, float):
        if domain.high < 2 or domain.scale == "1-beta":
            return Fixed("unknown", "the program takes whole numbers, which this name seldom means")
        low = int(max(domain.low, 1 if domain.scale == "log" else 0))
        domain = Range(domain.scale, low, int(max(domain.high, low + 1)))
    if option.kind == "float" and isinstance(domain, Range):
        domain = Range(domain.scale, float(domain.low), float(domain.high))
    if not _is_sound(domain) or _is_far(option, domain):
        return Fixed("unknown", "no guess for this name with such a default")
    return Guess(domain, found.rank, found.why)


def _is_sound(domain: Domain) -> bool:
    """Whether a config can have it."""
    if isinstance(domain, Values):
        return len(domain.values) > 1
    try:
        if isinstance(domain.low, int) and isinstance(domain.high, int):
            IntegerRange(domain.low, domain.high, domain.scale)
        else:
            FloatRange(float(domain.low), float(domain.high), domain.scale)
    except SpaceError:
        return False
    return True


def _is_far(option: Option, domain: Domain) -> bool:
    """Whether the default lies outside; 0, which often means off, may do so."""
    default = option.default
    if not isinstance(default, (int, float)) or not default or isinstance(domain, Values):
        return False
    return not isinstance(default, bool) and not domain.low <= default <= domain.high


def suggestion(option: Option) -> Domain | None:
    """A range around the default of an option that is not recognised; for a comment only."""
    default = default_number(option)
    if option.choices:
        return Values(option.choices)
    if default is None or default <= 0:
        return None
    if isinstance(option.default, int):
        return whole_around(default, 4) if default > 1 else None
    return log_around(default, 10)
