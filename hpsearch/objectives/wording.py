"""Sentences about results that several kinds of objective share."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

LONGEST_REASON = 300


def missing_metric(metric_name: str, names: Sequence[str]) -> str:
    """Why a trial without its metric failed, and what was probably meant."""
    close = difflib.get_close_matches(metric_name, names, n=1)
    hint = f". Did you mean {close[0]}?" if close else ""
    listed = ", ".join(names) if names else "nothing"
    return f"the result has no {metric_name}; it has {listed}{hint}"[:LONGEST_REASON]


def shown(value: Any) -> str:
    """A value that is not what was expected, on one short line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
