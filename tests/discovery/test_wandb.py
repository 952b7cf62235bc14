"""A W&B sweep becomes a config that draws the same values, and says what it could not take over."""

from __future__ import annotations

import math
import shlex
from pathlib import Path

import pytest
import yaml

from hpsearch.config import Config, load_config
from hpsearch.discovery.wandb_sweep import ImportedSweep, import_wandb_sweep
from hpsearch.domains import FloatRange, IntegerRange, OrderedList
from hpsearch.errors import ConfigError, HpsearchError
from hpsearch.launch import check_sampler_fits
from hpsearch.objectives.command import CommandObjective

HEAD = "program: train.py\nmethod: random\nmetric: {name: val_loss, goal: minimize}\n"


def imported(text: str, folder: Path) -> ImportedSweep:
    path = folder / "sweep.yaml"
    path.write_text(text)
    return import_wandb_sweep(path)


def loaded(text: str, folder: Path) -> Config:
    path = folder / "config.yaml"
    path.write_text(imported(text, folder).text)
    config = load_config(path)
    check_sampler_fits(config)
    return config


def parameter(body: str, folder: Path) -> tuple[object, str]:
    """What a parameter x became, as YAML, and the line that tells of it."""
    text = f"{HEAD}parameters:\n  x: {{{body}}}\n  y: {{values: [1, 2]}}\n"
    sweep = imported(text, folder)
    loaded(text, folder)
    told = next(line for line in sweep.told if line.startswith("parameters.x: "))
    return yaml.safe_load(sweep.text)["space"].get("x"), told.removeprefix("parameters.x: ")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "distribution: log_uniform_values, min: 1e-4, max: 0.1",
            "log_uniform_values 1e-4 to 0.1 -> scale: log, min: 1e-4, max: 0.1",
        ),
        (
            "distribution: inv_log_uniform_values, min: 1e-4, max: 0.1",
            "inv_log_uniform_values 1e-4 to 0.1 -> scale: log, min: 1e-4, max: 0.1 (the same as "
            "log_uniform_values; for a momentum take scale: 1-beta)",
        ),
        (
            "distribution: log_uniform, min: -9.21, max: -2.303",
            "log_uniform -9.21 to -2.303 -> scale: log, min: 1e-4, max: 0.1 (min and max were "
            "exponents of e)",
        ),
        (
            "distribution: inv_log_uniform, min: 2.303, max: 9.21",
            "inv_log_uniform 2.303 to 9.21 -> scale: log, min: 1e-4, max: 0.1 (min and max were "
            "exponents of e, of 1 over the value)",
        ),
        (
            "distribution: log_uniform, min: 0.0001, max: 0.1",
            "log_uniform 0.0001 to 0.1 -> scale: log, min: 1.0, max: 1.11 (as exponents of e; was "
            "log_uniform_values meant?)",
        ),
        ("min: 0.1, max: 1", "uniform 0.1 to 1 -> min: 0.1, max: 1.0"),
        ("min: 1, max: 9", "int_uniform 1 to 9 -> min: 1, max: 9"),
        (
            "min: 0.9, max: 0.999",
            "uniform 0.9 to 0.999 -> min: 0.9, max: 0.999 (scale: 1-beta, which W&B has not, may "
            "suit it better)",
        ),
        (
            "distribution: q_uniform, min: 0, max: 0.3, q: 0.1",
            "q_uniform 0 to 0.3 -> values: [0.0, 0.1, 0.2, 0.3] (one value for each step of q)",
        ),
        (
            "distribution: q_uniform, min: 1.0, max: 9.0",
            "q_uniform 1.0 to 9.0 -> min: 1, max: 9",
        ),
        (
            "distribution: q_log_uniform_values, min: 32, max: 512, q: 8",
            "q_log_uniform_values 32 to 512 -> scale: log, min: 32, max: 512 (not rounded to "
            "multiples of 8)",
        ),
        ("values: [sgd, adam]", "values sgd, adam -> values: [sgd, adam]"),
        ("values: [5]", "values 5 -> value: 5"),
        ("value: 10", "value 10 -> value: 10"),
        ("distribution: constant, value: a b", "value a b -> value: a b"),
        (
            "values: [a, b], probabilities: [0.9, 0.1]",
            "values a, b -> values: [a, b] (without the probabilities: all values are as likely)",
        ),
        (
            "values: [true, false]",
            'values true, false -> values: ["True", "False"] (True and False as texts, as W&B '
            "passes them)",
        ),
    ],
)
def test_each_distribution_becomes_what_draws_the_same(
    body: str, told: str, tmp_path: Path
) -> None:
    became, line = parameter(body, tmp_path)
    assert line == told
    assert became is not None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "distribution: normal, mu: 1, sigma: 0.2",
            "not imported: normal 1 +- 0.2: hpsearch draws from ranges, not around a centre; near "
            "it: min: 0.6, max: 1.4",
        ),
        (
            "distribution: log_normal, mu: 0, sigma: 1",
            "not imported: log_normal 0 +- 1: hpsearch draws from ranges, not around a centre; "
            "near it: scale: log, min: 0.135, max: 7.39",
        ),
        (
            "values: [[1, 2], [3]]",
            "not imported: values a list, a list: a value is a list; hpsearch has texts, numbers, "
            "true and false",
        ),
        (
            "values: [a, null]",
            "not imported: values a, null: a value is empty; hpsearch has texts, numbers, true "
            "and false",
        ),
    ],
)
def test_what_cannot_be_is_explained(body: str, told: str, tmp_path: Path) -> None:
    became, line = parameter(body, tmp_path)
    assert line == told
    assert became is None


def test_the_types_are_those_of_the_sweep(tmp_path: Path) -> None:
    config = loaded(
        f"{HEAD}parameters:\n  n: {{min: 1, max: 9}}\n  u: {{min: 1.0, max: 9.0}}\n"
        "  q: {distribution: q_uniform, min: 0, max: 1, q: 0.5}\n",
        tmp_path,
    )
    kinds = [type(p.domain) for p in config.space.parameters.values()]
    assert kinds == [IntegerRange, FloatRange, OrderedList]


def test_nested_parameters_get_dotted_names(tmp_path: Path) -> None:
    text = f"{HEAD}parameters:\n  opt: {{parameters: {{beta: {{min: 0.5, max: 0.9}}}}}}\n"
    assert list(loaded(text, tmp_path).space.parameters) == ["opt.beta"]
    assert "parameters.opt.parameters.beta: uniform 0.5 to 0.9 -> opt.beta: min: 0.5, max: 0.9" in (
        imported(text, tmp_path).told
    )


ONE = "parameters: {lr: {min: 0.1, max: 1.0}, n: {values: [1, 2]}}\n"


@pytest.mark.parametrize(
    ("words", "started"),
    [
        (None, "python train.py --lr=0.5 --n=2"),
        (
            '["${env}", "${interpreter}", -u, "${program}", "${args}"]',
            "python -u train.py --lr=0.5 --n=2",
        ),
        ('["./run", "${args_no_hyphens}"]', "./run lr=0.5 n=2"),
        ('["./run", "${args_json_file}"]', "./run /t/params.json"),
        ('["./run", "--x={a}", "a b"]', "./run --x={a} a b"),
    ],
)
def test_the_command_starts_the_same_program(
    words: str | None, started: str, tmp_path: Path
) -> None:
    command = "" if words is None else f"command: {words}\n"
    if words is not None and "args" not in words:
        command = command.replace("]", ', "${args}"]')
        started += " --lr=0.5 --n=2"
    objective = loaded(HEAD + command + ONE, tmp_path).objective
    assert isinstance(objective, CommandObjective)
    own = {"params_json": "/t/params.json"}
    rendered = objective.template.render({"lr": 0.5, "n": 2}, own)[-1]
    assert " ".join(shlex.split(rendered)) == started


def test_a_grid_is_tried_whole(tmp_path: Path) -> None:
    grid = HEAD.replace("random", "grid")
    body = "parameters: {a: {values: [1, 2, 3]}, b: {min: 1, max: 4}, c: {value: 0}}\n"
    assert loaded(grid + body, tmp_path).search.trials == 12
    # A grid cannot be smaller than its lists and the two ends of its ranges.
    assert loaded(f"{grid}run_cap: 2\n{body}", tmp_path).search.trials == 6


def test_method_run_cap_and_name(tmp_path: Path) -> None:
    config = loaded(f"{HEAD}name: my first\nrun_cap: 7\n{ONE}", tmp_path)
    search = config.search
    assert (config.name, search.sampler, search.rounds, search.trials) == (
        "my-first",
        "random",
        1,
        7,
    )
    assert loaded(HEAD.replace("random", "bayes") + ONE, tmp_path).search.rounds == 3


def test_what_belongs_to_the_server_is_said_not_to_be_imported(tmp_path: Path) -> None:
    more = "project: p\nearly_terminate: {type: hyperband, min_iter: 3}\nfoo: 1\n"
    sweep = imported(HEAD.replace("minimize", "minimize, target: 0.1") + more + ONE, tmp_path)
    refused = [line for line in sweep.told if ": not imported: " in line]
    keys = [line.partition(":")[0] for line in refused]
    assert keys == ["metric.target", "project", "early_terminate", "foo"]
    flat = " ".join(sweep.text.replace("\n# ", " ").split())
    assert all(line in flat for line in refused)


def test_everything_in_the_sweep_is_told_of(tmp_path: Path) -> None:
    more = "name: n\ndescription: d\nrun_cap: 3\nentity: e\nearly_terminate: {type: hyperband}\n"
    text = HEAD + more + ONE
    sweep = imported(text, tmp_path)
    told = {line.partition(":")[0].partition(".")[0] for line in sweep.told}
    assert set(yaml.safe_load(text)) <= told


def test_a_metric_that_is_only_logged_has_to_be_printed(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text('wandb.log({"val_loss": x})\n')
    assert any(line.startswith("TO DO") for line in imported(HEAD + ONE, tmp_path).told)
    (tmp_path / "train.py").write_text('print(f"val_loss {x}")\n')
    assert not any("TO DO" in line for line in imported(HEAD + ONE, tmp_path).told)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("program: a\n", "sweep.yaml:1:1: is no W&B sweep: it has no parameters"),
        ("a: [\n", "sweep.yaml:2:1: "),
        (HEAD + "parameters: {x: 3}\n", "sweep.yaml:4:17: parameters.x: must be a mapping"),
        (HEAD + "parameters: {x: {foo: 3}}\n", "parameters.x.foo: is no key of a parameter"),
        (HEAD + "parameters: {x: {min: 3}}\n", "sweep.yaml:4:14: parameters.x: has neither value"),
        (
            HEAD + "parameters: {x: {distribution: foo}}\n",
            "sweep.yaml:4:32: parameters.x.distribution: must be one of constant",
        ),
        (
            HEAD + "parameters: {x: {min: 3, max: 1}}\n",
            "sweep.yaml:4:23: parameters.x.min: must be below max",
        ),
        (
            HEAD + 'parameters: {x: {min: "3", max: 4, distribution: uniform}}\n',
            'parameters.x.min: must be a number, but is the text "3"',
        ),
        (
            HEAD + "parameters: {x: {distribution: log_uniform_values, min: 0, max: 1}}\n",
            "parameters.x.min: must be above 0 for log_uniform_values",
        ),
        (
            HEAD + "parameters: {x: {distribution: log_uniform, min: 0, max: 1e9}}\n",
            "is an exponent of e here",
        ),
        (HEAD.replace("program: train.py", "name: n") + ONE, "program: is missing"),
        (HEAD.replace("random", "tpe") + ONE, "sweep.yaml:2:9: method: must be grid or random"),
        (HEAD + "run_cap: 0\n" + ONE, "run_cap: must be a whole number from 1, but is 0"),
        (HEAD.replace("minimize", "min") + ONE, "metric.goal: must be minimize or maximize"),
    ],
)
def test_a_bad_file_is_told_in_a_line_with_its_place(
    text: str, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as raised:
        imported(text, tmp_path)
    first = str(raised.value).splitlines()[0].replace(f"{tmp_path}/", "")
    assert problem in first


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(HpsearchError, match="cannot be read: No such file"):
        import_wandb_sweep(tmp_path / "gone.yaml")


def test_a_power_of_e_of_log_uniform_is_its_value(tmp_path: Path) -> None:
    """The source is W&B's own definition: between exp(min) and exp(max)."""
    space = parameter("distribution: log_uniform, min: -7, max: 3", tmp_path)[0]
    assert isinstance(space, dict)
    assert float(space["min"]) == pytest.approx(math.exp(-7), rel=5e-3)
    assert float(space["max"]) == pytest.approx(math.exp(3), rel=5e-3)
