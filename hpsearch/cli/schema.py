"""`hpsearch schema`: the JSON Schema of the config, for editors."""

from __future__ import annotations

import json

import click


@click.command(short_help="Print the config's JSON Schema, for editors.")
def schema() -> None:
    """Print the JSON Schema of the config, so that editors complete and check it.

    \b
    Example:
      hpsearch schema > hpsearch.schema.json
    and as the first line of a config, for editors with the YAML language server:
      # yaml-language-server: $schema=hpsearch.schema.json
    """
    from hpsearch.config import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
