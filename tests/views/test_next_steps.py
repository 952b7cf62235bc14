"""What to type next: it fits the screen, and a shell takes it as it is pasted."""

from __future__ import annotations

import subprocess

import pytest

from hpsearch.views.next_steps import next_lines
from hpsearch.views.text import display_width

TOLD = 'hpsearch() { printf "%s\\n" "$@"; }\n'


@pytest.mark.parametrize(
    "name", ["a" * 72, "b" * 73, "c" * 74, "x-" * 50, "y" * 200, "\u7a7a" * 60]
)
@pytest.mark.parametrize(
    "rest", ["", " 12", " --runs /some/other/place/for/the/runs --format args"]
)
@pytest.mark.parametrize("width", [40, 80])
def test_a_command_with_a_long_name_fits_and_is_the_same_command_when_pasted(
    name: str, rest: str, width: int
) -> None:
    _, *lines = next_lines([(f"hpsearch best {name}-0001{rest}", "the best values")], width)
    assert max(map(display_width, lines)) <= width
    told = subprocess.run(
        ["/bin/sh", "-c", TOLD + "\n".join(lines)], capture_output=True, text=True, check=True
    )
    assert told.stdout.split("\n")[:-1] == ["best", f"{name}-0001", *rest.split()]


def test_a_command_that_fits_has_its_purpose_beside_it() -> None:
    assert next_lines([("hpsearch show a-0001 3", "all about it")], 80)[1:] == [
        "  hpsearch show a-0001 3   all about it"
    ]
