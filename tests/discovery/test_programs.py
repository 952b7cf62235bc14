"""Reading programs in other languages, and what happens when their help has to be asked for."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from hpsearch.discovery import programs
from hpsearch.discovery.command_line import typed
from hpsearch.discovery.programs import Program, read_program


def program(name: str, text: str, folder: Path) -> Program:
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return read_program(typed([f"./{name}"], folder), folder)


@pytest.mark.parametrize(
    ("name", "text", "language"),
    [
        ("train.py", "x = 1\n", "python"),
        ("train", "#!/usr/bin/env python3\nx = 1\n", "python"),
        ("train", "#!/bin/bash\n:\n", "shell"),
        ("train", "#!/usr/bin/env Rscript\n1\n", "r"),
        ("train.jl", "println(1)\n", "other"),
    ],
)
def test_the_language_is_that_of_the_suffix_or_the_first_line(
    name: str, text: str, language: str, tmp_path: Path
) -> None:
    assert program(name, text, tmp_path).language == language


def test_a_program_that_hangs_instead_of_helping_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "HELP_TIMEOUT_S", 0.5)
    start = time.monotonic()
    found = program("train", "#!/bin/sh\n# --help\nsleep 600 & echo $! > pid\nwait\n", tmp_path)
    assert time.monotonic() - start < 30
    assert found.found is None
    pid = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _lives(pid):
        time.sleep(0.01)
    assert not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


def test_the_metrics_of_a_script_inside_a_script_are_found(tmp_path: Path) -> None:
    (tmp_path / "fit.py").write_text('print(f"val_loss {x}")\n')
    found = program("train.sh", 'LR=${LR:-0.1}\npython "$HOME/fit.py" --lr $LR\n', tmp_path)
    assert [one.name for one in found.printed] == ["val_loss"]


def test_an_installed_command_is_read_in_the_module_behind_it(tmp_path: Path) -> None:
    package = tmp_path / "lib" / "python3.11" / "site-packages" / "models"
    package.mkdir(parents=True)
    (package / "cli.py").write_text("p.add_argument('--lr', type=float, default=0.1)\n")
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "models-train"
    script.write_text("#!/usr/bin/python\nimport sys\nfrom models.cli import main\nmain()\n")
    found = read_program(typed(["bin/models-train"], tmp_path), tmp_path)
    assert found.found is not None
    assert [option.name for option in found.found.options] == ["lr"]
