"""`hpsearch check`: every error of a config at once."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import file_path, runs_option


@click.command(short_help="Say all that is wrong with a config.")
@click.argument("configs", metavar="CONFIG...", nargs=-1, required=True, type=file_path)
@runs_option
def check(configs: tuple[Path, ...], runs: Path) -> int:
    """Check configs and say everything that is wrong with them. Runs nothing.

    \b
    Example:
      hpsearch check configs/digits.yaml
    """
    from contextlib import suppress

    from hpsearch.analysis.few_points import few_points, points_in_all
    from hpsearch.cli.screen import print_lines, screen_width
    from hpsearch.config import load_config, note_at, told_at
    from hpsearch.errors import ConfigError, HpsearchError, NobodyReadsError
    from hpsearch.launch import check_frameworks, check_sampler_fits
    from hpsearch.learning import read_earlier_runs, with_notes_on_metrics
    from hpsearch.run_folder import find_run
    from hpsearch.views.text import count, wrap
    from hpsearch.views.words import is_varied, training

    exit_code = 0
    for path in configs:
        try:
            config = load_config(path)
            check_sampler_fits(config)
            check_frameworks(config)
            read_earlier_runs(config, runs)
            config = with_notes_on_metrics(config, runs)
            origin = config.search.start_from
            if origin is not None:
                with told_at(config, ("search", "start_from"), origin):
                    find_run(runs, origin)
        except HpsearchError as error:
            place = "" if isinstance(error, ConfigError) else f"{path}: "
            click.echo(f"{place}{error}", err=True)
            exit_code = error.exit_code
        else:
            tuned = sum(map(is_varied, config.space.parameters.values()))
            parameters = count(len(config.space.parameters), "parameter")
            lines = [f"{path}: ok ({parameters}, {tuned} to tune)"]
            if said := training(config):
                lines += wrap(said, screen_width(), "  ")
            with suppress(NobodyReadsError):  # the exit code is about all the configs
                print_lines(lines)
            for note in config.notes:
                click.echo(str(note), err=True)
            if (points := points_in_all(config)) is not None:
                click.echo(str(note_at(config, "space", few_points(points))), err=True)
    return exit_code
