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
banned |= {"tensorflow", "keras", "xgboost", "lightgbm"}

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


FRAMEWORKS = {
    "tensorflow": "tensorflow",
    "keras": "tensorflow",
    "torch": "pytorch",
    "sklearn": "sklearn",
    "xgboost": "boosting",
    "lightgbm": "boosting",
}


def write_training(folder: Path, program: str) -> None:
    (folder / "mine.py").write_text(program + "\ndef train(params):\n    return params['x']\n")
    (folder / "mine.yaml").write_text(
        "objective: {function: 'mine:train'}\nmetric: {name: y, goal: minimize}\n"
        "space: {x: {min: 0.0, max: 1.0}}\nsearch: {trials: 3, rounds: 1}\n"
        "execution: {runner: inline}\n"
    )


@pytest.mark.parametrize("verb", ["run", "check"])
def test_a_shipped_config_asks_for_its_framework_before_any_trial(
    tmp_path: Path, verb: str
) -> None:
    configs = Path(__file__).parent.parent / "configs"
    for name in ("tensorflow_quadratic", "keras_digits"):
        done = bare(tmp_path, verb, str(configs / f"{name}.yaml"))
        assert done.returncode == 1
        missing, count = done.stderr.splitlines()
        assert "pip install 'hpsearch[tensorflow]'" in missing
        assert count == "1 error"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("module", FRAMEWORKS)
def test_each_missing_framework_is_asked_for_by_its_own_extra(tmp_path: Path, module: str) -> None:
    write_training(tmp_path, f"import {module}.part as part")
    done = bare(tmp_path, "run", "mine.yaml")
    assert done.returncode == 1
    missing, count = done.stderr.splitlines()
    assert f"pip install 'hpsearch[{FRAMEWORKS[module]}]'" in missing
    assert count == "1 error"


@pytest.mark.parametrize("how", ["import model", "from nets import model", "from model import net"])
def test_it_is_found_behind_a_file_of_the_persons_own(tmp_path: Path, how: str) -> None:
    write_training(tmp_path, how)
    (tmp_path / "nets").mkdir()
    for folder in (tmp_path, tmp_path / "nets"):
        (folder / "model.py").write_text("from torch.nn import Module as net\n")
    done = bare(tmp_path, "run", "mine.yaml")
    assert done.returncode == 1
    assert "model needs PyTorch" in done.stderr


@pytest.mark.parametrize(
    "program",
    [
        "try:\n    import torch\nexcept ImportError:\n    torch = None",
        "import numpy\ndef other():\n    import torch",
        "import mine, numpy",
    ],
)
def test_an_import_that_need_not_happen_stops_no_run(tmp_path: Path, program: str) -> None:
    write_training(tmp_path, program)
    done = bare(tmp_path, "run", "mine.yaml")
    assert done.returncode == 0, done.stderr


def test_a_module_of_the_persons_own_may_have_a_frameworks_name(tmp_path: Path) -> None:
    write_training(tmp_path, "import torch")
    (tmp_path / "torch.py").write_text("")
    done = bare(tmp_path, "check", "mine.yaml")
    assert done.returncode == 0, done.stderr


def test_what_a_cluster_has_installed_is_not_judged_from_here(tmp_path: Path) -> None:
    write_training(tmp_path, "import torch")
    path = tmp_path / "mine.yaml"
    path.write_text(path.read_text().replace("inline", "dask, scheduler: 'tcp://nowhere:1'"))
    assert bare(tmp_path, "check", "mine.yaml").returncode == 0


@pytest.mark.parametrize(
    ("message", "is_told"),
    [
        ("No module named 'torch'", True),
        ("No module named 'torch.nonesuch'", False),
        ("No module named 'torchtoys'", False),
    ],
)
def test_a_command_that_lacks_a_framework_is_told_once_it_is_called_broken(
    tmp_path: Path, message: str, is_told: bool
) -> None:
    (tmp_path / "mine.yaml").write_text(
        f'objective: {{command: "echo \\"ModuleNotFoundError: {message}\\" >&2; false {{x}}"}}\n'
        "metric: {name: y, goal: minimize}\nspace: {x: {min: 0.0, max: 1.0}}\n"
    )
    done = bare(tmp_path, "run", "mine.yaml")
    assert done.returncode == 3
    assert message in done.stderr
    assert ("pip install 'hpsearch[pytorch]'" in done.stderr) == is_told


def test_importing_hpsearch_imports_none_of_its_heavy_parts() -> None:
    heavy = ("numpy", "joblib", "click", "yaml")
    program = f"import hpsearch, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_importing_the_examples_imports_no_framework() -> None:
    program = "import hpsearch.examples, sys; print([m for m in sys.argv[1:] if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program, *FRAMEWORKS], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["quadratic_tensorflow", "keras_digits"])
def test_an_example_by_itself_asks_for_its_framework_in_one_line(name: str) -> None:
    program = BARE.partition("from hpsearch.cli")[0] + (
        f"import runpy; runpy.run_module('hpsearch.examples.{name}', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert "pip install 'hpsearch[tensorflow]'" in done.stderr
