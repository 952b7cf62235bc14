"""The seed of a trial: that of the first of its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.analysis import OpenedRun, report_trial
from hpsearch.seeds import root_of, trial_seed
from hpsearch.trial import Trial
from tests.whole_runs import hpsearch, last_run

TRIALS = [
    Trial(0, 1, {}, ""),
    Trial(1, 1, {}, ""),
    Trial(2, 2, {}, "", parent=1),
    Trial(3, 3, {}, "", parent=2),
]


@pytest.mark.parametrize(
    ("number", "is_one_model", "root"), [(1, False, 1), (3, False, 1), (3, True, 0), (0, True, 0)]
)
def test_trials_that_go_on_from_one_another_have_one_root(
    number: int, is_one_model: bool, root: int
) -> None:
    assert root_of(TRIALS[number], TRIALS.__getitem__, is_one_model) is TRIALS[root]


def test_seeds_differ_between_trials_and_between_runs() -> None:
    seeds = {trial_seed(run, trial) for run in (0, 1) for trial in TRIALS}
    assert len(seeds) == 8
    assert all(0 <= seed < 2**32 for seed in seeds)


@pytest.mark.parametrize("population", ["", ", population: 2"], ids=["one model", "two models"])
def test_show_says_the_seed_that_a_day_of_a_panda_got(tmp_path: Path, population: str) -> None:
    (tmp_path / "program.py").write_text(
        "import sys\nfrom pathlib import Path\n"
        "Path(sys.argv[1], 'checkpoint').write_text('x')\nprint('seed', sys.argv[2])\n"
        "print('epoch', sys.argv[3], 'loss', 1)\n"
    )
    (tmp_path / "nursed.yaml").write_text(
        "objective: {command: 'python3 program.py {trial_dir} {seed} {budget} {lr}'}\n"
        "metric: {name: loss, goal: minimize}\n"
        "space: {lr: {scale: log, min: 1e-4, max: 1, live: true}}\n"
        "execution: {jobs: 1}\n"
        "search: {strategy: panda, segments: 6, segment: 1 epoch, start_with: [{lr: 0.01}]"
        f"{population}}}\n"
    )
    done = hpsearch(tmp_path, "run", "nursed.yaml")
    assert done.returncode == 0, done.stderr
    with OpenedRun(last_run(tmp_path)) as opened:
        numbers = range(sum(opened.reader.counts().values()))
        reports = [report_trial(opened, number) for number in numbers]
    assert len(reports) >= 3
    for report in reports:
        printed = (report.folder / "stdout.log").read_text()
        assert f"seed {report.seed}\n" in printed
