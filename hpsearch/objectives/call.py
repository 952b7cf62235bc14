"""Calling a function objective, and making an outcome of what it returns or raises.

The same for every runner that runs Python functions.
"""

from __future__ import annotations

import inspect
import os
import sysconfig
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from hpsearch.objectives.handle import TrialHandle, read_curve
from hpsearch.objectives.reading import MetricReading
from hpsearch.objectives.signature import signature_of
from hpsearch.objectives.wording import LONGEST_REASON, missing_metric, shown
from hpsearch.trial import Outcome, TrialState

_OUR_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class BoundObjective:
    """A loaded function, and which arguments it takes besides the values.

    Args:
        metric: the number of its result that counts.
    """

    def __init__(self, function: Callable[..., Any], metric: MetricReading) -> None:
        self._function = function
        self._metric = metric
        signature = signature_of(function)
        # The first one is for the values, whatever it is called.
        named = [] if signature is None else list(signature.parameters.values())[1:]
        by_name = {p.name: p for p in named if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        self._takes_trial = "trial" in by_name
        self._takes_seed = "seed" in by_name
        self._takes_budget = "budget" in by_name
        self._needs_budget = (
            self._takes_budget and by_name["budget"].default is inspect.Parameter.empty
        )

    def run(self, handle: TrialHandle) -> Outcome:
        """Call the function; every `Exception` becomes a failed outcome with its traceback."""
        extra: dict[str, Any] = {}
        if self._takes_trial:
            extra["trial"] = handle
        if self._takes_seed:
            extra["seed"] = handle.seed
        if self._needs_budget or (self._takes_budget and handle.budget is not None):
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
            what = f"it returned {shown(returned)}; expected a number, or a dict with {metric.name}"
        elif metric.name in returned:
            what = f"{metric.name} is not a number but {shown(returned[metric.name])}"
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
    message = " ".join(str(error).split())
    named = f"{type(error).__name__}: {message}" if message else type(error).__name__
    reason = named[:LONGEST_REASON] + _where(error)
    return Outcome(TrialState.FAILED, reason=reason, stderr_tail=tail)


def _where(error: BaseException) -> str:
    """The line of the person's own code that led to it, else the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, SyntaxError) or not frames:  # a syntax error's message says where
        return ""
    own = [frame for frame in frames if not _is_library(frame.filename)]
    frame = (own or frames)[-1]
    return f" ({os.path.basename(frame.filename)}:{frame.lineno})"


def _is_library(filename: str) -> bool:
    """Whether it is Python's, an installed package's, or ours (the examples are a person's)."""
    if filename.startswith(("<frozen", sysconfig.get_path("stdlib"))):
        return True
    parts = filename.split(os.sep)
    if "site-packages" in parts or "dist-packages" in parts:
        return True
    return filename.startswith(_OUR_FOLDER) and "examples" not in parts


def _is_number(value: Any) -> bool:
    """Numbers, NumPy scalars, and one-element tensors; not texts and not booleans."""
    if isinstance(value, (bool, str, bytes)) or not hasattr(value, "__float__"):
        return False
    try:
        float(value)
    except Exception:  # of any kind: a tensor of several numbers raises RuntimeError
        return False
    return "bool" not in str(getattr(value, "dtype", ""))
