"""One session of a run, with all that a person sees and can do meanwhile: its progress, the stop
file, Ctrl-C, and how it ended in words.

`cli` and `api` start it; what the search does is told in `search`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TextIO

from hpsearch.analysis.diary import orders_too_late
from hpsearch.launch import open_session
from hpsearch.objectives.extras import how_to_install, needed_by
from hpsearch.objectives.function import FunctionObjective
from hpsearch.resuming import Extension
from hpsearch.run_folder import RunFolder
from hpsearch.search import Ending, Search
from hpsearch.signals import Signals
from hpsearch.stopping import StopWatch
from hpsearch.trial import TrialState
from hpsearch.views.progress import Progress
from hpsearch.views.words import came_too_late

GRACE_AFTER_PATIENCE_S = 5.0
"""Patience (20 s by default) and this fit into the 30 s that batch queues leave before SIGKILL."""


@dataclass(frozen=True)
class SessionResult:
    """How a session went.

    Attributes:
        has_success: whether a trial of the run has succeeded, in this session or before.
        signum: the first signal that was received; None if none was.
    """

    ending: Ending
    has_success: bool
    signum: int | None


def run_session(
    run: RunFolder,
    reference: str | None,
    stream: TextIO,
    *,
    jobs: int | None = None,
    extension: Extension | None = None,
    retry_failed: bool = False,
    max_hours: float | None = None,
    until_value: float | None = None,
    objective: FunctionObjective | None = None,
    notes: tuple[str, ...] = (),
    signals: Signals | None = None,
) -> SessionResult:
    """Run one session to its end.

    Args:
        reference: how the person names the run in a command; None if no command can resume it.
        stream: where the progress goes.
        objective: a function of this process, called instead of the one that the config names.
        notes: said before the headline.
        signals: that were heard since before the run was made; None where it is not new.
    """
    with (
        signals or Signals() as heard,
        open_session(
            run, jobs=jobs, extension=extension, retry_failed=retry_failed, objective=objective
        ) as session,
    ):
        progress = Progress(
            session.config,
            run.name,
            trials=session.trials,
            rounds=session.rounds,
            jobs=session.jobs,
            stream=stream,
        )
        for change in session.changes:
            progress.say(f"changed since the start: {change}")
        for note in (*session.lessons, *notes):
            progress.say(note)
        history = session.strategy.history
        past = [(history.trials[number], o) for number, o in sorted(history.outcomes.items())]
        segments = session.store.segments()
        spent = sum(segment.spent for segment in segments)
        going_on = {s.segment.trial.number for s in segments if s.outcome is None}
        progress.begin(session.strategy.rounds, past, spent, going_on)
        search = session.search(progress, until_value, progress.say)
        heard.obey(partial(_interrupt, search, progress.say, session.config.execution.grace_s))
        with StopWatch(run, search, max_hours):
            try:
                ending = search.run()
            finally:
                progress.close()
        succeeded = session.store.counts().get(TrialState.DONE, 0) > 0
        late = orders_too_late(session.store)
    for order in late:
        progress.say(came_too_late(order))
    for message, command in _in_words(ending, reference):
        progress.say(message, command)
    return SessionResult(ending, succeeded, heard.received[0] if heard.received else None)


def _in_words(ending: Ending, reference: str | None) -> list[tuple[str, str]]:
    """Messages, each with the command that it ends in; empty where it ends in none."""
    resume = "" if reference is None else f"hpsearch resume {reference}"
    to_go_on = "; to go on:" if resume else ""
    if ending.kind == "interrupted":
        return [(f"interrupted{to_go_on}", resume)]
    if ending.kind == "broken":
        said = [(f"stopped: {ending.detail}", "")]
        module = needed_by(ending.detail)
        if module is not None:
            need, _, install = how_to_install(module).partition(": ")
            said.append((f"The program needs {need}:", install))
        broken = "The program seems broken, not the values."
        mended = (f"{broken} When it is mended:", f"{resume} --retry-failed")
        return [*said, mended if resume else (broken, "")]
    if ending.kind == "stopped":
        return [(f"stopped: {ending.detail}{to_go_on}", resume)]
    return [(f"ended early: {ending.detail}", "")] if ending.detail else []


def _interrupt(
    search: Search, say: Callable[[str], None], patience_s: float, is_first: bool
) -> None:
    """The first signal ends the search in good order, the second at once."""
    if not is_first:
        search.end(Ending("interrupted"), 0.0, 0.0)
        return
    running = search.running
    if patience_s > 0 and running:
        trials = "1 running trial" if running == 1 else f"{running} running trials"
        say(f"stopping: {trials} may finish within {patience_s:g} s; Ctrl-C again kills them")
    search.end(Ending("interrupted"), patience_s, GRACE_AFTER_PATIENCE_S)
