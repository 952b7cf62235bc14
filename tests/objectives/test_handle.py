"""Reports: lines of JSON that a kill cannot spoil."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from hpsearch.objectives.handle import METRICS_FILE, TrialHandle, read_curve


@pytest.fixture
def handle(tmp_path: Path) -> TrialHandle:
    return TrialHandle(7, {"x": 1}, tmp_path / "0007", seed=5, budget=3)


def test_reports_come_back_in_order_nan_included(handle: TrialHandle) -> None:
    handle.report(1, loss=0.5, accuracy=np.float32(0.5))
    handle.report(2, loss=float("nan"))
    first, second = read_curve(handle.dir)
    assert first == (1, {"loss": 0.5, "accuracy": 0.5})
    assert second[0] == 2
    assert math.isnan(second[1]["loss"])


def test_a_torn_last_line_is_left_out(handle: TrialHandle) -> None:
    handle.report(1, loss=0.5)
    with open(handle.dir / METRICS_FILE, "a") as file:
        file.write('{"step": 2, "lo')
    assert read_curve(handle.dir) == [(1, {"loss": 0.5})]


def test_what_is_no_number_is_refused_by_name(handle: TrialHandle) -> None:
    with pytest.raises(TypeError, match="loss must be a number, but is 'low'"):
        handle.report(1, loss="low")  # type: ignore[arg-type]
    assert read_curve(handle.dir) == []


def test_a_trial_that_reports_nothing_has_no_curve(tmp_path: Path) -> None:
    assert read_curve(tmp_path) == []
