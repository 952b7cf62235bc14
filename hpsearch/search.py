"""The story of a run: ask the strategy for a trial, run it, record it, until nothing is left.

joblib keeps the slots; each slot is a thread that only waits. The strategy decides what is tried
and when to zoom, the runner runs, the store keeps. `launch` puts the parts together.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from joblib import Parallel, delayed

from hpsearch.announcer import Announcer, Listener, Result
from hpsearch.objectives.handle import Point, read_curve
from hpsearch.run_folder import RunFolder
from hpsearch.runners.base import Assignment, Runner
from hpsearch.store import Store
from hpsearch.strategies import Pause, Strategy
from hpsearch.trial import Outcome, Trial, TrialState

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


class Search:
    """One session of a run.

    Args:
        jobs: slots, at least 1.
        seed: of the run; each trial's own seed follows from it.
        retries: how often a failed trial is run again before its failure counts.
        is_enough: whether a value of the metric is so good that the search can end.
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
    ) -> None:
        self._run = run
        self._store = store
        self._strategy = strategy
        self._runner = runner
        self._announcer = Announcer(store, listener, self._give_up)
        self._jobs = jobs
        self._seed = seed
        self._retries = retries
        self._is_enough = is_enough or (lambda value: False)
        self._rounds_stored = len(strategy.rounds)
        # All below is shared by the slots, and touched only while holding `_changed`.
        self._changed = threading.Condition()
        self._ending: Ending | None = None
        self._error: BaseException | None = None
        self._running = 0
        self._drawn: deque[Assignment] = deque()
        self._attempts = store.attempts()
        self._has_success = False
        self._failures = 0

    def run(self) -> Ending:
        """Keep every slot busy until the strategy has nothing more, or someone stops it.

        Raises:
            StoreError: if results can no longer be kept.
        """
        for number, outcome in self._strategy.history.outcomes.items():
            self._has_success |= outcome.state is TrialState.DONE
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
        ending = self._ending or Ending(
            "finished", "every point has been tried" if self._strategy.exhausted else ""
        )
        self._store.add_event(ending.kind, ending.detail)
        self._store.sync()
        return ending

    @property
    def running(self) -> int:
        """How many trials are running at this moment."""
        return self._running

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
            self._changed.wait_for(lambda: self._running == 0, timeout=patience_s)
        self._runner.stop(grace_s)

    def _keep_busy(self, slot: int) -> None:
        """Trial after trial: while one runs, the one before is recorded and a next one drawn.

        So a slot is idle for as long as it takes to hand over a trial, and no longer.
        """
        try:
            finished: Result | None = None
            while True:
                assignment = self._take_drawn(slot)
                if finished is not None and (assignment is None or self._may_end_it(finished[1])):
                    self._settle(finished)
                    finished = None
                assignment = assignment or self._wait_for_next(slot)
                if assignment is None or self._ending is not None:
                    break
                hand_over = partial(self._hand_over, assignment.trial, finished)
                outcome = self._runner.run(assignment, hand_over)
                finished = assignment.trial, outcome
            if finished is not None:
                self._settle(finished)
        except BaseException as error:
            self._give_up(error)

    def _may_end_it(self, outcome: Outcome) -> bool:
        """Whether an outcome may end the search: it is recorded before anything else starts."""
        if outcome.state is not TrialState.DONE or outcome.value is None:
            return True
        return self._is_enough(outcome.value)

    def _take_drawn(self, slot: int) -> Assignment | None:
        with self._changed:
            return replace(self._drawn.popleft(), slot=slot) if self._drawn else None

    def _wait_for_next(self, slot: int) -> Assignment | None:
        with self._changed:
            while True:
                if not self._drawn and self._draw() is Pause.END:
                    return None
                if self._drawn:
                    return replace(self._drawn.popleft(), slot=slot)
                self._changed.wait()

    def _hand_over(self, started: Trial, finished: Result | None) -> None:
        """While `started` runs: record what its slot had finished, and draw one trial ahead."""
        curve = () if finished is None else read_curve(self._run.trial_dir(finished[0].number))
        with self._changed, self._store.one_change():
            if finished is not None:
                self._record(*finished, curve)
            self._store.start(started, time.time())
            self._running += 1
            if len(self._drawn) < self._running:
                self._draw()

    def _settle(self, finished: Result) -> None:
        curve = read_curve(self._run.trial_dir(finished[0].number))
        with self._changed, self._store.one_change():
            self._record(*finished, curve)

    def _draw(self) -> Pause | None:
        """Draw the next trial, for whichever slot is free first; or say why there is none."""
        if self._ending is not None:
            return Pause.END
        asked = self._strategy.ask()
        self._store_new_rounds()
        if isinstance(asked, Pause):
            return asked
        self._store.add_trial(asked)
        self._attempts[asked.number] = self._attempts.get(asked.number, 0) + 1
        self._drawn.append(self._assignment(asked))
        self._changed.notify_all()
        return None

    def _store_new_rounds(self) -> None:
        for round_ in self._strategy.rounds[self._rounds_stored :]:
            self._store.add_round(round_)
            self._announcer.put(round_)
        self._rounds_stored = len(self._strategy.rounds)

    def _assignment(self, trial: Trial) -> Assignment:
        """The trial for whichever slot takes it."""
        # The third number keeps this stream apart from the one that drew the values.
        own_seed = np.random.SeedSequence(self._seed, spawn_key=(trial.round, trial.number, 0))
        return Assignment(
            trial=trial,
            slot=NO_SLOT_YET,
            trial_dir=self._run.trial_dir(trial.number),
            seed=int(own_seed.generate_state(1)[0]),
            attempt=self._attempts[trial.number],
        )

    def _record(self, trial: Trial, outcome: Outcome, curve: Iterable[Point]) -> None:
        outcome = self._unless_retried(trial.number, outcome)
        self._store.finish(trial.number, outcome, curve)
        self._strategy.tell(trial.number, outcome)
        self._running -= 1
        self._announcer.put((trial, outcome))
        self._watch_for_a_broken_program(outcome)
        self._watch_for_enough(trial.number, outcome)
        self._changed.notify_all()

    def _unless_retried(self, number: int, outcome: Outcome) -> Outcome:
        attempt = self._attempts[number]
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
        self._has_success |= outcome.state is TrialState.DONE
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
