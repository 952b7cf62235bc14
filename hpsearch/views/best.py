"""The values of the best trials, exactly, in a form that another program reads."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path

import yaml

from hpsearch.analysis import OpenedRun, seed_of
from hpsearch.config import ConfigDumper, Metric
from hpsearch.errors import HpsearchError
from hpsearch.objectives.again import Again
from hpsearch.objectives.command import CommandObjective
from hpsearch.objectives.template import as_arguments
from hpsearch.store import StoredTrial
from hpsearch.trial import Decision


def as_yaml(
    trials: Sequence[StoredTrial],
    run: str,
    metric: Metric,
    as_list: bool,
    incumbent: Decision | None = None,
) -> str:
    """YAML, each trial below a comment that says whose values these are.

    Args:
        incumbent: why one of them is the best although others have better values.
    """
    blocks = []
    for stored in trials:
        value = stored.outcome.value if stored.outcome is not None else None
        comment = f"# {run}, trial {stored.trial.number}: {metric.name} {value!r}"
        if incumbent is not None and incumbent.trial == stored.trial.number:
            comment += f"\n# {incumbent.reason}"
        params = dict(stored.trial.params)
        body = yaml.dump(
            [params] if as_list else params,
            Dumper=ConfigDumper,
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=None,
            width=2**31,
        )
        blocks.append(f"{comment}\n{body}")
    return "".join(blocks).rstrip("\n")


def as_json(trials: Sequence[StoredTrial], as_list: bool) -> str:
    """One JSON object, or a list of them."""
    points = [dict(stored.trial.params) for stored in trials]
    return json.dumps(points if as_list else points[0], indent=2)


def as_args(trials: Sequence[StoredTrial]) -> str:
    """`--learning_rate=0.01 --hidden_units=64,32`: one line for each trial, quoted for a shell.

    For a function, which has no arguments that could say how they are written.
    """
    return "\n".join(shlex.join(as_arguments(stored.trial.params)) for stored in trials)


def for_a_shell(
    run: OpenedRun, trials: Sequence[StoredTrial], here: Path | None = None
) -> tuple[str, list[str]]:
    """A line for each trial: its arguments as its program got them, or its whole command.

    Args:
        here: the folder in which the commands will be typed; None for the arguments alone.
    Returns:
        the lines, and notes on what they leave out or open.
    Raises:
        HpsearchError: if a function has no command.
    """
    objective = run.config.objective
    if not isinstance(objective, CommandObjective):
        if here is not None:
            raise HpsearchError(
                f"{run.name}: its objective is a function, which has no command; "
                "--format args, yaml or json has its values"
            )
        return as_args(trials), []
    lines: list[str] = []
    notes: dict[str, None] = {}
    for stored in trials:
        again = Again(
            objective,
            stored.trial.params,
            stored.trial.number,
            seed_of(run, stored.trial),
            None if stored.outcome is None else stored.outcome.budget,
            run.folder.trial_dir(stored.trial.number),
        )
        lines.append(again.arguments() if here is None else again.command(here))
        new = again.notes_on_arguments() if here is None else again.notes_on_command(here)
        notes.update(dict.fromkeys(new))
    return "\n".join(lines), list(notes)
