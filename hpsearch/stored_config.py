"""The config that drives a run: its own copy, and what the command line had said otherwise."""

from __future__ import annotations

from pathlib import Path

from hpsearch.config import Config, Overrides, load_config
from hpsearch.errors import StoreError
from hpsearch.run_folder import RunFolder
from hpsearch.store import StoreReader


def stored_config(run: RunFolder, store: StoreReader, check_objective: bool = False) -> Config:
    """The config of a run, read whatever a new one would be refused for today.

    Args:
        check_objective: whether the objective must be there.
    Raises:
        ConfigError: if it was edited into something that cannot be.
        StoreError: if the run was killed before it was set up.
    """
    beside = store.setting("config_folder")
    if beside is None:
        raise StoreError(f"{run.path}: the run was killed before it was set up; start a new one")
    config = load_config(
        run.config_path, beside=Path(beside), check_objective=check_objective, is_stored=True
    )
    overrides = Overrides(**(store.setting("overrides") or {}))
    config = config.with_overrides(overrides, is_stored=True)
    return config.with_form(store.setting("early_stop_form"))
