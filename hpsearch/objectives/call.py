"""Calling a function objective, and making an outcome of what it returns or raises.

The same for every runner that runs Python functions.
"""

from __future__ import annotations

import inspect
import os
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from hpsearch.objectives.handle import TrialHandle, read_curve
from hpsearch.objectives.reading import MetricReading
from hpsearch.objectives.wording import LONGEST_REASON, missing_metric
from hpsearch.trial import Outcome, TrialState


class BoundObjective:
    """A loaded function, and which arguments it takes besides the values.

    Args:
        metric: the number of its result that counts.
    """

    def __init__(self, function: Callable[..., Any], metric: MetricReading) -> None:
        self._function = function
        self._metric = metric
        try:
            accepted = set(inspect.signature(function).parameters)
        except (TypeError, ValueError):  # some built-in functions have no signature
            accepted = set()
        self._takes_trial = "trial" in accepted
        self._takes_budget = "budget" in accepted

    def run(self, handle: TrialHandle) -> Outcome:
        """Call the function; every `Exception` becomes a failed outcome with its traceback."""
        extra: dict[str, Any] = {}
        if self._takes_trial:
            extra["trial"] = handle
        if self._takes_budget:
            extra["budget"] = handle.budget
        try:
            returned = self._function(dict(handle.params), **extra)
        except (Exception, SystemExit) as error:
            return outcome_of_error(error)
        return self._outcome(returned, handle)

    def _outcome(self, returned: Any, handle: TrialHandle) -> Outcome:
        """What counts: of the reports, where the config says so or nothing else has the metric."""
        metric = self._metric
        metrics = _numbers(returned, metric.name)
        if metric.name not in metrics or metric.take.how != "last":
            reported = [m[metric.name] for _, m in read_curve(handle.folder) if metric.name in m]
            if reported:
                return metric.outcome(metric.take.of(reported), metrics)
        if metric.name in metrics:
            return metric.outcome(metrics[metric.name], metrics)
        if not isinstance(returned, Mapping):
            what = (
                f"it returned {_shown(returned)}; expected a number, or a dict with {metric.name}"
            )
        elif metric.name in returned:
            what = f"{metric.name} is not a number but {_shown(returned[metric.name])}"
        else:
            what = missing_metric(metric.name, [str(name) for name in returned])
        return Outcome(TrialState.FAILED, reason=what)


def _numbers(returned: Any, metric_name: str) -> dict[str, float]:
    """The numbers that a function returned, by name."""
    named = returned if isinstance(returned, Mapping) else {metric_name: returned}
    return {str(name): float(value) for name, value in named.items() if _is_number(value)}


def outcome_of_error(error: BaseException) -> Outcome:
    """The outcome of an exception: what it says and where it was raised."""
    tail = "".join(traceback.format_exception(error)).strip()
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        return Outcome(
            TrialState.FAILED,
            reason=f"it called sys.exit({'' if error.code is None else repr(error.code)})",
            exit_code=code,
            stderr_tail=tail,
        )
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    message = " ".join(str(error).split())
    named = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return Outcome(TrialState.FAILED, reason=named[:LONGEST_REASON] + where, stderr_tail=tail)


def _is_number(value: Any) -> bool:
    """Numbers, NumPy scalars, and one-element tensors; not texts and not booleans."""
    if isinstance(value, (bool, str, bytes)) or not hasattr(value, "__float__"):
        return False
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return type(value).__name__ not in ("bool_", "bool")


def _shown(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
