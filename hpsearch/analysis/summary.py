"""The summary of one run: what `show` says, for a run of any size and at any moment.

The store adds up; only the best few trials and a sample of the others are decoded, so that 100,000
trials are summarized in a fraction of a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hpsearch.analysis.curves import BestSoFar, best_so_far
from hpsearch.analysis.diary import Diary, read_diary
from hpsearch.analysis.failures import FailureGroup, count_failed, failure_groups
from hpsearch.analysis.hints import Hint, find_hints
from hpsearch.analysis.opened_run import OpenedRun, RunState
from hpsearch.analysis.rungs import BudgetSummary, summarize_budget
from hpsearch.config import Config
from hpsearch.history import Round
from hpsearch.lock import Holder
from hpsearch.scales import FloatArray
from hpsearch.store import StoredTrial, Tally
from hpsearch.trial import Decision, TrialState

TOP = 10
SAMPLED = 2000
"""Trials that are decoded to see where they lie, at most, spread evenly over each round."""


@dataclass(frozen=True, eq=False)
class RoundSummary:
    """One round and how its trials stand.

    Attributes:
        counts: trials in each state.
        best: (number, value) of its best trial.
        duration_s: wall seconds of all its trials together.
        x_unit: where its trials lie, float64 (n, d), NaN where inactive; a sample of a long round.
        states: of each of these, n.
    """

    round: Round
    counts: Mapping[TrialState, int]
    best: tuple[int, float] | None
    duration_s: float
    x_unit: FloatArray
    states: tuple[TrialState, ...]


@dataclass(frozen=True, eq=False)
class Summary:
    """A run at one moment.

    Attributes:
        path: the run's folder.
        state: how it stands; `detail` is what it said when it ended, and may be empty.
        writer: the process that runs it.
        counts: trials in each state; states without a trial are absent.
        planned: trials that were asked for; `planned_rounds` the same of rounds.
        learned_from: names of the earlier runs that it learns from.
        top: the best trials that are done, best first.
        incumbent: why the first of them is the best although others have better values; None where
            the values decide.
        curve: best so far.
        failures: by reason, the most common first.
        trial_time_s: wall seconds of all the trials together.
        elapsed_s: wall seconds in which the run was being run.
        began, ended: seconds since the epoch; None if not known.
        budget: what the trials' budget was spent on; None for a run without one.
        diary: of a panda; None for any other run.
    """

    name: str
    path: str
    config: Config
    state: RunState
    detail: str
    writer: Holder | None
    counts: Mapping[TrialState, int]
    planned: int
    planned_rounds: int
    learned_from: tuple[str, ...]
    top: tuple[StoredTrial, ...]
    incumbent: Decision | None
    curve: BestSoFar
    rounds: tuple[RoundSummary, ...]
    failures: tuple[FailureGroup, ...]
    hints: tuple[Hint, ...]
    trial_time_s: float
    elapsed_s: float
    began: float | None
    ended: float | None
    budget: BudgetSummary | None = None
    diary: Diary | None = None

    @property
    def best(self) -> StoredTrial | None:
        """The best trial; None if none is done."""
        return self.top[0] if self.top else None

    @property
    def finished(self) -> int:
        """Trials that have an outcome."""
        return count_finished(self.counts)

    @property
    def failed(self) -> int:
        """Trials that failed, timed out or diverged."""
        return count_failed(self.counts)


def count_finished(counts: Mapping[TrialState, int]) -> int:
    """Trials that have an outcome."""
    return sum(trials for state, trials in counts.items() if state.is_finished)


def summarize(run: OpenedRun, now: float) -> Summary:
    """Read a run.

    Args:
        now: seconds since the epoch.
    """
    config, reader = run.config, run.reader
    tallies = reader.tallies()
    curve = best_so_far(reader.values(), config.metric)
    rounds = _rounds(run, tallies, curve)
    counts: Counter[TrialState] = Counter()
    for tally in tallies:
        counts[tally.state] += tally.trials
    top = tuple(run.best(TOP))
    budget = summarize_budget(run)
    failures = tuple(failure_groups(run)) if count_failed(counts) else ()
    return Summary(
        name=run.name,
        path=str(run.folder.path),
        config=config,
        state=run.state,
        detail=run.detail,
        writer=run.writer,
        counts=dict(counts),
        planned=run.planned,
        planned_rounds=len(run.round_sizes),
        learned_from=run.learned_from,
        top=top,
        incumbent=run.incumbent,
        curve=curve,
        rounds=rounds,
        failures=failures,
        hints=tuple(
            find_hints(
                run.name,
                run.state,
                config.space,
                top=[stored.trial for stored in top],
                values=curve.values,
                x_unit=np.concatenate([_no_points(config), *(r.x_unit for r in rounds)]),
                states=[state for round_ in rounds for state in round_.states],
                counts=counts,
                budget=budget,
                is_panda=config.is_panda,
            )
        ),
        trial_time_s=sum(tally.duration_s for tally in tallies),
        elapsed_s=run.elapsed_s(now),
        began=run.began,
        ended=run.ended(now),
        budget=budget,
        diary=read_diary(run),
    )


def _no_points(config: Config) -> FloatArray:
    return np.empty((0, config.space.dimensions))


def _rounds(run: OpenedRun, tallies: Sequence[Tally], curve: BestSoFar) -> tuple[RoundSummary, ...]:
    rounds = run.reader.rounds()
    share = max(1, SAMPLED // max(1, len(rounds)))
    return tuple(
        _round(run, round_, [t for t in tallies if t.round == round_.number], curve, share)
        for round_ in rounds
    )


def _round(
    run: OpenedRun, round_: Round, tallies: Sequence[Tally], curve: BestSoFar, most: int
) -> RoundSummary:
    drawn = sum(tally.trials for tally in tallies)
    positions = np.linspace(0, drawn - 1, min(drawn, most)).astype(int)
    points = run.reader.points((round_.first_trial + positions).tolist())
    finished = [(state, params) for _, state, params in points if state.is_finished]
    x_unit = run.config.space.encode([params for _, params in finished])
    return RoundSummary(
        round=round_,
        counts={tally.state: tally.trials for tally in tallies},
        best=curve.best_of_round(round_.number),
        duration_s=sum(tally.duration_s for tally in tallies),
        x_unit=x_unit,
        states=tuple(state for state, _ in finished),
    )
