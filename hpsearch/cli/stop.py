"""`hpsearch stop`: end a running run from another shell."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import run_argument, runs_option


@click.command(short_help="End a running run from another shell.")
@run_argument
@click.option("--now", is_flag=True, help="Kill the running trials; a resume runs them again.")
@runs_option
def stop(run: str, now: bool, runs: Path) -> None:
    """End a running run in good order: no new trials, the running ones finish.

    \b
    Example:
      hpsearch stop last
    """
    from hpsearch.errors import HpsearchError
    from hpsearch.lock import current_writer
    from hpsearch.run_folder import find_run
    from hpsearch.stopping import request_stop

    folder = find_run(runs, run)
    writer = current_writer(folder.lock_path)
    if writer is None:
        raise HpsearchError(f"{folder.name} is not running")
    request_stop(folder, now)
    then = "its running trials are killed" if now else "its running trials finish"
    click.echo(
        f"asked {folder.name} (process {writer.pid} on {writer.host}) to stop; {then}", err=True
    )
