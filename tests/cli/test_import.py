"""`hpsearch import`, as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hpsearch.cli import main
from tests.whole_runs import hpsearch, last_run, trials_of

SWEEP = """\
program: train.py
name: first try
method: random
metric: {name: val_loss, goal: minimize}
run_cap: 3
parameters:
  lr: {distribution: log_uniform_values, min: 1e-4, max: 0.1}
  opt: {values: [sgd, adam]}
  epochs: {value: 2}
"""
PROGRAM = """\
import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float)
p.add_argument("--opt")
p.add_argument("--epochs", type=int)
a = p.parse_args()
for epoch in range(a.epochs):
    print(f"epoch {epoch} val_loss {a.lr}")
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    (tmp_path / "train.py").write_text(PROGRAM)
    return tmp_path


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_a_sweep_becomes_a_config_that_runs(folder: Path) -> None:
    result = invoke("import", "sweep.yaml")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    told = result.stderr.splitlines()
    assert told == [
        "parameters.lr: log_uniform_values 1e-4 to 0.1 -> scale: log, min: 1e-4, max: 0.1",
        "parameters.opt: values sgd, adam -> values: [sgd, adam]",
        "parameters.epochs: value 2 -> value: 2",
        "program: train.py -> objective.command: python train.py {args}",
        "metric: val_loss, minimize -> metric: {name: val_loss, goal: minimize}",
        "method: random -> search.sampler: random",
        "run_cap: 3 -> search.trials: 3",
        "name: first try -> name: first-try",
        "first-try-hpsearch.yaml written; then: hpsearch check first-try-hpsearch.yaml && "
        "hpsearch run first-try-hpsearch.yaml",
    ]
    assert invoke("check", "first-try-hpsearch.yaml").exit_code == 0
    hpsearch(folder, "run", "first-try-hpsearch.yaml", "--jobs", 1)
    assert [trial["state"] for trial in trials_of(last_run(folder))] == ["done"] * 3


def test_the_config_goes_where_it_should(folder: Path) -> None:
    result = invoke("import", "sweep.yaml", "--output", "-")
    assert result.stdout.startswith("# Imported from the W&B sweep sweep.yaml.\n")
    assert "written" not in result.stderr
    assert invoke("import", "sweep.yaml", "-o", "a.yaml").exit_code == 0
    again = invoke("import", "sweep.yaml", "-o", "a.yaml")
    assert (again.exit_code, again.stderr.partition(";")[0]) == (1, "error: a.yaml exists")
    assert invoke("import", "sweep.yaml", "-o", "a.yaml", "--force").exit_code == 0


def test_a_bad_file_is_told_at_its_line(folder: Path) -> None:
    (folder / "sweep.yaml").write_text(SWEEP.replace("min: 1e-4", "min: 0"))
    result = invoke("import", "sweep.yaml")
    assert (result.exit_code, result.stderr) == (
        1,
        "sweep.yaml:7:47: parameters.lr.min: must be above 0 for log_uniform_values\n1 error\n",
    )


def test_a_file_that_is_not_there_is_one_line(folder: Path) -> None:
    result = invoke("import", "gone.yaml")
    assert (result.exit_code, result.stderr) == (
        1,
        "error: gone.yaml cannot be read: No such file or directory\n",
    )
