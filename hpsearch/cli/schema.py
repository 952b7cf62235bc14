"""`hpsearch schema`: the JSON Schema of the config, for editors."""

from __future__ import annotations

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
    from hpsearch.cli.screen import print_json
    from hpsearch.config import json_schema

    print_json(json_schema())
