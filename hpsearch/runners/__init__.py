"""Runners: where one trial runs. They obey, and never raise."""

from hpsearch.runners.base import Assignment, Runner
from hpsearch.runners.inline import InlineRunner
from hpsearch.runners.local import LocalRunner

__all__ = ["Assignment", "InlineRunner", "LocalRunner", "Runner"]
