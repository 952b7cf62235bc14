"""`hpsearch.ask_tell`: the search without files and processes, for people who have their own loop.

It is the strategy and the sampler that `hpsearch run` runs on, asked and told by hand.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal

from hpsearch.analysis.few_points import few_points, points_in_all
from hpsearch.config import Config, parse_config, text_of
from hpsearch.errors import ConfigError, HpsearchError
from hpsearch.samplers import make_sampler
from hpsearch.strategies import Caviar, Pause
from hpsearch.strategies.caviar import split_over_rounds
from hpsearch.trial import Best, Outcome, Segment, Trial, TrialState

NAME = "ask_tell"
LAG_KEY = "search.lag"


class AskTell:
    """A search whose trials run elsewhere. Made by `ask_tell`.

    Attributes:
        lag: as in `ask_tell`.
    """

    def __init__(self, strategy: Caviar, goal: Literal["minimize", "maximize"], lag: int | None):
        self.lag = lag
        self._strategy = strategy
        self._goal = goal

    def ask(self) -> Trial:
        """The next trial: its `number`, from 0, and its `params`.

        Raises:
            HpsearchError: if all the trials, or all the points of the space, have been asked for;
                or, with a lag, if an outcome that this trial depends on has not been told.
        """
        asked = self._strategy.ask()
        if isinstance(asked, Segment):
            return replace(asked.trial, params=self._params(asked.trial.number))
        history = self._strategy.history
        if asked is Pause.WAIT:
            missing = next(t.number for t in history.trials if t.number not in history.outcomes)
            raise HpsearchError(
                f"trial {len(history.trials)} depends on the outcome of trial {missing} "
                f"(lag: {self.lag}): tell it first"
            )
        if self._strategy.exhausted:
            points = _count(len(history.trials), "point")
            raise HpsearchError(f"every point of the space was asked for: {points}")
        raise HpsearchError(
            f"all trials were asked for: {len(history.trials)}; ask_tell(trials=...) says how many "
            "there are"
        )

    def tell(self, number: int, value: float | None) -> None:
        """How a trial ended.

        Args:
            number: of the trial.
            value: of the metric; NaN or infinite if it diverged, None if it failed.
        Raises:
            HpsearchError: if there is no such trial, it was told before, or the value is no number.
        """
        history = self._strategy.history
        if isinstance(number, bool) or not isinstance(number, Integral):
            meant = "; trial.number is meant" if isinstance(number, Trial) else ""
            raise HpsearchError(f"the first argument is the number of a trial{meant}")
        number = int(number)
        if not 0 <= number < len(history.trials):
            asked = f"0 to {len(history.trials) - 1}" if history.trials else "none"
            raise HpsearchError(f"there is no trial {number!r}; asked for so far: {asked}")
        if number in history.outcomes:
            raise HpsearchError(f"trial {number} was told before")
        self._strategy.tell(number, _outcome(value))

    @property
    def best(self) -> Best | None:
        """The best trial so far; None if none has succeeded.

        Where guided search finds the values noisy it is the trial that is expected to be the best,
        and `expected` is set; else the one with the best value, the first of equals.
        """
        history = self._strategy.history
        incumbent = self._strategy.incumbent()
        if incumbent is not None:
            value = history.outcomes[incumbent.trial].value
            assert value is not None
            return Best(incumbent.trial, self._params(incumbent.trial), value, incumbent.expected)
        sign = 1.0 if self._goal == "minimize" else -1.0
        values = [
            (sign * outcome.value, number)
            for number, outcome in history.outcomes.items()
            if outcome.state is TrialState.DONE and outcome.value is not None
        ]
        if not values:
            return None
        loss, number = min(values)
        return Best(number, self._params(number), sign * loss)

    def _params(self, number: int) -> dict[str, Any]:
        """The caller's own copy: it may change its lists."""
        return deepcopy(dict(self._strategy.history.trials[number].params))


def ask_tell(
    space: Mapping[str, Any],
    *,
    goal: Literal["minimize", "maximize"] = "minimize",
    sampler: Literal["guided", "random", "sobol", "grid"] = "guided",
    trials: int = 64,
    rounds: int | None = None,
    seed: int = 0,
    lag: int | None = None,
    noisy: bool | None = None,
) -> AskTell:
    """A search that is asked for trials and told their values; nothing is run or written.

    Same arguments, same order of asking and telling: same trials.

    Args:
        space: the parameters in the config's own words, such as
            `{"lr": {"scale": "log", "min": 1e-4, "max": 1}}`.
        trials: how many there are, over all the rounds.
        rounds: zoom levels, at most `trials`; guided search names its box anew in each. None: 1 for
            grid, else 3, or `trials` where they are fewer.
        lag: guided search proposes trial i from the outcomes of trials 0 to i - lag, which must
            have been told, so that the trials do not depend on who told what when. None: from
            whatever has been told by then.
        noisy: whether the same parameters may give another value; guided search then looks for what
            is good on average, and `best` is that. None: it finds out.
    Warns:
        UserWarning: of what is possible but perhaps not meant, as `hpsearch check` notes it: a list
            that looks like a range, fewer points than trials, a lag without guided search.
    Raises:
        ConfigError: with every problem of the arguments.
    """
    wanted = {
        "name": NAME,
        "objective": {"function": f"{NAME}:tell"},
        "metric": {"name": "value", "goal": goal, **({} if noisy is None else {"noisy": noisy})},
        "space": space,
        "search": {
            "sampler": sampler,
            "trials": trials,
            "seed": seed,
            "lag": lag,
            **({} if rounds is None else {"rounds": rounds}),
        },
    }
    try:
        config = parse_config(text_of(wanted), Path(NAME), check_objective=False)
    except ConfigError as error:
        # The lines of a text that nobody has seen would say nothing.
        raise ConfigError([replace(p, line=0, column=0) for p in error.problems]) from None
    for note in _notes(config):
        warnings.warn(note, stacklevel=2)
    search, loss = config.search, config.metric.loss
    strategy = Caviar(
        config.space,
        make_sampler(search.sampler, config.space, loss, lag or 1, noisy=config.metric.noisy),
        loss,
        split_over_rounds(search.trials, search.rounds),
        search.seed,
        waits=lag is not None,
    )
    return AskTell(strategy, goal, lag)


def _notes(config: Config) -> Iterator[str]:
    """What `hpsearch check` notes. Of a lag it says that it has no effect with other samplers than
    guided; here it has one, since None is no lag."""
    for note in config.notes:
        if note.key != LAG_KEY:
            yield f"{note.key}: {note.message}"
        else:
            yield (
                f"{LAG_KEY}: note: is of guided search; with {config.search.sampler}, each round "
                "after the first depends on all the outcomes before it"
            )
    if (points := points_in_all(config)) is not None:
        yield f"space: note: {few_points(points)}"


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"


def _outcome(value: float | None) -> Outcome:
    if value is None:
        return Outcome(TrialState.FAILED)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise HpsearchError(f"a value is a number, or None for a failure; not {value!r}")
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond what a float can be
        return _DIVERGED
    return Outcome(TrialState.DONE, number) if math.isfinite(number) else _DIVERGED


_DIVERGED = Outcome(TrialState.DIVERGED)
