"""Whole runs with a budget: every kind of program, and those that do not do what they should.

The programs are small scripts that are really run; what a person is told is read from `show`.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from hpsearch.config import Overrides, load_config
from hpsearch.launch import create_run, open_session
from hpsearch.resuming import Extension
from hpsearch.run_folder import RunFolder
from hpsearch.store import StoreReader
from hpsearch.trial import TrialState
from tests.budget_runs import all_of, decisions_of, segments_of, write_budget_config
from tests.whole_runs import hpsearch, last_run, states_of, trials_of

HEAD = """\
import os, sys, time
from pathlib import Path
x, budget, folder = float(sys.argv[1]), int(sys.argv[2] or 9), Path(sys.argv[3])
checkpoint = folder / "checkpoint"
epoch = 0
"""
TRAIN = """\
while epoch < budget:
    epoch += 1
    print(f"epoch {epoch} value {x + 1 / epoch}", flush=True)
"""
GOES_ON = "if checkpoint.exists(): epoch = int(checkpoint.read_text())\n"
SAVES = "checkpoint.write_text(str(epoch))\n"


def write_program(folder: Path, *parts: str) -> str:
    """A script, and the objective that runs it."""
    (folder / "train.py").write_text("".join([HEAD, *parts]))
    return f'command: "{sys.executable} -S -E train.py {{x}} {{budget}} {{trial_dir}}"'


def config_of(folder: Path, objective: str, **more: object) -> Path:
    settings = {"max": 9, "trials": 9, **more}
    path = write_budget_config(folder, objective, **settings)
    path.write_text(path.read_text().replace("  y: {min: 0.0, max: 1.0}\n", ""))
    return path


def run_program(folder: Path, *parts: str, **more: object) -> tuple[RunFolder, str, str]:
    """Run a config of the program; returns the run, what was said, and the screen of `show`."""
    config_of(folder, write_program(folder, *parts), **more)
    done = hpsearch(folder, "run", "bowl.yaml")
    assert done.returncode == 0, done.stderr
    return last_run(folder), done.stderr, hpsearch(folder, "show", "last").stdout


def plain(text: str) -> str:
    """As one line: wrapping is the terminal's business."""
    return " ".join(text.split())


def test_a_program_that_goes_on_from_its_checkpoint_trains_no_epoch_twice(tmp_path: Path) -> None:
    run, _, screen = run_program(tmp_path, GOES_ON, TRAIN, SAVES)
    segments = segments_of(run)
    assert Counter(s.segment.budget for s in segments)[1] == 9
    assert all(s.began == s.segment.start and s.reached == s.segment.budget for s in segments)
    assert not any(s.note for s in segments)
    spent = sum(s.spent for s in segments)
    assert f"epochs {spent} of 81: {1 - spent / 81:.0%} saved" in screen
    with StoreReader(run) as reader:
        (best,) = reader.best("minimize")
        curve = reader.curve(best.trial.number)
    assert [step for step, _ in curve] == list(range(1, 10))
    assert best.outcome is not None
    assert best.outcome.budget == 9
    assert not list(run.trial_dir(best.trial.number).glob("checkpoint.at-*"))
    assert (run.trial_dir(best.trial.number) / "checkpoint").read_text() == "9"


def test_a_program_without_checkpoints_starts_over_and_the_person_is_told(tmp_path: Path) -> None:
    run, said, screen = run_program(tmp_path, TRAIN)
    later = [s for s in segments_of(run) if s.segment.index]
    assert later
    assert all(s.began == 0 and s.reached == s.segment.budget for s in later)
    assert all("there was no checkpoint of" in s.note and "started over" in s.note for s in later)
    assert "it left no checkpoint at 1" in said
    assert "form: stopping, which works with any program" in plain(screen)
    with StoreReader(run) as reader:
        (best,) = reader.best("minimize")
        assert best.outcome is not None
        assert best.outcome.value == pytest.approx(best.trial.params["x"] + 1 / 9)
        steps = [step for step, _ in reader.curve(best.trial.number)]
    assert steps == list(range(1, 10)), "the points of the start over replace the former ones"


def test_a_checkpoint_that_is_not_renewed_is_told(tmp_path: Path) -> None:
    saves_once = "if not checkpoint.exists(): checkpoint.write_text('1')\n"
    run, _, screen = run_program(tmp_path, GOES_ON, TRAIN, saves_once)
    notes = [s.note for s in segments_of(run) if s.segment.index == 1]
    assert notes == ["it did not renew its checkpoint at 3"] * len(notes)
    assert "it did not renew its checkpoint at 3" in plain(screen)
    (last,) = [s for s in segments_of(run) if s.segment.budget == 9]
    assert last.began == 1, "that it trained epochs 2 and 3 again is counted"


def test_a_checkpoint_that_is_older_than_the_rung_is_told(tmp_path: Path) -> None:
    every_second = TRAIN + "    if epoch % 2 == 0: checkpoint.write_text(str(epoch))\n"
    run, _, screen = run_program(tmp_path, GOES_ON, every_second)
    assert "its checkpoint was older, or it counts its steps anew" in plain(screen)
    (last,) = [s for s in segments_of(run) if s.segment.budget == 9]
    assert (last.began, last.reached) == (2, 9)


def test_a_program_that_trains_past_its_budget_is_told(tmp_path: Path) -> None:
    ignores = "budget = 9\n"
    run, said, screen = run_program(tmp_path, ignores, GOES_ON, TRAIN, SAVES)
    first = [s for s in segments_of(run) if s.segment.index == 0]
    assert first
    assert all(s.note == "it reported step 9, past its budget of 1" for s in first)
    assert "it reported step 9, past its budget of 1" in plain(said)
    assert "it reported step 9, past its budget of 1" in plain(screen)


def test_a_checkpoint_that_cannot_be_read_makes_it_start_over_once(tmp_path: Path) -> None:
    corrupts = "checkpoint.write_text('rubbish')\n"
    run, said, screen = run_program(tmp_path, GOES_ON, TRAIN, corrupts)
    assert TrialState.FAILED not in states_of(run)
    told = "it failed when it went on from its checkpoint of 1"
    assert told in said
    assert told in plain(screen)
    assert "invalid literal for int() with base 10: 'rubbish'" in plain(screen)
    later = [s for s in segments_of(run) if s.segment.index]
    assert all(s.began == 0 for s in later)


def test_a_program_that_fails_in_the_middle_is_not_run_again(tmp_path: Path) -> None:
    fails_later = TRAIN + "    if epoch == 2: sys.exit('out of data')\n"
    config_of(tmp_path, write_program(tmp_path, GOES_ON, fails_later, SAVES))
    hpsearch(tmp_path, "run", "bowl.yaml")
    run = last_run(tmp_path)
    failed = [s for s in segments_of(run) if s.state is TrialState.FAILED]
    assert failed
    assert all(s.segment.index == 1 and s.began == 1 and s.reached == 2 for s in failed)
    assert all(s.segment.index < 2 for s in segments_of(run)), "none of them goes on"


def test_a_program_that_prints_no_metric_at_a_rung_fails_there_and_is_told_why(
    tmp_path: Path,
) -> None:
    late = TRAIN.replace("print(", "epoch > 1 and print(")
    config_of(tmp_path, write_program(tmp_path, GOES_ON, late, SAVES))
    done = hpsearch(tmp_path, "run", "bowl.yaml")
    assert "the result has no value; " in plain(done.stderr)
    assert set(states_of(last_run(tmp_path))) == {TrialState.FAILED}


def test_a_checkpoint_can_be_a_folder_and_an_earlier_one_is_never_written_to(
    tmp_path: Path,
) -> None:
    folder = (
        "checkpoint.mkdir(exist_ok=True)\nstate = checkpoint / 'state'\n"
        "if state.exists(): epoch = int(state.read_text())\n"
    )
    run, _, _ = run_program(tmp_path, folder, TRAIN, "state.write_text(str(epoch))\n")
    for segment in segments_of(run):
        assert not segment.note
        sealed = list(run.trial_dir(segment.segment.trial.number).glob("checkpoint.at-*"))
        for path in sealed:
            assert (path / "state").read_text() == path.name.removeprefix("checkpoint.at-")


# ------------------------------------------------------------------------------- stopping

SLOW = TRAIN + "    time.sleep(0.15)\n"


def test_a_program_that_only_prints_is_ended_at_a_rung(tmp_path: Path) -> None:
    """It sleeps after each epoch, so a trial that is out is seen to end before its end."""
    run, _, screen = run_program(
        tmp_path, SLOW.replace("{x + 1 / epoch}", "{x}"), form="stopping", trials=10
    )
    stopped = [s for s in segments_of(run) if s.state is TrialState.STOPPED]
    assert stopped
    assert any((s.reached or 9) < 9 for s in stopped)
    with StoreReader(run) as reader:
        for trial in reader.trials(TrialState.STOPPED):
            assert trial.outcome is not None
            assert trial.outcome.value == pytest.approx(trial.trial.params["x"])
            assert trial.outcome.budget in (1, 3)
            assert f"at {trial.outcome.budget} epoch" in trial.outcome.reason
    assert "rungs: asha by stopping" in screen
    assert "9 epochs" in screen


def test_a_program_that_prints_only_at_its_end_is_not_stopped_and_the_person_is_told(
    tmp_path: Path,
) -> None:
    run, _, screen = run_program(tmp_path, "print('value', x)\n", form="stopping")
    assert set(states_of(run)) == {TrialState.DONE}
    assert "it reported no value from 1 to below 3 epochs, so nothing could be decided" in plain(
        screen
    )
    assert "print the metric as training goes" in plain(screen)


@pytest.mark.parametrize("rule", ["asha", "hyperband", "median"])
@pytest.mark.parametrize("form", ["promotion", "stopping"])
def test_jobs_and_runner_do_not_change_a_decision(tmp_path: Path, rule: str, form: str) -> None:
    function = "climbs" if form == "promotion" else "climbs_without_a_checkpoint"
    objective = f'function: "tests.objectives.steady:{function}"'
    runs = []
    for i, (jobs, runner) in enumerate([(1, "inline"), (2, "local")]):
        folder = tmp_path / str(i)
        folder.mkdir()
        # The lag follows from the jobs, and decides what may be known: here it must be the same.
        more = {"sampler": "random, lag: 4", "jobs": jobs, "runner": runner}
        path = write_budget_config(folder, objective, rule=rule, form=form, trials=14, **more)
        runs.append(create_run(load_config(path), Overrides(), folder / "runs"))
        go_on(runs[-1])
    assert trials_of(runs[0]) == trials_of(runs[1])
    assert decisions_of(runs[0]) == decisions_of(runs[1])
    assert any(kind == "stopped" for _, _, kind in decisions_of(runs[0]))
    if form == "promotion":
        assert all_of(runs[0]) == all_of(runs[1])


class _Silent:
    def round_opened(self, round_: object) -> None:
        pass

    def results(self, results: object) -> None:
        pass

    def goes_on(self, trial: object) -> None:
        pass


def go_on(run: RunFolder, **more: object) -> None:
    with open_session(run, **more) as session:  # type: ignore[arg-type]
        assert session.search(_Silent()).run().kind == "finished"


# ------------------------------------------------------------------------------- the rest


def test_show_keeps_the_value_of_a_trial_that_failed_after_a_rung(tmp_path: Path) -> None:
    fails_later = TRAIN + "    if epoch == 2: sys.exit('out of data')\n"
    config_of(tmp_path, write_program(tmp_path, GOES_ON, fails_later, SAVES))
    hpsearch(tmp_path, "run", "bowl.yaml")
    failed = {
        s.segment.trial.number for s in segments_of(last_run(tmp_path)) if s.state == "failed"
    }
    screen = hpsearch(tmp_path, "show", "last").stdout.splitlines()
    (title,) = [i for i, line in enumerate(screen) if "that failed later" in line]
    table = screen[title + 2 : screen.index("", title)]
    rows = {line.split()[0]: line for line in table}
    for number in failed:
        assert "failed after 2 epochs" in rows[str(number)]
        assert rows[str(number)].split()[1] == "1", "its value is that of one epoch"
    (best,) = [line for line in screen if line.startswith("best value")]
    assert int(best.partition("trial ")[2].partition(",")[0]) not in failed
    report = json.loads(hpsearch(tmp_path, "show", "last", "--json").stdout)
    told = {f["trial"]: f["value"] for f in report["budget"]["failed_after_a_rung"]}
    assert set(told) == failed
    with StoreReader(last_run(tmp_path)) as reader:
        for number, value in told.items():
            stored = reader.trial(number)
            assert stored is not None
            assert value == pytest.approx(stored.trial.params["x"] + 1), "its value at one epoch"


@pytest.mark.parametrize("saves", [SAVES, ""], ids=["goes on", "starts over"])
def test_what_the_progress_counts_as_spent_is_what_show_counts(tmp_path: Path, saves: str) -> None:
    breaks = TRAIN + "    if epoch == 2 and x > 0.2: sys.exit('out of memory')\n"
    run, said, screen = run_program(tmp_path, GOES_ON, breaks, saves)
    segments = segments_of(run)
    failed = [s for s in segments if s.state is TrialState.FAILED]
    assert failed
    assert any(s.reached and s.reached < (s.segment.budget or 0) for s in failed)
    told = re.findall(r"(\d+) epochs?, best so far", said)
    assert f"epochs {told[-1]} of " in screen
    resumed = hpsearch(tmp_path, "resume", "last", "--trials", "10")
    told = re.findall(r"(\d+) epochs?, best so far", resumed.stderr)
    assert f"epochs {told[-1]} of " in resumed.stdout


def test_a_budget_without_early_stopping_is_told_to_every_trial(tmp_path: Path) -> None:
    path = config_of(tmp_path, write_program(tmp_path, TRAIN))
    lines = [line for line in path.read_text().splitlines() if "early_stop" not in line]
    path.write_text("\n".join(lines) + "\n")
    done = hpsearch(tmp_path, "run", "bowl.yaml")
    assert done.returncode == 0, done.stderr
    with StoreReader(last_run(tmp_path)) as reader:
        for trial in reader.trials():
            assert trial.outcome is not None
            assert trial.outcome.value == pytest.approx(trial.trial.params["x"] + 1 / 9)
            assert trial.outcome.budget == 9


def test_an_extended_run_goes_on_with_more_trials(tmp_path: Path) -> None:
    path = write_budget_config(tmp_path, trials=9, max=9)
    run = create_run(load_config(path), Overrides(), tmp_path / "runs")
    go_on(run)
    before = {s.segment.trial.number: s.segment.trial.params for s in segments_of(run)}
    go_on(run, extension=Extension(trials=18))
    after = {s.segment.trial.number: s.segment.trial.params for s in segments_of(run)}
    assert len(after) == 18
    assert {number: after[number] for number in before} == before
    assert len([s for s in segments_of(run) if s.segment.budget == 3]) >= 6


def test_a_failed_segment_is_run_again_where_it_started(tmp_path: Path) -> None:
    """Each program fails once in its second segment; then with --retry-failed it does not."""
    fails_once = "if epoch == 1 and not (folder / 'failed').exists():\n"
    fails_once += "    (folder / 'failed').touch()\n    print('epoch 2 value 1')\n    sys.exit(1)\n"
    config_of(tmp_path, write_program(tmp_path, GOES_ON, fails_once, TRAIN, SAVES))
    hpsearch(tmp_path, "run", "bowl.yaml")
    run = last_run(tmp_path)
    assert TrialState.FAILED in states_of(run)
    done = hpsearch(tmp_path, "resume", "last", "--retry-failed")
    assert done.returncode == 0, done.stderr
    assert TrialState.FAILED not in states_of(run)
    second = [s for s in segments_of(run) if s.segment.index == 1]
    ends = {(s.began, s.reached, s.outcome.value is not None) for s in second if s.outcome}
    assert ends == {(1, 3, True)}


def test_the_screen_of_a_trial_tells_its_segments_and_the_decision(tmp_path: Path) -> None:
    run, _, _ = run_program(tmp_path, GOES_ON, TRAIN, SAVES)
    with StoreReader(run) as reader:
        (best,) = reader.best("minimize")
        (worst, *_) = [t for t in reader.trials(TrialState.STOPPED) if t.outcome]
    screen = hpsearch(tmp_path, "show", "last", best.trial.number).stdout
    assert "3 segments" in screen
    assert "from 3 to 9 epochs: value" in screen
    assert "promoted: 1st of" in screen
    screen = plain(hpsearch(tmp_path, "show", "last", worst.trial.number).stdout)
    assert "of 9 epochs: not final" in screen
    assert "stopped: " in screen
    exported = hpsearch(tmp_path, "export", "last", "--format", "json").stdout
    assert '"budget": 9' in exported


def test_a_run_whose_best_was_trained_to_the_end_out_of_turn_can_be_extended(
    tmp_path: Path,
) -> None:
    config_of(tmp_path, write_program(tmp_path, GOES_ON, TRAIN, SAVES), trials=3)
    assert hpsearch(tmp_path, "run", "bowl.yaml").returncode == 0
    before = segments_of(last_run(tmp_path))
    assert max(s.segment.budget or 0 for s in before) == 9
    for more in ([], ["--trials", "8"]):
        done = hpsearch(tmp_path, "resume", "last", *more)
        assert done.returncode == 0, done.stderr
    after = segments_of(last_run(tmp_path))
    assert [s.segment for s in after[: len(before)]] == [s.segment for s in before]
    assert len({s.segment.trial.number for s in after}) == 8


def test_a_metric_that_comes_at_the_end_only_judges_nobody_and_is_said(tmp_path: Path) -> None:
    late = "print(f'epoch 9 value {x}', flush=True)\n"
    run, _, screen = run_program(tmp_path, late, form="stopping")
    assert states_of(run) == [TrialState.DONE] * 9
    assert "so nothing could be decided there" in plain(screen)


def test_a_rung_between_two_reports_is_skipped_and_the_next_one_judged(tmp_path: Path) -> None:
    sparse = "for epoch in (4, 8, 9): print(f'epoch {epoch} value {x}', flush=True)\n"
    run, _, _ = run_program(tmp_path, sparse, form="stopping", trials=12)
    judged = {budget for _, budget, kind in decisions_of(run) if kind in ("stopped", "promoted")}
    assert judged == {3}


def test_promotion_of_a_command_that_is_not_told_its_budget_is_a_mistake(tmp_path: Path) -> None:
    config_of(tmp_path, f'command: "{sys.executable} train.py {{x}}"')
    done = hpsearch(tmp_path, "check", "bowl.yaml")
    assert done.returncode == 1
    assert "use {budget} in the command" in done.stderr
