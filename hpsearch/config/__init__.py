"""The config: YAML -> `Config`, with every problem at once, each at its line and column.

`loader` tells the story; `declarations` holds every key, for the loader and the JSON Schema.
"""

from hpsearch.config.edits import ConfigDumper, text_of, with_value
from hpsearch.config.loader import load_config, parse_config, read_config_text, safe_name
from hpsearch.config.places import note_at, problem_at, told_at
from hpsearch.config.schema import json_schema
from hpsearch.config.settings import (
    Config,
    EarlyStop,
    ExecutionSettings,
    Metric,
    Overrides,
    SearchSettings,
)

__all__ = [
    "Config",
    "ConfigDumper",
    "EarlyStop",
    "ExecutionSettings",
    "Metric",
    "Overrides",
    "SearchSettings",
    "json_schema",
    "load_config",
    "note_at",
    "parse_config",
    "problem_at",
    "read_config_text",
    "safe_name",
    "text_of",
    "told_at",
    "with_value",
]
