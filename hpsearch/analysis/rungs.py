"""The rungs of a run that stops trials early: who got where, what it cost, and what went wrong.

`summary` asks for a run that has a budget; one trial's segments are in `one_trial`.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from hpsearch.analysis.failures import FAILURE_STATES
from hpsearch.analysis.opened_run import OpenedRun
from hpsearch.budget import Budget, brackets
from hpsearch.config import EarlyStop, Metric
from hpsearch.store import StoredSegment, StoredTrial
from hpsearch.trial import NOTE_END, Decision, TrialState

NAN, INFINITY = float("nan"), float("inf")
CHECKPOINT_PLACE = "{trial_dir}/checkpoint"


@dataclass(frozen=True)
class RungSummary:
    """One rung.

    Attributes:
        budget: of the rung.
        reached: trials that were trained to it and judged there.
        best: (number, value) of the best there; None if none has a value.
        went_on: trials that were trained further.
        failed: trials that failed, diverged or took too long on the way to it, so that they have no
            value there; each one counts at one rung. One that a rule had ended before its program
            broke is a stopped trial, and not among them.
    """

    budget: int
    reached: int
    best: tuple[int, float] | None
    went_on: int
    failed: int


@dataclass(frozen=True)
class FallenTrial:
    """A trial that had a value at a rung, and failed on its way to the next one.

    Attributes:
        budget: of the highest rung at which it has a value.
        value: its value there.
        failed_at: what it was trained to when it failed; that rung's budget if nothing is known.
    """

    stored: StoredTrial
    budget: int
    value: float
    failed_at: int


@dataclass(frozen=True)
class LeftBehind:
    """A trial that was better at a lower rung than the best one is at the end, and was not trained
    on: with too few trials, Hyperband's lower brackets train none to the end.

    Attributes:
        budget: of the highest rung at which there is such a trial; `value` is its value there.
        best: number of the trial that is named best; `best_value` is its value at the end.
        trials_needed: with so many in all, every bracket trains one to the end.
    """

    trial: int
    budget: int
    value: float
    best: int
    best_value: float
    trials_needed: int


@dataclass(frozen=True)
class BudgetSummary:
    """What the budget of a run was spent on.

    Attributes:
        early_stop: None where every trial runs to its end.
        rungs: from the lowest up.
        spent: all that was trained, in units of the budget.
        full: what whole trainings of the same trials would have taken; one that has failed would
            have failed there too.
        fallen: trials that failed after a rung; those that came furthest first, then the best.
        troubles: (what was wrong with a checkpoint or the reports, how often, first trial).
        left_behind: None where no trial was, or where there are trials enough.
    """

    budget: Budget
    early_stop: EarlyStop | None
    rungs: tuple[RungSummary, ...]
    spent: int
    full: int
    fallen: tuple[FallenTrial, ...]
    troubles: tuple[tuple[str, int, int], ...]
    left_behind: LeftBehind | None = None

    @property
    def saved(self) -> float:
        """The share of whole trainings that was not needed, in [0, 1]."""
        return max(0.0, 1 - self.spent / self.full) if self.full else 0.0


def summarize_budget(run: OpenedRun) -> BudgetSummary | None:
    """Read what a run's budget was spent on; None for a run without one."""
    config = run.config
    if config.budget is None:
        return None
    segments, decisions = run.reader.segments(), run.reader.decisions()
    ended = [s for s in segments if s.outcome is not None]
    is_watched = config.early_stop is not None and config.early_stop.form == "stopping"
    reached = (
        _reached_watched(ended, decisions, config.budget)
        if is_watched
        else _reached_promoted(ended)
    )
    failures = _failed(run, ended)
    failed_at = (
        _failed_watched(config.early_stop.rule, config.budget, failures, decisions)
        if is_watched and config.early_stop is not None
        else {s.segment.trial.number: s.segment.budget or 0 for s in failures}
    )
    return BudgetSummary(
        budget=config.budget,
        early_stop=config.early_stop,
        rungs=tuple(_rungs(config.budget, config.metric, reached, failed_at, decisions)),
        spent=sum(s.spent for s in segments),
        full=_full(config.budget, ended, failures),
        fallen=tuple(_fallen(run, reached, ended)) if config.early_stop is not None else (),
        troubles=tuple(_troubles(ended, decisions)),
        left_behind=_left_behind(run, config.budget),
    )


def _left_behind(run: OpenedRun, budget: Budget) -> LeftBehind | None:
    stop, metric = run.config.early_stop, run.config.metric
    needed = sum(budget.hyperband_sizes)
    if stop is None or stop.rule != "hyperband" or run.planned >= needed:
        return None
    ranked = [  # fewer than one pass of Hyperband has
        (stored.trial.number, stored.state, stored.outcome.budget, stored.outcome.value)
        for stored in run.best(run.planned)
        if stored.outcome is not None
    ]
    if not ranked or ranked[0][1] is not TrialState.DONE:
        return None
    best, _, _, best_value = ranked[0]
    for number, state, at, value in ranked[1:]:  # those that were trained longest come first
        if state is not TrialState.STOPPED or at is None or value is None or best_value is None:
            continue
        if metric.loss(value) < metric.loss(best_value):
            return LeftBehind(number, at, value, best, best_value, needed)
    return None


def _full(budget: Budget, ended: Sequence[StoredSegment], failures: Sequence[StoredSegment]) -> int:
    whole = {s.segment.trial.number: budget.max for s in ended}
    broken_off = {s.segment.trial.number: _trained_to(s) for s in failures}
    return sum({**whole, **broken_off}.values())


def _trained_to(failure: StoredSegment) -> int:
    return max(failure.reached or 0, failure.segment.start)


Reached = Mapping[int, Mapping[int, float]]  # budget -> number -> value


def _reached_promoted(ended: Sequence[StoredSegment]) -> Reached:
    reached: dict[int, dict[int, float]] = defaultdict(dict)
    for stored in ended:
        outcome, budget = stored.outcome, stored.segment.budget
        if outcome is not None and outcome.value is not None and budget is not None:
            reached[budget][stored.segment.trial.number] = outcome.value
    return reached


def _reached_watched(
    ended: Sequence[StoredSegment], decisions: Sequence[Decision], budget: Budget
) -> Reached:
    reached: dict[int, dict[int, float]] = defaultdict(dict)
    out = set()
    for decision in decisions:
        if decision.kind in ("stopped", "promoted") and decision.budget is not None:
            reached[decision.budget][decision.trial] = decision.details.get("value", float("nan"))
            if decision.kind == "stopped":
                out.add(decision.trial)
    for stored in ended:
        number, outcome = stored.segment.trial.number, stored.outcome
        if outcome is not None and outcome.value is not None and number not in out:
            reached[budget.max][number] = outcome.value
    return reached


def _rungs(
    budget: Budget,
    metric: Metric,
    reached: Reached,
    failed_at: Mapping[int, int],
    decisions: Sequence[Decision],
) -> Iterator[RungSummary]:
    went_on: Counter[int] = Counter()
    for decision in decisions:
        if decision.kind == "promoted" and decision.budget is not None:
            went_on[decision.budget] += decision.budget < failed_at.get(decision.trial, INFINITY)
    failed = Counter(failed_at.values())
    for rung in budget.rungs:
        there = {
            number: value
            for number, value in reached.get(rung, {}).items()
            if rung < failed_at.get(number, INFINITY)
        }
        known = {number: value for number, value in there.items() if value == value}
        best = min(known, key=lambda n: (metric.loss(known[n]), n), default=None)
        yield RungSummary(
            budget=rung,
            reached=len(there),
            best=None if best is None else (best, known[best]),
            went_on=went_on[rung],
            failed=failed[rung],
        )


def _failed(run: OpenedRun, ended: Sequence[StoredSegment]) -> Sequence[StoredSegment]:
    """The failed segments of trials that count as failed: of some, a rule had settled the end."""
    failed = {number for number, *_ in run.reader.failures()}
    return [s for s in ended if s.state in FAILURE_STATES and s.segment.trial.number in failed]


def _failed_watched(
    rule: str,
    budget: Budget,
    failures: Sequence[StoredSegment],
    decisions: Sequence[Decision],
) -> Mapping[int, int]:
    """By trial, the rung on the way to which it failed: the first of its own without a value.

    A watched trial is one segment, so its rungs are those at which it was judged. Where too few are
    known, one that has printed NaN is judged to go on.
    """
    judged: dict[int, dict[int, bool]] = defaultdict(dict)
    for decision in decisions:
        if decision.kind == "promoted" and decision.budget is not None:
            judged[decision.trial][decision.budget] = "value" in decision.details
    last = max((s.segment.trial.number for s in failures), default=-1)
    lowest = list(islice(brackets(rule, len(budget.rungs), budget.factor), last + 1))
    failed_at = {}
    for stored in failures:
        number, reached = stored.segment.trial.number, stored.reached or 0
        has_value = judged[number]
        passed = max((rung for rung, value in has_value.items() if value), default=0)
        # A rung between two reports is not judged, though the trial got beyond it.
        failed_at[number] = next(
            rung
            for rung in budget.rungs[lowest[number] :]
            if rung == budget.max or (rung > passed and (rung in has_value or rung >= reached))
        )
    return failed_at


def _fallen(
    run: OpenedRun, reached: Reached, ended: Sequence[StoredSegment]
) -> Sequence[FallenTrial]:
    fallen = []
    for last in (s for s in ended if s.state in FAILURE_STATES):
        number = last.segment.trial.number
        values = {b: at[number] for b, at in reached.items() if math.isfinite(at.get(number, NAN))}
        stored = run.reader.trial(number)
        if values and stored is not None and stored.state in FAILURE_STATES:
            budget = max(values)
            failed_at = max(budget, last.reached or 0)
            fallen.append(FallenTrial(stored, budget, values[budget], failed_at))
    loss = run.config.metric.loss
    return sorted(fallen, key=lambda f: (-f.budget, loss(f.value), f.stored.trial.number))


def _troubles(
    ended: Sequence[StoredSegment], decisions: Sequence[Decision]
) -> Iterator[tuple[str, int, int]]:
    """Notes that differ in their numbers only are one trouble; the first one stands for all."""
    notes = [
        (note, s.segment.trial.number) for s in ended for note in s.note.split(NOTE_END) if note
    ]
    notes += [(d.reason, d.trial) for d in decisions if d.kind == "undecided"]
    groups: dict[str, list[tuple[str, int]]] = {}
    for note, number in notes:
        groups.setdefault(re.sub(r"[\d.]+", "#", note), []).append((note, number))
    for group in groups.values():
        yield group[0][0], len(group), group[0][1]
