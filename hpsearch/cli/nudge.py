"""`hpsearch nudge`: set a value of a panda by hand, from another shell."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import run_argument, runs_option


@click.command(short_help="Set a live value of a panda by hand.")
@run_argument
@click.argument("settings", metavar="NAME=VALUE...", nargs=-1, required=True)
@runs_option
def nudge(run: str, settings: tuple[str, ...], runs: Path) -> None:
    """Train the next day of a panda with these values; the diary says that it was you.

    A panda that is not running obeys when it is resumed.

    \b
    Example:
      hpsearch nudge digits_panda learning_rate=0.003
    """
    from hpsearch.orders import append_order, check_can_obey, parse_values
    from hpsearch.resuming import load_run_config
    from hpsearch.run_folder import find_run

    folder = find_run(runs, run)
    config = load_run_config(folder, check_objective=False)
    check_can_obey(folder, config)
    values = parse_values(config, settings)
    append_order(folder, values)
    said = ", ".join(f"{name} {value}" for name, value in values.items())
    click.echo(f"{folder.name}: the next day is trained with {said}", err=True)
