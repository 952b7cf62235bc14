"""Orders to a panda, as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.config import load_config
from hpsearch.errors import SpaceError
from hpsearch.orders import parse_values

PANDA = Path(__file__).parent.parent / "configs" / "digits_panda.yaml"


def test_a_value_that_is_given_twice_is_refused_and_not_the_last_one_taken() -> None:
    config = load_config(PANDA)
    with pytest.raises(SpaceError, match=r"^learning_rate: is given twice"):
        parse_values(config, ["learning_rate=0.1", "momentum=0.9", "learning_rate=0.2"])
    assert parse_values(config, ["learning_rate=0.1", "momentum=0.9"]) == {
        "learning_rate": 0.1,
        "momentum": 0.9,
    }
