"""`hpsearch best`: the values of the best trial, to be used elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import newest_run_argument, runs_option


@click.command(short_help="Print the values of the best trial.")
@newest_run_argument
@click.option(
    "--format",
    "format_",
    type=click.Choice(["yaml", "json", "args", "command"]),
    default="yaml",
    show_default=True,
    help="args: the program's arguments, as the config's command writes them; for a function, "
    "--name=value. command: the whole command line, {seed} filled in.",
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    help="A list of the best so many trials; as YAML it fits behind start_with.",
)
@runs_option
def best(run: str, format_: str, top: int | None, runs: Path) -> None:
    """Print the exact values of a run's best trial.

    args and command are quoted for a shell. What they cannot hold is said on stderr: a value that
    reaches the program by its environment, or a folder {trial_dir}, for which you put one of yours.

    \b
    Examples:
      hpsearch best
      python train.py $(hpsearch best digits-0003 --format args)
      hpsearch best digits-0003 --format command > best.sh
    """
    from hpsearch.analysis import OpenedRun
    from hpsearch.cli.screen import print_pieces
    from hpsearch.errors import NoTrialSucceededError
    from hpsearch.run_folder import find_run
    from hpsearch.views.best import as_json, as_yaml, for_a_shell

    with OpenedRun(find_run(runs, run)) as opened:
        metric = opened.config.metric
        trials = opened.best(top or 1)
        incumbent = opened.incumbent
        if not trials:
            raise NoTrialSucceededError(f"{opened.name}: no trial has succeeded")
        if format_ in ("args", "command"):
            is_whole = format_ == "command"
            text, notes = for_a_shell(opened, trials, Path.cwd() if is_whole else None)
            for note in notes:
                click.echo(f"note: {note}", err=True)
        elif format_ == "json":
            text = as_json(trials, as_list=top is not None)
        else:
            text = as_yaml(
                trials,
                opened.name,
                metric,
                as_list=top is not None,
                incumbent=incumbent,
            )
        if incumbent is not None and format_ != "yaml":
            click.echo(f"note: trial {incumbent.trial}: {incumbent.reason}", err=True)
        if opened.config.is_panda:
            click.echo(
                "note: these are the values of one day; from nothing they do not train to its "
                f"{metric.name}. hpsearch show {run} has the whole schedule",
                err=True,
            )
    print_pieces([f"{text}\n".encode()])
