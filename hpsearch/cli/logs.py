"""`hpsearch logs`: what a trial wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from hpsearch.cli.options import run_argument, runs_option, trial_argument

POLL_S = 0.2


@click.command(short_help="Print what a trial wrote.")
@run_argument
@trial_argument
@click.option("--stdout", "only", flag_value="stdout", help="Only its stdout.")
@click.option("--stderr", "only", flag_value="stderr", help="Only its stderr.")
@click.option("--follow", "-f", is_flag=True, help="Go on until the trial ends.")
@runs_option
def logs(run: str, trial: int, only: str | None, follow: bool, runs: Path) -> None:
    """Print what a trial wrote to its stdout and stderr.

    Both are printed to stdout, each below a heading that goes to stderr.

    \b
    Examples:
      hpsearch logs digits-0003 12
      hpsearch logs last 12 --stderr --follow
    """
    import time

    from hpsearch.analysis import OpenedRun
    from hpsearch.analysis.one_trial import find_trial
    from hpsearch.cli.screen import print_pieces
    from hpsearch.lock import current_writer
    from hpsearch.run_folder import find_run
    from hpsearch.views.logs import follow_logs

    with OpenedRun(find_run(runs, run)) as opened:
        folder = opened.folder.trial_dir(trial)
        names = [only] if only else ["stdout", "stderr"]
        paths = [folder / f"{name}.log" for name in names]
        if not (follow and trial < opened.planned):
            find_trial(opened, trial)

        def is_over() -> bool:
            if not follow or current_writer(opened.folder.lock_path) is None:
                return True
            stored = opened.reader.trial(trial)
            return stored is not None and stored.state.is_finished

        pieces = follow_logs(paths, is_over, wait=lambda: time.sleep(POLL_S))
        print_pieces(_headed(pieces) if only is None else (piece for _, piece in pieces))
    for path in paths:
        if not path.exists():
            click.echo(f"there is no {path} (yet)", err=True)
        elif path.stat().st_size == 0:
            click.echo(f"{path} is empty", err=True)


def _headed(pieces: Iterator[tuple[Path, bytes]]) -> Iterator[bytes]:
    """The pieces, each below a heading on stderr where the file changes."""
    last: Path | None = None
    for path, piece in pieces:
        if path != last:
            click.echo(f"==> {path} <==", err=True)
        last = path
        yield piece
