"""`hpsearch export`: all the trials of a run, for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import NewFilePath, newest_run_argument, runs_option


@click.command(short_help="Print all the trials as CSV or JSON.")
@newest_run_argument
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "json", "jsonl"]),
    default="csv",
    show_default=True,
    help="json: one object with a list of trials; jsonl: one trial a line.",
)
@click.option(
    "--output",
    "-o",
    type=NewFilePath(path_type=Path),
    help="Write a file, all of it or nothing; - prints it, as without this option.",
)
@runs_option
def export(run: str, format_: str, output: Path | None, runs: Path) -> None:
    """Print all the trials of a run as CSV or JSON (UTF-8, times in UTC).

    \b
    Examples:
      hpsearch export > trials.csv
      hpsearch export digits-0003 --format json -o digits.json
    """
    from contextlib import closing

    from hpsearch.analysis import OpenedRun
    from hpsearch.cli.screen import print_pieces
    from hpsearch.errors import HpsearchError
    from hpsearch.files import atomic_writer, why_not_written
    from hpsearch.run_folder import find_run
    from hpsearch.views.export import csv_pieces, json_pieces, jsonl_pieces

    with OpenedRun(find_run(runs, run)) as opened:
        if format_ == "json":
            metric = opened.config.metric
            best = next((s.trial.number for s in opened.best()), None)
            pieces = json_pieces(
                opened.name, metric, best, opened.incumbent, opened.reader.trials()
            )
        elif format_ == "jsonl":
            pieces = jsonl_pieces(opened.reader.trials())
        else:
            pieces = csv_pieces(
                tuple(opened.config.space.parameters),
                opened.reader.trials(),
                has_budget=opened.config.budget is not None,
                metrics=opened.reader.metric_names(),
            )
        with closing(pieces):
            if output is None or str(output) == "-":
                print_pieces(piece.encode() for piece in pieces)
                return
            try:
                with atomic_writer(output) as file:
                    file.writelines(pieces)
            except OSError as error:
                raise HpsearchError(why_not_written(output, error)) from error
    click.echo(f"written to {output}", err=True)
