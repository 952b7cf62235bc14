"""`hpsearch import`: a config from a sweep file of W&B."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import NewFilePath, file_path


@click.command(name="import", short_help="Turn a W&B sweep file into a config.")
@click.argument("file", type=file_path)
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=NewFilePath(),
    help="Where to write; - prints it. [default: the sweep's name, -hpsearch.yaml]",
)
@click.option("--force", is_flag=True, help="Overwrite a config that is there already.")
def import_sweep(file: Path, output: str | None, force: bool) -> None:
    """Turn a sweep file of W&B into a config, and say of each thing in it what became of it.

    \b
    Example:
      hpsearch import sweep.yaml
    """
    from hpsearch.cli.screen import print_text
    from hpsearch.discovery.output_file import write_new
    from hpsearch.discovery.wandb_sweep import import_wandb_sweep

    sweep = import_wandb_sweep(file)
    path = Path(output if output is not None else f"{sweep.name}-hpsearch.yaml")
    if output == "-":
        print_text(sweep.text)
    else:
        write_new(path, sweep.text, force)
    for line in sweep.told:
        click.echo(line, err=True)
    if output != "-":
        click.echo(f"{path} written; then: hpsearch check {path} && hpsearch run {path}", err=True)
