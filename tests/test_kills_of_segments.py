"""Real kills of runs with a budget: SIGKILL in the middle of segments, and what is left then."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from hpsearch.run_folder import RunFolder
from tests.budget_runs import all_of, segments_of, write_budget_config
from tests.test_kills import survivors
from tests.whole_runs import eventually, hpsearch, last_run, start

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

WATCHED = {
    "objective": 'function: "tests.objectives.steady:climbs_without_a_checkpoint"',
    "form": "stopping",
}


def uninterrupted(folder: Path, **more: object) -> RunFolder:
    folder.mkdir()
    write_budget_config(folder, **more)  # type: ignore[arg-type]
    done = hpsearch(folder, "run", "bowl.yaml")
    assert done.returncode == 0, done.stderr
    return last_run(folder)


def started(folder: Path) -> int:
    if not list(folder.glob("runs/*/results.db")):
        return 0
    return sum(s.state.value not in ("pending",) for s in segments_of(last_run(folder)))


def kill_and_resume(folder: Path, moments: list[int], rng: np.random.Generator) -> RunFolder:
    """SIGKILL the coordinator once so many segments were started; at last let it finish."""
    marker = str(folder)
    done_before = 0
    for moment in moments:
        verb = ("resume", "last") if (folder / "runs").exists() else ("run", "bowl.yaml")
        process = start(folder, *verb, TEST_MARKER=marker)
        eventually(lambda m=moment, p=process: started(folder) >= m or p.poll() is not None)
        time.sleep(rng.uniform(0, 0.06))  # anywhere in the middle of a segment
        process.kill()
        process.communicate()
        assert eventually(lambda: not survivors(marker), within_s=1.0)
        done = sum(s.outcome is not None for s in segments_of(last_run(folder)))
        assert done >= done_before, "a finished segment was lost"
        done_before = done
    done_ = hpsearch(folder, "resume", "last")
    assert done_.returncode == 0, done_.stderr
    return last_run(folder)


def test_a_promotion_that_is_killed_and_resumed_equals_the_uninterrupted_one(
    tmp_path: Path,
) -> None:
    whole = uninterrupted(tmp_path / "whole")
    assert len({s.segment.budget for s in segments_of(whole)}) == 4
    folder = tmp_path / "killed"
    folder.mkdir()
    write_budget_config(folder)
    run = kill_and_resume(folder, [3, 9, 16, 24, 27], np.random.default_rng(0))
    assert all_of(run) == all_of(whole)


def test_a_watched_run_that_is_killed_and_resumed_equals_the_uninterrupted_one(
    tmp_path: Path,
) -> None:
    whole = all_of(uninterrupted(tmp_path / "whole", **WATCHED))
    folder = tmp_path / "killed"
    folder.mkdir()
    write_budget_config(folder, **WATCHED)  # type: ignore[arg-type]
    killed = all_of(kill_and_resume(folder, [3, 8, 15], np.random.default_rng(0)))
    for part in ("trials", "budgets", "decisions"):
        assert killed[part] == whole[part]
    assert any(kind == "stopped" for _, _, kind in whole["decisions"])


def test_every_screen_counts_the_finished_trials_of_a_killed_run_alike(tmp_path: Path) -> None:
    write_budget_config(tmp_path, trials=27, jobs=3)
    process = start(tmp_path, "run", "bowl.yaml")
    assert eventually(lambda: _goes_on_from_a_rung(tmp_path) or process.poll() is not None)
    process.kill()
    process.communicate()
    (listed,) = json.loads(hpsearch(tmp_path, "ls", "--json").stdout)
    counts = json.loads(hpsearch(tmp_path, "show", "last", "--json").stdout)["counts"]
    finished = sum(counts.get(state, 0) for state in ("done", "stopped"))
    assert listed["trials"] == finished
    said = hpsearch(tmp_path, "resume", "last").stderr
    assert f"{finished} of 27 trials finished already" in said
    assert "trials  27/27" in said.splitlines()[-1]


def _goes_on_from_a_rung(folder: Path) -> bool:
    if not list(folder.glob("runs/*/results.db")):
        return False
    return any(s.segment.index and s.outcome is None for s in segments_of(last_run(folder)))


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["asha", "hyperband", "median"])
def test_thirty_kills_at_random_moments_lose_no_segment(tmp_path: Path, rule: str) -> None:
    rng = np.random.default_rng(0)
    whole = uninterrupted(tmp_path / "whole", rule=rule)
    count = len(segments_of(whole))
    folder = tmp_path / "killed"
    folder.mkdir()
    write_budget_config(folder, rule=rule)
    moments = np.sort(rng.integers(1, count + 1, size=30)).tolist()
    assert all_of(kill_and_resume(folder, moments, rng)) == all_of(whole)
