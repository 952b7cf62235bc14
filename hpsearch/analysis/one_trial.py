"""The report of one trial: what `show RUN TRIAL` says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hpsearch.analysis.curves import best_so_far
from hpsearch.analysis.opened_run import OpenedRun
from hpsearch.config import Config
from hpsearch.errors import HpsearchError
from hpsearch.scales import FloatArray
from hpsearch.seeds import root_of, trial_seed
from hpsearch.store import StoredSegment, StoredTrial
from hpsearch.trial import Decision, Trial, TrialState


class TrialNotFoundError(HpsearchError):
    """No trial of the run has the number that was given."""


@dataclass(frozen=True, eq=False)
class TrialReport:
    """One trial.

    Attributes:
        rank: its place among the trials that are done (1 is the best); None for one that is not.
        values: of the trials that are done, float64 (n,).
        seed: what the program got for its own randomness.
        best: the best trial of the run; None if none is done.
        incumbent: why that one is the best of noisy ones; None where the values decide.
        curves: metric -> (steps, values) that it reported, float64 (n,) each.
        segments: where it has a budget, and `decisions` what was decided about it.
        folder: its own folder, and `files` the names of what is in it.
    """

    run_name: str
    config: Config
    stored: StoredTrial
    seed: int
    rank: int | None
    values: FloatArray
    best: StoredTrial | None
    curves: dict[str, tuple[FloatArray, FloatArray]]
    folder: Path
    files: tuple[str, ...]
    incumbent: Decision | None = None
    segments: tuple[StoredSegment, ...] = ()
    decisions: tuple[Decision, ...] = ()


def find_trial(run: OpenedRun, number: int) -> StoredTrial:
    """The trial of this number.

    Raises:
        TrialNotFoundError: if the run has none; the message says which numbers there are.
    """
    stored = run.reader.trial(number)
    if stored is None:
        trials = sum(run.reader.counts().values())
        have = f"its trials are 0 to {trials - 1}" if trials else "it has no trials yet"
        raise TrialNotFoundError(f"{run.name} has no trial {number}; {have}")
    return stored


def seed_of(run: OpenedRun, trial: Trial) -> int:
    """What its program got, or will get, for its own randomness."""
    search = run.config.search
    is_one_model = run.config.is_panda and search.population is None
    root = root_of(trial, lambda number: find_trial(run, number).trial, is_one_model)
    return trial_seed(search.seed, root)


def report_trial(run: OpenedRun, number: int) -> TrialReport:
    """Read one trial.

    Raises:
        TrialNotFoundError: if the run has none of this number.
    """
    stored = find_trial(run, number)
    curve = best_so_far(run.reader.values(), run.config.metric)
    value = stored.outcome.value if stored.outcome is not None else None
    is_ranked = stored.state is TrialState.DONE and value is not None
    folder = run.folder.trial_dir(number)
    return TrialReport(
        run_name=run.name,
        config=run.config,
        stored=stored,
        seed=seed_of(run, stored.trial),
        rank=curve.rank(value) if is_ranked and value is not None else None,
        values=curve.values,
        best=next(iter(run.best()), None),
        incumbent=run.incumbent,
        curves=_curves(run, number),
        folder=folder,
        segments=tuple(run.reader.segments(number)),
        decisions=tuple(run.reader.decisions(number)),
        files=tuple(sorted(path.name for path in folder.iterdir())) if folder.is_dir() else (),
    )


def _curves(run: OpenedRun, number: int) -> dict[str, tuple[FloatArray, FloatArray]]:
    points = run.reader.curve(number)
    names = dict.fromkeys(name for _, metrics in points for name in metrics)
    curves = {}
    for name in names:
        with_it = [(step, metrics[name]) for step, metrics in points if name in metrics]
        steps, values = np.array(with_it, dtype=np.float64).T
        curves[name] = (steps, values)
    return curves
