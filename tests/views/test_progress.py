"""The progress of a run: a bar on a terminal, whole lines in a log."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hpsearch.config import Config, parse_config
from hpsearch.history import Move, Round
from hpsearch.space import Box
from hpsearch.trial import Outcome, Trial, TrialState
from hpsearch.views.progress import LOG_EVERY_S, Progress
from hpsearch.views.text import display_width
from hpsearch.views.words import jobs_in_words, settings
from tests.spaces import floats

TEXT = """\
objective: {function: 'math:sqrt'}
metric: {name: loss, goal: minimize}
space: {x0: {min: 0.0, max: 1.0}, x1: {min: 0.0, max: 1.0}}
"""


DONE = Outcome(TrialState.DONE, 0.1 / 27)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Stream(io.StringIO):
    def __init__(self, terminal: bool, encoding: str = "utf-8") -> None:
        super().__init__()
        self._terminal = terminal
        self._encoding = encoding

    def isatty(self) -> bool:
        return self._terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


@pytest.fixture
def config(tmp_path: object) -> Config:
    return parse_config(TEXT, Path("loss.yaml"))


def make(config: Config, stream: Stream, clock: Clock) -> Progress:
    return Progress(config, "loss-0001", trials=20, rounds=2, jobs=2, stream=stream, clock=clock)


def test_on_a_cluster_without_jobs_nobody_counts_them(config: Config) -> None:
    assert jobs_in_words(None) == "jobs as many as the workers' threads"
    execution = replace(config.execution, runner="dask", jobs=None)
    headline = settings(replace(config, execution=execution), 3, 60)
    assert ", jobs as many as the workers' threads, seed" in headline


def test_names_of_any_length_leave_room_for_what_is_done_with_them() -> None:
    one, two = "x" * 196 + "_one", "x" * 196 + "_two"
    space = ", ".join(f"{name}: {{min: 0.1, max: 1.0, live: true}}" for name in (one, two))
    text = TEXT.replace("{x0: {min: 0.0, max: 1.0}, x1: {min: 0.0, max: 1.0}}", f"{{{space}}}")
    panda = parse_config(
        text.replace("{function: 'math:sqrt'}", '{command: "train {args} {budget}"}')
        + "search: {strategy: panda}\n",
        Path("loss.yaml"),
    )
    stream = Stream(terminal=True)
    progress = Progress(
        panda, "loss-0001", trials=20, rounds=1, jobs=1, stream=stream, clock=Clock()
    )
    for number, name in enumerate((one, two)):
        trial = Trial(number, number + 1, {one: 0.1, two: 0.2}, f"{name} up x1.58 (0.1 to 0.158)")
        progress.results([(trial, Outcome(TrialState.DONE, 0.5), 0)])
    failed = Trial(2, 3, {one: 0.1, two: 0.2}, "nothing changed")
    progress.results([(failed, Outcome(TrialState.FAILED, reason=f"{one} is too large"), 0)])
    lines = stream.getvalue().replace("\r", "").splitlines()
    days = [line for line in lines if line.startswith("day") and "failed" not in line]
    assert [line.split()[4][-4:] for line in days] == ["_one", "_two"]
    assert all(line.endswith("up x1.58 (0.1 to 0.158)") for line in days)
    assert "_one is too large" in " ".join(lines)
    assert max(map(display_width, lines)) <= 80


def result(number: int, value: float | None) -> tuple[Trial, Outcome, int]:
    state = TrialState.DONE if value is not None else TrialState.FAILED
    reason = "" if value is not None else "it ended with exit code 1"
    trial = Trial(number, 1, {"x0": 0.1, "x1": 0.2}, "random")
    return trial, Outcome(state, value, reason=reason), 0


def rounds() -> tuple[Round, Round]:
    space = floats(2)
    narrowed = Box(np.array([0.2, 0.0]), np.array([0.6, 1.0]), (None, None))
    moves = (Move("x0", "narrowed", "the best 4 lie here"), Move("x1", "kept", "no sign yet"))
    whole = tuple(Move(name, "whole", "") for name in space.column_names)
    return (
        Round(1, 0, 10, Box.whole(space), "the whole space", whole),
        Round(2, 10, 10, narrowed, "made from the best 4 of 10 trials: 3, 1", moves),
    )


def test_a_log_gets_whole_lines_and_not_one_for_each_trial(config: Config) -> None:
    stream, clock = Stream(terminal=False), Clock()
    progress = make(config, stream, clock)
    progress.begin([], [])
    progress.round_opened(rounds()[0])
    for number in range(10):
        clock.now += LOG_EVERY_S / 5
        progress.results([result(number, 1.0 / (number + 1))])
    progress.close()
    lines = stream.getvalue().splitlines()
    assert "\r" not in stream.getvalue()
    assert lines[0] == (
        "loss-0001 · caviar, guided, 2 rounds, 20 trials, 2 jobs, seed 0 · minimize loss"
    )
    assert lines[1:] == [
        "round 1  whole space  5/10  00:30  best so far 0.2 (trial 4)",
        "round 1  whole space  10/10  01:00  best so far 0.1 (trial 9)",
    ]


def test_a_new_round_says_in_one_line_what_was_narrowed(config: Config) -> None:
    stream = Stream(terminal=False)
    progress = make(config, stream, Clock())
    progress.begin([], [])
    first, second = rounds()
    progress.round_opened(first)
    progress.results([result(number, 0.5) for number in range(second.first_trial - 1)])
    progress.round_opened(second)
    assert "round 2" not in stream.getvalue()  # a trial of the first one is still running
    before = len(stream.getvalue().splitlines())
    progress.results([result(second.first_trial - 1, 0.5)])
    lines = stream.getvalue().splitlines()[before:]
    assert lines[-1] == "round 2  zoomed to 40% of the space, in x0"
    assert len(lines) == 2  # the other is how round 1 ended


def test_an_improvement_is_told_in_digits_that_show_it(config: Config) -> None:
    stream, clock = Stream(terminal=False), Clock()
    progress = make(config, stream, clock)
    progress.begin([], [])
    progress.round_opened(rounds()[0])
    for number, value in enumerate((1000.016, 1000.004, 1000.004, 3.0)):
        clock.now += LOG_EVERY_S
        progress.results([result(number, value)])
    told = [line.partition("best so far ")[2] for line in stream.getvalue().splitlines()]
    assert told[-4:] == [
        "1000 (trial 0)",
        "1000.004 (trial 1)",
        "1000.004 (trial 1)",
        "3 (trial 3)",
    ]


def test_a_round_that_narrows_nothing_says_so(config: Config) -> None:
    stream = Stream(terminal=False)
    progress = make(config, stream, Clock())
    progress.begin([], [])
    _, second = rounds()
    progress.round_opened(replace(second, first_trial=0, box=Box.whole(floats(2))))
    assert stream.getvalue().splitlines()[-1] == "round 2  whole space: nothing is narrowed"


def test_failures_are_said_a_few_times_and_then_no_more(config: Config) -> None:
    stream = Stream(terminal=False)
    progress = make(config, stream, Clock())
    progress.begin([], [])
    progress.round_opened(rounds()[0])
    progress.results([result(number, None) for number in range(8)])
    assert stream.getvalue().count("failed: it ended with exit code 1") == 3
    assert stream.getvalue().count("hpsearch show loss-0001") == 1


def test_a_resumed_run_says_how_far_it_was(config: Config) -> None:
    stream = Stream(terminal=False)
    progress = make(config, stream, Clock())
    progress.begin([rounds()[0]], [result(number, 0.5)[:2] for number in range(4)])
    progress.results([result(4, 0.7)])
    progress.close()
    assert "4 of 20 trials finished already; going on" in stream.getvalue()
    assert "5/10  00:00  best so far 0.5 (trial 0)" in stream.getvalue()


def test_a_trial_that_is_trained_further_is_not_finished_until_it_stands_again(
    config: Config,
) -> None:
    stream = Stream(terminal=False)
    progress = make(config, stream, Clock())
    past = [result(number, 0.5)[:2] for number in range(4)]
    progress.begin([rounds()[0]], past, going_on={2})
    assert "3 of 20 trials finished already; going on" in stream.getvalue()
    progress.goes_on(past[0][0])
    progress.close()
    assert "2/10  00:00  best so far 0.5 (trial 0)" in stream.getvalue()


def test_a_bar_counts_a_trial_again_when_its_next_segment_has_ended(config: Config) -> None:
    stream = Stream(terminal=False)
    progress = make(config, stream, Clock())
    progress.begin([], [])
    progress.round_opened(rounds()[0])
    progress.results([result(0, 0.5), result(1, 0.4)])
    progress.goes_on(result(1, 0.4)[0])
    progress.results([result(1, 0.3)])
    progress.close()
    assert "2/10  00:00  best so far 0.3 (trial 1)" in stream.getvalue()


def bar_after_five_trials(config: Config) -> str:
    stream = Stream(terminal=True)
    progress = make(config, stream, Clock())
    progress.begin([], [])
    progress.round_opened(rounds()[0])
    progress.results([result(number, 0.123456) for number in range(5)])
    progress.close()
    return stream.getvalue().split("\r")[-1].rstrip()


def test_a_terminal_gets_a_bar_within_80_columns(config: Config) -> None:
    bar = bar_after_five_trials(config)
    assert bar.startswith("round 1  whole space   ")
    assert bar.endswith("5/10  00:00  best so far 0.1235 (trial 0)")
    assert len(bar) <= 80


def test_a_bar_of_a_long_round_fits_80_columns_and_is_aligned_with_the_next(config: Config) -> None:
    stream = Stream(terminal=True)
    progress = make(config, stream, Clock())
    progress.begin([], [])
    starts = []
    for round_ in rounds():
        progress.round_opened(replace(round_, first_trial=0, trials=100))
        progress.results([(Trial(99, 1, {"x0": 0.1, "x1": 0.2}, ""), DONE, 0)])
        bar = stream.getvalue().split("\r")[-1].rstrip()
        assert "best so far 0.003704 (trial 99)" in bar
        assert len(bar) <= 80
        starts.append(bar.index("/100"))
    assert starts[0] == starts[1]


def test_a_trial_that_fails_after_a_rung_is_no_longer_the_best(config: Config) -> None:
    stream = Stream(terminal=False)
    progress = make(config, stream, Clock())
    progress.begin([], [])
    progress.round_opened(rounds()[0])
    progress.results([result(0, 0.5), result(1, 0.2), result(1, None), result(2, None)])
    progress.close()
    assert "best so far 0.5 (trial 0)" in stream.getvalue()


def test_without_unicode_the_lines_are_plain(config: Config) -> None:
    stream = Stream(terminal=False, encoding="ascii")
    progress = make(config, stream, Clock())
    progress.begin([], [])
    for round_ in rounds():
        progress.round_opened(round_)
    assert stream.getvalue().isascii()


def test_the_best_of_noisy_values_is_told_as_one_that_was_measured(config: Config) -> None:
    noisy = replace(config, metric=replace(config.metric, noisy=True))
    bar = bar_after_five_trials(noisy)
    assert bar.endswith("best measured 0.1235 (trial 0)")
    assert len(bar) <= 80


def test_a_bar_is_larger_is_better_where_the_goal_says_so() -> None:
    from pathlib import Path

    config = parse_config(TEXT.replace("minimize", "maximize"), Path("loss.yaml"))
    stream = Stream(terminal=False)
    progress = make(config, stream, Clock())
    progress.begin([], [])
    progress.round_opened(rounds()[0])
    progress.results([result(0, 0.5), result(1, 0.9), result(2, 0.7)])
    progress.close()
    assert "best so far 0.9 (trial 1)" in stream.getvalue()


def test_a_day_of_a_panda_that_came_to_nothing_has_its_line_like_any_other() -> None:
    nursed = parse_config(
        TEXT.replace("math:sqrt", "tests.objectives.steady:descends").replace(
            "1.0}", "1.0, live: true}"
        )
        + "search: {strategy: panda, segments: 9}\n",
        Path("loss.yaml"),
    )
    stream = Stream(terminal=False)
    progress = make(nursed, stream, Clock())
    outcomes = [
        Outcome(TrialState.DIVERGED, reason="loss is nan"),
        Outcome(TrialState.DONE, 0.5),
        Outcome(TrialState.FAILED, reason="exit code 1"),
        Outcome(TrialState.LOST, reason="it was stopped with the run"),
    ]
    for number, outcome in enumerate(outcomes):
        trial = Trial(number, number + 1, {"x0": 0.1, "x1": 0.2}, "nothing changed")
        progress.results([(trial, outcome, 1)])
    assert stream.getvalue().splitlines() == [
        "day   1  diverged       nothing changed",
        "day   2  loss 0.5       nothing changed",
        "day   3  failed         nothing changed",
        "trial 2 failed: exit code 1",
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_log_has_the_whole_reason_of_a_day_and_a_terminal_one_line(terminal: bool) -> None:
    from pathlib import Path

    nursed = parse_config(
        TEXT.replace("math:sqrt", "tests.objectives.steady:descends").replace(
            "1.0}", "1.0, live: true}"
        )
        + "search: {strategy: panda, segments: 9}\n",
        Path("loss.yaml"),
    )
    stream = Stream(terminal)
    progress = make(nursed, stream, Clock())
    words = "x0 up x3.17 (0.1 to 0.3), x1 down x0.5 (0.2 to 0.1): a reason that is long enough"
    outcome = Outcome(TrialState.DONE, 0.5, budget=3)
    progress.results([(Trial(2, 3, {"x0": 0.3, "x1": 0.1}, words), outcome, 3)])
    said = stream.getvalue().splitlines()
    assert max(map(len, said)) <= 80
    if terminal:
        assert len([line for line in said if "day   3" in line]) == 1
        assert words not in " ".join(said)
    else:
        assert words in " ".join(" ".join(said).split())


@pytest.mark.parametrize("terminal", [True, False])
def test_a_long_message_is_wrapped_and_its_command_can_be_copied(
    config: Config, terminal: bool
) -> None:
    stream = Stream(terminal)
    progress = make(config, stream, Clock())
    note = (
        "trial 0: there was no checkpoint of 1, so it started over; also it left no checkpoint at 3"
    )
    command = "hpsearch resume loss-0001 --runs " + "long/" * 12 + " --retry-failed"
    progress.say(note)
    progress.say("The program seems broken, not the values. When it is mended:", command)
    progress.say("interrupted; to go on:", "hpsearch resume loss-0001")
    lines = stream.getvalue().replace("\r", "").splitlines()
    assert "  " + command in lines, "on a line of its own, unbroken"
    assert "interrupted; to go on: hpsearch resume loss-0001" in lines
    others = [line for line in lines if command not in line]
    assert max(map(display_width, others)) <= 80
    assert note in " ".join(" ".join(others).split())
