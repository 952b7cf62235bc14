"""hpsearch: hyperparameter search for any training program, from the shell or from Python.

The command line is `hpsearch.cli`; the story of a search is `hpsearch.search`. Importing this
package is cheap: a training script that only reports its progress pays a few milliseconds.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from hpsearch.objectives.current import current_trial
from hpsearch.version import __version__

if TYPE_CHECKING:  # for editors and type checkers; the program gets them from `__getattr__`
    from hpsearch.api import Run, run
    from hpsearch.asking import AskTell, ask_tell
    from hpsearch.errors import HpsearchError
    from hpsearch.trial import Best

__all__ = [
    "AskTell",
    "Best",
    "HpsearchError",
    "Run",
    "__version__",
    "ask_tell",
    "current_trial",
    "run",
]

_HOMES = {
    "run": "hpsearch.api",
    "Run": "hpsearch.api",
    "Best": "hpsearch.trial",
    "AskTell": "hpsearch.asking",
    "ask_tell": "hpsearch.asking",
    "HpsearchError": "hpsearch.errors",
}
"""Names that are imported when they are first used: where they live."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
