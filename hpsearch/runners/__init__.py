"""Runners: where one trial runs. They obey, and never raise."""

from hpsearch.objectives.reading import MetricReading
from hpsearch.runners.base import Assignment, Runner
from hpsearch.runners.command import CommandRunner
from hpsearch.runners.inline import InlineRunner
from hpsearch.runners.limits import Limits
from hpsearch.runners.local import LocalRunner
from hpsearch.runners.places import Places, find_gpus

__all__ = [
    "Assignment",
    "CommandRunner",
    "InlineRunner",
    "Limits",
    "LocalRunner",
    "MetricReading",
    "Places",
    "Runner",
    "find_gpus",
]
