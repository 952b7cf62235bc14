"""The example that `hpsearch init` writes where it is told no program: a config and its script."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "example"
CONFIG_NAME = "example.yaml"
SCRIPT_NAME = "train.py"


def example_config() -> str:
    """The text of the config; it starts the script that lies beside it."""
    return (_FOLDER / CONFIG_NAME).read_text(encoding="utf-8")


def example_script() -> str:
    """The text of the script."""
    return (_FOLDER / SCRIPT_NAME).read_text(encoding="utf-8")
