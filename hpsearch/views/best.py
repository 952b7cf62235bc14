"""The values of the best trials, exactly, in a form that another program reads."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

import yaml

from hpsearch.config import Metric
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
        body = yaml.safe_dump(
            [params] if as_list else params,
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

    The same arguments as the trial's own program got for `{args}`.
    """
    return "\n".join(shlex.join(as_arguments(stored.trial.params)) for stored in trials)
