"""The text of a config that a Python program gives: a dict as YAML, or a text with a key set and
everything else, its comments too, left as it is.

`api` and `asking` write so what a program says. Nothing here reads a meaning: what is wrong with
the text is found by `loader`, at the lines of the person's own file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from hpsearch.config.yaml_scalars import plain_value
from hpsearch.errors import HpsearchError

_OTHER_LINE_ENDS = frozenset("\r\x85\u2028\u2029")
_ALIAS = re.compile(r"\s*:\s*\*[^\s,}\]]+")


def text_of(config: Mapping[str, Any]) -> str:
    """The config as YAML.

    Raises:
        HpsearchError: if it holds what YAML has no words for.
    """
    try:
        return yaml.dump(
            _plain(config), Dumper=ConfigDumper, sort_keys=False, allow_unicode=True, width=100
        )
    except yaml.YAMLError as error:
        raise HpsearchError(f"config: {error.args[0]}: {error.args[1]!r}") from error


class ConfigDumper(yaml.SafeDumper):
    """Writes a text so that a config reads it as the same text.

    PyYAML's older rules leave 1e-3 and 08 bare, and it folds the other signs for a line's end.
    """


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = None if isinstance(plain_value(text), str) else "'"
    if not _OTHER_LINE_ENDS.isdisjoint(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


ConfigDumper.add_representer(str, _text_node)


def _plain(value: Any) -> Any:
    """The value in the types that YAML has: tuples, NumPy's numbers and paths become such."""
    if isinstance(value, Mapping):
        return {_plain(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, range)):
        return [_plain(entry) for entry in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return value.tolist() if hasattr(value, "dtype") and hasattr(value, "tolist") else value


def with_value(text: str, path: Sequence[str], value: str) -> str:
    """The text with the key at `path` set; as it was, where it is no YAML mapping.

    No line above or below the key's own moves.

    Args:
        path: of keys from the top, such as `("execution", "runner")`.
        value: in YAML's flow style.
    """
    try:
        mapping = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return text
    for depth, name in enumerate(path):
        if not isinstance(mapping, yaml.MappingNode):
            return text
        written = value
        for inner in reversed(path[depth + 1 :]):
            written = f"{{{inner}: {written}}}"
        entry = next(((k, v) for k, v in mapping.value if k.value == name), None)
        if entry is None:
            return _inserted(text, mapping, f"{name}: {written}")
        key, found = entry
        if depth == len(path) - 1 or not isinstance(found, yaml.MappingNode):
            return _replaced(text, key, found, written)
        mapping = found
    return text


def _replaced(text: str, key: yaml.Node, old: yaml.Node, value: str) -> str:
    start, end = old.start_mark.index, _end(old)
    alias = _ALIAS.match(text, key.end_mark.index)
    if alias is not None:
        start, end = alias.end() - len(alias[0].lstrip(" :\t\r\n")), alias.end()
    return f"{text[:start]} {value}" + "\n" * text[start:end].count("\n") + text[end:]


def _inserted(text: str, mapping: yaml.MappingNode, entry: str) -> str:
    if mapping.flow_style:
        place = mapping.start_mark.index + 1
        return f"{text[:place]}{entry}{', ' if mapping.value else ''}{text[place:]}"
    end = _end(mapping)
    if text[end - 1] != "\n":
        line_end = text.find("\n", end)
        end = len(text) if line_end < 0 else line_end + 1
    before = text[:end] if text[:end].endswith("\n") else f"{text[:end]}\n"
    return f"{before}{' ' * mapping.start_mark.column}{entry}\n{text[end:]}"


def _end(node: yaml.Node) -> int:
    """Where the node's text ends; a block's own mark is at the next key, behind its comments."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    end: int = node.end_mark.index
    return end
