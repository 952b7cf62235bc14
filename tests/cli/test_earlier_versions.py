"""A run that an earlier version began: its copy of the config is read, whatever is refused now."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hpsearch.cli import main
from hpsearch.trial import TrialState
from tests.whole_runs import last_run, states_of

CONFIG = """\
name: old
objective:
  command: "true {chosen} $HPSEARCH_PARAM_A_B {a.b} {a_b}; echo loss {x}"
metric: {name: loss, goal: minimize}
space:
  x: {min: 0.0, max: 1.0}
  chosen: 1-5
  a.b: 1_000
  a_b: loguniform(1, 2)
search: {sampler: random, rounds: 1, trials: 4}
"""
ALLOWED_TODAY = (
    CONFIG.replace("1-5", '"1-5"')
    .replace("1_000", '"1_000"')
    .replace("loguniform(1, 2)", '"loguniform(1, 2)"')
    .replace("$HPSEARCH_PARAM_A_B", "")
)


def hpsearch(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


@pytest.fixture
def old_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run whose config is one that no run begins with today."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HPSEARCH_RUNS", raising=False)
    Path("old.yaml").write_text(ALLOWED_TODAY)
    began = hpsearch("run", "old.yaml")
    assert began.exit_code == 0, began.stderr
    Path("old.yaml").write_text(CONFIG)
    Path("runs/old-0001/config.yaml").write_text(CONFIG)
    return tmp_path


def test_what_is_probably_not_meant_is_refused_for_a_new_run_alone(old_run: Path) -> None:
    checked = hpsearch("check", "old.yaml")
    assert checked.exit_code == 1
    for key in ("chosen", "a.b", "a_b"):
        assert f"space.{key}: " in checked.stderr
    for verb in ("show", "show last 1", "show --json", "ls", "best", "export", "compare 1 1"):
        result = hpsearch(*verb.split())
        assert (result.exit_code, result.stderr) == (0, ""), verb
    args = hpsearch("best", "--format", "args")
    assert args.stdout == "1-5 $HPSEARCH_PARAM_A_B 1_000 'loguniform(1, 2)'\n"


def test_it_is_resumed_and_learned_from(old_run: Path) -> None:
    resumed = hpsearch("resume", "last", "--trials", "6")
    assert resumed.exit_code == 0, resumed.stderr
    assert states_of(last_run(old_run)) == [TrialState.DONE] * 6
    new = ALLOWED_TODAY.replace("sampler: random", "learn_from: old-0001")
    Path("new.yaml").write_text(new.replace("name: old", "name: new"))
    learned = hpsearch("run", "new.yaml")
    assert learned.exit_code == 0, learned.stderr
