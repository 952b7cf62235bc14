"""Which of the guesses are varied at once: the most important eight, in the course's order, with
the parameters of one optimizer only where that optimizer is chosen.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hpsearch.discovery.facts import Option, Scalar
from hpsearch.discovery.guess import Domain, Fixed, Guess, Range, Values
from hpsearch.discovery.guesses import guess
from hpsearch.discovery.names import words_of
from hpsearch.domains import LARGEST_INTEGER

MOST_VARIED = 8
"""With 60 trials, more parameters than this leave each of them seven or fewer trials."""
FIRST_BUDGET = 10
"""Of a function that reads `epochs` from its dict and has no default for it."""

_ADAM = re.compile(r"adam|lamb|lion|adabelief|radam", re.IGNORECASE)
_MOMENTUM = re.compile(r"sgd|momentum|nesterov|rmsprop|lars", re.IGNORECASE)
_OPTIMIZER_PARTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (r" beta1 | beta2 | adam ", _ADAM),
    (r"^ momentum $| sgd momentum ", _MOMENTUM),
)


@dataclass(frozen=True)
class Parameter:
    """A parameter of the config.

    Attributes:
        domain: to vary it in; None for one that is only fixed at its default.
        when: an earlier parameter and its values with which this one is active.
        is_varied: whether it is varied, or at first fixed at its default.
    """

    option: Option
    domain: Domain | None
    why: str
    is_varied: bool
    when: tuple[str, tuple[Scalar, ...]] | None = None

    @property
    def name(self) -> str:
        """Its name in the config."""
        return self.option.name


@dataclass(frozen=True)
class Selection:
    """What becomes of all the options.

    Attributes:
        varied: in the order of importance.
        spare: fixed at their defaults, with a range that could be uncommented.
        budgets: fixed, because they say how long a trial trains.
        seeds: that get the trial's own seed.
        needed: keys of a dict that have to be there, but are no hyperparameters.
        left: not in the space, with the reason.
    """

    varied: tuple[Parameter, ...]
    spare: tuple[Parameter, ...]
    budgets: tuple[Parameter, ...]
    seeds: tuple[Option, ...]
    left: tuple[tuple[Option, Fixed | Guess], ...]
    needed: tuple[Parameter, ...] = ()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """All that stands in the space."""
        return (*self.varied, *self.spare, *self.budgets, *self.needed)


def select(options: Sequence[Option]) -> Selection:
    """Sort the options of a program into what is varied, fixed and left."""
    options = _with_distinct_names(options)
    outcomes = [(option, guess(option, options)) for option in options]
    guessed = [(o, g) for o, g in outcomes if isinstance(g, Guess)]
    guessed.sort(key=lambda pair: pair[1].rank)
    chosen = [Parameter(o, g.domain, g.why, True) for o, g in guessed[:MOST_VARIED]]
    rest = guessed[MOST_VARIED:]
    spare = [Parameter(o, g.domain, g.why, False) for o, g in rest if o.default is not None]
    budgets, seeds = [], []
    left: list[tuple[Option, Fixed | Guess]] = [(o, g) for o, g in rest if o.default is None]
    for option, outcome in outcomes:
        if isinstance(outcome, Guess):
            continue
        if outcome.role == "budget" and option.default is None and option.channel == "key":
            option = replace(option, default=FIRST_BUDGET)
        if outcome.role == "budget" and option.default is not None:
            budgets.append(Parameter(option, None, outcome.why, False))
        elif outcome.role == "seed" and not option.is_flag and option.channel != "constant":
            seeds.append(option)
        else:
            left.append((option, outcome))
    placed = _with_conditions([*chosen, *spare])
    count = len(chosen)
    return Selection(
        tuple(placed[:count]), tuple(placed[count:]), tuple(budgets), tuple(seeds), tuple(left)
    )


def _with_distinct_names(options: Sequence[Option]) -> list[Option]:
    """One option for each name."""
    distinct: dict[str, Option] = {}
    for option in options:
        if not _can_be_written(option.default):
            option = replace(option, default=None)
        distinct.setdefault(option.name, option)
    return list(distinct.values())


def _can_be_written(default: Scalar) -> bool:
    """Whether a config can hold it: infinities and integers beyond a float it cannot."""
    if isinstance(default, float):
        return math.isfinite(default)
    return not isinstance(default, int) or abs(default) < LARGEST_INTEGER


def _with_conditions(parameters: list[Parameter]) -> list[Parameter]:
    """The parameters of an optimizer get a `when`, if the optimizer itself is varied."""
    place = next((i for i, p in enumerate(parameters) if _is_choice_of_optimizer(p)), None)
    if place is None:
        return parameters
    optimizer = parameters[place]
    # A condition stands on a parameter that comes before it.
    return parameters[: place + 1] + [_conditional(p, optimizer) for p in parameters[place + 1 :]]


def _is_choice_of_optimizer(parameter: Parameter) -> bool:
    is_choice = parameter.is_varied and isinstance(parameter.domain, Values)
    return is_choice and words_of(parameter.name).endswith(" optimizer ")


def _conditional(parameter: Parameter, optimizer: Parameter) -> Parameter:
    assert isinstance(optimizer.domain, Values)
    values = _optimizers_of(parameter, optimizer.domain.values)
    if not values or len(values) == len(optimizer.domain.values):
        return parameter
    why = f"{parameter.why}; only with {' or '.join(map(str, values))}"
    return replace(parameter, why=why, when=(optimizer.name, values))


def _optimizers_of(parameter: Parameter, known: Sequence[Scalar]) -> tuple[Scalar, ...]:
    if not isinstance(parameter.domain, Range):
        return ()
    for pattern, optimizers in _OPTIMIZER_PARTS:
        if re.search(pattern, words_of(parameter.name)):
            return tuple(v for v in known if isinstance(v, str) and optimizers.search(v))
    return ()
