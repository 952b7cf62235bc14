"""Which of the numbers that a program prints is to judge its trials; the rest is only told of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hpsearch.discovery.facts import Printed
from hpsearch.discovery.guesses import LOSS_WORDS
from hpsearch.discovery.metric_words import (
    Goal,
    Split,
    goal_of,
    is_a_loss,
    is_a_reward,
    split_of,
)
from hpsearch.discovery.names import words_of
from hpsearch.discovery.selection import Selection

MOST_OTHERS = 6
_SPLIT_RANKS: dict[Split, int] = {"validation": 0, "test": 1, "unsaid": 2, "training": 3}
_REACHED = ("printed", "reported", "returned")
_HOWS = {
    "printed": "printed",
    "reported": "reported",
    "returned": "returned",
    "stderr": "written to stderr",
    "logged": "sent to a tracker",
}
_PRINT_LINES = {
    "python": 'print(f"{name}: {{value}}")',
    "shell": 'echo "{name}: $value"',
    "r": 'cat("{name}:", value, "\\n")',
    "other": "a line such as {name}: 0.31",
}
PLACEHOLDER = "loss"


@dataclass(frozen=True)
class Metric:
    """The metric of the config.

    Attributes:
        comments: why this one, what else there is, and what is to be done.
        is_found: whether hpsearch will see it without any change of the program.
        origin: where it comes from, in a few words.
        take: which value of the learning curve counts, as YAML, where it is not the last.
    """

    name: str
    goal: Goal
    comments: tuple[str, ...]
    is_found: bool
    origin: str
    take: str = ""


def choose_metric(printed: Sequence[Printed], selection: Selection, language: str) -> Metric:
    """The metric to judge by: measured on validation data first, and where hpsearch sees it."""
    known = [one for one in printed if goal_of(one.name) is not None]
    if not known:
        return _placeholder(printed, language)
    shapes_loss = [
        p.name for p in selection.varied if re.search(LOSS_WORDS, words_of(p.name)) is not None
    ]
    best = min(known, key=lambda one: _rank(one, bool(shapes_loss)))
    goal = goal_of(best.name)
    assert goal is not None
    said = f"{_HOWS[best.how]}{_lines(best)} of {Path(best.file).name}"
    comments = [f"{best.name} is {said}."]
    if shapes_loss and not is_a_loss(best.name) and any(is_a_loss(one.name) for one in known):
        comments[0] += f" No loss, because {shapes_loss[0]} changes the size of the loss itself."
    if _split(best) in ("unsaid", "training") and not is_a_reward(best.name):
        comments.append(
            "If that is a number of the training data, print one of validation data and name it "
            "here: the best on the training data may only have learnt it by heart."
        )
    if best.how not in _REACHED:
        line = _PRINT_LINES[language].format(name=best.name)
        comments.append(f"TO DO: hpsearch reads what is printed on stdout. Add there: {line}")
    others = [one for one in known if one.name != best.name]
    if others:
        names = "; ".join(_short(one, best) for one in _distinct(others))
        comments.append(f"Also there: {names}.")
    take = "{mean: 10}" if _is_one_episode(best) else ""
    if take:
        comments.append("One episode says little: the mean of the last ten counts.")
    return Metric(best.name, goal, tuple(comments), best.how in _REACHED, said, take)


def _is_one_episode(one: Printed) -> bool:
    is_mean = re.search(r"mean|avg|average|running|smooth", one.context + one.name, re.IGNORECASE)
    return is_a_reward(one.name) and one.how != "returned" and not is_mean


def _rank(one: Printed, is_loss_shaped: bool) -> tuple[int, int, int]:
    reach = 0 if one.how in _REACHED else 1 if one.how == "stderr" else 2
    return _SPLIT_RANKS[_split(one)], reach, int(is_loss_shaped and is_a_loss(one.name))


def _split(one: Printed) -> Split:
    """On which data: as the name says, else as the words around it say."""
    return split_of(one.name) or split_of(one.context) or "unsaid"


def _distinct(others: Sequence[Printed]) -> list[Printed]:
    by_name: dict[str, Printed] = {}
    for one in others:
        by_name.setdefault(one.name, one)
    return list(by_name.values())[:MOST_OTHERS]


def _short(one: Printed, best: Printed) -> str:
    file = "" if one.file == best.file else f" of {Path(one.file).name}"
    how = "" if one.how == best.how else f" {_HOWS[one.how]}"
    return f"{one.name} ({goal_of(one.name)};{how}{_lines(one)}{file})"


def _lines(one: Printed) -> str:
    if not one.lines:
        return ""
    plural = "s" if len(one.lines) > 1 else ""
    numbers = ", ".join(str(line) for line in one.lines[:4])
    return f" in line{plural} {numbers}"


def _placeholder(printed: Sequence[Printed], language: str) -> Metric:
    returned = next((one for one in printed if one.how == "returned"), None)
    if returned is not None:
        said = f"returned{_lines(returned)} of {Path(returned.file).name}"
        comments = (
            f"{returned.name} is {said}.",
            "Whether small or large is good, its name does not say: look at goal.",
        )
        return Metric(returned.name, "minimize", comments, True, said)
    line = _PRINT_LINES[language].format(name=PLACEHOLDER)
    comments = (
        "TO DO: no metric was found in what the program prints. Print one on stdout after each "
        f"epoch or at the end: {line}",
        "or write here the name before the number that it prints, and whether small or large is "
        "good.",
    )
    return Metric(PLACEHOLDER, "minimize", comments, False, "not found")
