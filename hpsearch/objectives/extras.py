"""Frameworks that an objective may need, and which extra of hpsearch installs each of them.

`function` asks for them before a run, `cli` when every trial has failed.
"""

from __future__ import annotations

import re

NAMES = {
    "keras": "Keras",
    "lightgbm": "LightGBM",
    "sklearn": "scikit-learn",
    "tensorflow": "TensorFlow",
    "torch": "PyTorch",
    "xgboost": "XGBoost",
}
EXTRAS = {
    "keras": "tensorflow",
    "lightgbm": "boosting",
    "sklearn": "sklearn",
    "tensorflow": "tensorflow",
    "torch": "pytorch",
    "xgboost": "boosting",
}
_NOT_FOUND = re.compile(r"No module named '?(\w+)'?(?![\w.'])")


def how_to_install(module: str) -> str:
    """The name of a framework's module (a key of `EXTRAS`), and the command that installs it."""
    return f"{NAMES[module]}, which is not installed: pip install 'hpsearch[{EXTRAS[module]}]'"


def needed_by(text: str) -> str | None:
    """The framework's module that a program complains it has not found; None if it does not."""
    found = (match.group(1) for match in _NOT_FOUND.finditer(text))
    return next((module for module in found if module in EXTRAS), None)
