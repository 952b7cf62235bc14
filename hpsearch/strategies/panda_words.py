"""What panda says in its diary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpsearch.space import Space
from hpsearch.strategies.panda_curve import Verdict
from hpsearch.strategies.panda_facts import Purpose
from hpsearch.strategies.panda_nudges import step_words

WORSE = "worse than where the curve was: yesterday's model and values are taken back"
BETTER = "better than expected: kept, and twice as far next"
NO_BETTER = "no better than expected: the training is kept, the values go back"
UNCHANGED = "nothing changed"
NOTHING_TRAINS = "no day from the one after it has a value: a day further back, and smaller values"
PASSED_OVER = "the day beside it was better"


def tried(space: Space, before: Mapping[str, Any], after: Mapping[str, Any], why: str) -> str:
    """What a day tries, and why."""
    what = step_words(space, before, after)
    if not what:
        return UNCHANGED
    return f"{what}: {why}" if why not in ("", "on", "instead") else what


def kept(purpose: Purpose, verdict: Verdict) -> str:
    """Why a day is kept that had nothing to prove."""
    how = "better than expected" if verdict == "better" else "as expected"
    if purpose == "hand":
        return "by hand: kept, however it went"
    if purpose == "calm":
        return f"{how}, and lower values are less noisy"
    if purpose == "lower":
        return f"{how}: kept"
    return how


def wanted(
    space: Space, before: Mapping[str, Any], after: Mapping[str, Any], back_to: int | None
) -> str:
    """What a person wants of a day.

    Args:
        before: what the day that it goes on from was trained with.
        back_to: the day that was gone back to; None if none was.
    """
    what = step_words(space, before, after)
    back = "" if back_to is None else f"back to day {back_to}"
    if what:
        return f"{what}: by hand" + (f", {back}" if back else "")
    return f"by hand: {back}" if back else "by hand"


def by_hand(day: int) -> str:
    """Of a roll-back that a person wanted."""
    return f"by hand: day {day} goes on from here"


def finish_begins(days: int) -> str:
    """Of the day that the last days begin from."""
    return f"the best day so far: the last {days} days begin from it"


def best_of(count: int) -> str:
    """Of the day that is kept after several were taken back."""
    return (
        f"worse than expected, and still the least bad of {count} days that went on from one "
        "checkpoint: what that one had reached was probably luck"
    )
