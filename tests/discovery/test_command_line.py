"""What was typed: which word is the program, which are values, and the command made of them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from hpsearch.discovery.command_line import Slot, match, typed
from hpsearch.discovery.facts import Option
from hpsearch.discovery.starting_config import starting_config
from hpsearch.errors import HpsearchError
from hpsearch.objectives.template import Template


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text("print('val_loss', x)\n")
    (tmp_path / "run").write_text("#!/bin/sh\n")
    package = tmp_path / "src" / "models"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "fit.py").write_text("print('val_loss', x)\n")
    (package / "__main__.py").write_text("print('val_loss', x)\n")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "path", "arguments"),
    [
        ("python train.py --lr 0.1", "train.py", "--lr 0.1"),
        ("python -u -W ignore train.py", "train.py", ""),
        ("torchrun --nproc_per_node 2 train.py --lr 0.1", "train.py", "--lr 0.1"),
        ("CUDA_VISIBLE_DEVICES=0 python train.py", "train.py", ""),
        ("uv run train.py a b", "train.py", "a b"),
        ("python -m models.fit --lr 0.1", "src/models/fit.py", "--lr 0.1"),
        ("python -m models", "src/models/__main__.py", ""),
        ("/usr/bin/env python3 train.py", "train.py", ""),
        ("./run --config train.py", "run", "--config train.py"),
    ],
)
def test_the_program_is_found_behind_what_starts_it(
    words: str, path: str, arguments: str, folder: Path
) -> None:
    found = typed(words.split(), folder)
    assert found.path == folder / path
    assert list(found.arguments) == arguments.split()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("python gone.py", "gone.py: no such file"),
        ("no-such-program-anywhere --lr 1", "no-such-program-anywhere: no such program"),
        ("python", "which script? Say: hpsearch init -- python SCRIPT"),
        ("jupyter lab study.ipynb", "study.ipynb is a notebook"),
        ("A=1", "no program was named"),
    ],
)
def test_what_is_no_program_is_said_in_one_line(words: str, message: str, folder: Path) -> None:
    with pytest.raises(HpsearchError, match=re.escape(message)):
        typed(words.split(), folder)


LR = Option("learning_rate", spelling="--learning-rate", spellings=("-l", "--learning-rate"))
FLAG = Option("amp", spelling="--amp", spellings=("--amp",), is_flag=True, negative="--no-amp")
WIDTHS = Option("widths", spelling="--widths", spellings=("--widths",), is_list=True)
DATA = Option("data", channel="position", spelling="data")
OPTIONS = (LR, FLAG, WIDTHS, DATA)


def values(words: str) -> dict[str, object]:
    matched = match(words.split(), OPTIONS, ())
    return {p.option.name: p.option.default for p in matched.pieces if isinstance(p, Slot)}


@pytest.mark.parametrize(
    "words",
    [
        "--learning-rate 0.1 images",
        "--learning-rate=0.1 images",
        "-l 0.1 images",
        "-l0.1 images",
        "--learning 0.1 images",  # argparse takes a beginning that is unique
        "images --amp -l 0.1",
        "--widths 8 16 -l 0.1 images",
        "--no-amp images -l 1e-1",
    ],
)
def test_values_are_found_however_they_are_typed(words: str) -> None:
    assert values(words) == {"learning_rate": 0.1, "data": "images"}


def test_a_negative_number_is_a_value() -> None:
    assert values("-l -0.5 images")["learning_rate"] == -0.5


def command_of(words: list[str], folder: Path) -> str:
    text = starting_config(words, folder, folder).text
    block = text.partition("\nobjective:\n")[2].partition("\n\n")[0]
    return " ".join(block.replace("command:", "").replace(">-", "").split())


def test_options_that_only_the_command_line_knows_are_tuned_around_what_was_typed(
    folder: Path,
) -> None:
    words = "python train.py --lr 0.1 --verbose --out res -b 32 --batch-size 16"
    assert command_of(words.split(), folder) == (
        "python train.py --lr {lr} --verbose --out res -b 32 --batch-size {batch_size}"
    )


def test_assignments_as_hydra_takes_them_are_tuned(folder: Path) -> None:
    words = "python train.py optimizer.lr=0.01 model=resnet +trainer.max_epochs=5"
    assert command_of(words.split(), folder) == (
        "python train.py optimizer.lr={optimizer.lr} model=resnet "
        "+trainer.max_epochs={trainer.max_epochs}"
    )


def test_words_with_blanks_and_braces_reach_the_program_as_they_were(folder: Path) -> None:
    words = ["python", "train.py", "--lr", "0.1", "--data", "my files", "--json", '{"a": 1}']
    text = starting_config(words, folder, folder).text
    command = yaml.safe_load(text)["objective"]["command"]
    assert command == """python train.py --lr {lr} --data 'my files' --json '{{"a": 1}}'"""
    rendered = Template(command, ("lr",)).render({"lr": 0.5}, {})[-1]
    assert shlex.split(rendered) == [*words[:3], "0.5", *words[4:]]


def test_a_name_that_a_command_knows_otherwise_gets_a_tail(folder: Path) -> None:
    (folder / "train.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\n"
        "p.add_argument('--lr', type=float, default=0.1)\n"
        "p.add_argument('--trial', choices=[1, 2], type=int, default=1)\n"
    )
    text = starting_config(["python", "train.py", "--trial", "1"], folder, folder).text
    assert "command: python train.py --trial 1 --lr {lr}" in text


def test_a_program_with_subcommands_has_to_be_told_one(folder: Path) -> None:
    (folder / "train.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\ns = p.add_subparsers()\n"
        "a = s.add_parser('fit')\na.add_argument('--lr', type=float, default=0.1)\n"
        "s.add_parser('test')\n"
    )
    with pytest.raises(HpsearchError, match=r"has subcommands \(fit, test\); say which one"):
        starting_config(["python", "train.py"], folder, folder)
    assert command_of(["python", "train.py", "fit"], folder) == "python train.py fit --lr {lr}"


def test_a_config_in_another_folder_runs_its_command_here(folder: Path) -> None:
    target = folder / "configs" / "deep"
    target.mkdir(parents=True)
    text = starting_config(["python", "train.py", "--lr", "0.1"], folder, target).text
    assert "  working_dir: ../.." in text


def test_nothing_to_tune_is_said_with_what_could_be_done(folder: Path) -> None:
    with pytest.raises(HpsearchError, match="no options were found"):
        starting_config(["python", "train.py"], folder, folder)
    with pytest.raises(HpsearchError, match="none of its options looks like a hyperparameter"):
        starting_config(["python", "train.py", "--data", "x"], folder, folder)
