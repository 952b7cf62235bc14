"""Where a key of a config that was read stands, for problems that only later rooms can find.

`launch` asks, whose sampler tells whether it fits the space; what the loader finds has its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hpsearch.config.report import START, Place, Report
from hpsearch.config.settings import Config
from hpsearch.config.yaml_nodes import ListNode, MapNode, Node, ScalarNode, read_yaml
from hpsearch.errors import ConfigError, HpsearchError, Problem


def problem_at(config: Config, path: Sequence[str], value: str, message: str) -> Problem | None:
    """The problem at the place of a key's value in the config's file.

    Args:
        path: of keys from the top, such as `("search", "sampler")`.
        value: what stands there, alone or in a list; None is returned if it does not, as the
            command line may say something else.
    """
    node: Node | None = read_yaml(config.text, Report(str(config.path)))
    for key in path:
        entry = node.entries.get(key) if isinstance(node, MapNode) else None
        node = None if entry is None else entry.node
    entries = node.items if isinstance(node, ListNode) else (node,)
    for entry_node in entries:
        if isinstance(entry_node, ScalarNode) and value in (entry_node.value, entry_node.text):
            place: Place = entry_node.place
            return Problem(str(config.path), place.line, place.column, ".".join(path), message)
    return None


def note_at(config: Config, section: str, message: str) -> Problem:
    """A note at a section of the config's file."""
    node = read_yaml(config.text, Report(str(config.path)))
    entry = node.entries.get(section) if isinstance(node, MapNode) else None
    place = START if entry is None else entry.key_place
    return Problem(str(config.path), place.line, place.column, section, f"note: {message}")


@contextmanager
def told_at(config: Config, path: Sequence[str], value: str) -> Iterator[None]:
    """An error of a later room as a problem at the place of a key's value; as it is if the value
    does not stand there. A config's own problems have their place already.

    Args:
        path, value: as in `problem_at`.
    """
    try:
        yield
    except ConfigError:
        raise
    except HpsearchError as error:
        message = str(error).removeprefix(f"{path[0]}.").removeprefix(f"{path[-1]}: ")
        problem = problem_at(config, path, value, message)
        if problem is None:
            raise
        raise ConfigError([problem]) from error
