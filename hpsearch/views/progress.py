"""Progress of a running search on stderr: a bar on a terminal, whole lines in a log.

It is told what happened by the search, and decides nothing.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TextIO

from tqdm import tqdm

from hpsearch.analysis.wording import written_apart
from hpsearch.config import Config
from hpsearch.history import Round
from hpsearch.space import Space
from hpsearch.trial import Outcome, Trial, TrialState
from hpsearch.views.rounds import looked_at, round_headline
from hpsearch.views.searched import searched_round, searched_space
from hpsearch.views.text import (
    count,
    display_width,
    format_duration,
    format_number,
    plain_ascii,
    shorten,
    shorten_names,
    terminal_width,
    with_names_cut,
    wrap,
    writes_unicode,
)
from hpsearch.views.words import early_stop, jobs_in_words, nursed

LOG_EVERY_S = 30.0
FAILURES_SHOWN = 3
WIDEST_NAME = 40
BAR_FORMAT = "{desc}{bar:10} {n_fmt}/{total_fmt}  {elapsed}  "


class Bar(Protocol):
    """How one round's progress is drawn."""

    def update(self, done: int, best: str) -> None:
        """So many of the round's trials have ended."""

    def close(self) -> None:
        """The round is over, or the session is."""


class Progress:
    """Shows rounds, results and failures as they come.

    Args:
        stream: where to; a bar is drawn if it is a terminal.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        config: Config,
        run_name: str,
        *,
        trials: int,
        rounds: int,
        jobs: int | None,
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._names = tuple(config.space.parameters)
        self._run_name = run_name
        self._trials, self._rounds, self._jobs = trials, rounds, jobs
        self._stream = stream
        self._clock = clock
        self._width = terminal_width(stream)
        self._ranks: dict[int, tuple[int, float, int]] = {}
        self._best: tuple[int, float, int] | None = None
        self._beaten: tuple[int, float, int] | None = None
        self._done: Counter[int] = Counter()
        self._round: Round | None = None
        self._opened_early: deque[Round] = deque()
        self._failures = 0
        self._bar: Bar | None = None
        self._ended: set[int] = set()
        self._spent = 0

    def begin(
        self,
        rounds: Sequence[Round],
        past: Sequence[tuple[Trial, Outcome]],
        spent: int = 0,
        going_on: Collection[int] = (),
    ) -> None:
        """The headline, and how far an earlier session came.

        Args:
            past: trials that have an outcome, also those that are trained further after it.
            spent: of the budget, by all the segments that have ended.
            going_on: numbers of the trials that are trained further: these are not finished.
        """
        search, metric = self._config.search, self._config.metric
        stop = self._config.early_stop
        ways = count(self._rounds, "round") if stop is None else early_stop(stop)
        how = f"{search.strategy}, {search.sampler}, {ways}, {count(self._trials, 'trial')}"
        if self._config.is_panda:
            how = nursed(self._config)
        headline = (
            f"{self._run_name} · {how}, "
            f"{jobs_in_words(self._jobs)}, seed {search.seed} · {metric.goal} {metric.name}"
        )
        for line in wrap(headline, self._width, hanging="  "):
            self._say(line)
        for trial, outcome in past:
            self._take_in(trial, outcome)
            if trial.number not in going_on:
                self._ended.add(trial.number)
                self._done[trial.round] += 1
        self._spent = spent
        if past:
            trials = count(len(self._ended), "trial")
            of = trials if self._config.is_panda else f"{len(self._ended)} of {self._trials} trials"
            self._say(f"{of} finished already; going on")
        if rounds:
            self._open_bar(rounds[-1])

    def round_opened(self, round_: Round) -> None:
        """A round has begun; it is shown once the trials of the last one have ended."""
        self._opened_early.append(round_)
        self._show_opened()

    def _show_opened(self) -> None:
        while self._opened_early:
            old, new = self._round, self._opened_early[0]
            if old is not None and self._done[old.number] < new.first_trial - old.first_trial:
                return
            self._show_round(self._opened_early.popleft())

    def _show_round(self, round_: Round) -> None:
        """The last round's bar stays as it is; where the new one looks, and its bar.

        Why it looks there is told by `show`, also while the search runs.
        """
        self.close()
        if round_.number > 1:
            self._say(round_headline(*self._searched(round_), self._width))
        self._open_bar(round_)

    def results(self, results: Sequence[tuple[Trial, Outcome, int]]) -> None:
        """Trials have ended, or segments of them; the third is what each segment has spent."""
        for trial, outcome, spent in results:
            self._take_in(trial, outcome)
            self._spent += spent
            if outcome.state.is_finished and trial.number not in self._ended:
                self._ended.add(trial.number)
                self._done[trial.round] += 1
            if self._config.is_panda and outcome.state.is_finished:
                self._say_day(trial, outcome)
            if outcome.state in (TrialState.FAILED, TrialState.TIMEOUT):
                self._say_failure(trial, outcome)
            elif outcome.state is TrialState.LOST and outcome.reason.startswith("attempt"):
                self.say(f"trial {trial.number}: {outcome.reason}; it is run again")
        self._update_bar()
        self._show_opened()

    def goes_on(self, trial: Trial) -> None:
        """A trial that had ended at a rung is trained further: it is not finished any more."""
        if trial.number in self._ended:
            self._ended.remove(trial.number)
            self._done[trial.round] -= 1
            self._update_bar()

    def close(self) -> None:
        """Leave the screen in order."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def say(self, message: str, command: str = "") -> None:
        """A message, without tearing the bar.

        Args:
            command: what to type next, after the message. It is never broken, so that it can be
                copied: what does not fit into one line has it on a line of its own.
        """
        message = with_names_cut(message, self._names, WIDEST_NAME)
        whole = f"{message} {command}"
        if command and display_width(whole) <= self._width:
            self._say(whole)
            return
        for line in wrap(message, self._width, hanging="  "):
            self._say(line)
        if command:
            self._say(f"  {command}")

    def _take_in(self, trial: Trial, outcome: Outcome) -> None:
        if outcome.value is None:
            if outcome.state.is_finished:
                self._forget(trial.number)
            return
        # A value at a lower budget is not final, and does not compare with one at a higher.
        rank = (-(outcome.budget or 0), self._config.metric.loss(outcome.value), trial.number)
        self._ranks[trial.number] = rank
        if self._best is None or rank < self._best:
            self._best, self._beaten = rank, self._best

    def _forget(self, number: int) -> None:
        """The trial had a value at a rung, and has failed since: it is no longer the best."""
        if self._ranks.pop(number, None) == self._best:
            self._best = min(self._ranks.values(), default=None)

    def _best_so_far(self) -> str:
        if self._best is None:
            return "no success yet"
        trained, loss, number = self._best
        beaten = [] if self._beaten is None else [self._config.metric.loss(self._beaten[1])]
        value = written_apart(self._config.metric.loss(loss), beaten)
        which = "measured" if self._config.metric.noisy else "so far"
        best = f"best {which} {value} (trial {number})"
        budget = self._config.budget
        if budget is None or self._config.early_stop is None:
            return best
        at = "" if -trained == budget.max else f" at {-trained}"
        return f"{budget.amount(self._spent)}, {best}{at}"

    def _say_day(self, trial: Trial, outcome: Outcome) -> None:
        """A day that came to nothing as well, its state in the place of the value."""
        name = self._config.metric.name
        value = "" if outcome.value is None else format_number(outcome.value)
        came = f"{name} {value:9}"
        if outcome.value is None:
            came = f"{outcome.state.value:{len(came)}}"
        head = f"day {trial.round:3d}  {came} "
        if self._stream.isatty():
            origin = shorten_names(trial.origin, self._names, self._width - display_width(head))
            self._say(shorten(head + origin, self._width))
            return
        for line in wrap(trial.origin, self._width, head, " " * 9):  # a log keeps it whole
            self._say(line)

    def _say_failure(self, trial: Trial, outcome: Outcome) -> None:
        self._failures += 1
        if self._failures <= FAILURES_SHOWN:
            self.say(f"trial {trial.number} {outcome.state.value}: {outcome.reason}")
        if self._failures == FAILURES_SHOWN:
            self.say("further failures are not shown here; see", f"hpsearch show {self._run_name}")

    def _searched(self, round_: Round) -> tuple[Space, Round]:
        return searched_space(self._config), searched_round(self._config, round_)

    def _open_bar(self, round_: Round) -> None:
        self._round = round_
        space, searched = self._searched(round_)
        where = looked_at(searched.box, space, briefly=True)
        label = f"round {round_.number}  {where}"
        if self._config.early_stop is not None:
            label = "trials"
        elif self._stream.isatty():
            label = label.ljust(22)  # the bars of all rounds below each other
        if self._stream.isatty():
            self._bar = _TerminalBar(label, round_.trials, self._stream)
        else:
            self._bar = _LogLines(label, round_.trials, self._say, self._clock)
        self._update_bar()

    def _update_bar(self) -> None:
        if self._bar is not None and self._round is not None:
            self._bar.update(self._done[self._round.number], self._best_so_far())

    def _say(self, line: str) -> None:
        if not writes_unicode(self._stream):
            line = plain_ascii(line)
        with contextlib.suppress(OSError):  # a full log disk is no reason to end a search
            if self._stream.isatty():
                tqdm.write(line, file=self._stream)
            else:
                self._stream.write(line + "\n")
                self._stream.flush()


class _TerminalBar:
    def __init__(self, label: str, trials: int, stream: TextIO) -> None:
        self._tqdm = tqdm(
            total=trials,
            desc=label + " ",
            file=stream,
            dynamic_ncols=True,
            ascii=None if writes_unicode(stream) else " #",
            bar_format=BAR_FORMAT,
        )

    def update(self, done: int, best: str) -> None:
        # tqdm would put a comma before a postfix.
        self._tqdm.bar_format = BAR_FORMAT + best.replace("{", "{{").replace("}", "}}")
        self._tqdm.n = done
        self._tqdm.refresh()

    def close(self) -> None:
        self._tqdm.close()


class _LogLines:
    def __init__(
        self, label: str, trials: int, say: Callable[[str], None], clock: Callable[[], float]
    ) -> None:
        self._label, self._trials, self._say, self._clock = label, trials, say, clock
        self._started = self._last = clock()
        self._line, self._said = "", ""

    def update(self, done: int, best: str) -> None:
        now = self._clock()
        elapsed = format_duration(now - self._started)
        self._line = f"{self._label}  {done}/{self._trials}  {elapsed}  {best}"
        if now - self._last >= LOG_EVERY_S:
            self._speak()

    def close(self) -> None:
        if self._line != self._said:
            self._speak()

    def _speak(self) -> None:
        self._say(self._line)
        self._said, self._last = self._line, self._clock()
