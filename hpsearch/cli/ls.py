"""`hpsearch ls`: the runs, one a line."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import json_option, runs_option


@click.command(short_help="List the runs.")
@json_option
@runs_option
def ls(as_json: bool, runs: Path) -> None:
    """List the runs: how each stands, how far it came, and its best value.

    \b
    Example:
      hpsearch ls
    """
    import time

    from hpsearch.analysis import list_run
    from hpsearch.cli.screen import print_json, print_lines, screen_width
    from hpsearch.run_folder import list_runs
    from hpsearch.views.ls import ls_lines
    from hpsearch.views.reports import listing_report

    listed = [list_run(folder) for folder in list_runs(runs)]
    if as_json:
        print_json(listing_report(listed))
    elif not listed:
        click.echo(f"no runs in {runs} yet; start one with: hpsearch run CONFIG", err=True)
    else:
        print_lines(ls_lines(listed, time.time(), screen_width()))
