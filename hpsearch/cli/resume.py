"""`hpsearch resume`: go on with a run as if nothing had happened, or extend it."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import run_argument, runs_option
from hpsearch.cli.run_options import MOST_TRIALS, ending_options, jobs_option


@click.command(short_help="Go on with a run, or extend it.")
@run_argument
@click.option(
    "--trials", type=click.IntRange(1, MOST_TRIALS), help="Trials over all, more than before."
)
@click.option(
    "--rounds", type=click.IntRange(1, MOST_TRIALS), help="Rounds over all, more than before."
)
@click.option("--retry-failed", is_flag=True, help="Run the failed trials again first.")
@jobs_option
@ending_options
@runs_option
def resume(
    run: str,
    trials: int | None,
    rounds: int | None,
    retry_failed: bool,
    jobs: int | None,
    max_hours: float | None,
    until_value: float | None,
    runs: Path,
) -> int:
    """Go on with a run that was interrupted or killed, or extend a finished one.

    The trials that were running are run again; the trials that follow are the same as if the run
    had never stopped.

    \b
    Examples:
      hpsearch resume last
      hpsearch resume digits-0003 --trials 90
    """
    from hpsearch.one_thread import import_numpy_with_one_thread

    import_numpy_with_one_thread()
    from hpsearch.cli.running import run_session, show_result
    from hpsearch.resuming import Extension, nothing_to_do
    from hpsearch.run_folder import find_run

    extension = Extension(trials, rounds) if trials or rounds else None
    folder = find_run(runs, run)
    idle = nothing_to_do(folder, extension, retry_failed)
    if idle is not None:
        click.echo(idle, err=True)
        return show_result(folder, runs)
    return run_session(
        folder,
        runs,
        jobs=jobs,
        extension=extension,
        retry_failed=retry_failed,
        max_hours=max_hours,
        until_value=until_value,
    )
