"""What is an extra is optional: everything else works on the core dependencies alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.whole_runs import write_config

BARE = """
import sys
allowed = {"numpy", "click", "yaml", "joblib", "tqdm"}
banned = {"scipy", "sklearn", "distributed", "dask", "torch", "pandas", "matplotlib", "jsonschema"}

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in banned:
            raise ImportError(f"No module named {name!r}")

sys.meta_path.insert(0, Nothing())
from hpsearch.cli import main
main()
"""


def bare(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parent.parent
    return subprocess.run(
        [sys.executable, "-c", BARE, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("runner", ["local", "inline"])
def test_a_run_needs_the_core_alone(tmp_path: Path, runner: str) -> None:
    write_config(tmp_path, "instant_bowl", jobs=1, runner=runner, trials=6)
    done = bare(tmp_path, "run", "bowl.yaml")
    assert done.returncode == 0, done.stderr
    for verb in ("show", "best", "ls"):
        assert bare(tmp_path, verb, *(["last"] if verb != "ls" else [])).returncode == 0


def test_dask_is_asked_for_in_one_line_where_it_is_missing(tmp_path: Path) -> None:
    path = write_config(tmp_path, "instant_bowl")
    path.write_text(
        path.read_text().replace("runner: local", "runner: dask, scheduler: 'tcp://nowhere:1'")
    )
    done = bare(tmp_path, "run", "bowl.yaml")
    assert done.returncode == 1
    assert "pip install 'hpsearch[dask]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_importing_hpsearch_imports_none_of_its_heavy_parts() -> None:
    heavy = ("numpy", "joblib", "click", "yaml")
    program = f"import hpsearch, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
