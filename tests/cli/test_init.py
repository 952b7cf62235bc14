"""`hpsearch init`, as a person types it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hpsearch.cli import main
from hpsearch.config import load_config
from tests.whole_runs import hpsearch, last_run, trials_of

SCRIPTS = Path(__file__).parent.parent / "discovery" / "scripts"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def use(folder: Path, name: str) -> None:
    shutil.copy(SCRIPTS / name, folder)


def test_alone_it_writes_an_example_that_runs(folder: Path) -> None:
    result = invoke("init")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert [line.strip() for line in result.stderr.splitlines()[1:]] == [
        "hpsearch run example.yaml",
        "hpsearch show last",
    ]
    assert invoke("check", "example.yaml").exit_code == 0
    hpsearch(folder, "run", "example.yaml", "--trials", 4, "--jobs", 1)
    assert [trial["state"] for trial in trials_of(last_run(folder))] == ["done"] * 4
    assert last_run(folder).name == "example-0001"


def test_the_script_of_the_example_takes_less_than_a_second(folder: Path) -> None:
    invoke("init")
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "train.py"], capture_output=True, text=True, check=True)
    assert time.perf_counter() - start < 5  # 0.1 s alone; machines are shared
    lines = done.stdout.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["epoch", str(i), "val_loss"] for i in range(20)
    ]
    assert float(lines[-1].split()[-1]) < float(lines[0].split()[-1])


def test_nothing_is_overwritten_without_force(folder: Path) -> None:
    use(folder, "argv_positional.py")
    words = ("init", "--", "python", "argv_positional.py")
    assert invoke(*words).exit_code == 0
    (folder / "argv_positional.yaml").write_text("mine")
    result = invoke(*words)
    assert (result.exit_code, result.stderr) == (
        1,
        "error: argv_positional.yaml exists; --force overwrites it, --output FILE writes to "
        "another place\n",
    )
    assert (folder / "argv_positional.yaml").read_text() == "mine"
    assert invoke("init", "--force", *words[1:]).exit_code == 0
    assert (folder / "argv_positional.yaml").read_text() != "mine"


def test_the_example_never_overwrites_another_train_py(folder: Path) -> None:
    (folder / "train.py").write_text("mine")
    result = invoke("init", "--force")
    assert result.exit_code == 1
    assert "hpsearch init -- python train.py" in result.stderr
    assert (folder / "train.py").read_text() == "mine"
    assert not (folder / "example.yaml").exists()


def test_a_config_is_written_and_the_guesses_are_told(folder: Path) -> None:
    use(folder, "mnist_argparse.py")
    result = invoke("init", "--", "python", "mnist_argparse.py", "--epochs", "2")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "mnist_argparse.yaml written; options read from argparse: 3 varied, 1 fixed, 5 left",
        "  lr          0.03 to 3.0, log",
        "  batch_size  16, 32, 64, 128, 256",
        "  gamma       0.5 to 0.97, 1-beta",
        "metric: Average loss, minimize (printed in line "
        f"{printed_line(folder / 'mnist_argparse.py')} of mnist_argparse.py)",
        "then: hpsearch check mnist_argparse.yaml && hpsearch run mnist_argparse.yaml",
    ]
    assert invoke("check", "mnist_argparse.yaml").exit_code == 0
    assert "epochs: 2" in (folder / "mnist_argparse.yaml").read_text()


def printed_line(path: Path) -> int:
    lines = path.read_text().splitlines()
    text = next(i for i, line in enumerate(lines) if "Test set" in line)
    return next(i for i in range(text, 0, -1) if "print(" in lines[i]) + 1


def test_the_program_may_follow_without_dashes_and_stdout_gets_the_config_alone(
    folder: Path,
) -> None:
    use(folder, "argv_positional.py")
    result = invoke("init", "-o", "-", "python", "argv_positional.py", "0.5")
    assert result.exit_code == 0, result.output
    assert list(folder.iterdir()) == [folder / "argv_positional.py"]
    (folder / "piped.yaml").write_text(result.stdout)
    assert load_config(folder / "piped.yaml").search.start_with[0]["learning_rate"] == 0.5


@pytest.mark.parametrize("output", ["guessed.yaml", "configs/my guess.yaml"])
def test_the_command_at_the_top_of_a_config_names_the_file_that_was_written(
    folder: Path, output: str
) -> None:
    use(folder, "argv_positional.py")
    (folder / "configs").mkdir()
    result = invoke("init", "-o", output, "--", "python", "argv_positional.py")
    command = f"hpsearch run {shlex.quote(output)}"
    assert result.stderr.splitlines()[-1].endswith(command)
    assert command in commented(folder / output)


def test_a_config_that_is_printed_names_no_file(folder: Path) -> None:
    use(folder, "argv_positional.py")
    (folder / "piped.yaml").write_text(
        invoke("init", "-o", "-", "python", "argv_positional.py").stdout
    )
    said = commented(folder / "piped.yaml")
    assert "then give this file to hpsearch run" in said
    assert ".yaml" not in said


def commented(path: Path) -> str:
    """The comments at the top of a config, in one line."""
    head = path.read_text().split("\n\n")[0]
    return " ".join(line.removeprefix("#").strip() for line in head.splitlines())


def test_a_config_in_another_folder_runs_the_program_where_it_was_typed(folder: Path) -> None:
    use(folder, "argv_positional.py")
    (folder / "configs").mkdir()
    invoke("init", "-o", "configs/a.yaml", "--", sys.executable, "argv_positional.py")
    hpsearch(folder, "run", "configs/a.yaml", "--trials", 3, "--jobs", 1)
    assert [trial["state"] for trial in trials_of(last_run(folder))] == ["done"] * 3


def test_python_is_not_run(folder: Path) -> None:
    (folder / "train.py").write_text(
        "import argparse, pathlib\npathlib.Path('ran').touch()\n"
        "p = argparse.ArgumentParser()\np.add_argument('--lr', type=float, default=0.1)\n"
    )
    assert invoke("init", "--", "python", "train.py").exit_code == 0
    assert not (folder / "ran").exists()


def test_a_program_that_only_its_help_explains_is_run_for_it_and_that_is_said(folder: Path) -> None:
    use(folder, "solver_help")
    result = invoke("init", "--", "./solver_help")
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines()[0] == "ran for its options: ./solver_help --help"


def test_a_script_that_knows_no_help_is_not_run(folder: Path) -> None:
    (folder / "train.sh").write_text("touch ran\necho loss: $x\n")
    result = invoke("init", "--", "sh", "train.sh")
    assert result.exit_code == 1
    assert "train.sh: no options were found" in result.stderr
    assert not (folder / "ran").exists()


def test_constants_stop_the_first_trial_until_the_script_reads_them(folder: Path) -> None:
    (folder / "train.py").write_text(
        "LEARNING_RATE = 0.1\nMOMENTUM = 0.9\nprint('val_loss', LEARNING_RATE + MOMENTUM)\n"
    )
    result = invoke("init", "--", sys.executable, "train.py")
    assert "TO DO: train.py cannot be told its values yet: change 2 of its lines" in result.stderr
    hpsearch(folder, "run", "train.yaml", "--trials", 3, "--jobs", 1)
    assert {trial["state"] for trial in trials_of(last_run(folder))} == {"failed"}
    config = (folder / "train.yaml").read_text()
    changed = [
        line[4:].partition("   # line")[0] for line in config.splitlines() if "environ" in line
    ]
    (folder / "train.py").write_text(
        "\n".join(["import os", *changed, "print('val_loss', LEARNING_RATE + MOMENTUM)"])
    )
    hpsearch(folder, "run", "train.yaml", "--trials", 3, "--jobs", 1)
    assert [trial["state"] for trial in trials_of(last_run(folder))] == ["done"] * 3
    values = {trial["value"] for trial in trials_of(last_run(folder))}
    assert len(values) == 3


def test_a_function_with_arguments_runs(folder: Path) -> None:
    (folder / "train.py").write_text(
        "def fit(lr=0.1, momentum=0.9, seed=0):\n    assert seed > 0\n"
        "    val_loss = (lr - 0.3) ** 2 + (momentum - 0.95) ** 2\n    return val_loss\n"
        "if __name__ == '__main__':\n    fit()\n"
    )
    assert invoke("init", "--", sys.executable, "train.py").exit_code == 0
    hpsearch(folder, "run", "train.yaml", "--trials", 3, "--jobs", 1)
    assert [trial["state"] for trial in trials_of(last_run(folder))] == ["done"] * 3


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--", "python", "gone.py"), "error: gone.py: no such file\n"),
        (("gone:train",), "error: gone: no such file or module in this folder\n"),
        (("-o", "-"), "error: --output - goes with a program: hpsearch init -o - -- ./train\n"),
    ],
)
def test_a_mistake_is_one_line(words: tuple[str, ...], error: str) -> None:
    result = invoke("init", *words)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", error)


def test_a_script_that_is_not_python_is_told_with_its_line(folder: Path) -> None:
    (folder / "train.py").write_text("lr = 1\nprint 'loss'\n")
    result = invoke("init", "--", "python", "train.py")
    assert result.exit_code == 1
    assert "train.py, line 2: " in result.stderr
