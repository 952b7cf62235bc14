"""A round and a plan are told on the scale on which the run's sampler looks at a wide range."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click import unstyle

from hpsearch.analysis import OpenedRun, summarize
from hpsearch.config import Config, load_config
from hpsearch.history import Move, Round
from hpsearch.samplers.guided_scale import box_between
from hpsearch.space import Box
from hpsearch.store import Store
from hpsearch.views.plan import plan_lines
from hpsearch.views.reports import summary_report
from hpsearch.views.searched import searched_space
from hpsearch.views.show import show_lines
from tests.made_runs import ONE, START, done, make_run

WIDE = ONE[: ONE.index("space:")] + (
    "space: {decay: {min: 1.0e-5, max: 0.1}}\nsearch: {sampler: SAMPLER, trials: 4, rounds: 1}\n"
)


def config_of(folder: Path, sampler: str) -> Config:
    path = folder / "wide.yaml"
    path.write_text(WIDE.replace("SAMPLER", sampler))
    return load_config(path)


@pytest.mark.parametrize(("sampler", "share"), [("guided", "50%"), ("random", "19%")])
def test_the_share_of_a_round_is_one_of_the_scale_that_is_searched(
    tmp_path: Path, sampler: str, share: str
) -> None:
    """Half of the way is 0.0184 on the half log scale: 0.1839 of the range and 0.8161 of it in
    decades; and 0.19 of it on the linear scale is what random search draws from."""
    config = config_of(tmp_path, sampler)
    space = searched_space(config)
    end = 0.5 if sampler == "guided" else 0.19
    box = box_between(Box(np.zeros(1), np.array([end]), (None,)), space, config.space)
    run = make_run(tmp_path / "runs", WIDE.replace("SAMPLER", sampler), lambda t: done(t, 1.0))
    with Store(run) as store:
        store.add_round(Round(2, 4, 1, box, "made", (Move("decay", "narrowed", "so"),)))
    with OpenedRun(run) as opened:
        summary = summarize(opened, START)
    text = unstyle("\n".join(show_lines(summary, START)))
    assert f"zoomed to {share} of the space" in text
    reported = summary_report(summary)["rounds"][1]
    assert reported["share_of_space"] == pytest.approx(float(share.rstrip("%")) / 100)
    assert reported["columns"][0]["max"] == pytest.approx(0.0184 if end == 0.5 else 0.019, 0.01)


@pytest.mark.parametrize(("sampler", "kind"), [("guided", "half log"), ("random", "linear")])
def test_a_plan_says_on_which_scale_a_wide_range_is_searched(
    tmp_path: Path, sampler: str, kind: str
) -> None:
    lines = [unstyle(line) for line in plan_lines(config_of(tmp_path, sampler), [], 0, 80)]
    (row,) = [line for line in lines if line.split()[:1] == ["decay"]]
    assert kind in row
    assert any("on half a log scale" in line for line in lines) is (sampler == "guided")
