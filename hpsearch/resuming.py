"""Going on with a run: which one is meant, how much larger it shall be, and whether there is
anything to do.

`launch` opens the session; `cli` asks beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hpsearch.config import Config, Overrides
from hpsearch.errors import StoreError
from hpsearch.run_folder import RunFolder, list_runs
from hpsearch.store import StoreReader
from hpsearch.stored_config import stored_config
from hpsearch.strategies.caviar import split_over_rounds
from hpsearch.trial import TrialState


def load_run_config(run: RunFolder, check_objective: bool = True) -> Config:
    """The config that drives a run: its own copy, and what the command line had said otherwise.

    Raises:
        ConfigError, StoreError: if either cannot be read.
    """
    with StoreReader(run) as store:
        return stored_config(run, store, check_objective)


def find_unfinished(runs_dir: Path, config: Config, said: Overrides) -> RunFolder | None:
    """The newest run of this very config that has not finished; None if there is none.

    What shapes a search must be as it was: the same line, submitted again and again, goes on with
    its own run, also where the run was extended meanwhile.

    Args:
        said: what the command line says otherwise than the config.
    Raises:
        StoreError: if there is one, but the command line wants another search.
    """
    refusal = ""
    for run in _unfinished(runs_dir, config):
        difference = _difference(run, said)
        if not difference:
            return run
        refusal = refusal or f"{run.name}, which has not finished, has {difference}"
    if refusal:
        raise StoreError(
            f"{refusal}: leave the option out to go on with it, or --resume to start a new run"
        )
    return None


def _unfinished(runs_dir: Path, config: Config) -> Iterator[RunFolder]:
    for run in reversed(list_runs(runs_dir)):
        if run.config_name != config.name or not run.config_path.is_file():
            continue
        if run.config_path.read_text(encoding="utf-8") != config.text:
            continue
        with StoreReader(run) as store:
            events = store.events()
        if events and events[-1].kind != "finished":
            yield run


def _difference(run: RunFolder, said: Overrides) -> str:
    """`seed 0, not 7`: how the run's search is not what the command line says; empty if it is."""
    search = load_run_config(run, check_objective=False).search
    with StoreReader(run) as store:
        sizes = store.setting("round_sizes")
    extended = {"trials": sum(sizes), "rounds": len(sizes)}
    differences = []
    for key in ("sampler", "rounds", "trials", "seed"):
        wanted, began_with = getattr(said, key), getattr(search, key)
        has = extended.get(key, began_with)
        if wanted is not None and wanted not in (began_with, has):
            differences.append(f"{key} {has}, not {wanted}")
    return " and ".join(differences)


def nothing_to_do(run: RunFolder, extension: Extension | None, retry_failed: bool) -> str | None:
    """Why a session would do nothing, and what would do something; None if there is work.

    Raises:
        StoreError: if the run cannot be read.
    """
    with StoreReader(run) as store:
        events, sizes = list(store.events()), store.setting("round_sizes")
        is_panda = store.setting("panda") is not None
        failed = store.counts().get(TrialState.FAILED, 0)
    if not events or events[-1].kind != "finished" or (retry_failed and failed):
        return None
    if extension is not None and (is_panda or extension.apply(sizes) != sizes):
        return None
    what = "has finished and no trial failed" if retry_failed else "has finished"
    # The detail of its end, if any, is why more trials would not help: every point has been tried.
    how = events[-1].detail or "--trials N extends it"
    if is_panda:
        how = "a new run with search.start_from goes on from it"
    return f"{run.name} {what}: nothing to do; {how}"


@dataclass(frozen=True)
class Extension:
    """How much larger a resumed run shall be, over all; None leaves it as it is."""

    trials: int | None = None
    rounds: int | None = None

    def apply(self, sizes: list[int]) -> list[int]:
        """The new sizes of the rounds: those that exist never shrink.

        More rounds share the added trials, or have as many as the last one where none are added;
        without more rounds the last one grows.

        Raises:
            StoreError: if it would make the run smaller.
        """
        rounds = self.rounds or len(sizes)
        trials = self.trials or sum(sizes) + (rounds - len(sizes)) * sizes[-1]
        more_rounds, more_trials = rounds - len(sizes), trials - sum(sizes)
        if more_rounds < 0 or more_trials < more_rounds:
            raise StoreError(
                f"a run never gets smaller; it has trials: {sum(sizes)} and rounds: {len(sizes)}, "
                f"not {trials} and {rounds}"
            )
        if more_rounds:
            return sizes + split_over_rounds(more_trials, more_rounds)
        return [*sizes[:-1], sizes[-1] + more_trials]
