"""Caviar: many trials side by side, in rounds that zoom from coarse to fine.

A fish lays its eggs by the million and lets each fend for itself (Ng, course 2, week 3). Within a
round no trial waits for another; between two rounds all are waited for, so that the zoom, and with
it every later trial, does not depend on which slot was faster. With a sampler that learns, trial i
waits for the trials up to i - lag instead, and the box of a round is the sampler's own.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hpsearch.history import History, Move, Round
from hpsearch.objectives.handle import Point
from hpsearch.samplers import GuidedSampler, Incumbent, Sampler
from hpsearch.space import Box, Space
from hpsearch.strategies.base import PastSegment, Pause
from hpsearch.strategies.drawing import Drawing
from hpsearch.trial import Decision, Outcome, Segment, Trial
from hpsearch.zoom import zoom


def split_over_rounds(trials: int, rounds: int) -> list[int]:
    """Trials of each round: as equal as can be, the earlier rounds get what is left over."""
    share, left_over = divmod(trials, rounds)
    return [share + (i < left_over) for i in range(rounds)]


class Caviar:
    """Rounds of independent trials.

    Args:
        loss: turns a metric's value into a number of which less is better.
        round_sizes: trials of each round, each at least 1.
        seed: trial i draws from (seed, round, i) only.
        start_with: sets of values, as `Space.accept` returns them, that are tried first.
        budget: what each trial is trained to; None where the config sets no budget.
        waits: whether a trial waits for the outcomes that it depends on, so that it does not matter
            which slot was faster; if not, it is drawn from what is known when it is asked for.
    """

    def __init__(
        self,
        space: Space,
        sampler: Sampler,
        loss: Callable[[float], float],
        round_sizes: Sequence[int],
        seed: int,
        start_with: Sequence[Mapping[str, Any]] = (),
        budget: int | None = None,
        waits: bool = True,
    ) -> None:
        self._space = space
        self._loss = loss
        self._round_sizes = tuple(round_sizes)
        self._drawing = Drawing(sampler, seed, start_with)
        self._budget = budget
        self._waits = waits
        self._decisions: list[Decision] = []
        self._history = History(space)
        self._rounds: list[Round] = []
        self._queued_again: list[int] = []
        self._round_is_closed = True
        self._exhausted = False
        self._guide = sampler if isinstance(sampler, GuidedSampler) else None
        self._first_unknown = 0

    @property
    def rounds(self) -> Sequence[Round]:
        """The rounds that were opened so far."""
        return self._rounds

    @property
    def history(self) -> History:
        """The trials that were asked for so far."""
        return self._history

    @property
    def decisions(self) -> Sequence[Decision]:
        """Which trial is the best where values are noisy; every trial is run to its end."""
        return self._decisions

    @property
    def exhausted(self) -> bool:
        """Whether it ended because every point was tried."""
        return self._exhausted

    def restore(self, rounds: Iterable[Round], past: Iterable[PastSegment]) -> None:
        """Take in what an earlier session did."""
        self._rounds = [
            replace(round_, trials=size)  # the run may have been extended since
            for round_, size in zip(rounds, self._round_sizes, strict=False)
        ]
        for one in past:
            trial = one.segment.trial
            self._history.add(trial)
            if one.outcome is None:
                heapq.heappush(self._queued_again, trial.number)
            else:
                self._history.record(trial.number, one.outcome)
        self._round_is_closed = not self._rounds

    def ask(self) -> Segment | Pause:
        """The next trial; WAIT at the end of a round while its trials are running."""
        if self._queued_again:
            return self._whole(self._history.trials[heapq.heappop(self._queued_again)])
        while not self._exhausted:
            if self._must_wait():
                return Pause.WAIT
            if not self._round_is_closed:
                trial = self._next_of_round()
                if trial is not None:
                    return self._whole(trial)
                self._close_round()
                continue
            if len(self._rounds) == len(self._round_sizes):
                break
            if (
                self._waits
                and self._guide is None
                and len(self._history.outcomes) < len(self._history.trials)
            ):
                return Pause.WAIT
            self._open_round()
        return Pause.END

    def tell(self, number: int, outcome: Outcome, curve: Sequence[Point] = ()) -> None:
        """How a trial ended; one without a finished state is queued again."""
        if outcome.state.is_finished:
            self._history.record(number, outcome)
        else:
            heapq.heappush(self._queued_again, number)

    def incumbent(self) -> Incumbent | None:
        """The trial to name as the best where values are noisy; None where the best value's is."""
        return None if self._guide is None else self._guide.incumbent(self._history)

    def name_incumbent(self) -> None:
        """Decide which trial is the best of noisy ones."""
        incumbent = self.incumbent()
        if incumbent is not None:
            self._decisions.append(incumbent.decision(len(self._history.outcomes)))

    def _whole(self, trial: Trial) -> Segment:
        return Segment(trial, budget=self._budget)

    def _must_wait(self) -> bool:
        """Whether the next trial depends on the outcome of one that is running."""
        if self._guide is None or not self._waits:
            return False
        while self._first_unknown in self._history.outcomes:
            self._first_unknown += 1
        return self._first_unknown <= len(self._history.trials) - self._guide.lag

    def _open_round(self) -> None:
        number = len(self._rounds) + 1
        if number == 1:
            box, summary = Box.whole(self._space), "the whole space"
            moves = tuple(Move(name, "whole", "") for name in self._space.column_names)
        else:
            box, summary, moves = self._next_box()
        first = len(self._history.trials)
        self._rounds.append(
            Round(number, first, self._round_sizes[number - 1], box, summary, moves)
        )
        self._round_is_closed = False

    def _next_box(self) -> tuple[Box, str, tuple[Move, ...]]:
        box = self._rounds[-1].box
        if self._guide is None:
            zoomed = zoom(self._history, box, self._loss)
            return zoomed.box, zoomed.summary, zoomed.moves
        opened = self._guide.open_round(len(self._history.trials), self._history, box)
        if opened is None:
            kept = tuple(Move(n, "kept", "nothing is known yet") for n in self._space.column_names)
            return box, "nothing is known yet: the box stays", kept
        return opened.box, opened.summary, opened.moves

    def _close_round(self) -> None:
        self._round_is_closed = True
        round_ = self._rounds[-1]
        drawn = len(self._history.trials) - round_.first_trial
        self._exhausted = drawn == 0 or (
            drawn < round_.trials and len(self._rounds) == len(self._round_sizes)
        )

    def _next_of_round(self) -> Trial | None:
        round_ = self._rounds[-1]
        number = len(self._history.trials)
        if number - round_.first_trial >= round_.trials:
            return None
        trial = self._drawing.next_trial(round_, self._history)
        if trial is not None:
            self._history.add(trial)
        return trial
