"""The JSON Schema of the config, for editors, made from the declarations that the loader reads by.

It holds what a mapping must look like; what the numbers must be to each other is for the loader.
"""

from __future__ import annotations

from typing import Any

from hpsearch.config.declarations import CONFIG


def json_schema() -> dict[str, Any]:
    """JSON Schema draft 7, the newest that editors of YAML fully know."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "hpsearch config",
        "description": "One run of hpsearch: the objective, its metric, and the space to search.",
        **CONFIG.schema(),
    }
