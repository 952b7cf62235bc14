"""Whole runs of pandas: kills, orders from another shell, starting from a run, and the screens."""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.orders import append_order
from hpsearch.run_folder import RunFolder
from hpsearch.store import StoreReader
from tests.budget_runs import all_of, segments_of
from tests.test_kills import survivors
from tests.whole_runs import eventually, hpsearch, last_run, start, trials_of, wait_for_line

CONFIG = """\
name: panda
objective: {{function: "tests.objectives.steady:{function}"}}
metric: {{name: loss, goal: {goal}}}
space:
  learning_rate: {{scale: log, min: 1e-4, max: 10, live: true}}
  momentum: {{scale: 1-beta, min: 0.5, max: 0.99, live: true}}
search: {{strategy: panda, segments: {segments}, seed: 3{more}}}
execution: {{jobs: {jobs}, grace: 1s}}
"""
SLOW = {"TEST_DAY_S": "0.05"}
"""So that there is time to kill it before it has finished."""


def write_panda(
    folder: Path,
    *,
    segments: int = 20,
    jobs: int = 1,
    more: str = "",
    function: str = "descends",
    goal: str = "minimize",
) -> Path:
    path = folder / "panda.yaml"
    path.write_text(
        CONFIG.format(segments=segments, jobs=jobs, more=more, function=function, goal=goal)
    )
    return path


def run_panda(folder: Path, **settings: Any) -> RunFolder:
    folder.mkdir(exist_ok=True)
    write_panda(folder, **settings)
    done = hpsearch(folder, "run", "panda.yaml")
    assert done.returncode == 0, done.stderr
    return last_run(folder)


def started(folder: Path) -> int:
    if not list(folder.glob("runs/*/results.db")):
        return 0
    return sum(s.state.value != "pending" for s in segments_of(last_run(folder)))


def kill_and_resume(folder: Path, moments: list[int], rng: np.random.Generator) -> RunFolder:
    """SIGKILL once so many days were started; at last let it finish."""
    marker = str(folder)
    for moment in moments:
        verb = ("resume", "last") if (folder / "runs").exists() else ("run", "panda.yaml")
        process = start(folder, *verb, TEST_MARKER=marker)
        eventually(lambda m=moment, p=process: started(folder) >= m or p.poll() is not None)
        time.sleep(rng.uniform(0, 0.03))  # anywhere in the middle of a day
        process.kill()
        process.communicate()
        assert eventually(lambda: not survivors(marker), within_s=2.0)
    done = hpsearch(folder, "resume", "last")
    assert done.returncode == 0, done.stderr
    return last_run(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("jobs", "more"), [(1, ""), (3, ""), (2, ", population: 4")], ids=["one", "three", "population"]
)
def test_a_panda_that_is_killed_and_resumed_equals_the_uninterrupted_one(
    tmp_path: Path, jobs: int, more: str
) -> None:
    settings = {"segments": 12, "jobs": jobs, "more": more}
    whole = all_of(run_panda(tmp_path / "whole", **settings))
    folder = tmp_path / "killed"
    folder.mkdir()
    write_panda(folder, **settings)
    count = len(whole["segments"])
    moments = sorted({2, count // 3, count // 2, count - 1})
    killed = all_of(kill_and_resume(folder, moments, np.random.default_rng(0)))
    assert killed == whole
    assert {kind for _, _, kind in whole["decisions"]} >= {"kept"}


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 3])
def test_thirty_kills_at_random_moments_lose_no_day(tmp_path: Path, jobs: int) -> None:
    rng = np.random.default_rng(jobs)
    whole = all_of(run_panda(tmp_path / "whole", segments=30, jobs=jobs))
    folder = tmp_path / "killed"
    folder.mkdir()
    write_panda(folder, segments=30, jobs=jobs)
    moments = np.sort(rng.integers(1, len(whole["segments"]) + 1, size=30)).tolist()
    assert all_of(kill_and_resume(folder, moments, rng)) == whole


def test_orders_from_another_shell_are_obeyed_once_and_on_the_same_day_after_a_resume(
    tmp_path: Path,
) -> None:
    write_panda(tmp_path, segments=20)
    process = start(tmp_path, "run", "panda.yaml", **SLOW)
    wait_for_line(process, "day   8")
    process.kill()
    process.communicate()
    nudged = hpsearch(tmp_path, "nudge", "last", "learning_rate=0.007")
    assert nudged.returncode == 0, nudged.stderr
    process = start(tmp_path, "resume", "last", **SLOW)
    wait_for_line(process, "by hand")
    process.kill()
    process.communicate()
    rolled = hpsearch(tmp_path, "rollback", "last", "--segment", 5)
    assert rolled.returncode == 0
    assert hpsearch(tmp_path, "resume", "last").returncode == 0
    run = last_run(tmp_path)
    by_hand = [t for t in trials_of(run) if "by hand" in t["origin"]]
    assert by_hand[0]["params"]["learning_rate"] == 0.007
    with StoreReader(run) as reader:
        orders = reader.setting("orders")
        (back,) = [
            d for d in reader.decisions() if d.kind == "gone back to" and "hand" in d.reason
        ][:1]
        gone_to = reader.trial(back.trial)
    assert [o["day"] for o in orders] == sorted(o["day"] for o in orders)
    assert gone_to is not None
    assert gone_to.trial.round <= 5
    assert f"goes on from day {gone_to.trial.round}, with its values" in rolled.stderr
    shown = hpsearch(tmp_path, "show")
    assert "h by hand" in shown.stdout
    assert "by hand" in shown.stdout.partition("diary")[2]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("learning_rat=1", "did you mean learning_rate?"),
        ("learning_rate=99", "is not between 0.0001 and 10"),
        ("learning_rate=fast", "is not a number"),
        ("learning_rate", "write name=value"),
    ],
)
def test_an_order_that_cannot_be_is_refused_in_one_line(
    tmp_path: Path, setting: str, said: str
) -> None:
    write_panda(tmp_path)
    process = start(tmp_path, "run", "panda.yaml", **SLOW)
    wait_for_line(process, "day   2")
    process.kill()
    process.communicate()
    refused = hpsearch(tmp_path, "nudge", "last", setting)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert not last_run(tmp_path).orders_path.exists()


def test_an_order_in_the_last_day_is_refused_and_one_that_slips_in_is_told(
    tmp_path: Path,
) -> None:
    write_panda(tmp_path, segments=4)
    process = start(tmp_path, "run", "panda.yaml", TEST_DAY_S="1")
    wait_for_line(process, "day   3")
    assert eventually(lambda: started(tmp_path) == 4)
    process.send_signal(signal.SIGSTOP)  # the last day lasts until all is typed
    refused = hpsearch(tmp_path, "nudge", "last", "learning_rate=0.007")
    back = hpsearch(tmp_path, "rollback", "last", "--segment", 2)
    append_order(last_run(tmp_path), {"learning_rate": 0.003})  # it had looked before that day
    process.send_signal(signal.SIGCONT)
    _, said = process.communicate()
    assert refused.returncode == back.returncode == 1
    assert "has begun its last day, 4 of 4" in refused.stderr
    assert len(refused.stderr.splitlines()) == len(back.stderr.splitlines()) == 1
    assert "learning_rate=0.003 came when the last day had begun" in said
    assert "learning_rate=0.007" not in said
    shown = hpsearch(tmp_path, "show").stdout.partition("diary")[2]
    assert "learning_rate=0.003 came when the last day had begun" in shown
    panda = json.loads(hpsearch(tmp_path, "show", "--json").stdout)["panda"]
    assert panda["orders_too_late"] == ["learning_rate=0.003"]


def test_a_finished_run_takes_no_orders(tmp_path: Path) -> None:
    run_panda(tmp_path, segments=4)
    refused = hpsearch(tmp_path, "nudge", "last", "learning_rate=0.1")
    assert refused.returncode == 1
    assert "has finished" in refused.stderr


def test_a_panda_starts_from_the_checkpoint_of_another_run(tmp_path: Path) -> None:
    first = run_panda(tmp_path, segments=8)
    write_panda(tmp_path, segments=6, more=f", start_from: {first.name}")
    done = hpsearch(tmp_path, "run", "panda.yaml")
    assert done.returncode == 0, done.stderr
    with StoreReader(first) as reader:
        best = reader.best("minimize")[0]
    assert best.outcome is not None
    segments = segments_of(last_run(tmp_path))
    assert segments[0].segment.start == best.outcome.budget
    assert segments[0].began == best.outcome.budget
    assert segments[0].segment.trial.params == best.trial.params
    assert f"began from trial {best.trial.number} of {first.name}" in done.stdout


def test_the_screen_fits_and_the_schedule_of_json_leads_to_the_best_day(tmp_path: Path) -> None:
    run_panda(tmp_path, segments=20)
    shown = hpsearch(tmp_path, "show")
    assert max(map(len, shown.stdout.splitlines())) <= 80
    for part in ("at the end of each day", "diary: 20 days of 20", "learnt schedule", "YAML"):
        assert part in shown.stdout
    panda = json.loads(hpsearch(tmp_path, "show", "--json").stdout)["panda"]
    schedule, lines = panda["schedule"], panda["diary"]
    assert schedule[0]["first"] == 1
    assert all(b["first"] == a["last"] + 1 for a, b in pairwise(schedule))
    best = lines[panda["best"]]
    assert schedule[-1]["values"] == best["values"]
    kept = [line["value"] for line in lines if line["decision"] in ("kept", "values back")]
    assert best["value"] == min(kept)


def test_a_replay_of_the_learnt_schedule_without_hpsearch_gives_the_same_loss(
    tmp_path: Path,
) -> None:
    from tests.objectives.steady import descend

    run = run_panda(tmp_path, segments=20)
    panda = json.loads(hpsearch(tmp_path, "show", "--json").stdout)["panda"]
    state: tuple[float, float] = (1.0, 1.0)
    loss = 0.0
    for stretch in panda["schedule"]:
        for epoch in range(stretch["first"], stretch["last"] + 1):
            state, loss = descend(state, stretch["values"]["learning_rate"], epoch)
    assert loss == panda["diary"][panda["best"]]["value"]
    assert run.exists()


def test_a_day_that_crashes_once_goes_on_from_the_same_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = all_of(run_panda(tmp_path / "whole", segments=10))
    monkeypatch.setenv("TEST_HIT", "5x1")
    hit = run_panda(tmp_path / "hit", segments=10, function="descends_and_is_hit_once")
    assert any("once more" in s.note for s in segments_of(hit))
    assert all(s.began == s.segment.start for s in segments_of(hit))
    assert all_of(hit)["decisions"] == whole["decisions"]


def test_a_day_that_crashes_twice_is_taken_back_and_never_starts_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_HIT", "5x2")
    run = run_panda(tmp_path / "hit", segments=14, function="descends_and_is_hit_once")
    assert all(s.began == s.segment.start for s in segments_of(run) if s.outcome)
    with StoreReader(run) as reader:
        failed = {d.trial for d in reader.decisions() if "hiccups" in d.reason}
        assert failed
        assert {d.kind for d in reader.decisions() if d.trial in failed} == {"taken back"}


def test_a_day_without_a_checkpoint_is_marked_and_the_schedule_begins_there(
    tmp_path: Path,
) -> None:
    run_panda(tmp_path, segments=14, function="descends_forgetting")
    shown = hpsearch(tmp_path, "show").stdout
    assert "from none: it began anew" in " ".join(shown.split())
    assert re.search(r"^ +\d+ +none  ", shown, re.M)
    assert "form: stopping" not in shown
    panda = json.loads(hpsearch(tmp_path, "show", "--json").stdout)["panda"]
    lines = panda["diary"]
    line = best = lines[panda["best"]]
    while not line["began_anew"]:
        assert line["parent"] is not None
        line = lines[line["parent"]]
    assert panda["schedule"][0]["first"] == 1
    assert panda["schedule"][0]["values"] == line["values"]
    assert panda["schedule"][-1]["values"] == best["values"]


def test_best_says_that_one_days_values_are_not_enough(tmp_path: Path) -> None:
    run_panda(tmp_path, segments=4)
    best = hpsearch(tmp_path, "best", "--format", "args")
    assert best.stdout.startswith("--learning_rate=")
    assert "from nothing they do not train to its loss" in best.stderr
    assert "hpsearch best" not in hpsearch(tmp_path, "show").stdout


def test_a_population_says_what_replaced_a_model(tmp_path: Path) -> None:
    run_panda(tmp_path, segments=4, more=", population: 4")
    diary = hpsearch(tmp_path, "show").stdout.partition("diary")[2]
    assert re.search(r"replaced by \d+", diary)
    assert "day  trial  from" in diary
    assert "expected" not in diary
