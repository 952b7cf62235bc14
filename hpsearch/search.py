"""The story of a run: ask the strategy for a trial, run it, record it, until nothing is left.

joblib keeps the slots; each slot is a thread that only waits. The strategy decides what is tried
and when to zoom, the runner runs, the store keeps. `launch` puts the parts together.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeAlias

from joblib import Parallel, delayed

from hpsearch import checkpoints
from hpsearch.announcer import Announcer, Listener, News
from hpsearch.objectives.handle import Point, read_curve
from hpsearch.run_folder import RunFolder
from hpsearch.runners.base import Assignment, Runner
from hpsearch.seeds import root_of, trial_seed
from hpsearch.segments import Ended, run_segment
from hpsearch.store import Store, StoredSegment
from hpsearch.strategies import Judge, Namer, OneModel, Pause, Strategy
from hpsearch.trial import Outcome, Segment, TrialState

FAILURES_OF_A_BROKEN_PROGRAM = 3
NO_SLOT_YET = -1
EndingKind = Literal["finished", "stopped", "interrupted", "broken"]


@dataclass(frozen=True)
class Ending:
    """How a session of a run ended.

    Attributes:
        kind: `finished`; `stopped` in good order before its time, or `interrupted` by a signal
            (resume goes on after both); `broken` (the program fails whatever it is given).
        detail: more words; may be empty.
    """

    kind: EndingKind
    detail: str = ""


Drawn: TypeAlias = tuple[Segment, Assignment]
"""What is to run next, in whichever slot is free first."""


class Search:
    """One session of a run.

    Args:
        jobs: slots, at least 1.
        seed: of the run; each trial's own seed follows from it.
        retries: how often a failed trial is run again before its failure counts.
        is_enough: whether a value of the metric is so good that the search can end.
        say: told in a line what a program does wrong with its checkpoints, once for each kind.
    """

    def __init__(
        self,
        run: RunFolder,
        store: Store,
        strategy: Strategy,
        runner: Runner,
        listener: Listener,
        *,
        jobs: int,
        seed: int,
        retries: int = 0,
        is_enough: Callable[[float], bool] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self._run = run
        self._store = store
        self._strategy = strategy
        self._runner = runner
        self._announcer = Announcer(store, listener, self._give_up)
        self._jobs = jobs
        self._seed = seed
        self._retries = retries
        self._say = say
        self._said: set[str] = set()
        self._is_enough = is_enough or (lambda value: False)
        self._judge = strategy if isinstance(strategy, Judge) else None
        self._rounds_stored = self._rounds_begun = len(strategy.rounds)
        self._decisions_stored = 0
        # All below is shared by the slots, and touched only while holding `_changed`.
        self._changed = threading.Condition()
        self._ending: Ending | None = None
        self._error: BaseException | None = None
        self._starting = 0
        self._running = 0
        self._drawn: deque[Drawn] = deque()
        self._news: list[News] = []
        self._attempts = store.attempts()
        self._segment_attempts: Counter[tuple[int, int]] = Counter()
        self._has_success = False
        self._failures = 0

    def run(self) -> Ending:
        """Keep every slot busy until the strategy has nothing more, or someone stops it.

        Raises:
            StoreError: if results can no longer be kept.
        """
        for number, outcome in self._strategy.history.outcomes.items():
            self._has_success |= outcome.value is not None
            self._watch_for_enough(number, outcome)
        self._announcer.start()
        slots = Parallel(n_jobs=self._jobs, backend="threading", batch_size=1)
        try:
            slots(delayed(self._keep_busy)(slot) for slot in range(self._jobs))
        finally:
            self._runner.close()
            self._announcer.close()
        if self._error is not None:
            raise self._error
        if isinstance(self._strategy, Namer) and self._store.incumbent() is None:
            self._strategy.name_incumbent()
            self._store_new_decisions()
        ending = self._ending or Ending(
            "finished", "every point has been tried" if self._strategy.exhausted else ""
        )
        self._store.add_event(ending.kind, ending.detail)
        self._store.sync()
        return ending

    @property
    def running(self) -> int:
        """How many trials are running at this moment, those included that are being started."""
        return self._starting + self._running

    def start_no_more(self, ending: Ending) -> None:
        """No new trials; the running ones take the time they need."""
        with self._changed:
            self._ending = self._ending or ending
            self._changed.notify_all()

    def end(self, ending: Ending, patience_s: float, grace_s: float) -> None:
        """No new trials; those that still run after `patience_s` seconds are stopped.

        Blocks for that time, so it is called from a thread of its own. A trial that is stopped
        gets `grace_s` seconds between SIGTERM and SIGKILL, and is queued for the resume.
        """
        self.start_no_more(ending)
        with self._changed:
            self._changed.wait_for(lambda: self.running == 0, timeout=patience_s)
        self._runner.stop(grace_s)

    def _keep_busy(self, slot: int) -> None:
        """Segment after segment: while one runs, the last is recorded and a next one drawn.

        So a slot is idle for as long as it takes to hand over a trial, and no longer.
        """
        try:
            finished: Ended | None = None
            while True:
                drawn = self._take_drawn(slot)
                if finished is not None and (drawn is None or self._may_end_it(finished.outcome)):
                    self._settle(finished)
                    finished = None
                drawn = drawn or self._wait_for_next(slot)
                if drawn is None or not self._may_start():
                    break
                segment, assignment = drawn
                hand_over = partial(self._hand_over, segment, finished)
                oversight = None if self._judge is None else _Oversight(self, segment.trial.number)
                finished = run_segment(
                    self._run,
                    self._runner,
                    segment,
                    assignment,
                    hand_over,
                    oversight,
                    may_start_over=not isinstance(self._strategy, OneModel),
                )
            if finished is not None:
                self._settle(finished)
        except BaseException as error:
            self._give_up(error)

    def _may_end_it(self, outcome: Outcome) -> bool:
        """Whether an outcome may end the search: it is recorded before anything else starts."""
        if outcome.state is not TrialState.DONE or outcome.value is None:
            return True
        return self._is_enough(outcome.value)

    def _may_start(self) -> bool:
        """Whether nothing has ended the search; then it waits for the trial that is started now."""
        with self._changed:
            if self._ending is not None:
                return False
            self._starting += 1
            return True

    def _take_drawn(self, slot: int) -> Drawn | None:
        with self._changed:
            return _in_slot(self._drawn.popleft(), slot) if self._drawn else None

    def _wait_for_next(self, slot: int) -> Drawn | None:
        with self._changed:
            while True:
                if not self._drawn:
                    with self._one_change():
                        pause = self._draw()
                    if pause is Pause.END:
                        return None
                if self._drawn:
                    return _in_slot(self._drawn.popleft(), slot)
                self._changed.wait()

    @contextlib.contextmanager
    def _one_change(self) -> Iterator[None]:
        """What the block stores is one commit; what it has to tell is told after that."""
        with self._changed:
            self._news = []
            with self._store.one_change():
                yield
            for news in self._news:
                self._announcer.put(news)

    def _hand_over(self, started: Segment, finished: Ended | None) -> None:
        """While `started` runs: record what its slot had finished, and draw one trial ahead."""
        curve = () if finished is None else self._curve_of(finished)
        with self._one_change():
            if finished is not None:
                self._record(finished, curve)
            self._store.start(started.trial, time.time())
            if started.budget is not None:
                self._store.start_segment(started)
            self._starting -= 1
            self._running += 1
            self._begin_rounds(started)
            if len(self._drawn) < self._running:
                self._draw()
        if finished is not None:
            self._tidy(finished)

    def _settle(self, finished: Ended) -> None:
        curve = self._curve_of(finished)
        with self._one_change():
            self._record(finished, curve)
        self._tidy(finished)

    def _curve_of(self, finished: Ended) -> Sequence[Point]:
        if finished.curve is not None:
            return finished.curve
        return read_curve(self._run.trial_dir(finished.segment.trial.number))

    def _tidy(self, finished: Ended) -> None:
        """Tell what was wrong, and remove the sealed checkpoints that nothing goes on from."""
        segment = finished.segment
        kind = re.sub(r"[\d.]+", "", finished.note)
        if finished.note and self._say is not None and kind not in self._said:
            self._said.add(kind)
            self._say(f"trial {segment.trial.number}: {finished.note}")
        if segment.budget is not None and finished.outcome.state is TrialState.DONE:
            trial_dir = self._run.trial_dir(segment.trial.number)
            checkpoints.remove_sealed(trial_dir, below=segment.budget)

    def _draw(self) -> Pause | None:
        """Draw the next segment, for whichever slot is free first; or say why there is none."""
        if self._ending is not None:
            return Pause.END
        asked = self._strategy.ask()
        self._store_new_rounds()
        if isinstance(asked, Pause):
            self._store_new_decisions()
            return asked
        number = asked.trial.number
        if asked.budget is None:
            self._store.add_trial(asked.trial)
        else:
            with self._store.one_change():
                self._store_new_decisions()
                self._store.add_trial(asked.trial)
                self._store.add_segment(asked)
        self._attempts[number] = self._attempts.get(number, 0) + 1
        if asked.index:
            self._segment_attempts[number, asked.index] += 1
            self._news.append(asked.trial)
        self._drawn.append((asked, self._assignment(asked)))
        self._changed.notify_all()
        return None

    def _store_new_rounds(self) -> None:
        """Those that have a trial: a round for which no point is left is none."""
        drawn = len(self._strategy.history.trials)
        for round_ in self._strategy.rounds[self._rounds_stored :]:
            if round_.first_trial < drawn:
                self._store.add_round(round_)
                self._rounds_stored += 1

    def _begin_rounds(self, started: Segment) -> None:
        """Tell of the rounds that begin with a trial: one that is only drawn may never run."""
        for round_ in self._strategy.rounds[self._rounds_begun :]:
            if round_.first_trial <= started.trial.number:
                self._news.append(round_)
                self._rounds_begun += 1

    def _store_new_decisions(self) -> None:
        """What was decided, and how the trials that it was about stand now."""
        decisions = self._strategy.decisions
        if len(decisions) == self._decisions_stored:
            return
        outcomes = self._strategy.history.outcomes
        with self._store.one_change():
            for decision in decisions[self._decisions_stored :]:
                self._store.add_decision(decision)
                if decision.trial in outcomes:
                    self._store.revise(decision.trial, outcomes[decision.trial])
        self._decisions_stored = len(decisions)

    def _assignment(self, segment: Segment) -> Assignment:
        """The segment for whichever slot takes it."""
        trial, trials = segment.trial, self._strategy.history.trials
        is_one_model = isinstance(self._strategy, OneModel) and self._strategy.is_one_model
        return Assignment(
            trial=trial,
            slot=NO_SLOT_YET,
            trial_dir=self._run.trial_dir(trial.number),
            seed=trial_seed(self._seed, root_of(trial, trials.__getitem__, is_one_model)),
            budget=segment.budget,
            attempt=self._attempts[trial.number],
        )

    def _record(self, ended: Ended, curve: Sequence[Point]) -> None:
        segment, number = ended.segment, ended.segment.trial.number
        outcome = self._unless_retried(segment, ended.outcome)
        if segment.budget is not None:
            outcome = replace(outcome, budget=segment.budget)
        if self._judge is not None:
            curve = _with_points(curve, self._judge.rung_points(number))
        self._strategy.tell(number, outcome, curve)
        stands = outcome
        if outcome.state.is_finished:
            stands = self._strategy.history.outcomes[number]
        self._store.finish(number, stands, curve, segment.index)
        spent = 0
        if segment.budget is not None:
            stored = StoredSegment(
                segment, outcome.state, outcome, ended.began, ended.reached, ended.note
            )
            spent = stored.spent
            self._store.finish_segment(stored)
            self._store_new_decisions()
        self._running -= 1
        self._news.append((segment.trial, stands, spent))
        self._watch_for_a_broken_program(stands)
        self._watch_for_enough(number, stands)
        self._changed.notify_all()

    def _see(self, number: int, points: Sequence[Point]) -> None:
        """A running trial has reported."""
        assert self._judge is not None
        with self._changed:
            self._judge.see(number, points)
            self._store_new_decisions()
            self._changed.notify_all()

    def _unless_retried(self, segment: Segment, outcome: Outcome) -> Outcome:
        number, index = segment.trial.number, segment.index
        attempt = self._segment_attempts[number, index] if index else self._attempts[number]
        if outcome.state is not TrialState.FAILED or attempt > self._retries:
            return outcome
        return replace(
            outcome,
            state=TrialState.LOST,
            reason=f"attempt {attempt} of {1 + self._retries} failed: {outcome.reason}",
        )

    def _watch_for_enough(self, number: int, outcome: Outcome) -> None:
        if outcome.state is not TrialState.DONE or outcome.value is None:
            return
        if self._is_enough(outcome.value):
            reached = f"trial {number} has reached {outcome.value:g}"
            self._ending = self._ending or Ending("stopped", reached)

    def _watch_for_a_broken_program(self, outcome: Outcome) -> None:
        self._has_success |= outcome.value is not None
        self._failures += outcome.state is TrialState.FAILED
        if not self._has_success and self._failures == FAILURES_OF_A_BROKEN_PROGRAM:
            self._ending = self._ending or Ending(
                "broken", f"the first {self._failures} trials failed: {outcome.reason}"
            )

    def _give_up(self, error: BaseException) -> None:
        with self._changed:
            self._error = self._error or error
            self._ending = self._ending or Ending("interrupted")
            self._changed.notify_all()
        self._runner.stop(grace_s=0.0)


class _Oversight:
    """Shows a running trial's curve to the strategy, which may want the trial ended."""

    def __init__(self, search: Search, number: int) -> None:
        self._search = search
        self._number = number

    def see(self, points: Sequence[Point]) -> None:
        """What the trial has reported."""
        self._search._see(self._number, points)

    @property
    def is_over(self) -> bool:
        """Whether the strategy wants it ended."""
        judge = self._search._judge
        return judge is not None and judge.is_out(self._number)


def _with_points(curve: Sequence[Point], points: Sequence[Point]) -> Sequence[Point]:
    """The curve with points of it that may have been thinned out."""
    missing = [point for point in points if point not in curve]
    return sorted([*curve, *missing], key=lambda point: point[0]) if missing else curve


def _in_slot(drawn: Drawn, slot: int) -> Drawn:
    return drawn[0], replace(drawn[1], slot=slot)
