"""Setting a key in the text of a config, with everything else, its comments too, left as it is.

`api` writes so what a Python program says otherwise than the file. It reads no meaning: what is
wrong with the text is found by `loader`, at the lines of the person's own file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

_ALIAS = re.compile(r"\s*:\s*\*[^\s,}\]]+")


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
