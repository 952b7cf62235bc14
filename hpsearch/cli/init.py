"""`hpsearch init`: a commented config for a program, or an example to begin with."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from hpsearch.cli.options import NewFilePath


@click.command(
    short_help="Write a config for a program, or an example.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=NewFilePath(),
    help="Where to write; - prints it. [default: the program's name, .yaml]",
)
@click.option("--force", is_flag=True, help="Overwrite a config that is there already.")
@click.argument("program", metavar="[-- PROGRAM [ARGUMENT]...]", nargs=-1, type=click.UNPROCESSED)
def init(output: str | None, force: bool, program: tuple[str, ...]) -> None:
    """Write a commented config for a training program, with a guess for each range and its reason.

    PROGRAM is what you would type to train once, or a Python function that takes its values as a
    dict. Values that you type become the defaults to guess around. Without a program, an example
    is written: example.yaml, and a train.py for it.

    \b
    Examples:
      hpsearch init -- python train.py --data images
      hpsearch init -- train.py:train
      hpsearch init

    Options are read from the source, which is never run: Python (argparse, click, typer, absl,
    dataclasses, functions, constants), shell and R scripts. Any other program is run with --help.
    """
    if program:
        _for_program(program, output, force)
    else:
        _example(output, force)


def _for_program(program: tuple[str, ...], output: str | None, force: bool) -> None:
    from hpsearch.cli.screen import print_text
    from hpsearch.discovery.output_file import write_new
    from hpsearch.discovery.starting_config import starting_config

    target = Path.cwd() if output in (None, "-") else Path(str(output)).resolve().parent
    file = "" if output == "-" else output
    config = starting_config(program, Path.cwd(), target, file)
    if config.ran:
        click.echo(f"ran for its options: {config.ran}", err=True)
    if output == "-":
        print_text(config.text)
    else:
        path = Path(output if output is not None else f"{config.name}.yaml")
        write_new(path, config.text, force)
        click.echo(f"{path} written; {config.summary[0]}", err=True)
    for line in config.summary[1 if output != "-" else 0 :]:
        click.echo(line, err=True)
    for line in config.to_do:
        click.echo(f"TO DO: {line}", err=True)
    if output != "-":
        typed = shlex.quote(str(path))
        click.echo(f"then: hpsearch check {typed} && hpsearch run {typed}", err=True)


def _example(output: str | None, force: bool) -> None:
    from hpsearch.discovery.example_files import (
        CONFIG_NAME,
        SCRIPT_NAME,
        example_config,
        example_script,
    )
    from hpsearch.discovery.output_file import write_new
    from hpsearch.errors import HpsearchError

    if output == "-":
        raise HpsearchError("--output - goes with a program: hpsearch init -o - -- ./train")
    path = Path(output or CONFIG_NAME)
    script = path.with_name(SCRIPT_NAME)
    if script.exists() and script.read_bytes() != example_script().encode():
        raise HpsearchError(
            f"{script} exists, and is not the example's. For a config of it: "
            f"hpsearch init -- python {script}"
        )
    write_new(path, example_config(), force)
    write_new(script, example_script(), force=True)
    click.echo(f"{path} and {script} written. Try them:", err=True)
    click.echo(f"  hpsearch run {path}", err=True)
    click.echo("  hpsearch show last", err=True)
