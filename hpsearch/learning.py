"""Reading what earlier runs found, for `search.learn_from`.

`launch` reads it once, when a run is made, and keeps it in the run's store: a run goes on as it
began, whatever becomes of the runs that it learns from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from hpsearch.config import Config, Metric, load_config, problem_at, told_at
from hpsearch.errors import HpsearchError, Problem
from hpsearch.incumbents import expected_best
from hpsearch.run_folder import RunFolder, find_run
from hpsearch.samplers import (
    EarlierRun,
    EarlierTrial,
    have_a_value,
    shared_parameters,
    trials_inside,
)
from hpsearch.space import Space
from hpsearch.store import StoredTrial, StoreReader
from hpsearch.stored_config import stored_config
from hpsearch.trial import Outcome, TrialState

MOST_KEPT = 1000
"""Trials of one earlier run that are kept; the best ones, where it has more."""


def read_earlier_runs(config: Config, runs_dir: Path) -> tuple[EarlierRun, ...]:
    """The finished trials of the runs that a config names in `search.learn_from`.

    Raises:
        HpsearchError: at its place in the config, if a run is not found, cannot be read, has no
            trial with a value, shares no parameter with the space, wanted the opposite of the
            same metric, or is named twice.
    """
    earlier: list[EarlierRun] = []
    for reference in config.search.learn_from:
        with told_at(config, ("search", "learn_from"), reference):
            run = _read(reference, config, runs_dir)
            if run.name in {other.name for other in earlier}:
                raise HpsearchError(f"search.learn_from: {run.name} is named twice")
            earlier.append(run)
    return tuple(earlier)


def _read(reference: str, wanted: Config, runs_dir: Path) -> EarlierRun:
    run, space = find_run(runs_dir, reference), wanted.space
    with StoreReader(run) as store:
        config = stored_config(run, store)
        finished = _finished(store.trials(), config.metric)
        named = store.incumbent() or expected_best(store, config)
    if config.metric.name == wanted.metric.name and config.metric.goal != wanted.metric.goal:
        raise HpsearchError(
            f"search.learn_from: {run.name} wanted to {config.metric.goal} {config.metric.name}, "
            f"and this config wants to {wanted.metric.goal} it"
        )
    if not have_a_value(finished):
        raise HpsearchError(f"search.learn_from: no trial of {run.name} has a value yet")
    best = None if named is None else named.trial
    best_first = sorted(finished, key=lambda t: (t.number != best, t.loss))
    earlier = EarlierRun(run.name, tuple(best_first[:MOST_KEPT]), best)
    if not shared_parameters(space, earlier):
        here = ", ".join(n for n in space.parameters if len(space.columns_of(n)))
        raise HpsearchError(
            f"search.learn_from: {run.name} has none of the parameters that vary here: "
            f"{here or 'there are none'}"
        )
    return earlier


def with_notes_on_metrics(config: Config, runs_dir: Path) -> Config:
    """The config with a note at each earlier run that was about another metric.

    Raises:
        HpsearchError: if a run is not found or cannot be read.
    """
    notes = (_note_on_metric(name, config, runs_dir) for name in config.search.learn_from)
    return replace(config, notes=(*config.notes, *filter(None, notes)))


def _note_on_metric(reference: str, wanted: Config, runs_dir: Path) -> Problem | None:
    run = find_run(runs_dir, reference)
    earlier, here = _config_of(run).metric, wanted.metric
    if earlier.name == here.name:
        return None
    message = (
        f"note: {run.name} was about {earlier.name} ({earlier.goal}), this config is about "
        f"{here.name} ({here.goal}): what was good there is taken to be good here"
    )
    place = problem_at(wanted, ("search", "learn_from"), reference, message)
    return place or Problem(str(wanted.path), 1, 1, "search.learn_from", message)


def _config_of(run: RunFolder) -> Config:
    return load_config(run.config_path, check_objective=False, is_stored=True)


def _finished(stored: Iterable[StoredTrial], metric: Metric) -> list[EarlierTrial]:
    """The trials that have ended, in order."""
    ended = [(s.trial, s.outcome) for s in stored if s.outcome is not None]
    done = [
        metric.loss(outcome.value)
        for _, outcome in ended
        if outcome.state is TrialState.DONE and outcome.value is not None
    ]
    middle = median(done) if done else -math.inf
    return [
        EarlierTrial(trial.number, trial.params, _loss(outcome, metric, middle))
        for trial, outcome in ended
    ]


def _loss(outcome: Outcome, metric: Metric, middle: float) -> float:
    """+inf for a failure. A trial that a rule stopped was behind the others: where it would have
    ended is no better than the middle of those that were done."""
    if outcome.value is None or outcome.state not in (TrialState.DONE, TrialState.STOPPED):
        return math.inf
    loss = metric.loss(outcome.value)
    return max(loss, middle) if outcome.state is TrialState.STOPPED else loss


def lessons_in_words(runs: Sequence[EarlierRun], space: Space) -> tuple[str, ...]:
    """One line for each run: how many of its trials are possible here, in which parameters."""
    lines = []
    for run in runs:
        inside = trials_inside(space, run)
        told = "learns from" if have_a_value(inside) else "learns nothing from"
        failed = ", and none of these has a value" if inside and not have_a_value(inside) else ""
        lines.append(
            f"{told} {run.name}: {len(inside)} of {len(run.trials)} trials are possible here, "
            f"in {', '.join(shared_parameters(space, run))}{failed}"
        )
    return tuple(lines)
