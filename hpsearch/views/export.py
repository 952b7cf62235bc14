"""All the trials of a run, as CSV, JSON or JSON lines: pieces of text, made as they are written.

100,000 trials pass through without being held. The JSON is strict: NaN and the infinities are null.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Generator, Iterable, Sequence
from datetime import datetime, timezone
from typing import Any

from hpsearch.config import Metric
from hpsearch.store import StoredTrial
from hpsearch.trial import Decision

COLUMNS = ("number", "round", "state", "value", "started", "duration_s")
OF_A_BUDGET = (*COLUMNS[:4], "budget", *COLUMNS[4:])
"""With a budget a value is final only at the highest one."""
AT_THE_END = ("reason", "attempt", "origin")


def iso_time(seconds: float | None) -> str | None:
    """Seconds since the epoch as ISO 8601 in UTC; None for None."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds")


def finite(value: Any) -> Any:
    """The value as strict JSON can write it: what is not finite becomes None, also inside."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(entry) for entry in value]
    return value


def trial_report(stored: StoredTrial) -> dict[str, Any]:
    """One trial as `export` and `show --json` write it."""
    trial, outcome = stored.trial, stored.outcome
    return {
        "number": trial.number,
        "round": trial.round,
        "state": stored.state.value,
        "value": finite(outcome.value) if outcome else None,
        "params": finite(dict(trial.params)),
        **({"budget": outcome.budget} if outcome and outcome.budget is not None else {}),
        "started": iso_time(stored.started),
        "duration_s": outcome.duration_s if outcome else None,
        "metrics": finite(dict(outcome.metrics)) if outcome else {},
        "reason": outcome.reason if outcome else "",
        "attempt": stored.attempt,
        "origin": trial.origin,
    }


def expectation(incumbent: Decision | None) -> dict[str, Any]:
    """What is expected of the best trial and how noisy the values are; null where they decide."""
    details = incumbent.details if incumbent is not None else {}
    return {key: finite(details.get(key)) for key in ("expected", "noise")}


def json_pieces(
    run: str,
    metric: Metric,
    best: int | None,
    incumbent: Decision | None,
    trials: Iterable[StoredTrial],
) -> Generator[str, None, None]:
    """One object `{run, metric, goal, best, expected, noise, trials: [...]}`, one trial a line.

    Args:
        best: number of the trial that is named best, which not always has the best value.
        incumbent: why that one, where values are noisy.
    """
    head = {"run": run, "metric": metric.name, "goal": metric.goal, "best": best}
    yield json.dumps({**head, **expectation(incumbent)})[:-1] + ', "trials": ['
    separator = "\n"
    for line in jsonl_pieces(trials):
        yield separator + line.rstrip("\n")
        separator = ",\n"
    yield "\n]}\n"


def jsonl_pieces(trials: Iterable[StoredTrial]) -> Generator[str, None, None]:
    """One object a line."""
    for stored in trials:
        yield json.dumps(trial_report(stored), allow_nan=False) + "\n"


def csv_pieces(
    parameters: Sequence[str],
    trials: Iterable[StoredTrial],
    has_budget: bool = False,
    metrics: Sequence[str] = (),
) -> Generator[str, None, None]:
    """A heading, and one line a trial; an inactive parameter is empty, a list is JSON.

    Args:
        metrics: names of the other numbers that trials returned.
    """
    columns = OF_A_BUDGET if has_budget else COLUMNS
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(
        [
            *columns,
            *(f"param.{name}" for name in parameters),
            *AT_THE_END,
            *(f"metric.{name}" for name in metrics),
        ]
    )
    for stored in trials:
        report = trial_report(stored)
        params, numbers = report["params"], report["metrics"]
        writer.writerow(
            [
                *(report.get(column) for column in columns),
                *(_cell(params[name]) if name in params else "" for name in parameters),
                *(report[column] for column in AT_THE_END),
                *(numbers.get(name) for name in metrics),
            ]
        )
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (list, bool)) or value is None else value
