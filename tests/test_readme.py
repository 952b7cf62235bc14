"""The README is true: its files load, its commands run, and it names every verb."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.cli import VERBS
from tests.whole_runs import hpsearch

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
NOT_RUN_HERE = ("pip ", "make ", "nohup ", "sbatch ", "dask ", "eval ", "git ", "cd ")
OF_A_FRAMEWORK = {"python -m hpsearch.examples.quadratic_tensorflow": "tensorflow"}


def blocks(language: str) -> list[str]:
    found = []
    for indent, name, text in BLOCK.findall(README):
        if name == language:
            found.append("\n".join(line[len(indent) :] for line in text.splitlines()))
    return found


def write_files(folder: Path) -> list[str]:
    """Every block that begins with `# file: NAME`."""
    written = []
    for language in ("yaml", "python"):
        for text in blocks(language):
            first, _, rest = text.partition("\n")
            if first.startswith("# file: "):
                written.append(first.removeprefix("# file: ").strip())
                (folder / written[-1]).write_text(rest, encoding="utf-8")
    return written


def commands() -> list[str]:
    lines = [line for text in blocks("console") for line in text.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


def test_every_command_block_runs(folder: Path) -> None:
    assert {"train.py", "train.yaml", "reference.yaml"} <= set(write_files(folder))
    (folder / "configs").symlink_to(ROOT / "configs")
    ran = 0
    for command in commands():
        if command.startswith((*NOT_RUN_HERE, *OF_A_FRAMEWORK)):
            continue
        program, *arguments = shlex.split(command, comments=True)
        if program == "hpsearch":
            done = hpsearch(folder, *arguments)
        else:
            assert program == "python", command
            done = subprocess.run(
                [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=60
            )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        ran += 1
    assert ran >= 10


@pytest.mark.slow
@pytest.mark.parametrize("command", OF_A_FRAMEWORK)
def test_the_commands_of_frameworks_print_what_is_shown(command: str) -> None:
    framework = OF_A_FRAMEWORK[command]
    pytest.importorskip(framework, reason=f"needs pip install 'hpsearch[{framework}]'")
    assert command in commands()
    done = subprocess.run(
        [sys.executable, *command.split()[1:]], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in README


def test_every_config_in_it_passes_the_check(folder: Path) -> None:
    configs = [name for name in write_files(folder) if name.endswith(".yaml")]
    done = hpsearch(folder, "check", *configs)
    assert done.returncode == 0, done.stderr


def test_every_verb_is_listed_with_its_own_help(folder: Path) -> None:
    for verb in VERBS:
        assert f"| `{verb}`" in README or f"| `{verb} " in README, verb
        shown = hpsearch(folder, verb, "--help").stdout
        assert "Example" in shown, verb


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
