"""`hpsearch run`: a new run, or with --resume the one that is unfinished."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import file_path, runs_option
from hpsearch.cli.run_options import ending_options, jobs_option, search_options


@click.command()
@click.argument("config", type=file_path)
@search_options
@jobs_option
@ending_options
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with this config's newest unfinished run, if there is one (for batch queues).",
)
@runs_option
def run(
    config: Path,
    seed: int | None,
    trials: int | None,
    rounds: int | None,
    sampler: str | None,
    jobs: int | None,
    max_hours: float | None,
    until_value: float | None,
    resume: bool,
    runs: Path,
) -> int:
    """Run a search and show its result.

    Results are kept in runs/NAME-0001, runs/NAME-0002, ... A first Ctrl-C lets the running trials
    finish, a second kills them; either way `hpsearch resume` goes on.

    \b
    Example:
      hpsearch run configs/digits.yaml --seed 1
    """
    from hpsearch.one_thread import import_numpy_with_one_thread

    import_numpy_with_one_thread()
    from hpsearch.cli.running import run_session
    from hpsearch.config import Overrides, load_config
    from hpsearch.launch import (
        check_frameworks,
        check_sampler_fits,
        create_run,
    )
    from hpsearch.learning import with_notes_on_metrics
    from hpsearch.resuming import find_unfinished
    from hpsearch.signals import Signals

    overrides = Overrides(sampler=sampler, rounds=rounds, trials=trials, seed=seed, jobs=jobs)
    loaded = load_config(config).with_overrides(overrides)
    check_sampler_fits(loaded)
    check_frameworks(loaded)
    if resume:
        unfinished = find_unfinished(runs, loaded, overrides)
        if unfinished is not None:
            return run_session(
                unfinished, runs, jobs=jobs, max_hours=max_hours, until_value=until_value
            )
    with Signals() as signals:
        run_folder = create_run(loaded, overrides, runs)
        notes = tuple(map(str, with_notes_on_metrics(loaded, runs).notes))
        return run_session(
            run_folder,
            runs,
            max_hours=max_hours,
            until_value=until_value,
            notes=notes,
            signals=signals,
        )
