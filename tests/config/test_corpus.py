"""Malformed configs, one file each; corpus/expected.txt has the problems of each, in order.

A line of it is file:line:column: and a part of the message. The columns were counted by marks in
the text, not by the loader. Names say what finds the problem: `yaml-` cannot be read at all,
`shape-` is rejected by the JSON Schema too, `meaning-` needs the loader.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from pathlib import Path

import pytest

from hpsearch.config import load_config
from hpsearch.errors import ConfigError
from tests.config.configs import CORPUS

FILES = sorted(path.name for path in CORPUS.glob("*.yaml"))


def _expected() -> dict[str, list[tuple[str, str]]]:
    expected: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in (CORPUS / "expected.txt").read_text(encoding="utf-8").splitlines():
        match = re.fullmatch(r"((.+?):\d+:\d+: )(.+)", line)
        assert match is not None, line
        expected[match[2]].append((match[1], match[3]))
    return expected


EXPECTED = _expected()


def test_every_file_has_its_expectation() -> None:
    assert sorted(EXPECTED) == FILES
    assert len(FILES) >= 70


@pytest.mark.parametrize("name", FILES)
def test_exactly_the_expected_problems_are_told_at_their_places(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CORPUS)
    started = time.process_time()
    with pytest.raises(ConfigError) as caught:
        load_config(Path(name))
    assert time.process_time() - started < 1.0

    told = [str(problem) for problem in caught.value.problems]
    expected = EXPECTED[name]
    assert len(told) == len(expected), told
    for line, (place, fragment) in zip(told, expected, strict=True):
        assert line.startswith(place)
        assert fragment in line
        assert line.isprintable()
