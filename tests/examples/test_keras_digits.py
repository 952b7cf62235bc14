"""The Keras example: what it reaches, reports, and how it goes on from a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


class Recorded:
    """A trial that remembers its reports."""

    def __init__(self, folder: Path, budget: int | None, seed: int = 0) -> None:
        self.dir, self.budget, self.seed = folder, budget, seed
        self.reports: list[dict[str, float]] = []

    def report(self, step: int, **metrics: float) -> None:
        self.reports.append({"step": step, **metrics})


@pytest.fixture
def train() -> Any:
    pytest.importorskip("tensorflow", reason="needs the extra hpsearch[tensorflow]")
    from hpsearch.examples.keras_digits import train

    return train


def test_it_learns_the_digits_and_reports_each_epoch(train: Any, tmp_path: Path) -> None:
    trial = Recorded(tmp_path, budget=None)
    train({"epochs": 8, "dropout": 0.0}, trial)
    assert [report["step"] for report in trial.reports] == list(range(1, 9))
    assert trial.reports[-1]["val_error"] < 0.06
    assert trial.reports[-1]["val_loss"] < trial.reports[0]["val_loss"]


def test_stopped_and_gone_on_it_equals_a_training_without_a_stop(
    train: Any, tmp_path: Path
) -> None:
    params = {"hidden_units": 16, "layers": 1, "decay": 0.5, "dropout": 0.3}
    whole = Recorded(tmp_path / "whole", budget=4, seed=5)
    train(params, whole)
    first = Recorded(tmp_path / "parts", budget=2, seed=5)
    train(params, first)
    second = Recorded(tmp_path / "parts", budget=4, seed=5)
    train(params, second)
    assert [report["step"] for report in second.reports] == [3, 4]
    for ours, theirs in zip([*first.reports, *second.reports], whole.reports, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-5)


def test_a_checkpoint_that_has_come_far_enough_is_left_alone(train: Any, tmp_path: Path) -> None:
    params = {"hidden_units": 16, "layers": 1}
    train(params, Recorded(tmp_path, budget=2))
    (checkpoint,) = (tmp_path / "checkpoint").iterdir()
    before = checkpoint.read_bytes()
    again = Recorded(tmp_path, budget=2)
    train(params, again)
    assert not again.reports
    assert checkpoint.read_bytes() == before
