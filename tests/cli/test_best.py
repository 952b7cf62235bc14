"""`best` as the README's last step: its arguments are taken by the program that was tuned."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.run_folder import find_run
from hpsearch.store import Store, StoreReader
from hpsearch.trial import INCUMBENT, Decision
from tests.made_runs import make_run
from tests.whole_runs import hpsearch

SCRIPT = """\
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, required=True)
parser.add_argument("--units", required=True)
parser.add_argument("--beta", type=float)
parser.add_argument("--epochs", type=int, required=True)
parser.add_argument("--seed", type=int, required=True)
args = parser.parse_args()
print("seed", args.seed)
print("loss", args.lr + (args.beta or 0))
"""
CONFIG = """\
name: script
objective:
  command: >
    : $HPSEARCH_PARAM_LAYERS $HPSEARCH_PARAM_KIND;
    {python} script.py --epochs 3 --lr {{learning_rate}} --units {{units}}
    --beta {{beta}} --seed {{seed}}
metric: {{name: loss, goal: minimize}}
space:
  learning_rate: {{scale: log, min: 1e-4, max: 1}}
  layers: {{min: 2, max: 3}}
  units: {{min: 8, max: 64, repeat: layers}}
  kind: {{values: [plain, other]}}
  beta: {{min: 0.5, max: 0.9, when: {{kind: other}}}}
search: {{sampler: random, trials: 4}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished run of the script, whose best trial has no beta."""
    folder = tmp_path_factory.mktemp("best")
    (folder / "script.py").write_text(SCRIPT)
    (folder / "script.yaml").write_text(CONFIG.format(python=sys.executable))
    done = hpsearch(folder, "run", "script.yaml")
    assert done.returncode == 0, done.stderr
    return folder


def test_the_arguments_are_taken_by_the_tuned_program(folder: Path) -> None:
    best = hpsearch(folder, "best", "--format", "args")
    values = json.loads(hpsearch(folder, "best", "--format", "json").stdout)
    units = ",".join(map(str, values["units"]))
    assert values["kind"] == "plain"
    words = shlex.split(best.stdout)
    assert words[:6] == [
        *("--epochs", "3", "--lr", str(values["learning_rate"]), "--units", units),
    ]
    again = subprocess.run(
        [sys.executable, "script.py", *words], cwd=folder, capture_output=True, text=True
    )
    assert again.returncode == 0, again.stderr
    assert again.stdout.split()[-1] == str(values["learning_rate"])
    came = "is not among the arguments: it came as HPSEARCH_PARAM"
    assert best.stderr.splitlines() == [
        f"note: layers {came}_LAYERS={values['layers']}",
        f"note: kind {came}_KIND=plain",
    ]


def test_the_command_repeats_the_best_trial_with_its_seed(folder: Path) -> None:
    command = hpsearch(folder, "best", "--format", "command").stdout
    again = subprocess.run(["/bin/sh", "-c", command], cwd=folder, capture_output=True, text=True)
    (data,) = json.loads(hpsearch(folder, "show", "--json").stdout)["top"][:1]
    number = data["number"]
    shown = json.loads(hpsearch(folder, "show", "last", number, "--json").stdout)
    log = Path(shown["folder"], "stdout.log")
    printed = (folder / log).read_text()
    assert again.stdout == printed
    assert f"seed {shown['seed']}\n" in printed
    assert f"seed {shown['seed']}" in hpsearch(folder, "show", "last", number).stdout


def test_each_of_the_top_trials_has_its_line(folder: Path) -> None:
    assert len(hpsearch(folder, "best", "--format", "args", "--top", "3").stdout.splitlines()) == 3


def test_a_function_has_no_command(tmp_path: Path) -> None:
    make_run(tmp_path / "runs")
    done = hpsearch(tmp_path, "best", "--format", "command")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: digits-0001: its objective is a function")


@pytest.mark.parametrize("format_", ["json", "args"])
def test_why_another_trial_than_that_with_the_best_value_is_printed_is_said_beside_it(
    folder: Path, tmp_path: Path, format_: str
) -> None:
    folder = shutil.copytree(folder, tmp_path / "noisy")
    run = find_run(folder / "runs", "last")
    with StoreReader(run) as reader:
        worst = reader.best("minimize", 4)[-1].trial
    details = {"expected": 0.31, "noise": 0.1, "of": 4}
    with Store(run) as store:
        store.add_decision(Decision(worst.number, None, INCUMBENT, "values are noisy", details))
    best = hpsearch(folder, "best", "--format", format_)
    assert str(worst.params["learning_rate"]) in best.stdout
    assert f"note: trial {worst.number}: values are noisy" in best.stderr.splitlines()
    exported = json.loads(hpsearch(folder, "export", "--format", "json").stdout)
    assert exported["best"] == worst.number
