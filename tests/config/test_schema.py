"""The JSON Schema: valid itself, and of one mind with the loader about the shape of a config."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hpsearch.config import json_schema
from tests.config.configs import CORPUS, EVERY_KEY, as_data

jsonschema = pytest.importorskip("jsonschema")

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture(scope="module")
def validator() -> Any:
    """Judges configs by the schema."""
    return jsonschema.Draft7Validator(json_schema())


def _corpus(kind: str) -> list[str]:
    return sorted(path.name for path in CORPUS.glob(f"{kind}-*.yaml"))


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.name)
def test_the_shipped_configs_are_accepted(path: Path, validator: Any) -> None:
    validator.validate(as_data(path.read_text(encoding="utf-8")))


def test_a_config_with_every_key_is_accepted(validator: Any) -> None:
    validator.validate(as_data(EVERY_KEY))


@pytest.mark.parametrize("name", _corpus("shape"))
def test_a_wrong_shape_is_rejected_here_too(name: str, validator: Any) -> None:
    assert not validator.is_valid(as_data((CORPUS / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", _corpus("meaning"))
def test_a_wrong_meaning_is_beyond_it(name: str, validator: Any) -> None:
    validator.validate(as_data((CORPUS / name).read_text(encoding="utf-8")))


def _properties(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for part in schema.values():
            yield from _properties(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _properties(part)


def test_every_key_is_described_and_every_default_is_possible() -> None:
    properties = list(_properties(json_schema()))
    assert len(properties) > 25
    for name, schema in properties:
        assert schema["description"], name
        if "default" in schema:
            jsonschema.Draft7Validator(schema).validate(schema["default"])
