"""What the examples of the frameworks promise: going on after a kill, and ending when asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from statistics import fmean

import pytest

from hpsearch.run_folder import RunFolder
from hpsearch.store import StoredTrial, StoreReader
from hpsearch.trial import TrialState
from tests.whole_runs import eventually, hpsearch, last_run, start

CONFIGS = Path(__file__).parent.parent.parent / "configs"
PROGRAMS = sorted((CONFIGS / "programs").glob("*.py"))


def need(module: str, extra: str) -> None:
    pytest.importorskip(module, reason=f"needs pip install 'hpsearch[{extra}]'")


def program(name: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, CONFIGS / "programs" / name, *map(str, arguments)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


def output_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    # Not `communicate`: it passes over what was read ahead with the last line that was asked for.
    output = process.stdout.read()
    assert process.wait(timeout=120) == 0
    return output


def signal_at(process: subprocess.Popen[str], beginning: str, signum: int) -> list[str]:
    """The lines up to the one with the beginning; the signal is sent when that is printed."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(beginning):
            process.send_signal(signum)
            return lines
    raise AssertionError(f"it ended without a line that begins with {beginning!r}")


def done_trials(folder: Path, name: str, trials: int) -> tuple[RunFolder, list[StoredTrial]]:
    """All the trials of a shortened run of the config, each of them done."""
    finished = hpsearch(folder, "run", CONFIGS / f"{name}.yaml", "--trials", trials, "--rounds", 1)
    assert finished.returncode == 0, finished.stderr
    run = last_run(folder)
    with StoreReader(run) as reader:
        stored = list(reader.trials())
    assert [trial.state for trial in stored] == [TrialState.DONE] * trials
    return run, stored


def curve_of(run: RunFolder, number: int, metric: str) -> list[float]:
    with StoreReader(run) as reader:
        return [metrics[metric] for _, metrics in reader.curve(number)]


def value_of(trial: StoredTrial) -> float:
    assert trial.outcome is not None
    assert trial.outcome.value is not None
    return trial.outcome.value


@pytest.mark.parametrize("path", PROGRAMS, ids=[path.stem for path in PROGRAMS])
def test_a_framework_takes_one_short_file(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 60


@pytest.mark.slow
def test_a_killed_pytorch_training_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    need("torch", "pytorch")
    import torch

    settings = ("--epochs", 6, "--batch-size", 32, "--lr", 0.01, "--checkpoint")
    whole = output_of(program("digits_torch.py", *settings, tmp_path / "whole"))
    killed = program("digits_torch.py", *settings, tmp_path / "killed")
    signal_at(killed, "epoch 3 ", signal.SIGKILL)
    killed.communicate()
    assert output_of(program("digits_torch.py", *settings, tmp_path / "killed")) == whole
    assert len(whole.splitlines()) == 6
    one, other = (torch.load(tmp_path / name / "state.pt") for name in ("whole", "killed"))
    assert all(torch.equal(one["model"][key], other["model"][key]) for key in one["model"])
    assert torch.equal(one["random"], other["random"])


@pytest.mark.slow
def test_a_checkpoint_that_was_half_written_is_not_taken(tmp_path: Path) -> None:
    need("torch", "pytorch")
    settings = ("--epochs", 2, "--checkpoint", tmp_path)
    first = output_of(program("digits_torch.py", *settings))
    (tmp_path / "state.pt.new").write_bytes(b"cut sho")
    assert output_of(program("digits_torch.py", *settings)) == first


@pytest.mark.slow
def test_a_pytorch_trial_that_was_killed_with_its_run_goes_on(tmp_path: Path) -> None:
    need("torch", "pytorch")
    run, stored = done_trials(tmp_path, "pytorch", 2)
    options = ("--trials", 2, "--rounds", 1, "--jobs", 1)
    process = start(tmp_path, "run", CONFIGS / "pytorch.yaml", *options)
    second = RunFolder(run.path.with_name("pytorch-0002"))
    log = second.trial_dir(1) / "stdout.log"
    assert eventually(lambda: log.exists() and "epoch 3" in log.read_text(), within_s=60)
    process.kill()
    process.communicate()
    assert hpsearch(tmp_path, "resume", "last").returncode == 0
    with StoreReader(second) as reader:
        resumed = list(reader.trials())
    assert [value_of(trial) for trial in resumed] == [value_of(trial) for trial in stored]
    assert curve_of(second, 1, "val_loss") == curve_of(run, 1, "val_loss")
    first_attempt = (second.trial_dir(1) / "stdout.attempt-1.log").read_text()
    assert log.read_text().startswith(first_attempt.rpartition("\n")[0])


@pytest.mark.slow
def test_the_mean_of_the_folds_of_a_pipeline_counts(tmp_path: Path) -> None:
    need("sklearn", "sklearn")
    run, stored = done_trials(tmp_path, "sklearn", 6)
    for trial in stored:
        folds = curve_of(run, trial.trial.number, "accuracy")
        assert len(folds) == 5
        assert value_of(trial) == pytest.approx(fmean(folds))
    assert max(value_of(trial) for trial in stored) > 0.9


@pytest.mark.slow
def test_each_boosting_round_is_reported_and_the_best_counts(tmp_path: Path) -> None:
    need("lightgbm", "boosting")
    run, stored = done_trials(tmp_path, "boosting", 6)
    for trial in stored:
        losses = curve_of(run, trial.trial.number, "val_loss")
        assert len(losses) == 150
        assert value_of(trial) == min(losses)
        assert (run.trial_dir(trial.trial.number) / "model.txt").exists()
    assert min(value_of(trial) for trial in stored) < 0.2


@pytest.mark.slow
def test_boosting_that_is_asked_to_end_keeps_its_trees(tmp_path: Path) -> None:
    need("lightgbm", "boosting")
    import lightgbm

    model = tmp_path / "model.txt"
    process = program("cancer_lightgbm.py", "--rounds", 10**6, "--model", model)
    before = signal_at(process, "step 20 ", signal.SIGTERM)
    rounds = len(before) + len(output_of(process).splitlines())
    assert lightgbm.Booster(model_file=model).num_trees() == rounds < 10**5


@pytest.mark.slow
def test_boosting_that_is_out_by_our_rule_ends_early_and_keeps_its_trees(tmp_path: Path) -> None:
    need("lightgbm", "boosting")
    text = (CONFIGS / "boosting.yaml").read_text()
    text = text.replace("# budget:", "budget:").replace("# early_stop:", "early_stop:")
    text = text.replace("rounds: {value: 150}", "rounds: {value: 3000}")
    text = text.replace("search: {rounds: 3, trials: 30}", "search: {trials: 14, sampler: random}")
    (tmp_path / "programs").symlink_to(CONFIGS / "programs")
    (tmp_path / "boosting.yaml").write_text(text)
    done = hpsearch(tmp_path, "run", "boosting.yaml")
    assert done.returncode == 0, done.stderr
    run = last_run(tmp_path)
    with StoreReader(run) as reader:
        stopped = list(reader.trials(TrialState.STOPPED))
    assert stopped
    for trial in stopped:
        assert len(curve_of(run, trial.trial.number, "val_loss")) < 3000
        assert (run.trial_dir(trial.trial.number) / "model.txt").exists()
