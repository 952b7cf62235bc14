"""The objective: what it reaches, reports, saves and refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.examples.digits import train
from hpsearch.examples.digits.checkpoint import CheckpointError
from hpsearch.examples.digits.data import DIGITS_FILE, load_digits, mini_batches

KILLED = {"hidden_units": 10, "dropout": 0.3}
TRAIN_AND_TELL = """
import json, pathlib, sys
from hpsearch.examples.digits import train

class Told:
    dir, seed = pathlib.Path(sys.argv[1]), 4

    def report(self, step, **metrics):
        print(step, flush=True)
        if step == 3:
            sys.stdin.read()  # until it is killed

train(json.loads(sys.argv[2]), budget=5, trial=Told())
"""


class Recorded:
    """A trial that remembers its reports."""

    def __init__(self, folder: Path | None = None, seed: int = 0) -> None:
        self.dir = folder
        self.seed = seed
        self.reports: list[tuple[int, dict[str, float]]] = []

    def report(self, step: int, **metrics: float) -> None:
        self.reports.append((step, metrics))


def test_the_digits_are_small_split_once_and_all_there() -> None:
    assert DIGITS_FILE.stat().st_size <= 150_000
    digits = load_digits(np.float32)
    parts = (digits.training, digits.validation, digits.test)
    assert [len(part) for part in parts] == [1197, 300, 300]
    assert np.bincount(digits.validation.labels).tolist() == [30] * 10
    assert np.bincount(digits.test.labels).tolist() == [30] * 10


def test_pixels_are_centred_by_the_training_images_alone() -> None:
    digits = load_digits(np.float64)
    assert np.abs(digits.training.images.mean(axis=0)).max() < 1e-12
    assert np.abs(digits.validation.images.mean(axis=0)).max() > 1e-3


def test_they_are_the_copy_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    with np.load(DIGITS_FILE) as ours:
        theirs = datasets.load_digits()
        assert np.array_equal(ours["images"], theirs.data)
        assert np.array_equal(ours["labels"], theirs.target)


def test_an_epoch_shows_every_image_once_in_a_drawn_order() -> None:
    training = load_digits(np.float32).training
    batches = list(mini_batches(training, 50, np.random.default_rng(0)))
    assert {len(batch) for batch in batches} <= {49, 50}
    seen = np.concatenate([batch.images for batch in batches])
    assert np.array_equal(np.sort(seen, axis=0), np.sort(training.images, axis=0))
    again = list(mini_batches(training, 50, np.random.default_rng(0)))
    other = list(mini_batches(training, 50, np.random.default_rng(1)))
    assert np.array_equal(batches[0].labels, again[0].labels)
    assert not np.array_equal(batches[0].labels, other[0].labels)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_good_setting_reads_97_percent_of_the_test_images(seed: int) -> None:
    trial = Recorded(seed=seed)
    assert 1 - train({}, trial=trial)["test_error"] >= 0.97


def test_each_epoch_is_reported_and_the_last_one_returned() -> None:
    trial = Recorded()
    result = train({"hidden_units": 8}, budget=3, trial=trial)
    assert [step for step, _ in trial.reports] == [1, 2, 3]
    assert set(trial.reports[0][1]) == {"train_loss", "train_error", "val_loss", "val_error"}
    assert {name: result[name] for name in trial.reports[-1][1]} == trial.reports[-1][1]
    assert result["epochs"] == 3


@pytest.mark.parametrize(
    "params",
    [
        {"optimizer": "adam", "dropout": 0.3, "decay": "inverse"},
        {"optimizer": "momentum", "batch_norm": False, "activation": "tanh", "l2": 1e-3},
        {"optimizer": "rmsprop", "hidden_units": [12, 7], "decay": "step", "decay_every": 2},
        {"optimizer": "sgd", "layers": 0, "decay": "exponential"},
    ],
)
def test_a_checkpoint_goes_on_bit_for_bit(params: dict[str, Any], tmp_path: Path) -> None:
    params = {"hidden_units": 10, **params}
    at_once = train(params, budget=5, trial=Recorded(tmp_path / "a", seed=4))
    part = Recorded(tmp_path / "b", seed=4)
    train(params, budget=2, trial=part)
    train(params, budget=3, trial=part)
    assert train(params, budget=5, trial=part) == at_once
    assert [step for step, _ in part.reports] == [1, 2, 3, 4, 5]


def test_a_finished_checkpoint_is_measured_and_not_trained_again(tmp_path: Path) -> None:
    trial = Recorded(tmp_path)
    first = train({"hidden_units": 8}, budget=2, trial=trial)
    assert train({"hidden_units": 8}, budget=2, trial=trial) == first
    assert len(trial.reports) == 2


def test_a_damaged_checkpoint_is_named_in_one_line(tmp_path: Path) -> None:
    train({"hidden_units": 8}, budget=1, trial=Recorded(tmp_path))
    (file,) = (tmp_path / "checkpoint").iterdir()
    whole = file.read_bytes()
    array_renamed = whole.replace(b"learnt.norm1.beta", b"learnt.norm1.bet`")
    encrypted = bytearray(whole)
    encrypted[whole.index(b"PK\x01\x02") + 8] |= 1 << 6  # a flag of the zip directory
    for damaged in (b"", whole[:1000], whole[:-100], array_renamed, bytes(encrypted), b"[1, 2]"):
        file.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"digits\.npz: cannot go on.*it is damaged") as caught:
            train({"hidden_units": 8}, budget=2, trial=Recorded(tmp_path))
        assert "\n" not in str(caught.value)


def test_a_flipped_bit_in_a_checkpoint_is_found_or_harmless(tmp_path: Path) -> None:
    first = train({"hidden_units": 8}, budget=1, trial=Recorded(tmp_path))
    (file,) = (tmp_path / "checkpoint").iterdir()
    whole = file.read_bytes()
    rng = np.random.default_rng(0)
    found = 0
    for place in rng.integers(len(whole), size=200):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << int(rng.integers(8))
        file.write_bytes(flipped)
        try:
            assert train({"hidden_units": 8}, budget=1, trial=Recorded(tmp_path)) == first
        except CheckpointError:
            found += 1
    assert found > 100


def test_a_killed_training_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    at_once = Recorded(tmp_path / "a", seed=4)
    result = train(KILLED, budget=5, trial=at_once)
    with subprocess.Popen(
        [sys.executable, "-c", TRAIN_AND_TELL, str(tmp_path / "b"), json.dumps(KILLED)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert [child.stdout.readline() for _ in range(3)] == ["1\n", "2\n", "3\n"]
        child.kill()
    resumed = Recorded(tmp_path / "b", seed=4)
    assert train(KILLED, budget=5, trial=resumed) == result
    assert resumed.reports == at_once.reports[2:]  # epoch 3 was told but not yet saved


def test_a_failed_write_leaves_the_checkpoint_of_the_epoch_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train({"hidden_units": 8}, budget=1, trial=Recorded(tmp_path))
    file = tmp_path / "checkpoint" / "digits.npz"
    before = file.read_bytes()

    def disk_is_full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", disk_is_full)
    with pytest.raises(OSError, match="No space left"):
        train({"hidden_units": 8}, budget=2, trial=Recorded(tmp_path))
    assert file.read_bytes() == before


def test_a_diverged_epoch_leaves_the_checkpoint_of_the_epoch_before(tmp_path: Path) -> None:
    calm = {"hidden_units": 8, "optimizer": "sgd", "batch_norm": False}
    first = train(calm, budget=1, trial=Recorded(tmp_path))
    assert np.isnan(train(calm | {"learning_rate": 1e30}, 3, Recorded(tmp_path))["val_error"])
    assert train(calm, budget=1, trial=Recorded(tmp_path)) == first


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    train({"hidden_units": 8}, budget=1, trial=Recorded(tmp_path))
    with pytest.raises(ValueError, match=r"hidden_units: \[8, 8\] there, \[9, 9\] here") as caught:
        train({"hidden_units": 9}, budget=2, trial=Recorded(tmp_path))
    assert "damaged" not in str(caught.value)


def test_a_training_that_diverges_says_nan_and_warns_of_nothing(
    recwarn: pytest.WarningsRecorder,
) -> None:
    trial = Recorded()
    params = {"optimizer": "sgd", "learning_rate": 1e30, "batch_norm": False}
    result = train(params, budget=5, trial=trial)
    assert np.isnan(result["val_error"])
    assert np.isnan(trial.reports[-1][1]["val_loss"])
    assert result["epochs"] < 5
    assert not recwarn.list


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"learning_rat": 0.1}, "learning_rat: the digits example has no such parameter. Did you"),
        ({"learning_rate": -1}, "learning_rate: -1 is not allowed; it must be a number above 0"),
        ({"optimizer": "adma"}, "Did you mean adam"),
        ({"dropout": 1}, "from 0 to below 1"),
        ({"batch_norm": 1}, "must be true or false"),
        ({"layers": 3, "hidden_units": [8, 8]}, "has 2 entries, but layers is 3"),
        ({"batch_size": 1}, "with batch_norm it must be at least 2"),
    ],
)
def test_a_wrong_value_is_one_line_that_says_what_is_allowed(
    params: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message.replace("[", r"\[")) as caught:
        train(params)
    assert "\n" not in str(caught.value)


def test_it_runs_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hpsearch.examples.digits"],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 16
    assert float(lines[-1].removeprefix("test accuracy ").rstrip("%")) >= 97
    assert done.stderr == ""
