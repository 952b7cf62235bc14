"""Making the strategy of a panda from its config: where it starts from, and how many side by side.

`launch` calls it, when a run is made and whenever a session opens.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hpsearch import checkpoints
from hpsearch.analysis.opened_run import OpenedRun
from hpsearch.config import Config
from hpsearch.domains import FloatRange, IntegerRange
from hpsearch.errors import StoreError
from hpsearch.run_folder import RunFolder, find_run
from hpsearch.space import Space
from hpsearch.store import StoredTrial, StoreReader
from hpsearch.strategies import Panda
from hpsearch.strategies.panda import Orders
from hpsearch.strategies.panda_facts import Rules
from hpsearch.strategies.panda_rules import Nurse
from hpsearch.strategies.population import Population

MOST_SIBLINGS = 8
"""More days side by side would only try smaller variations of the same few nudges."""


def nursing_settings(config: Config, run: RunFolder, slots: int) -> dict[str, Any]:
    """What is decided when a panda's run is made, for its store; brings its checkpoint along.

    Raises:
        RunNotFoundError, StoreError: if there is nothing to start from.
    """
    settings: dict[str, Any] = {"siblings": min(slots, MOST_SIBLINGS), "start": 0, "values": {}}
    reference = config.search.start_from
    if reference is None:
        return settings
    other = find_run(run.path.parent, reference)
    with OpenedRun(other) as opened:
        best = next(iter(opened.best()), None)
        if best is None:
            raise StoreError(f"start_from: {other.name} has no trial with a value yet")
        trained = _trained_to(best, opened.reader)
    settings["values"] = _fitting(config.space, best.trial.params)
    settings["from"] = f"trial {best.trial.number} of {other.name}"
    checkpoint = _checkpoint_of(other.trial_dir(best.trial.number), trained)
    if checkpoint is not None and trained:
        run.start_dir.mkdir()
        target = checkpoints.sealed_path(run.start_dir, trained)
        if checkpoint.is_dir():
            shutil.copytree(checkpoint, target, symlinks=True)
        else:
            shutil.copy2(checkpoint, target)
        settings["start"] = trained
    return settings


def _trained_to(best: StoredTrial, reader: StoreReader) -> int:
    """How far the trial was trained: its budget, or the last step that it told of."""
    if best.outcome is not None and best.outcome.budget is not None:
        return best.outcome.budget
    curve = reader.curve(best.trial.number)
    return int(curve[-1][0]) if curve else 0


def _checkpoint_of(trial_dir: Path, trained: int) -> Path | None:
    for path in (checkpoints.sealed_path(trial_dir, trained), trial_dir / checkpoints.NAME):
        if path.exists():
            return path
    return None


def _fitting(space: Space, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of another run's values that this space has; one beyond a range goes to its end."""
    fitting: dict[str, Any] = {}
    for name, value in values.items():
        if name not in space.parameters:
            continue
        domain = space.parameters[name].domain
        if isinstance(domain, (FloatRange, IntegerRange)) and isinstance(value, (int, float)):
            value = min(domain.high, max(domain.low, value))
        fitting[name] = value
    return fitting


def start_values(config: Config, found: Mapping[str, Any]) -> dict[str, Any]:
    """The first day's values: those that are given, and the middle of the range for the others.

    Raises:
        SpaceError: if values of another run do not go with this space.
    """
    given = config.search.start_with[0] if config.search.start_with else found
    space = config.space
    middle = space.decode(np.full((1, space.dimensions), 0.5))[0]
    return space.accept({**{k: v for k, v in middle.items() if k not in given}, **given})


def make_panda(config: Config, settings: Mapping[str, Any], orders: Orders | None = None) -> Panda:
    """The strategy of a panda's run, before any day.

    Args:
        settings: as `nursing_settings` made them.
    """
    assert config.budget is not None
    search, start = config.search, start_values(config, settings["values"])
    rules: Rules
    if search.population is None:
        rules = Nurse(config.space, config.live, start, search.segments, settings["siblings"])
    else:
        starts = _starts(config, start, search.population)
        rules = Population(config.space, config.live, starts, search.seed)
    return Panda(
        config.space,
        rules,
        metric_name=config.metric.name,
        loss=config.metric.loss,
        days=search.segments,
        length=config.budget.min,
        is_one_model=search.population is None,
        orders=orders,
        start=settings["start"],
    )


def _starts(config: Config, first: Mapping[str, Any], size: int) -> list[dict[str, Any]]:
    """The given points, then random ones: only live parameters differ, so models can be copied."""
    starts = [dict(point) for point in config.search.start_with] or [dict(first)]
    for i in range(len(starts), size):
        rng = np.random.default_rng(np.random.SeedSequence(config.search.seed, spawn_key=(1, i)))
        values = dict(first)
        for name in config.live:
            domain = config.space.parameters[name].domain
            values[name] = domain.to_value(rng.random(1)).tolist()[0]
        starts.append(values)
    return starts
