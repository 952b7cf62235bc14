"""Whole runs in one process: what is asked, recorded and told, and how a run ends."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpsearch.analysis.opened_run import OpenedRun, RunState
from hpsearch.announcer import Announcer, News
from hpsearch.config import Overrides, load_config, parse_config
from hpsearch.errors import RunBusyError, StoreError
from hpsearch.history import Round
from hpsearch.launch import create_run, open_session
from hpsearch.lock import WriterLock
from hpsearch.nursing import nursing_settings
from hpsearch.resuming import Extension, find_unfinished
from hpsearch.run_folder import RunFolder
from hpsearch.runners import Runner
from hpsearch.runners.base import Assignment
from hpsearch.search import Ending
from hpsearch.store import Store, StoreReader
from hpsearch.trial import INCUMBENT, Outcome, Trial, TrialState
from tests.whole_runs import boxes_of, states_of, trials_of, write_config


class Recorder:
    """Remembers what it was told, and what was on the disk by then."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self.rounds: list[int] = []
        self.told: list[int] = []
        self.missing: list[int] = []

    def round_opened(self, round_: Round) -> None:
        self.rounds.append(round_.number)

    def results(self, results: Sequence[tuple[Trial, Outcome, int]]) -> None:
        with StoreReader(self.run) as reader:
            for trial, outcome, _ in results:
                stored = reader.trial(trial.number)
                self.told.append(trial.number)
                if stored is None or stored.state is not outcome.state:
                    self.missing.append(trial.number)

    def goes_on(self, trial: Trial) -> None:
        raise AssertionError("no trial has a second segment here")


def new_run(folder: Path, **more: object) -> RunFolder:
    config = load_config(write_config(folder, **more))  # type: ignore[arg-type]
    return create_run(config, Overrides(), folder / "runs")


def go_on(run: RunFolder, **more: object) -> tuple[Ending, Recorder]:
    recorder = Recorder(run)
    with open_session(run, **more) as session:  # type: ignore[arg-type]
        return session.search(recorder).run(), recorder


@pytest.mark.parametrize("sampler", ["random", "sobol", "grid"])
def test_a_run_tries_all_its_trials_and_tells_each_after_it_is_stored(
    tmp_path: Path, sampler: str
) -> None:
    run = new_run(tmp_path, function="instant_bowl", sampler=sampler)
    ending, recorder = go_on(run)
    assert ending.kind == "finished"
    trials = trials_of(run)
    assert [t["number"] for t in trials] == list(range(len(trials)))
    assert len(trials) == 30 or sampler == "grid"
    assert set(states_of(run)) == {TrialState.DONE}
    assert sorted(recorder.told) == list(range(len(trials)))
    assert recorder.missing == []
    assert recorder.rounds == sorted({t["round"] for t in trials})


def test_nothing_is_on_its_way_to_the_screen_before_it_is_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(tmp_path, function="instant_bowl")
    put = Announcer.put
    too_early: list[int] = []

    def put_and_look(announcer: Announcer, news: News) -> None:
        if isinstance(news, tuple):
            trial, outcome, _ = news
            with StoreReader(run) as reader:
                stored = reader.trial(trial.number)
            if stored is None or stored.state is not outcome.state:
                too_early.append(trial.number)
        put(announcer, news)

    monkeypatch.setattr(Announcer, "put", put_and_look)
    _, recorder = go_on(run)
    assert len(recorder.told) == 30
    assert too_early == []


@pytest.mark.parametrize("sampler", ["random", "guided, lag: 6"])
@pytest.mark.parametrize(("jobs", "runner"), [(1, "inline"), (1, "local"), (3, "local")])
def test_jobs_and_runner_do_not_change_the_trials(
    tmp_path: Path, jobs: int, runner: str, sampler: str
) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "other").mkdir()
    reference = new_run(tmp_path / "reference", sampler=sampler)
    go_on(reference)
    other = new_run(tmp_path / "other", jobs=jobs, runner=runner, sampler=sampler)
    go_on(other)
    assert trials_of(other) == trials_of(reference)
    assert boxes_of(other) == boxes_of(reference)


def test_a_program_that_always_fails_is_called_broken_after_three_trials(tmp_path: Path) -> None:
    run = new_run(tmp_path, function="always_fails", jobs=1)
    ending, _ = go_on(run)
    assert ending.kind == "broken"
    assert "RuntimeError: the data is missing" in ending.detail
    assert states_of(run) == [TrialState.FAILED] * 3


def test_a_mended_program_goes_on_with_its_failed_trials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_BROKEN", str(tmp_path / "broken"))
    (tmp_path / "broken").touch()
    run = new_run(tmp_path, function="fails_while_a_file_is_there", jobs=1, trials=6)
    assert go_on(run)[0].kind == "broken"
    (tmp_path / "broken").unlink()
    assert go_on(run, retry_failed=True)[0].kind == "finished"
    assert states_of(run) == [TrialState.DONE] * 6
    with StoreReader(run) as reader:
        assert [s.attempt for s in reader.trials()] == [2, 2, 2, 1, 1, 1]


def test_an_extended_run_keeps_its_trials_and_adds_to_its_last_round(tmp_path: Path) -> None:
    run = new_run(tmp_path, function="instant_bowl", trials=12)
    go_on(run)
    before = trials_of(run)
    go_on(run, extension=Extension(trials=20))
    after = trials_of(run)
    assert after[:12] == before
    assert len(after) == 20
    assert {t["round"] for t in after[12:]} == {3}
    go_on(run, extension=Extension(rounds=4))
    assert {t["round"] for t in trials_of(run)[20:]} == {4}
    assert len(trials_of(run)) == 32


@pytest.mark.parametrize(
    ("extension", "sizes"),
    [
        (Extension(trials=70), [20, 20, 30]),
        (Extension(rounds=5), [20, 20, 20, 20, 20]),
        (Extension(trials=70, rounds=4), [20, 20, 20, 10]),
        (Extension(trials=60), [20, 20, 20]),
    ],
)
def test_an_extension_adds_rounds_and_trials(extension: Extension, sizes: list[int]) -> None:
    assert extension.apply([20, 20, 20]) == sizes


@pytest.mark.parametrize(
    "extension", [Extension(trials=59), Extension(rounds=2), Extension(trials=61, rounds=5)]
)
def test_an_extension_never_takes_away(extension: Extension) -> None:
    with pytest.raises(StoreError, match="it has trials: 60 and rounds: 3, not "):
        extension.apply([20, 20, 20])


def test_an_interrupt_lets_running_trials_finish_and_starts_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_GO", str(tmp_path / "go"))
    run = new_run(tmp_path, function="waits_for_a_file")
    with open_session(run) as session:
        search = session.search(Recorder(run))
        endings: list[Ending] = []
        thread = threading.Thread(target=lambda: endings.append(search.run()))
        thread.start()
        while not all((run.trial_dir(n) / "runs").exists() for n in (0, 1)):
            thread.join(0.005)
        patient = threading.Thread(target=search.end, args=(Ending("interrupted"), 30.0, 1.0))
        patient.start()
        (tmp_path / "go").touch()
        thread.join()
        patient.join()
    assert endings == [Ending("interrupted")]
    assert states_of(run) == [TrialState.DONE, TrialState.DONE]


class InterruptedAtItsStart:
    """A runner that is slow to start its first trial: the search is interrupted meanwhile."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.interrupt: threading.Thread | None = None

    def run(self, assignment: Assignment, *more: Any) -> Outcome:
        assert self.interrupt is not None
        self.interrupt.start()
        self.interrupt.join(0.1)  # it would have stopped the runner long since
        return self._runner.run(assignment, *more)

    def stop(self, grace_s: float) -> None:
        self._runner.stop(grace_s)

    def close(self) -> None:
        self._runner.close()


def test_a_trial_that_was_being_started_at_an_interrupt_may_finish_too(tmp_path: Path) -> None:
    run = new_run(tmp_path, function="bowl", jobs=1)
    with open_session(run) as session:
        runner = InterruptedAtItsStart(session.runner)
        search = replace(session, runner=runner).search(Recorder(run))
        runner.interrupt = threading.Thread(
            target=search.end, args=(Ending("interrupted"), 30.0, 1.0)
        )
        assert search.run() == Ending("interrupted")
        runner.interrupt.join()
    assert states_of(run) == [TrialState.DONE]


def test_a_round_of_which_no_trial_has_run_is_not_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While trial 0, all of round 1, runs, round 2's trial is drawn ahead."""
    monkeypatch.setenv("TEST_GO", str(tmp_path / "go"))
    run = new_run(
        tmp_path, function="waits_for_a_file", sampler="guided", trials=2, rounds=2, jobs=1
    )
    recorder = Recorder(run)
    with open_session(run) as session:
        search = session.search(recorder)
        thread = threading.Thread(target=search.run)
        thread.start()
        while len(trials_of(run)) < 2:
            thread.join(0.005)
        search.start_no_more(Ending("interrupted"))
        (tmp_path / "go").touch()
        thread.join()
    assert recorder.rounds == [1]
    assert go_on(run)[0].kind == "finished"
    assert states_of(run) == [TrialState.DONE] * 2


@pytest.mark.parametrize("sampler", ["guided", "random"])
@pytest.mark.parametrize(("points", "rounds"), [(1, [1]), (2, [1]), (5, [1, 2])])
def test_no_round_begins_for_which_no_point_is_left(
    tmp_path: Path, sampler: str, points: int, rounds: list[int]
) -> None:
    path = write_config(
        tmp_path, "instant_bowl", sampler=sampler, jobs=1, trials=6, runner="inline"
    )
    space = f"  x: {{value: 0.5}}\n  y: {{values: {list(range(points))}}}\n"
    head, rest = path.read_text().split("  x: ")[0], path.read_text().split("search:")[1]
    path.write_text(f"{head}{space}search:{rest}".replace("rounds: 3", "rounds: 2"))
    run = create_run(load_config(path), Overrides(), tmp_path / "runs")
    ending, recorder = go_on(run)
    assert ending.detail == "every point has been tried"
    assert recorder.rounds == rounds
    with StoreReader(run) as reader:
        assert [round_.number for round_ in reader.rounds()] == rounds
        assert reader.counts() == {TrialState.DONE: points}


def test_an_interrupt_without_patience_queues_the_running_trials_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_GO", str(tmp_path / "go"))
    run = new_run(tmp_path, function="waits_for_a_file", trials=4, rounds=1)
    with open_session(run) as session:
        search = session.search(Recorder(run))
        thread = threading.Thread(target=search.run)
        thread.start()
        while not all((run.trial_dir(n) / "runs").exists() for n in (0, 1)):
            thread.join(0.005)
        search.end(Ending("interrupted"), 0.0, 0.0)
        thread.join()
    assert states_of(run) == [TrialState.LOST, TrialState.LOST]
    (tmp_path / "go").touch()
    assert go_on(run)[0].kind == "finished"
    assert states_of(run) == [TrialState.DONE] * 4


def test_a_store_that_cannot_be_written_ends_the_run_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(tmp_path, function="instant_bowl")
    finish = Store.finish
    calls: list[int] = []

    def full(self: Store, number: int, *rest: object) -> None:
        calls.append(number)
        if len(calls) == 5:
            raise StoreError("results.db: database or disk is full")
        finish(self, number, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "finish", full)
    with pytest.raises(StoreError, match="disk is full"):
        go_on(run)
    monkeypatch.undo()
    go_on(run)
    assert states_of(run) == [TrialState.DONE] * 30


def test_two_sessions_of_one_run_are_refused(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with open_session(run), pytest.raises(RunBusyError, match="bowl-0001 is being run"):  # noqa: SIM117
        with open_session(run):
            pass


def test_the_unfinished_run_of_this_very_config_is_found(tmp_path: Path) -> None:
    path = write_config(tmp_path, function="instant_bowl", trials=6)
    config = load_config(path)
    runs = tmp_path / "runs"
    assert find_unfinished(runs, config, Overrides()) is None
    finished = create_run(config, Overrides(), runs)
    go_on(finished)
    assert find_unfinished(runs, config, Overrides()) is None
    unfinished = create_run(config, Overrides(), runs)
    assert find_unfinished(runs, config, Overrides()) == unfinished
    path.write_text(path.read_text().replace("seed: 3", "seed: 4"))
    assert find_unfinished(runs, load_config(path), Overrides()) is None


def test_a_trial_that_was_drawn_ahead_does_not_wait_for_a_slot_that_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trial 0 runs until the others are done: its slot's next trial must go to the other slot."""
    monkeypatch.setenv("TEST_RUN", str(tmp_path / "runs" / "bowl-0001" / "trials"))
    run = new_run(tmp_path, function="first_waits_for_the_last", trials=6, rounds=1)
    assert go_on(run)[0].kind == "finished"
    assert states_of(run) == [TrialState.DONE] * 6


@pytest.mark.parametrize(("retries", "state"), [(0, TrialState.FAILED), (2, TrialState.DONE)])
def test_a_failed_trial_is_run_again_as_often_as_the_config_says(
    tmp_path: Path, retries: int, state: TrialState
) -> None:
    """Each trial fails twice, and then succeeds."""
    path = write_config(tmp_path, trials=2, rounds=1, jobs=1)
    text = path.read_text().replace(
        'function: "tests.objectives.steady:bowl"',
        "command: 'echo x >> {trial_dir}/tries; test $(wc -l < {trial_dir}/tries) -ge 3 && "
        "echo value: {x} {y}'",
    )
    path.write_text(text.replace("grace: 5s", f"grace: 5s, retries: {retries}"))
    run = create_run(load_config(path), Overrides(), tmp_path / "runs")
    go_on(run)
    with StoreReader(run) as reader:
        assert [(s.state, s.attempt) for s in reader.trials()] == [(state, 1 + retries)] * 2
    assert (run.trial_dir(0) / "stdout.attempt-1.log").exists() == (retries > 0)


def noisy_in_process(folder: Path, **more: object) -> RunFolder:
    """60 trials of a noisy function, in this process."""
    settings = {"sampler": "guided", "runner": "inline", "trials": 60, "jobs": 1, **more}
    return new_run(folder, function="noisy_bowl", **settings)


def test_the_config_says_whether_values_are_noisy(tmp_path: Path) -> None:
    named = []
    for noisy in ("true", "false"):
        (tmp_path / noisy).mkdir()
        run = noisy_in_process(tmp_path / noisy, trials=20, goal=f"minimize, noisy: {noisy}")
        go_on(run)
        with StoreReader(run) as reader:
            named.append(reader.incumbent())
    assert named[0] is not None
    assert "expected value" in named[0].reason
    assert named[1] is None


PANDA = """\
objective: {{command: "train {{x}} {{y}}"}}
metric: {{name: value, goal: minimize}}
space: {{x: {{min: 0.0, max: 9.0, live: true}}, y: {{min: 0.0, max: 9.0}}}}
search: {{strategy: panda, start_from: {start_from}}}
"""


def test_the_best_of_noisy_trials_is_found_out_where_no_search_has_ended_to_name_it(
    tmp_path: Path,
) -> None:
    run = noisy_in_process(tmp_path)
    go_on(run)
    with StoreReader(run) as reader:
        named = reader.incumbent()
    assert named is not None
    with closing(sqlite3.connect(run.store_path)) as store, store:
        store.execute("DELETE FROM decisions")
    with OpenedRun(run) as ended:
        assert ended.incumbent is None, "whatever it named held when it ended"
    with closing(sqlite3.connect(run.store_path)) as store, store:
        store.execute("DELETE FROM events WHERE kind = 'finished'")
    with OpenedRun(run) as killed:
        assert killed.state is RunState.KILLED
        assert killed.incumbent == named
        assert killed.best()[0].trial.number == named.trial
    text = PANDA.format(start_from=run.name)
    nursed = parse_config(text, Path("panda.yaml"), check_objective=False)
    settings = nursing_settings(nursed, RunFolder(run.path.parent / "panda-0001"), slots=1)
    assert settings["from"] == f"trial {named.trial} of {run.name}"
    with WriterLock(run.lock_path), OpenedRun(run) as running:
        assert running.state is RunState.RUNNING
        assert running.incumbent == named


def test_the_best_of_noisy_trials_is_named_however_the_search_ends(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "stopped").mkdir()
    whole, stopped = noisy_in_process(tmp_path / "whole"), noisy_in_process(tmp_path / "stopped")
    go_on(whole)

    class StopsBeforeTheEnd(Recorder):
        def results(self, results: Sequence[tuple[Trial, Outcome, int]]) -> None:
            super().results(results)
            if self.told[-1] >= 36:
                search.start_no_more(Ending("stopped", "enough"))

    with open_session(stopped) as session:
        search = session.search(StopsBeforeTheEnd(stopped))
        assert search.run().kind == "stopped"
    with StoreReader(stopped) as reader:
        named = reader.incumbent()
        assert named is not None
        assert named.details["of"] == len([s for s in states_of(stopped) if s.is_finished])
    go_on(stopped)
    with StoreReader(whole) as first, StoreReader(stopped) as second:
        assert first.incumbent() is not None
        assert first.incumbent() == second.incumbent()
    go_on(stopped)
    with StoreReader(stopped) as reader:
        named_of = [d.details["of"] for d in reader.decisions() if d.kind == INCUMBENT]
        assert named_of.count(60) == 1, "named once, however often it is resumed"
