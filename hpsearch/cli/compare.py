"""`hpsearch compare`: runs side by side."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from hpsearch.cli.options import complete_runs, json_option, runs_option


@click.command(short_help="Compare runs side by side.")
@click.argument(
    "names", metavar="RUN RUN [RUN]...", nargs=-1, required=True, shell_complete=complete_runs
)
@json_option
@runs_option
def compare(names: tuple[str, ...], as_json: bool, runs: Path) -> None:
    """Compare runs side by side: which is better, by how much, and what was different.

    \b
    Example:
      hpsearch compare digits-0002 digits-0003
    """
    from hpsearch.analysis import OpenedRun, compare_runs
    from hpsearch.cli.screen import print_json, print_lines, reference_to, screen_width
    from hpsearch.run_folder import find_run
    from hpsearch.views.compare import compare_lines
    from hpsearch.views.reports import comparison_report

    if len(names) < 2:
        raise click.UsageError("two runs or more are needed; hpsearch show shows one")
    with ExitStack() as stack:
        opened = [stack.enter_context(OpenedRun(find_run(runs, name))) for name in names]
        comparison = compare_runs(opened)
    if as_json:
        print_json(comparison_report(comparison))
    else:
        reference = reference_to(opened[0].folder, runs)
        print_lines(compare_lines(comparison, screen_width(), reference))
