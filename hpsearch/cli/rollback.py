"""`hpsearch rollback`: let a panda go back to an earlier day, from another shell."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import run_argument, runs_option


@click.command(short_help="Let a panda go back to an earlier day.")
@run_argument
@click.option(
    "--segment", type=click.IntRange(1), required=True, metavar="DAY", help="The day to go back to."
)
@runs_option
def rollback(run: str, segment: int, runs: Path) -> None:
    """Go on from the checkpoint and the values of an earlier day; the diary says that it was you.

    If that day was taken back, the last one before it that was kept is meant. A nudge for the same
    day holds as well. A panda that is not running obeys when it is resumed.

    \b
    Example:
      hpsearch rollback digits_panda --segment 7
    """
    from hpsearch.orders import append_order, check_can_obey, kept_day
    from hpsearch.resuming import load_run_config
    from hpsearch.run_folder import find_run

    folder = find_run(runs, run)
    check_can_obey(folder, load_run_config(folder, check_objective=False))
    day = kept_day(folder, segment)
    append_order(folder, back_to=day)
    why = "" if day == segment else f"; day {segment} was not kept"
    said = f"the next day goes on from day {day}, with its values{why}"
    click.echo(f"{folder.name}: {said}", err=True)
