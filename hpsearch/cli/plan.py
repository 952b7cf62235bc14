"""`hpsearch plan`: what a run would try, without running anything."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import file_path, json_option, runs_option
from hpsearch.cli.run_options import jobs_option, search_options


@click.command(short_help="Show what a run would try; run nothing.")
@click.argument("config", type=file_path)
@click.option(
    "--samples",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="How many of the first trials to list.",
)
@search_options
@jobs_option
@runs_option
@json_option
def plan(
    config: Path,
    samples: int,
    seed: int | None,
    trials: int | None,
    rounds: int | None,
    sampler: str | None,
    jobs: int | None,
    runs: Path,
    as_json: bool,
) -> None:
    """Show what a run would try: parameters, rounds and the first trials. Runs nothing.

    \b
    Example:
      hpsearch plan configs/scales.yaml
    """
    from hpsearch.analysis.few_points import points_in_all
    from hpsearch.cli.screen import print_json, print_lines, screen_width
    from hpsearch.config import Overrides, load_config
    from hpsearch.launch import check_sampler_fits, first_round
    from hpsearch.learning import with_notes_on_metrics
    from hpsearch.views.plan import plan_json, plan_lines

    overrides = Overrides(sampler=sampler, rounds=rounds, trials=trials, seed=seed, jobs=jobs)
    loaded = load_config(config).with_overrides(overrides)
    check_sampler_fits(loaded)
    drawn = first_round(loaded, runs)
    for note in with_notes_on_metrics(loaded, runs).notes:
        click.echo(str(note), err=True)
    if as_json:
        print_json(plan_json(loaded, drawn[:samples]))
        return
    print_lines(plan_lines(loaded, drawn, samples, screen_width(), points_in_all(loaded)))
