"""`hpsearch.run`: a search that a Python program starts itself, and its results as Python objects.

The same engine as the command line, and the same run folder. Here is what a program may say in
place of a config file; how one session goes is told in `running`.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpsearch.analysis import OpenedRun
from hpsearch.config import (
    Config,
    Overrides,
    parse_config,
    read_config_text,
    safe_name,
    text_of,
    with_value,
)
from hpsearch.errors import ConfigError, HpsearchError, ObjectiveError
from hpsearch.launch import check_frameworks, check_sampler_fits, create_run
from hpsearch.learning import with_notes_on_metrics
from hpsearch.objectives.function import function_being_imported
from hpsearch.objectives.given import GivenFunction, find_again, given_function
from hpsearch.objectives.signature import misfit, no_value, signature_of
from hpsearch.run_folder import DEFAULT_RUNS, RUNS_VARIABLE, RunFolder
from hpsearch.running import run_session
from hpsearch.signals import Signals
from hpsearch.trial import Best
from hpsearch.views.export import trial_report

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped,import-not-found,unused-ignore]

CONFIG_OF_A_DICT = "config"
"""What messages call a config that is no file."""


class Run:
    """A run and its results, read from its folder.

    Attributes:
        folder: an absolute path; `hpsearch show` and all the other verbs take it.
        name: `digits-0003`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    def __repr__(self) -> str:
        return f"<hpsearch.Run {self.folder}>"

    @property
    def state(self) -> str:
        """How the run stands, in the word of `hpsearch show`.

        `finished` (all its trials have ended), `stopped` (in good order before its time: by
        `hpsearch stop`, or because of what went wrong), `broken` (its first trials all failed),
        `interrupted` (by a signal), `failed` (by an error of hpsearch or of the machine),
        `killed` (its process died without a word), or `running` (a process is running it).

        Raises:
            StoreError: if the folder cannot be read.
        """
        with OpenedRun(RunFolder(self.folder)) as opened:
            return opened.state.value

    @property
    def reason(self) -> str:
        """Why the run ended as it did, in a line, as `hpsearch show` says it below the state.

        Empty where there is nothing to add to the state.

        Raises:
            StoreError: if the folder cannot be read.
        """
        with OpenedRun(RunFolder(self.folder)) as opened:
            return opened.detail

    @property
    def best(self) -> Best | None:
        """The best trial; None if none has succeeded.

        Raises:
            StoreError: if the folder cannot be read.
        """
        with OpenedRun(RunFolder(self.folder)) as opened:
            incumbent = opened.incumbent
            expected = None if incumbent is None else incumbent.details["expected"]
            for stored in opened.best():
                assert stored.outcome is not None
                assert stored.outcome.value is not None
                trial, value = stored.trial, stored.outcome.value
                return Best(trial.number, dict(trial.params), value, expected)
        return None

    def trials(self) -> list[dict[str, Any]]:
        """All the trials, each as an entry of `hpsearch export --format json`: `number`, `round`,
        `state`, `value`, `params`, `started` (ISO 8601, UTC), `duration_s`, and more.

        Raises:
            StoreError: if the folder cannot be read.
        """
        with OpenedRun(RunFolder(self.folder)) as opened:
            return [trial_report(stored) for stored in opened.reader.trials()]

    def to_dataframe(self) -> pandas.DataFrame:
        """All the trials, one a row: the columns of `hpsearch export --format csv`, with the values
        in `param.NAME`, and `started` as a time.

        Raises:
            HpsearchError: if pandas is not installed.
            StoreError: if the folder cannot be read.
        """
        try:
            import pandas
        except ImportError as error:
            raise HpsearchError("to_dataframe needs pandas: pip install pandas") from error
        from hpsearch.views.export import COLUMNS

        with OpenedRun(RunFolder(self.folder)) as opened:
            parameters = tuple(opened.config.space.parameters)
            reports = [trial_report(stored) for stored in opened.reader.trials()]
        rows = [
            {
                **{column: report[column] for column in COLUMNS},
                **{f"param.{name}": report["params"].get(name) for name in parameters},
            }
            for report in reports
        ]
        columns = [*COLUMNS, *(f"param.{name}" for name in parameters)]
        frame = pandas.DataFrame(rows, columns=columns)
        frame["started"] = pandas.to_datetime(frame["started"], utc=True)
        return frame


def run(
    config: str | os.PathLike[str] | Mapping[str, Any],
    objective: Callable[..., Any] | None = None,
    *,
    runs_dir: str | os.PathLike[str] | None = None,
    quiet: bool = False,
) -> Run:
    """Run a search to its end, in a new run folder.

    A function that has a place in a module (or in the script that runs) is called in worker
    processes, as by `hpsearch run`, and `hpsearch resume` can go on with the run. Any other one, a
    lambda or a closure, is called in this process by the inline runner: with `jobs` above 1 in as
    many threads; `timeout`, `silence`, `memory` and `gpus` do not hold there, and no other process
    can resume the run.

    Ctrl-C works as on the command line: the first one lets the running trials finish, the second
    kills them. All that was found is kept; then KeyboardInterrupt is raised. SIGTERM and SIGHUP
    likewise, each with its own effect in the end.

    Args:
        config: the path of a YAML file, or a dict with the same keys.
        objective: the function of one trial, in place of the config's `objective`. It gets the
            values as a dict, and those of `trial`, `budget` and `seed` that it has as parameters;
            it returns a number, or a dict of metrics.
        runs_dir: the folder that holds the runs; None: HPSEARCH_RUNS, or `runs`.
        quiet: nothing on stderr. Else a bar if it is a terminal, or now and then a line.

    Returns:
        The run, also if trials have failed; its `best` is None if none has succeeded.

    Raises:
        ConfigError: with every problem of the config.
        ObjectiveError: if the function cannot be called like that.
        HpsearchError: its parent, and that of all other errors that hpsearch raises on purpose.
    """
    waiting = function_being_imported()
    if waiting:
        raise ObjectiveError(
            f"hpsearch.run is called while {waiting} is imported for a search that runs already; "
            'put the call below if __name__ == "__main__":'
        )
    loaded, given = _load(config, objective)
    runs = Path(runs_dir or os.environ.get(RUNS_VARIABLE) or DEFAULT_RUNS)
    is_file = not isinstance(config, Mapping)
    check_sampler_fits(loaded, is_file)
    is_ours_alone = given is not None and given.name.startswith("<")
    with Signals() as signals:
        with _without_places(is_file):
            if given is None:
                check_frameworks(loaded)
            created = create_run(loaded, Overrides(), runs)
            loaded = with_notes_on_metrics(loaded, runs)
        folder = RunFolder(created.path.resolve())
        result = run_session(
            folder,
            None if is_ours_alone else _reference_to(folder),
            io.StringIO() if quiet or sys.stderr is None else sys.stderr,
            objective=given,
            notes=_notes(loaded, is_file, is_ours_alone),
            signals=signals,
        )
    if result.signum is not None:
        signal.raise_signal(result.signum)  # its own handler is back: KeyboardInterrupt for Ctrl-C
    return Run(folder.path)


def _load(
    config: str | os.PathLike[str] | Mapping[str, Any], objective: Callable[..., Any] | None
) -> tuple[Config, GivenFunction | None]:
    """The config with its objective, and the function where it is to be called in this process."""
    if objective is not None and not callable(objective):
        raise ObjectiveError(f"objective must be a function, but is {objective!r}")
    text, path, beside = _text_of(config, objective)
    if objective is None:
        return _parse(text, path, beside), None
    found = find_again(objective)
    reference = (found or given_function(objective)).reference
    text = with_value(text, ("objective",), f'{{function: "{reference}"}}')
    if found is not None:
        beside = Path(found.folders[0])
    parsed = _parse(text, path, beside, check_objective=found is not None)
    if found is None and parsed.execution.runner != "inline":
        if parsed.execution.runner == "dask":
            raise ObjectiveError(
                f"{reference} cannot be found by other processes, which runner: dask needs; "
                "give a function that is defined at the top of a module"
            )
        text = with_value(text, ("execution", "runner"), "inline")
        parsed = _parse(text, path, beside, check_objective=False)
    signature = signature_of(objective)
    name = str(getattr(objective, "__name__", "objective")).replace("<lambda>", "objective")
    if nothing := no_value(objective):
        raise ObjectiveError(f"{name} {nothing}")
    if signature and (unfit := misfit(signature, name, tuple(parsed.space.parameters))):
        raise ObjectiveError(unfit)
    if parsed.execution.runner == "inline":
        return parsed, replace(given_function(objective), reference=reference)
    return parsed, None


def _text_of(
    config: str | os.PathLike[str] | Mapping[str, Any], objective: Callable[..., Any] | None
) -> tuple[str, Path, Path]:
    """The config's text, how messages call it, and the folder that it belongs to."""
    if not isinstance(config, (str, os.PathLike, Mapping)):
        raise HpsearchError(f"config is the path of a file, or a dict; not {config!r}")
    if not isinstance(config, Mapping):
        path = Path(config)
        return read_config_text(path), path, path.resolve().parent
    name = safe_name(getattr(objective, "__name__", "run"))
    return text_of({"name": name, **config}), Path(CONFIG_OF_A_DICT), Path.cwd()


def _parse(text: str, path: Path, beside: Path, check_objective: bool = True) -> Config:
    with _without_places(is_file=str(path) != CONFIG_OF_A_DICT):
        return parse_config(text, path, beside=beside, check_objective=check_objective)


@contextmanager
def _without_places(is_file: bool) -> Iterator[None]:
    """The problems of a config that is no file: the lines of a text that nobody has seen would say
    nothing."""
    try:
        yield
    except ConfigError as error:
        if is_file:
            raise
        raise ConfigError([replace(p, line=0, column=0) for p in error.problems]) from None


def _notes(config: Config, is_file: bool, is_ours_alone: bool) -> tuple[str, ...]:
    """The config's notes, and what is different for a function that only this process has."""
    notes = config.notes if is_file else tuple(replace(n, line=0, column=0) for n in config.notes)
    if not is_ours_alone:
        return tuple(map(str, notes))
    # The runner is ours then, not the config's.
    kept = [str(note) for note in notes if not note.key.startswith("execution.")]
    return (*kept, _note(config))


def _note(config: Config) -> str:
    """What is different for a function that only this process has."""
    execution = config.execution
    limits = {
        "timeout": execution.timeout_s,
        "silence": execution.silence_s,
        "memory": execution.memory,
        "gpus": execution.gpus,
    }
    unheld = ", ".join(name for name, limit in limits.items() if limit)
    words = f"; {unheld} cannot hold here" if unheld else ""
    return f"the function is called in this process{words}; no other one can resume the run"


def _reference_to(folder: RunFolder) -> str:
    """The run's path, shorter where it is below the current folder."""
    here = Path.cwd().resolve()
    path = folder.path
    return f"./{path.relative_to(here)}" if path.is_relative_to(here) else str(path)
