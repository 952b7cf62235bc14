"""Arguments and options that several verbs share, with their completion in the shell."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from hpsearch.errors import HpsearchError
from hpsearch.run_folder import DEFAULT_RUNS, RUNS_VARIABLE

MOST_COMPLETIONS = 200

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _runs_dir(ctx: click.Context) -> Path:
    return Path(ctx.params.get("runs") or os.environ.get(RUNS_VARIABLE) or DEFAULT_RUNS)


def complete_runs(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of the runs, newest first, and `last`."""
    from hpsearch.run_folder import list_runs

    names = ["last", *(run.name for run in reversed(list_runs(_runs_dir(ctx))))]
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_trials(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Numbers of the trials of the run that was typed before; nothing where there is none."""
    from hpsearch.run_folder import find_run
    from hpsearch.store import StoreReader

    try:
        with StoreReader(find_run(_runs_dir(ctx), str(ctx.params.get("run") or "last"))) as reader:
            trials = sum(reader.counts().values())
    except HpsearchError:
        return []
    numbers = (str(number) for number in range(trials))
    matching = [number for number in numbers if number.startswith(incomplete)]
    return [CompletionItem(number) for number in matching[:MOST_COMPLETIONS]]


class _Path(click.Path):
    """A path that is not empty, as that of an unset variable of the shell is."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value).strip():
            self.fail("the path is empty; is a variable of the shell not set?", param, ctx)
        return super().convert(value, param, ctx)


class NewFilePath(_Path):
    """Where a file is to be written."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, checked."""
        converted = super().convert(value, param, ctx)
        if os.path.isdir(value) or str(value).endswith("/"):
            self.fail(f"{value} is a folder; name a file in it", param, ctx)
        if os.path.exists(value) and not os.path.isfile(value):
            self.fail(f"{value} is no regular file", param, ctx)
        return converted


file_path = _Path(path_type=Path)

run_argument: _Decorator = click.argument("run", metavar="RUN", shell_complete=complete_runs)
newest_run_argument: _Decorator = click.argument(
    "run", metavar="[RUN]", default="last", shell_complete=complete_runs
)
trial_argument: _Decorator = click.argument(
    "trial", metavar="TRIAL", type=click.IntRange(min=0), shell_complete=complete_trials
)
maybe_trial_argument: _Decorator = click.argument(
    "trial",
    metavar="[TRIAL]",
    type=click.IntRange(min=0),
    required=False,
    shell_complete=complete_trials,
)
runs_option: _Decorator = click.option(
    "--runs",
    type=_Path(path_type=Path, file_okay=False),
    default=DEFAULT_RUNS,
    envvar=RUNS_VARIABLE,
    show_default=True,
    show_envvar=True,
    help="The folder that holds the runs.",
)
json_option: _Decorator = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, for programs."
)
