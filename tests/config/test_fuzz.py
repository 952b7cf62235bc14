"""Whatever the file holds, loading gives a config or a `ConfigError`, and nothing else."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpsearch.config import Config, json_schema, load_config
from hpsearch.errors import ConfigError
from tests.config.configs import EVERY_KEY, as_data, load

TOKENS = [
    *"{}[]:,-?&*!|>'\"%@`#~\t\n \\\r\ufeff\x00\x85\u2028",
    *("- ", ": ", "&a ", "*a", "<<: ", "!!int ", "---\n", "...\n", "%YAML 1.1\n", "\n  ", "\n    "),
    *("null", "true", "1e999", ".nan", "-1", "0", "0x", "1-beta", "log", "9" * 320, "\\ud800"),
    *("min", "max", "values", "when", "repeat", "layers", "optimizer", "space", "search", "x"),
]
FEW = settings(max_examples=300, deadline=None)


def _load_or_explain(text: str) -> Config | None:
    try:
        return load(text)
    except ConfigError as error:
        problems = error.problems
    assert problems
    assert all(p.line >= 1 and p.column >= 1 and str(p).isprintable() for p in problems)
    return None


@FEW
@given(st.text())
def test_any_text(text: str) -> None:
    _load_or_explain(text)


@FEW
@given(st.lists(st.sampled_from(TOKENS), max_size=40).map("".join))
def test_any_pieces_of_yaml(text: str) -> None:
    _load_or_explain(text)


@settings(FEW, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary())
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(data)
    with contextlib.suppress(ConfigError):
        load_config(path, check_objective=False)


Edit = tuple[int, int, str]


def _edited(edits: list[Edit]) -> str:
    text = EVERY_KEY
    for position, length, new in edits:
        start = position % (len(text) + 1)
        text = text[:start] + new + text[start + length :]
    return text


EDITS = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(0, 12), st.sampled_from(["", *TOKENS])),
    min_size=1,
    max_size=4,
)


@settings(max_examples=600, deadline=None)
@given(EDITS.map(_edited))
def test_any_edits_of_a_good_config(text: str) -> None:
    _load_or_explain(text)


SINGLES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 5),
    st.integers(),
    st.floats(),
    st.sampled_from(["", "adam", "log", "1-beta", "int", "grid", "10m", "x", "layers", "minimize"]),
)
ANYTHING = st.recursive(
    SINGLES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["min", "max", "x", "when", "values", ""]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def _places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data)
    below = [(*path, key) for key, _ in items]
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        if isinstance(value, (dict, list)):
            below += _places(value, (*path, key))
    return below


GOOD = as_data(EVERY_KEY)
CHANGES = st.lists(
    st.tuples(st.sampled_from(_places(GOOD)), st.none() | st.tuples(ANYTHING)),
    min_size=1,
    max_size=2,
)


def _changed(changes: list[tuple[tuple[Any, ...], tuple[Any] | None]]) -> Any:
    data = json.loads(json.dumps(GOOD))
    for path, new in changes:
        parent = data
        for key in path[:-1]:
            is_there = key in parent if isinstance(parent, dict) else isinstance(key, int)
            parent = (
                parent[key] if is_there and (isinstance(parent, dict) or key < len(parent)) else 0
            )
            if not isinstance(parent, (dict, list)):
                break
        if isinstance(parent, dict) and new is None:
            parent.pop(path[-1], None)
        elif isinstance(parent, dict) and new is not None:
            parent[path[-1]] = new[0]
        elif isinstance(parent, list) and new is not None and isinstance(path[-1], int):
            parent[path[-1] :] = new
    return data


def _as_yaml(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("-Infinity", "-.inf").replace("Infinity", ".inf").replace("NaN", ".nan")


@settings(max_examples=500, deadline=None)
@given(CHANGES.map(_changed))
def test_the_schema_accepts_whatever_the_loader_accepts(data: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    text = _as_yaml(data)
    if _load_or_explain(text) is not None:
        jsonschema.Draft7Validator(json_schema()).validate(as_data(text))
