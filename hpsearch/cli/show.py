"""`hpsearch show`: one run, or one of its trials, on one screen."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import (
    json_option,
    maybe_trial_argument,
    newest_run_argument,
    runs_option,
)


@click.command(short_help="Show a run, or one of its trials.")
@newest_run_argument
@maybe_trial_argument
@json_option
@runs_option
def show(run: str, trial: int | None, as_json: bool, runs: Path) -> None:
    """Show what a run found, and what to do next; or all about one trial.

    RUN is a run's name, a config's name (its newest run), a number, a path, or last (the default).

    \b
    Examples:
      hpsearch show
      hpsearch show digits-0003 27
    """
    import time

    from hpsearch.analysis import OpenedRun, report_trial, summarize
    from hpsearch.cli.screen import print_json, print_lines, reference_to, screen_width
    from hpsearch.run_folder import find_run
    from hpsearch.views.reports import one_trial_report, summary_report
    from hpsearch.views.show import show_lines
    from hpsearch.views.show_trial import trial_lines

    folder, now = find_run(runs, run), time.time()
    reference = reference_to(folder, runs)
    with OpenedRun(folder) as opened:
        if trial is not None:
            report = report_trial(opened, trial)
            if as_json:
                print_json(one_trial_report(report))
            else:
                print_lines(trial_lines(report, now, screen_width(), reference))
            return
        summary = summarize(opened, now)
    if as_json:
        print_json(summary_report(summary))
    else:
        print_lines(show_lines(summary, now, screen_width(), reference))
