"""Whole runs with a budget: their configs, and all that must be the same in every one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hpsearch.run_folder import RunFolder
from hpsearch.store import StoredSegment, StoreReader
from tests.whole_runs import trials_of

CONFIG = """\
name: bowl
objective: {{{objective}}}
metric: {{name: value, goal: minimize}}
budget: {{unit: epochs, min: {min}, max: {max}, factor: 3}}
early_stop: {{rule: {rule}, form: {form}}}
space:
  x: {{min: 0.0, max: 1.0}}
  y: {{min: 0.0, max: 1.0}}
search: {{sampler: {sampler}, trials: {trials}, seed: 3}}
execution: {{jobs: {jobs}, runner: {runner}, grace: 1s{more}}}
"""


def write_budget_config(folder: Path, objective: str = "", **more: Any) -> Path:
    """A config beside which the programs of the folder are found.

    Args:
        objective: the section's keys; by default a function that keeps checkpoints.
    """
    settings: dict[str, Any] = {
        "min": 1,
        "max": 27,
        "rule": "asha",
        "form": "promotion",
        "sampler": "random",
        "trials": 20,
        "jobs": 2,
        "runner": "local",
        "more": "",
        **more,
    }
    objective = objective or 'function: "tests.objectives.steady:climbs"'
    path = folder / "bowl.yaml"
    path.write_text(CONFIG.format(objective=objective, **settings))
    return path


def segments_of(run: RunFolder) -> list[StoredSegment]:
    with StoreReader(run) as reader:
        return reader.segments()


def decisions_of(run: RunFolder) -> dict[tuple[int, int | None, str], str]:
    with StoreReader(run) as reader:
        return {(d.trial, d.budget, d.kind): d.reason for d in reader.decisions()}


def all_of(run: RunFolder) -> dict[str, Any]:
    """Trials, segments and decisions, without times."""
    with StoreReader(run) as reader:
        budgets = {s.trial.number: s.outcome and s.outcome.budget for s in reader.trials()}
        curves = {number: reader.curve(number) for number in budgets}
    return {
        "trials": trials_of(run),
        "budgets": budgets,
        "segments": [
            (s.segment.trial.number, s.segment.index, s.segment.budget, s.state, s.began, s.reached)
            for s in segments_of(run)
        ],
        "values": [s.outcome and s.outcome.value for s in segments_of(run)],
        "decisions": decisions_of(run),
        "curves": curves,
    }
