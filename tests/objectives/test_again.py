"""A trial once more by hand: its program gets what it got in the run."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hpsearch.objectives.again import Again
from hpsearch.objectives.command import CommandObjective
from hpsearch.objectives.template import Template
from hpsearch.runners import Assignment, CommandRunner, MetricReading
from hpsearch.trial import Trial, TrialState

TELLS = """\
import json, os, sys
own = {k: v for k, v in os.environ.items() if k in ("HPSEARCH_PARAM_MOMENTUM", "OF_CONFIG")}
with open("told.jsonl", "a") as file:
    file.write(json.dumps([sys.argv[1:], own]) + "\\n")
print("loss: 1")
"""
PARAMS: dict[str, Any] = {"lr": 0.0106, "momentum": 0.98, "units": [64, 32], "word": "it's $HOME"}
NAMES = (*PARAMS, "beta2")
COMMANDS: list[str | tuple[str, ...]] = [
    "{python} tell.py --lr {lr} --epochs 3 --momentum={momentum} --beta2 {beta2} {units} {word}",
    "{python} tell.py lr={lr} optimizer.beta2={beta2} -m{momentum} 'fixed words' word={word} "
    "{units} > log",
    "{python} -u tell.py {args} --seed {seed} --trial {trial} --budget {budget}; echo loss 1",
    "{python} tell.py {lr} {units} {word} --momentum $HPSEARCH_PARAM_MOMENTUM {{}}",
    ("{python}", "tell.py", "--lr", "{lr}", "--beta2", "{beta2}", "-w={word}", "{units}{momentum}"),
    ("{python}", "tell.py", "{args}"),
    "{python} tell.py {params_json}",
]


def run_it(folder: Path, command: str | tuple[str, ...]) -> Again:
    """Run a trial of the command, whose program tells what it gets, and describe it."""
    (folder / "tell.py").write_text(TELLS)
    if isinstance(command, str):
        command = command.replace("{python}", sys.executable)
    else:
        command = tuple(word.replace("{python}", sys.executable) for word in command)
    objective = CommandObjective(Template(command, NAMES), str(folder), {"OF_CONFIG": "a b"})
    runner = CommandRunner(objective, MetricReading("loss"))
    trial = Trial(5, 1, PARAMS, "test")
    outcome = runner.run(Assignment(trial, 0, folder / "0005", seed=77, budget=9))
    runner.close()
    assert outcome.state is TrialState.DONE or "> log" in command, outcome
    return Again(objective, PARAMS, 5, 77, 9, folder / "0005")


def told(folder: Path) -> list[Any]:
    return [json.loads(line) for line in (folder / "told.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_the_whole_command_gives_the_program_the_same_again(
    tmp_path: Path, command: str | tuple[str, ...]
) -> None:
    again = run_it(tmp_path, command)
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    plain = {k: v for k, v in os.environ.items() if not k.startswith("HPSEARCH")}
    subprocess.run(
        ["/bin/sh", "-ec", again.command(elsewhere)], cwd=elsewhere, env=plain, check=True
    )
    in_run, by_hand = told(tmp_path)
    assert by_hand[0] == in_run[0]
    assert by_hand[1]["OF_CONFIG"] == "a b"


@pytest.mark.parametrize("command", [c for c in COMMANDS if "$HPSEARCH" not in c], ids=str)
def test_the_arguments_are_those_that_the_program_got(
    tmp_path: Path, command: str | tuple[str, ...]
) -> None:
    again = run_it(tmp_path, command)
    assert shlex.split(again.arguments()) == told(tmp_path)[0][0]
    assert again.notes_on_arguments() == []


def again_of(command: str, env: dict[str, str] | None = None) -> Again:
    template = Template(command, NAMES)
    objective = CommandObjective(template, "/there", env or {})
    return Again(objective, {"lr": 0.5, "momentum": 0.9}, 5, 77, None, Path("/runs/0005"))


def test_a_value_that_is_no_argument_is_said_with_the_way_it_came() -> None:
    by_variable = again_of("B=$HPSEARCH_PARAM_MOMENTUM python t.py --lr {lr}")
    assert by_variable.arguments() == "--lr 0.5"
    assert by_variable.notes_on_arguments() == [
        "momentum is not among the arguments: it came as HPSEARCH_PARAM_MOMENTUM=0.9"
    ]
    assert by_variable.command(Path("/there")) == (
        "export HPSEARCH_PARAM_MOMENTUM=0.9 && B=$HPSEARCH_PARAM_MOMENTUM python t.py --lr 0.5"
    )
    (elsewhere,) = again_of("prepare {momentum}; python t.py --lr {lr}").notes_on_arguments()
    assert elsewhere.endswith("it stands elsewhere in the command, see --format command")


def test_a_folder_of_the_trial_stays_open_and_is_said() -> None:
    again = again_of("python t.py --lr {lr} -m {momentum} --out {trial_dir}/model --seed {seed}")
    assert again.arguments() == "--lr 0.5 -m 0.9 --out {trial_dir}/model --seed 77"
    expected = ["put a folder of your own for {trial_dir}; the trial's was /runs/0005"]
    assert again.notes_on_arguments() == expected
    assert again.notes_on_command(Path("/there")) == expected


def test_a_seed_that_the_command_does_not_hold_is_said() -> None:
    again = again_of("python t.py --lr {lr} --momentum {momentum}")
    assert again.notes_on_command(Path("/there")) == [
        "a program that reads HPSEARCH_SEED had 77 there"
    ]
    named = again_of("python t.py --lr {lr} --momentum {momentum} --seed $HPSEARCH_SEED")
    assert named.notes_on_command(Path("/there")) == []
    assert named.command(Path("/x")).startswith("cd /there && export HPSEARCH_SEED=77 && python")


def test_a_values_file_that_is_gone_is_to_be_written() -> None:
    again = again_of("python t.py {params_json}")
    assert again.arguments() == "{params_json}"
    assert again.notes_on_arguments() == [
        "for {params_json}, write a file with hpsearch best --format json"
    ]
