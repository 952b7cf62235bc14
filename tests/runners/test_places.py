"""What a slot gives to its trials: cores and GPUs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.errors import HpsearchError
from hpsearch.runners import Places, find_gpus


def test_each_slot_sees_its_own_gpu_and_slots_share_as_told() -> None:
    places = Places(jobs=4, gpus=("0", "GPU-8f"), trials_per_gpu=2)
    seen = [places.environment({}, slot)["CUDA_VISIBLE_DEVICES"] for slot in range(4)]
    assert seen == ["0", "0", "GPU-8f", "GPU-8f"]
    assert places.environment({}, 3)["HIP_VISIBLE_DEVICES"] == "GPU-8f"


def test_without_gpus_the_persons_own_choice_stays() -> None:
    env = Places().environment({"CUDA_VISIBLE_DEVICES": "5"}, 0)
    assert env["CUDA_VISIBLE_DEVICES"] == "5"
    assert "HIP_VISIBLE_DEVICES" not in env


def test_all_means_the_gpus_that_this_process_sees() -> None:
    assert find_gpus("all", {"CUDA_VISIBLE_DEVICES": "2,3"}) == ["2", "3"]
    assert find_gpus(("1",), {"CUDA_VISIBLE_DEVICES": "2,3"}) == ["1"]


def test_all_asks_the_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'GPU 0: A100 (UUID: a)'\necho 'GPU 1: A100 (UUID: b)'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert find_gpus("all", {}) == ["0", "1"]


def test_all_without_any_gpu_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HpsearchError, match="leave the key out"):
        find_gpus("all", {})


def test_threads_per_trial_holds_for_tensorflow_too() -> None:
    env = Places(jobs=2, threads_per_trial=1).environment({"TF_NUM_INTRAOP_THREADS": "8"}, 0)
    assert (env["TF_NUM_INTRAOP_THREADS"], env["TF_NUM_INTEROP_THREADS"]) == ("1", "1")
