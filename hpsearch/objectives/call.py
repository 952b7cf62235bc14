"""Calling a function objective, and making an outcome of what it returns or raises.

The same for every runner that runs Python functions.
"""

from __future__ import annotations

import difflib
import inspect
import math
import os
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from hpsearch.objectives.handle import TrialHandle
from hpsearch.trial import Outcome, TrialState, state_of_value

LONGEST_REASON = 300


class BoundObjective:
    """A loaded function, and which arguments it takes besides the values.

    Args:
        metric_name: the number of its result that counts.
    """

    def __init__(self, function: Callable[..., Any], metric_name: str) -> None:
        self._function = function
        self._metric_name = metric_name
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
        return outcome_of_result(returned, self._metric_name)


def outcome_of_result(returned: Any, metric_name: str) -> Outcome:
    """The outcome of what a function returned: a number, or a dict of numbers by name."""
    if isinstance(returned, Mapping):
        metrics = {str(name): float(value) for name, value in returned.items() if _is_number(value)}
        if metric_name not in returned:
            return _failed(_missing(metric_name, [str(name) for name in returned]))
        if metric_name not in metrics:
            return _failed(f"{metric_name} is not a number but {_shown(returned[metric_name])}")
        return _outcome(metric_name, metrics.pop(metric_name), metrics)
    if _is_number(returned):
        return _outcome(metric_name, float(returned), {})
    return _failed(
        f"it returned {_shown(returned)}; expected a number, or a dict with {metric_name}"
    )


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


def _outcome(metric_name: str, value: float, metrics: dict[str, float]) -> Outcome:
    if math.isfinite(value):
        return Outcome(TrialState.DONE, value, metrics)
    return Outcome(state_of_value(value), metrics=metrics, reason=f"{metric_name} is {value}")


def _failed(reason: str) -> Outcome:
    return Outcome(TrialState.FAILED, reason=reason)


def _missing(metric_name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(metric_name, names, n=1)
    hint = f". Did you mean {close[0]}?" if close else ""
    listed = ", ".join(names) if names else "nothing"
    return f"the result has no {metric_name}; it has {listed}{hint}"[:LONGEST_REASON]


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
