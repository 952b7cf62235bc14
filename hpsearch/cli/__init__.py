"""The command line: one thin file a verb, loaded when its verb is typed.

Here: the group, and how an error becomes one line and an exit code. The verbs import their work
inside the function, so that `hpsearch --help` costs hardly more than importing click.
"""

from __future__ import annotations

import difflib
import importlib
from typing import Any

import click

import hpsearch
from hpsearch.cli.streams import open_closed_streams
from hpsearch.errors import ConfigError, HpsearchError, NobodyReadsError

EXIT_INTERRUPTED = 130

VERBS = (
    "init",
    "run",
    "resume",
    "stop",
    "nudge",
    "rollback",
    "plan",
    "check",
    "schema",
    "import",
    "ls",
    "show",
    "compare",
    "best",
    "export",
    "logs",
)
"""In the order in which a person meets them; each is a module here that holds its command."""

_MODULES = {"import": "import_sweep"}
"""Of verbs that cannot be the name of a module; the command is called as its module."""


class _Verbs(click.Group):
    """Loads a verb's module by its name, and turns what it returns or raises into an exit code."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """The whole command."""
        open_closed_streams()
        return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        name = _MODULES.get(cmd_name, cmd_name)
        command = getattr(importlib.import_module(f"{__name__}.{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb; a usage error that says which one is meant."""
        typed = args[0] if args else ""
        if typed in VERBS or typed.startswith("-"):
            return super().resolve_command(ctx, args)
        close = difflib.get_close_matches(typed.lower(), VERBS, n=1)
        meant = f" Did you mean {close[0]}?" if close else ""
        return ctx.fail(f"No such command {typed!r}.{meant}")

    def invoke(self, ctx: click.Context) -> Any:
        try:
            exit_code = super().invoke(ctx)
        except NobodyReadsError as error:
            ctx.exit(error.exit_code)
        except HpsearchError as error:
            # A config's problems begin with file:line:column, which editors follow.
            prefix = "" if isinstance(error, ConfigError) else "error: "
            click.echo(f"{prefix}{error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            ctx.exit(EXIT_INTERRUPTED)
        ctx.exit(exit_code if isinstance(exit_code, int) else 0)


@click.group(
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nCompletion of verbs, runs and trials, for bash (zsh and fish likewise):\n"
    '  eval "$(_HPSEARCH_COMPLETE=bash_source hpsearch)"',
)
@click.version_option(hpsearch.__version__, prog_name="hpsearch")
def main() -> None:
    """Tune the hyperparameters of any training program.

    \b
    In the evening:      hpsearch run configs/digits.yaml
    In the morning:      hpsearch show
    After an accident:   hpsearch resume last
    """
