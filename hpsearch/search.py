"""The story of a run: ask the strategy for a trial, run it, record it, until nothing is left.

joblib keeps the slots; each slot is a thread that only waits. The strategy decides what is tried
and when to zoom, the runner runs, the store keeps. `launch` puts the parts together.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
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
        self._running: set[int] = set()
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
        return len(self._running)

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
            self._changed.wait_for(lambda: not self._running, timeout=patience_s)
        self._runner.stop(grace_s)

    def _keep_busy(self, slot: int) -> None:
        try:
            finished: Result | None = None
            while (trial := self._next_trial(finished)) is not None:
                finished = trial, self._runner.run(self._assignment(trial, slot))
        except BaseException as error:
            self._give_up(error)

    def _next_trial(self, finished: Result | None) -> Trial | None:
        """Record what the slot has finished, and start its next trial; None if there is none."""
        curve = () if finished is None else read_curve(self._run.trial_dir(finished[0].number))
        with self._changed:
            with self._store.one_change():
                if finished is not None:
                    self._record(*finished, curve)
                trial = self._ask()
            while trial is Pause.WAIT:
                self._changed.wait()
                with self._store.one_change():
                    trial = self._ask()
            return trial if isinstance(trial, Trial) else None

    def _ask(self) -> Trial | Pause:
        if self._ending is not None:
            return Pause.END
        asked = self._strategy.ask()
        self._store_new_rounds()
        if isinstance(asked, Trial):
            self._store.start(asked, time.time())
            self._attempts[asked.number] = self._attempts.get(asked.number, 0) + 1
            self._running.add(asked.number)
        return asked

    def _store_new_rounds(self) -> None:
        for round_ in self._strategy.rounds[self._rounds_stored :]:
            self._store.add_round(round_)
            self._announcer.put(round_)
        self._rounds_stored = len(self._strategy.rounds)

    def _assignment(self, trial: Trial, slot: int) -> Assignment:
        # The third number keeps this stream apart from the one that drew the values.
        own_seed = np.random.SeedSequence(self._seed, spawn_key=(trial.round, trial.number, 0))
        return Assignment(
            trial=trial,
            slot=slot,
            trial_dir=self._run.trial_dir(trial.number),
            seed=int(own_seed.generate_state(1)[0]),
            attempt=self._attempts[trial.number],
        )

    def _record(self, trial: Trial, outcome: Outcome, curve: Iterable[Point]) -> None:
        outcome = self._unless_retried(trial.number, outcome)
        self._store.finish(trial.number, outcome, curve)
        self._strategy.tell(trial.number, outcome)
        self._running.discard(trial.number)
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
