"""Where a key of a config that was read stands, for problems that only later rooms can find.

`launch` asks, whose sampler tells whether it fits the space; what the loader finds has its place.
"""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.config.report import Place, Report
from hpsearch.config.settings import Config
from hpsearch.config.yaml_nodes import MapNode, Node, ScalarNode, read_yaml
from hpsearch.errors import Problem


def problem_at(config: Config, path: Sequence[str], value: str, message: str) -> Problem | None:
    """The problem at the place of a key's value in the config's file.

    Args:
        path: of keys from the top, such as `("search", "sampler")`.
        value: what stands there; None is returned if it does not, as the command line may say
            something else.
    """
    node: Node | None = read_yaml(config.text, Report(str(config.path)))
    for key in path:
        entry = node.entries.get(key) if isinstance(node, MapNode) else None
        node = None if entry is None else entry.node
    if not isinstance(node, ScalarNode) or node.value != value:
        return None
    place: Place = node.place
    return Problem(str(config.path), place.line, place.column, ".".join(path), message)
