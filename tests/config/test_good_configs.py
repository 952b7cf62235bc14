"""Configs that load: every key, every default, every way to write a parameter."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from hpsearch.budget import Budget
from hpsearch.config import (
    EarlyStop,
    ExecutionSettings,
    Overrides,
    SearchSettings,
    load_config,
    parse_config,
)
from hpsearch.config.declarations import EXECUTION, SEARCH
from hpsearch.config.loader import safe_name
from hpsearch.config.settings import DEFAULT_SAMPLER, SAMPLERS
from hpsearch.domains import Categories, Domain, Fixed, FloatRange, IntegerRange, OrderedList
from hpsearch.errors import SpaceError
from hpsearch.samplers import SAMPLERS as BUILT_SAMPLERS
from hpsearch.space import Condition
from tests.config.configs import EVERY_KEY, HEAD, load, load_space

SMALL = f"{HEAD}space: {{x: [1, 2]}}\n"


def test_every_key_arrives() -> None:
    config = load(EVERY_KEY)
    assert config.name == "all-of_it.1"
    assert config.objective.reference == "hpsearch.examples.quadratic:evaluate"
    assert (config.metric.name, config.metric.goal) == ("val error", "maximize")
    start = {
        "learning_rate": 0.01,
        "momentum": 0.95,
        "layers": 2,
        "hidden_units": [64, 32],
        "dropout": 0.0,
        "batch_size": 64,
        "optimizer": "momentum",
        "batch_norm": True,
        "num.workers": 2,
        "epochs": 15,
    }
    assert config.search == SearchSettings("caviar", "sobol", 2, 100, 16, (start,))
    assert config.execution == ExecutionSettings(
        jobs=-1,
        runner="local",
        timeout_s=5400.0,
        silence_s=1200.0,
        memory=3 * 2**29,
        retries=2,
        gpus=("0", "GPU-8f6a"),
        trials_per_gpu=3,
        grace_s=2.5,
        threads_per_trial=1,
    )
    assert config.text == EVERY_KEY


def test_every_parameter_of_every_key_arrives() -> None:
    parameters = load(EVERY_KEY).space.parameters
    domains: dict[str, Domain] = {
        "learning_rate": FloatRange(1e-4, 1.0, "log"),
        "momentum": FloatRange(0.9, 0.999, "1-beta"),
        "layers": IntegerRange(2, 4),
        "hidden_units": IntegerRange(32, 256, "log"),
        "dropout": FloatRange(0.0, 1.0),
        "batch_size": OrderedList((32, 64, 128)),
        "optimizer": Categories(("momentum", "adam")),
        "beta2": FloatRange(0.9, 0.9999, "1-beta"),
        "batch_norm": Categories((True, False)),
        "warmup": OrderedList((0, 0.1)),
        "num.workers": Fixed((2,)),
        "epochs": Fixed((15,)),
    }
    assert {name: parameter.domain for name, parameter in parameters.items()} == domains
    assert parameters["hidden_units"].repeat == "layers"
    assert parameters["beta2"].when == (Condition("optimizer", ("adam",)),)
    assert parameters["warmup"].when == (
        Condition("optimizer", ("adam",)),
        Condition("layers", (2, 3)),
    )


def test_what_is_not_said_has_its_default() -> None:
    config = parse_config(SMALL, Path("my digits!.yaml"), check_objective=False)
    assert config.name == "my-digits"
    assert config.search == SearchSettings("caviar", DEFAULT_SAMPLER, 3, 60, 0, ())
    assert config.execution == ExecutionSettings(
        jobs=None,
        runner="local",
        timeout_s=None,
        silence_s=None,
        memory=None,
        retries=None,
        gpus=(),
        trials_per_gpu=1,
        grace_s=20.0,
        threads_per_trial=None,
    )


def test_sections_with_everything_commented_out_are_as_if_they_were_not_there() -> None:
    commented = f"{SMALL}search:\n  # trials: 3\nexecution:\n"
    assert load(commented).search == load(SMALL).search
    assert load(commented).execution == load(SMALL).execution
    assert load(f"{SMALL}search:\n  start_with:\n").search.start_with == ()


@pytest.mark.parametrize(
    ("search", "rounds"),
    [("{}", 3), ("{sampler: grid}", 1), ("{trials: 2}", 2), ("{sampler: grid, rounds: 2}", 2)],
)
def test_rounds_by_default_fit_the_sampler_and_the_trials(search: str, rounds: int) -> None:
    assert load(f"{SMALL}search: {search}\n").search.rounds == rounds


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90s", 90.0),
        ("10m", 600.0),
        ("2h", 7200.0),
        ("1d", 86400.0),
        ("1h30m", 5400.0),
        ("1d2h3m4.5s", 93784.5),
        ("0.5", 0.5),
        ("45", 45.0),
        ("1e3", 1000.0),
        ("null", None),
    ],
)
def test_a_timeout_is_written_as_people_write_it(written: str, seconds: float | None) -> None:
    config = load(f"{SMALL}execution: {{timeout: {written}}}\n")
    assert config.execution.timeout_s == seconds


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("{min: 1, max: 8}", IntegerRange(1, 8)),
        ("{min: 1, max: 8.0}", FloatRange(1.0, 8.0)),
        ("{min: 1, max: 1e4}", FloatRange(1.0, 1e4)),
        ("{min: 1, max: 1e4, type: int}", IntegerRange(1, 10_000)),
        ("{min: 1, max: 8, type: float}", FloatRange(1.0, 8.0)),
        ("{min: -3, max: 0x10}", IntegerRange(-3, 16)),
        ("{min: 0, max: 0.9, scale: 1-beta}", FloatRange(0.0, 0.9, "1-beta")),
        ("{min: 0.9, max: 0.999999, scale: 1-beta}", FloatRange(0.9, 0.999999, "1-beta")),
        ("{values: [3, 1, 2.5]}", OrderedList((1, 2.5, 3))),
        ("[b, a]", Categories(("b", "a"))),
        ("[1, none]", Categories((1, "none"))),
        ("[yes, no]", Categories(("yes", "no"))),
        ("[true, false]", Categories((True, False))),
        ("[7]", Fixed((7,))),
        ("{value: 1.5}", Fixed((1.5,))),
        ("adam", Fixed(("adam",))),
        ("true", Fixed((True,))),
        ('"1_000"', Fixed(("1_000",))),
        ("1:30", Fixed(("1:30",))),
    ],
)
def test_a_parameter_can_be_written_in_many_ways(written: str, domain: Domain) -> None:
    assert load_space(f"x: {written}").space.parameters["x"].domain == domain


@pytest.mark.parametrize("count", ["{min: 0, max: 3}", "[1, 3]", "2"])
def test_whole_numbers_of_every_kind_can_count(count: str) -> None:
    config = load_space(f"n: {count}\nx: {{min: 0.1, max: 1, repeat: n}}")
    assert config.space.parameters["x"].repeat == "n"


def test_a_list_of_no_entries_can_be_a_start() -> None:
    text = f"{HEAD}space: {{n: {{min: 0, max: 3}}, x: {{min: 1, max: 9, repeat: n}}}}\n"
    config = load(f"{text}search: {{start_with: [{{n: 0, x: []}}]}}\n")
    assert config.search.start_with == ({"n": 0, "x": []},)


def test_the_settings_and_the_declared_keys_are_the_same() -> None:
    fields = {field.name.removesuffix("_s") for field in dataclasses.fields(ExecutionSettings)}
    assert set(EXECUTION.names) == fields
    assert set(SEARCH.names) == {field.name for field in dataclasses.fields(SearchSettings)}


def test_the_samplers_that_can_be_named_are_those_that_are_built() -> None:
    assert set(SAMPLERS) == set(BUILT_SAMPLERS)


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("digits", "digits"),
        ("a b", "a-b"),
        (".hidden", "hidden"),
        ("größe", "gr-e"),
        ("...", "run"),
    ],
)
def test_a_file_name_becomes_a_folder_name(stem: str, name: str) -> None:
    assert safe_name(stem) == name


CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.mark.parametrize("name", ["quadratic", "scales", "layers", "digits", "digits_asha"])
def test_the_shipped_configs_load(name: str) -> None:
    config = load_config(CONFIGS / f"{name}.yaml")
    assert config.name == name
    assert config.space.dimensions > 1


def test_the_shipped_demo_shows_every_kind_of_parameter() -> None:
    parameters = load_config(CONFIGS / "digits.yaml").space.parameters.values()
    assert {type(p.domain) for p in parameters} == {
        FloatRange,
        IntegerRange,
        OrderedList,
        Categories,
        Fixed,
    }
    assert any(p.when for p in parameters)
    assert any(p.repeat for p in parameters)


ASHA = f"{HEAD}space: {{x: {{min: 0.0, max: 1.0}}}}\nbudget: {{max: 27}}\n"


def test_a_budget_counts_epochs_and_early_stopping_is_asha_unless_it_says_otherwise() -> None:
    """As `hpsearch schema` says, and `hpsearch check` repeats."""
    config = load(f"{ASHA}early_stop: {{}}\n")
    assert config.budget == Budget("epochs", 1, 27, 3)
    assert config.early_stop == EarlyStop("asha", "stopping")
    assert config.search.rounds == 1
    assert load(ASHA).early_stop is None
    assert load(ASHA).search.rounds == 3


@pytest.mark.parametrize(
    ("objective", "form"),
    [
        ("function: hpsearch.examples.digits:train", "promotion"),  # through an import
        ("function: hpsearch.examples.quadratic:evaluate", "stopping"),
        ("function: nowhere:train", "stopping"),
        ('command: "train {x} {budget}"', "promotion"),
        ('command: "train {x} $HPSEARCH_BUDGET"', "promotion"),
        ('command: "train {x}"', "stopping"),
    ],
)
def test_the_form_follows_from_whether_the_objective_is_told_its_budget(
    objective: str, form: str
) -> None:
    text = ASHA.replace("function: hpsearch.examples.quadratic:evaluate", objective)
    config = load(f"{text}early_stop: {{rule: median}}\n")
    assert config.early_stop == EarlyStop("median", form)  # type: ignore[arg-type]


def test_rounds_on_the_command_line_do_not_go_with_early_stopping() -> None:
    config = load(f"{ASHA}early_stop: {{}}\n")
    with pytest.raises(SpaceError, match="early_stop goes with rounds: 1"):
        config.with_overrides(Overrides(rounds=3))


def test_fewer_trials_on_the_command_line_than_points_to_start_with_are_refused() -> None:
    search = "search: {trials: 4, rounds: 1, start_with: [{x: 1}, {x: 2}, {x: 3}]}"
    config = load(f"{HEAD}space: {{x: [1, 2, 3, 4]}}\n{search}\n")
    assert config.with_overrides(Overrides(trials=3)).search.trials == 3
    with pytest.raises(SpaceError, match="3 points to start with are more than trials: 2"):
        config.with_overrides(Overrides(trials=2))
    # A run that an older version began so stays readable.
    assert config.with_overrides(Overrides(trials=2), is_stored=True).search.trials == 2
