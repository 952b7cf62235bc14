"""The diary of a panda: what each day tried, what came of it, and the schedule that it learnt.

Made from the trials and the decisions alone; `views.show_diary` shows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpsearch.analysis.opened_run import OpenedRun
from hpsearch.domains import Domain
from hpsearch.store import StoredSegment, StoredTrial, StoreReader
from hpsearch.trial import Decision, TrialState

JUDGED = ("kept", "values back", "taken back", "passed over", "copied")


@dataclass(frozen=True)
class DiaryLine:
    """One day that was tried (one of several, where some were tried side by side).

    Attributes:
        value: of the metric at the day's end; None without one.
        state: of its trial.
        kind: what was decided about it; empty while it has not been judged.
        reason: why, in words.
        better, worse: from where on it would have been better or worse than expected; None where
            nothing was expected.
        directions: +1 or -1 for each live parameter that differs from the parent's day.
        is_by_hand: whether a person wanted it.
        replaced_by: the trial whose copy goes on in its place, in a population; None for none.
        least_bad_of: of how many days it was kept as the least bad; None where it was not.
        has_begun_anew: whether there was no checkpoint, so that it was trained from nothing.
        trained: what its model was trained to, in units of the budget.
        was_gone_back_to: why a later day went back to it; empty if none did.
    """

    day: int
    trial: int
    parent: int | None
    tried: str
    values: Mapping[str, Any]
    value: float | None
    state: TrialState
    kind: str
    reason: str
    better: float | None
    worse: float | None
    directions: Mapping[str, int]
    is_by_hand: bool
    replaced_by: int | None = None
    least_bad_of: int | None = None
    has_begun_anew: bool = False
    trained: int = 0
    was_gone_back_to: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether its training is part of the model."""
        return self.kind in ("kept", "values back")


@dataclass(frozen=True)
class Stretch:
    """A part of the learnt schedule, trained with one set of values.

    Attributes:
        first, last: in units of the budget, from 1.
        values: of the live parameters.
    """

    first: int
    last: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Diary:
    """All the days of a panda's run.

    Attributes:
        unit: of the budget, in the plural.
        best: the day that is handed over: the best one that was kept; None if there is none.
        schedule: what its model was trained with, from the beginning.
        start: the budget of the checkpoint that the first day went on from.
        start_from: where that comes from, in words; empty if from nowhere.
        spent: all that was trained, in units of the budget.
        models: how many.
        too_late: orders for which there was no day left, as a person types them.
    """

    unit: str
    days: int
    lines: tuple[DiaryLine, ...]
    best: DiaryLine | None
    schedule: tuple[Stretch, ...]
    start: int
    start_from: str
    spent: int
    models: int
    too_late: tuple[str, ...] = ()

    @property
    def begun_anew(self) -> int:
        """How many days were trained from nothing for want of a checkpoint."""
        return sum(line.has_begun_anew for line in self.lines)

    @property
    def has_siblings(self) -> bool:
        """Whether a day can be several trials, so that their numbers are not those of days."""
        return len({line.day for line in self.lines}) < len(self.lines)


def read_diary(run: OpenedRun) -> Diary | None:
    """The diary of a run; None if it is no panda's."""
    config = run.config
    if not config.is_panda or config.budget is None:
        return None
    trials = list(run.reader.trials())
    judged: dict[int, Decision] = {}
    gone_back_to: dict[int, list[str]] = defaultdict(list)
    for decision in run.reader.decisions():
        if decision.kind in JUDGED:
            judged[decision.trial] = _joined(judged.get(decision.trial), decision)
        else:
            gone_back_to[decision.trial].append(decision.reason)
    domains = {name: config.space.parameters[name].domain for name in config.live}
    segments = {stored.segment.trial.number: stored for stored in run.reader.segments()}
    lines = tuple(
        _line(
            stored,
            trials,
            judged.get(stored.trial.number),
            domains,
            gone_back_to,
            segments.get(stored.trial.number),
        )
        for stored in trials
    )
    loss = config.metric.loss
    kept = [line for line in lines if line.state is TrialState.DONE and line.value is not None]
    best = min(kept, key=lambda line: (loss(line.value or 0.0), line.trial), default=None)
    settings = run.reader.setting("panda") or {}
    start = int(settings.get("start", 0))
    return Diary(
        unit=config.budget.unit,
        days=config.search.segments,
        lines=lines,
        best=best,
        schedule=_schedule(lines, best, start, config.live),
        start=start,
        start_from=settings.get("from", ""),
        spent=sum(stored.spent for stored in segments.values()),
        models=config.search.population or 1,
        too_late=orders_too_late(run.reader),
    )


def orders_too_late(reader: StoreReader) -> tuple[str, ...]:
    """The orders that came when the last day had begun: `learning_rate=0.003`, `back to day 7`."""
    said = []
    for order in reader.setting("orders") or []:
        if order["day"] is None:
            parts = [] if order["back_to"] is None else [f"back to day {order['back_to']}"]
            parts += [f"{name}={value}" for name, value in order["values"].items()]
            said.append(" ".join(parts))
    return tuple(said)


def _joined(first: Decision | None, second: Decision) -> Decision:
    """A day that was taken back and kept after all keeps what was expected of it."""
    if first is None:
        return second
    details = {**first.details, **second.details}
    return Decision(second.trial, second.budget, second.kind, second.reason, details)


def _line(
    stored: StoredTrial,
    trials: Sequence[StoredTrial],
    decision: Decision | None,
    domains: Mapping[str, Domain],
    gone_back_to: Mapping[int, Sequence[str]],
    segment: StoredSegment | None,
) -> DiaryLine:
    trial, outcome = stored.trial, stored.outcome
    before = trial.params if trial.parent is None else trials[trial.parent].trial.params
    details = decision.details if decision is not None else {}
    return DiaryLine(
        day=trial.round,
        trial=trial.number,
        parent=trial.parent,
        tried=trial.origin,
        values={name: trial.params[name] for name in domains if name in trial.params},
        value=outcome.value if outcome is not None else None,
        state=stored.state,
        kind=decision.kind if decision is not None else "",
        reason=decision.reason if decision is not None else "",
        better=details.get("better_below"),
        worse=details.get("worse_above"),
        # After a day whose values went back, going back itself is no change.
        directions={
            name: direction
            for name, direction in _directions(before, trial.params, domains).items()
            if f"{name} up" in trial.origin or f"{name} down" in trial.origin
        },
        is_by_hand="by hand" in trial.origin,
        replaced_by=_whole(details.get("source")),
        least_bad_of=_whole(details.get("least_bad_of")),
        has_begun_anew=segment is not None and segment.segment.start > 0 and segment.began == 0,
        trained=0 if segment is None else segment.reached or 0,
        was_gone_back_to="; ".join(gone_back_to.get(trial.number, ())),
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _directions(
    before: Mapping[str, Any], after: Mapping[str, Any], domains: Mapping[str, Domain]
) -> dict[str, int]:
    directions = {}
    for name, domain in domains.items():
        if name in before and name in after and before[name] != after[name]:
            low, high = domain.to_unit([before[name], after[name]])
            directions[name] = 1 if high > low else -1
    return directions


def _schedule(
    lines: Sequence[DiaryLine],
    best: DiaryLine | None,
    start: int,
    live: Sequence[str],
) -> tuple[Stretch, ...]:
    """The line of days that led to the best one, as stretches of equal values.

    It begins with the last of them that was trained from nothing.
    """
    path: list[DiaryLine] = []
    line = best
    while line is not None:
        path.append(line)
        line = None if line.parent is None or line.has_begun_anew else lines[line.parent]
    stretches: list[Stretch] = []
    end = 0 if path and path[-1].has_begun_anew else start
    for line in reversed(path):
        values = {name: line.values[name] for name in live}
        if stretches and stretches[-1].values == values:
            stretches[-1] = Stretch(stretches[-1].first, line.trained, values)
        else:
            stretches.append(Stretch(end + 1, line.trained, values))
        end = line.trained
    return tuple(stretches)
