"""Every screen over every kind of run: it fits, it is complete, and it says what comes next."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click import unstyle

from hpsearch.analysis import (
    OpenedRun,
    compare_runs,
    list_run,
    report_trial,
    summarize,
)
from hpsearch.config import parse_config
from hpsearch.run_folder import RunFolder
from hpsearch.store import Store
from hpsearch.trial import INCUMBENT, Decision, Outcome, Trial, TrialState
from hpsearch.views.compare import compare_lines
from hpsearch.views.ls import ls_lines
from hpsearch.views.plan import plan_lines
from hpsearch.views.reports import (
    comparison_report,
    listing_report,
    one_trial_report,
    summary_report,
)
from hpsearch.views.show import show_lines
from hpsearch.views.show_trial import trial_lines
from hpsearch.views.text import display_width, plain_ascii
from tests.made_runs import DIGITS, ONE, START, digits_outcome, done, failed, make_run

WIDTHS = [60, 80, 120]
TAIL = "Traceback (most recent call last):\n" + "  File " + "x" * 200 + "\nValueError: \x1b[31mboom"
LONG_NAME = "o" * 60 + "-0001"
MANY = (
    'name: many\nobjective: {function: "m:f"}\n'
    "metric: {name: accuracy of the validation set, goal: maximize}\nspace:\n"
    + "".join(
        f"  a_long_parameter_name_{i}: {{scale: log, min: 1e-6, max: 10}}\n" for i in range(30)
    )
    + "search: {sampler: random, rounds: 4, trials: 80}\n"
)


def many_outcome(trial: Trial) -> Outcome:
    x = [math.log10(value) for value in trial.params.values()]
    if x[3] > 0:
        return failed(trial, "loss is nan", TrialState.DIVERGED)
    return done(trial, -sum((a + 2) ** 2 for a in x[:5]), note=math.nan)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RunFolder]]:
    folder = tmp_path_factory.mktemp("runs")
    made = {
        "finished": make_run(folder),
        "interrupted": make_run(folder, stop_after=33, ending="interrupted"),
        "killed at once": make_run(folder, stop_after=0, ending=""),
        "one trial": make_run(folder, stop_after=2, ending=""),
        "broken": make_run(
            folder,
            evaluate=lambda t: failed(t, stderr_tail=TAIL),
            stop_after=3,
            ending="broken",
            detail="the first 3 trials failed",
        ),
        "equal": make_run(folder, evaluate=lambda t: done(t, 1.0)),
        "many": make_run(folder, MANY, many_outcome),
        "wide letters": make_run(
            folder,
            DIGITS.replace("learning_rate", "学习率"),
            lambda t: done(t, t.params["学习率"], 损失=1.0),
        ),
        "long name": make_run(folder, ONE.replace("one", "o" * 60), lambda t: done(t, 1e300)),
        "maximize": make_run(folder, ONE, lambda t: done(t, t.params["x"])),
        "running": make_run(folder, stop_after=5, ending=""),
    }
    with Store(made["running"]) as store:
        params = {"learning_rate": 0.01, "epochs": 15}
        store.start(Trial(5, 1, params, "random"), START)
        yield made


KINDS = [
    "finished",
    "interrupted",
    "killed at once",
    "one trial",
    "broken",
    "equal",
    "many",
    "wide letters",
    "long name",
    "maximize",
    "running",
]


def done_with_1(trial: Trial) -> Outcome:
    return done(trial, 1.0)


def screen_of(run: RunFolder, width: int = 80) -> list[str]:
    with OpenedRun(run) as opened:
        return show_lines(summarize(opened, START), START, width)


def assert_fits(lines: list[str], width: int) -> None:
    for line in lines:
        # A name that a command needs is not broken, however long it is.
        assert display_width(line) <= width or line.split()[0] == LONG_NAME, line
        assert "\n" not in line
        assert unstyle(line) == unstyle(line).rstrip(), line
        assert "\x1b" not in unstyle(line), line
        assert len(plain_ascii(unstyle(line))) == len(unstyle(line))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_show_fits(runs: dict[str, RunFolder], kind: str, width: int) -> None:
    assert_fits(screen_of(runs[kind], width), width)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "killed at once"])
def test_show_of_each_trial_fits(runs: dict[str, RunFolder], kind: str, width: int) -> None:
    with OpenedRun(runs[kind]) as opened:
        for number in range(sum(opened.reader.counts().values())):
            assert_fits(trial_lines(report_trial(opened, number), START, width), width)


@pytest.mark.parametrize("width", WIDTHS)
def test_ls_fits(runs: dict[str, RunFolder], width: int) -> None:
    assert_fits(ls_lines([list_run(run) for run in runs.values()], START, width), width)


@pytest.mark.parametrize("width", WIDTHS)
def test_compare_fits_for_any_two_runs_and_for_all(runs: dict[str, RunFolder], width: int) -> None:
    with ExitStack() as stack:
        opened = [stack.enter_context(OpenedRun(run)) for run in runs.values()]
        for other in opened:
            assert_fits(compare_lines(compare_runs([opened[0], other]), width), width)
        assert_fits(compare_lines(compare_runs(opened), width), width)


@pytest.mark.parametrize("width", WIDTHS)
def test_compare_tells_runs_apart_whose_names_are_long_or_the_same(
    tmp_path: Path, width: int
) -> None:
    runs = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        for name in ("one", "o" * 95):
            runs += [make_run(folder, ONE.replace("one", name), done_with_1) for _ in range(2)]
    with ExitStack() as stack:
        comparison = compare_runs([stack.enter_context(OpenedRun(run)) for run in runs])
    lines = [unstyle(line) for line in compare_lines(comparison, width, "one")]
    assert_fits(lines, width)
    headings = [
        name
        for above, line in zip(["", *lines], lines, strict=False)
        if not above
        for name in line.split()
        if "00" in name
    ]
    assert len(set(headings)) == len(runs)


@pytest.mark.parametrize("width", WIDTHS)
def test_names_of_200_characters_are_told_apart_on_every_screen(tmp_path: Path, width: int) -> None:
    one, two = "x" * 196 + "_one", "x" * 196 + "_two"
    text = ONE.replace("  x:", f"  {one}: {{min: 0.0, max: 1.0}}\n  {two}:")
    run, again = (make_run(tmp_path, text, lambda t: done(t, t.params[one])) for _ in range(2))
    with OpenedRun(run) as opened, OpenedRun(again) as other:
        screens = [
            show_lines(summarize(opened, START), START, width),
            trial_lines(report_trial(opened, 0), START, width),
            compare_lines(compare_runs([opened, other]), width),
            plan_lines(opened.config, [t.trial for t in opened.reader.trials()], 2, width)[:-1],
        ]  # the last one is a command with a path
    for lines in screens:
        assert_fits(lines, width)
        for tail in ("_one", "_two"):
            assert any(tail in line for line in lines)


@pytest.mark.parametrize("kind", KINDS)
def test_show_ends_with_what_to_type_next(runs: dict[str, RunFolder], kind: str) -> None:
    lines = [unstyle(line) for line in screen_of(runs[kind])]
    commands = lines[lines.index("next") + 1 :]
    joined = " ".join(" ".join(commands).replace("\\", " ").split())
    name = runs[kind].name
    if kind not in ("killed at once", "broken"):
        assert f"hpsearch best {name} --format args" in joined
    if kind in ("interrupted", "killed at once", "one trial"):
        assert f"hpsearch resume {name}" in joined
    if kind == "broken":
        assert f"hpsearch resume {name} --retry-failed" in joined
        assert f"hpsearch logs {name} 0" in joined


def test_show_tells_the_whole_story_of_a_finished_run(runs: dict[str, RunFolder]) -> None:
    text = unstyle("\n".join(screen_of(runs["finished"])))
    assert text.startswith("digits-0001 · finished")
    assert "caviar, random, 3 rounds, 60 trials, 2 jobs, seed 0 · minimize val_error" in text
    assert "60 of 60 trials finished (55 done, 3 failed, 2 diverged)" in text
    assert "best val_error 0.02815: trial 9, round 1" in text
    assert "  hidden_units   [32, 61, 216]" in text
    assert "  (fixed)        epochs 15" in text
    assert "  optimizer      momentum adam (sgd dropped)" in text
    assert "best so far: val_error (smaller is better)" in text
    assert "trial 9 improved it last; 46 successes since did not" in text
    assert "  3 failed (trials 11, 34, 57): ValueError: boom 11" in text
    assert "    | ValueError: boom 17" in text
    assert "  2 diverged (trials 0, 20): val_error is nan" in text


@pytest.mark.parametrize("width", [40, 60, 80])
def test_what_a_round_found_is_never_cut(tmp_path: Path, width: int) -> None:
    def outcome(trial: Trial) -> Outcome:
        return failed(trial) if trial.number % 3 else done(trial, -0.0031444 + trial.number / 9)

    run = make_run(tmp_path, DIGITS, outcome)
    lines = [unstyle(line).strip() for line in screen_of(run, width)]
    told = " ".join(lines[lines.index("rounds") :])
    for best, failures in (("-0.003144 (trial 0)", 13), ("2.33 (trial 21)", 14)):
        assert f"its best {best}" in told
        assert f"20/20 ({failures} failed)" in told


def test_an_improvement_is_told_in_digits_that_show_it(tmp_path: Path) -> None:
    def outcome(trial: Trial) -> Outcome:
        return done(trial, {0: 1000.016, 25: 1000.004}.get(trial.number, 1001.0))

    told = [unstyle(line) for line in screen_of(make_run(tmp_path, DIGITS, outcome))]
    assert "best val_error 1000.004: trial 25, round 2" in told
    rounds_ = [line for line in told if "its best" in line]
    assert "its best 1000.02 (trial 0)" in rounds_[0]
    assert "its best 1000.004 (trial 25)" in rounds_[1]
    assert "its best 1001 (trial 40)" in rounds_[2]


def test_the_best_ten_leave_out_what_is_fixed_and_name_what_does_not_fit(
    runs: dict[str, RunFolder],
) -> None:
    lines = [unstyle(line) for line in screen_of(runs["finished"])]
    header = lines[lines.index("best 10 trials") + 1]
    assert "learning_rate" in header
    assert "epochs" not in header
    note = lines[lines.index("best 10 trials") + 12]
    assert note == "  not shown, for want of room: hidden_units, optimizer, beta2"
    wide = [unstyle(line) for line in screen_of(runs["finished"], 140)]
    assert "beta2" in wide[wide.index("best 10 trials") + 1]


def test_a_run_without_a_success_says_so_and_shows_why(runs: dict[str, RunFolder]) -> None:
    text = unstyle("\n".join(screen_of(runs["broken"])))
    assert "no trial has succeeded: 3 finished, none with a value" in text
    assert "broken: stopped because its first trials all failed" in text
    assert "ValueError:  [31mboom" in text  # the escape sequence itself is not passed on
    assert "stderr.log" in text.replace("\n    ", "")  # a long path is wrapped


def test_a_run_that_is_just_starting_says_so(runs: dict[str, RunFolder]) -> None:
    text = unstyle("\n".join(screen_of(runs["killed at once"])))
    assert "no trial has started yet" in text


def test_a_running_run_names_its_process(runs: dict[str, RunFolder]) -> None:
    text = unstyle("\n".join(screen_of(runs["running"])))
    assert "· running for" in text
    assert "process " in text
    assert "1 running" in text


def test_names_that_begin_alike_stay_apart_in_a_table(runs: dict[str, RunFolder]) -> None:
    lines = [unstyle(line) for line in screen_of(runs["many"])]
    header = lines[lines.index("best 10 trials") + 1].split()
    assert len(set(header)) == len(header)


def test_the_screen_of_a_failed_trial_says_why_and_where(runs: dict[str, RunFolder]) -> None:
    with OpenedRun(runs["finished"]) as opened:
        text = unstyle("\n".join(trial_lines(report_trial(opened, 11), START + 3600)))
    assert text.startswith("digits-0001, trial 11 · failed")
    assert "reason: ValueError: boom 11" in text
    assert "exit code 1" in text
    assert "round 1, proposed by random" in text
    assert "(60 min ago)" in text
    assert "    | ValueError: boom 17" in text
    assert "trials/0011" in text.replace("\n  ", "")
    assert text.endswith("hpsearch logs digits-0001 11   all it wrote")


def test_the_screen_of_a_good_trial_shows_its_rank_and_its_curve(
    runs: dict[str, RunFolder],
) -> None:
    with OpenedRun(runs["finished"]) as opened:
        text = unstyle("\n".join(trial_lines(report_trial(opened, 9), START)))
        other = unstyle("\n".join(trial_lines(report_trial(opened, 12), START)))
    assert "val_error 0.02815, number 1 of 55 (smaller is better)" in text
    assert "val_error, as the trial reported it" in text
    assert "train_error  0.01408" in text
    assert "(best trial: " not in text
    assert "(best trial: 0.008359)" in other


def test_compare_says_which_is_better_and_what_was_at_the_edge(tmp_path: Path) -> None:
    def large_momentum(trial: Trial) -> Outcome:
        return done(trial, 0.02 + abs(0.99 - trial.params["momentum"]))

    narrow = make_run(tmp_path, DIGITS.replace("max: 0.999}", "max: 0.95}"), large_momentum)
    wide = make_run(tmp_path, DIGITS, large_momentum)
    with OpenedRun(narrow) as first, OpenedRun(wide) as second:
        lines = [unstyle(line) for line in compare_lines(compare_runs([first, second]), 120)]
    assert any("digits-0002 is better by 0.0" in line for line in lines)
    (momentum,) = [line for line in lines if line.startswith("momentum")]
    assert momentum.endswith("was at the edge of its range (0.9 … 0.95) in digits-0001")
    assert any(line.split() == ["space.momentum.max", "0.95", "0.999"] for line in lines)
    (curve,) = [line for line in lines if line.startswith("best so far ")]
    assert set("▁▂▃▄▅▆▇█") & set(curve)


def test_compare_says_that_different_metrics_cannot_be_compared(
    runs: dict[str, RunFolder],
) -> None:
    with OpenedRun(runs["finished"]) as first, OpenedRun(runs["maximize"]) as second:
        text = unstyle("\n".join(compare_lines(compare_runs([first, second]))))
    assert "different metrics or goals: not comparable" in text


def test_compare_keeps_runs_side_by_side_where_their_results_fit(tmp_path: Path) -> None:
    long_setting = DIGITS.replace("[momentum, adam, sgd]", "[" + "x" * 70 + ", adam, sgd]")
    made = [make_run(tmp_path, text, lambda t: done(t, 1.0)) for text in (DIGITS, long_setting)]
    with OpenedRun(made[0]) as first, OpenedRun(made[1]) as second:
        lines = [unstyle(line) for line in compare_lines(compare_runs([first, second]))]
    assert lines[0].split() == ["digits-0001", "digits-0002"]
    assert sum("different in the configs" in line for line in lines) == 1


def test_ls_has_a_line_for_each_run_and_explains_the_rare_states(
    runs: dict[str, RunFolder], tmp_path: Path
) -> None:
    damaged = make_run(tmp_path, ONE.replace("one", "damaged"), lambda t: done(t, 1.0))
    damaged.store_path.write_bytes(b"x" * 4096)
    listed = [list_run(run) for run in [*runs.values(), damaged]]
    lines = [unstyle(line) for line in ls_lines(listed, START, 120)]
    assert lines[1].split()[:4] == ["digits-0001", "finished", "60/60", "(5"]
    assert lines[len(listed) + 1] == ""
    below = "\n".join(lines[len(listed) + 1 :])
    for word in ("interrupted:", "broken:", "killed:", "damaged-0001 cannot be read:"):
        assert word in below
    assert "finished:" not in below


def test_ls_names_the_metric_once_where_it_is_the_same(tmp_path: Path) -> None:
    made = [make_run(tmp_path, evaluate=digits_outcome) for _ in range(2)]
    heading, first, _ = ls_lines([list_run(run) for run in made], START)
    assert "best val_error" in unstyle(heading)
    assert "val_error" not in first


def test_ls_says_of_which_runs_the_best_trial_is_the_expected_one(tmp_path: Path) -> None:
    noisy, quiet = (make_run(tmp_path, evaluate=digits_outcome) for _ in range(2))
    with Store(noisy) as store:
        details = {"expected": 0.05, "noise": 0.01, "of": 60}
        store.add_decision(Decision(1, None, INCUMBENT, "values are noisy: so", details))
    listed = [list_run(run) for run in (noisy, quiet)]
    said = " ".join(" ".join(ls_lines(listed, START)[-2:]).split())
    assert f"best expected value: {noisy.name}" in said
    assert quiet.name not in said
    assert [run["is_expected_best"] for run in listing_report(listed)] == [True, False]


@pytest.mark.parametrize(("named", "is_lowest"), [(1, False), (2, True)])
def test_the_trial_that_is_named_best_of_noisy_ones_is_marked_and_told_why(
    tmp_path: Path, named: int, is_lowest: bool
) -> None:
    values = [0.5, 0.3, 0.2, 0.4]
    run = make_run(
        tmp_path, ONE.replace("maximize", "minimize"), lambda t: done(t, values[t.number])
    )
    with Store(run) as store:
        details = {"expected": 0.31, "noise": 0.1, "of": 4}
        store.add_decision(Decision(named, None, INCUMBENT, "values are noisy: so", details))
    with OpenedRun(run) as opened:
        summary = summarize(opened, START)
    lines = [unstyle(line) for line in show_lines(summary, START)]
    assert max(map(display_width, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    marked = [line for line in lines if "named best" in line and line.split()[0].isdigit()]
    assert [int(line.split()[0]) for line in marked] == [named]
    assert lines.index(marked[0]) == lines.index("best 4 trials") + 2
    assert f"best score {values[named]:g} measured, 0.31 expected: trial {named}, round 1" in lines
    why = "trial 2 has a lower value, 0.2, but values are noisy: so"
    on_the_chart = "it follows the measured values; trial 1, named best, had 0.3"
    assert (why in text) is (on_the_chart in text) is not is_lowest
    with OpenedRun(run) as opened:
        screens = [" ".join(trial_lines(report_trial(opened, n), START)) for n in range(4)]
    with OpenedRun(run) as opened:
        reports = [one_trial_report(report_trial(opened, n)) for n in range(4)]
    assert [r["is_best"] for r in reports] == [n == named for n in range(4)]
    assert [r["expected"] for r in reports] == [0.31 if n == named else None for n in range(4)]
    assert "named best: values are noisy: so" in screens[named]
    assert [("is named best" in s) for s in screens] == [False, False, not is_lowest, False]


def test_the_best_of_noisy_values_that_nobody_could_judge_is_called_measured(
    tmp_path: Path,
) -> None:
    noisy = ONE.replace("goal: maximize", "goal: maximize, noisy: true")
    with OpenedRun(make_run(tmp_path, noisy, lambda t: done(t, 0.3))) as opened:
        lines = [unstyle(line) for line in show_lines(summarize(opened, START), START)]
    assert "best score 0.3 measured: trial 0, round 1" in lines
    assert "  values are noisy: the best one that was measured may be luck" in lines


def test_compare_and_the_json_tell_what_is_expected_of_noisy_runs(tmp_path: Path) -> None:
    runs = []
    for expected in (0.35, 0.31):
        run = make_run(tmp_path, ONE.replace("maximize", "minimize"), lambda t: done(t, 0.3))
        with Store(run) as store:
            details = {"expected": expected, "noise": 0.1, "of": 4}
            store.add_decision(Decision(1, None, INCUMBENT, "values are noisy: so", details))
        runs.append(run)
    opened = [OpenedRun(run) for run in runs]
    comparison = compare_runs(opened)
    lines = [unstyle(line) for line in compare_lines(comparison)]
    assert max(map(display_width, lines)) <= 80
    row = next(line for line in lines if line.startswith("  expected"))
    assert row.split()[1:3] == ["0.35", "0.31"]
    assert "one-0002 is better by 0.04, within the noise (0.1)" in " ".join(lines)
    assert "expected: values are noisy" in " ".join(lines)
    report = comparison_report(comparison)
    assert report["within_noise"] is True
    assert report["winner"] == "one-0002"
    assert [run["best"]["expected"] for run in report["runs"]] == [0.35, 0.31]
    shown = summary_report(summarize(opened[0], START))["best"]
    assert (shown["value"], shown["expected"], shown["noise"]) == (0.3, 0.35, 0.1)
    quiet = make_run(tmp_path, ONE, lambda t: done(t, 0.3))
    with OpenedRun(quiet) as run_:
        best = summary_report(summarize(run_, START))["best"]
    assert (best["expected"], best["noise"]) == (None, None)
    for one in opened:
        one.close()


@pytest.mark.parametrize(("width", "has_column"), [(80, False), (130, True)])
def test_plan_tells_conditions_whether_or_not_their_column_has_room(
    width: int, has_column: bool
) -> None:
    text = DIGITS.replace("beta2:", "second_moment_decay:").replace("sgd", "sgd_with_restarts")
    config = parse_config(text, Path("digits.yaml"), check_objective=False)
    lines = [unstyle(line) for line in plan_lines(config, [], 0, width)]
    assert max(map(display_width, lines)) <= width
    text = "\n".join(lines)
    assert ("only\n" in text) is has_column
    assert ("second_moment_decay: only where optimizer is adam" in text) is not has_column
    assert ("hidden_units: a list, one entry for each of layers" in text) is not has_column


def test_plan_has_no_column_for_conditions_where_there_are_none() -> None:
    config = parse_config(ONE, Path("one.yaml"), check_objective=False)
    heading = next(line for line in plan_lines(config, [], 0, 80) if "parameter" in line)
    assert unstyle(heading).split() == ["parameter", "kind", "values", "draws"]


def test_plan_says_that_draws_are_not_shown_where_there_is_no_room() -> None:
    text = ONE.replace(" x:", " a_name_of_some_length:").replace("-5.0", "-5.125")
    config = parse_config(text, Path("one.yaml"), check_objective=False)
    lines = [unstyle(line) for line in plan_lines(config, [], 0, 60)]
    assert "  not shown, for want of room: draws" in lines


@pytest.mark.parametrize(
    ("rule", "trials", "said"),
    [
        ("hyperband", 16, "none of those that begin at 1, 3 or 9 epochs is trained to 27"),
        ("hyperband", 40, "none of those that begin at 1 epoch is trained to 27"),
        ("hyperband", 49, ""),
        ("asha", 16, ""),
    ],
)
def test_plan_says_which_of_hyperbands_brackets_have_too_few_trials(
    rule: str, trials: int, said: str
) -> None:
    text = ONE.replace("trials: 4", f"trials: {trials}") + (
        "budget: {unit: epochs, min: 1, max: 27, factor: 3}\n"
        f"early_stop: {{rule: {rule}, form: stopping}}\n"
    )
    config = parse_config(text, Path("one.yaml"), check_objective=False)
    lines = [unstyle(line) for line in plan_lines(config, [], 0, 80)]
    assert max(map(display_width, lines)) <= 80
    told = " ".join(" ".join(lines).split())
    assert said in told
    assert ("49 trials fill them" in told) is bool(said)
