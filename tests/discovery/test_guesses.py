"""From a name and a default to a range: exact ones for usual names, properties for all."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.discovery import yaml_text
from hpsearch.discovery.facts import Kind, Option, kind_of
from hpsearch.discovery.guess import Fixed, Guess, Range, Values, nice
from hpsearch.discovery.guesses import guess, suggestion
from hpsearch.discovery.names import words_of


def option(name: str, default: object = None, kind: Kind | None = None, **more: object) -> Option:
    assert default is None or isinstance(default, (str, int, float, bool))
    return Option(
        name=name,
        spelling=f"--{name}",
        spellings=(f"--{name}",),
        default=default,
        kind=kind or kind_of(default),
        **more,  # type: ignore[arg-type]
    )


def written(found: object) -> str:
    assert isinstance(found, Guess), found
    return yaml_text.flow(yaml_text.domain(found.domain))


@pytest.mark.parametrize(
    ("name", "default", "expected"),
    [
        # log around the default, three decades in all, and no learning rate far above 1
        ("lr", 1e-3, "{scale: log, min: 3e-5, max: 0.03}"),
        ("learning_rate", 0.1, "{scale: log, min: 0.003, max: 1.0}"),
        ("learningRate", 5e-5, "{scale: log, min: 2e-6, max: 0.002}"),
        ("init_lr", 20.0, "{scale: log, min: 0.5, max: 60.0}"),
        ("actor-lr", 3e-4, "{scale: log, min: 1e-5, max: 0.01}"),
        ("weight_decay", 1e-4, "{scale: log, min: 3e-6, max: 0.003}"),
        ("wd", 0.0, "{scale: log, min: 1e-6, max: 0.01}"),
        # what is near 1 is on the 1-beta scale
        ("momentum", 0.9, "{scale: 1-beta, min: 0.8, max: 0.99}"),
        ("momentum", 0.5, "{scale: 1-beta, min: 0.0, max: 0.99}"),
        ("beta1", 0.9, "{scale: 1-beta, min: 0.8, max: 0.99}"),
        ("adam_beta_2", 0.999, "{scale: 1-beta, min: 0.9, max: 0.9999}"),
        ("gamma", 0.99, "{scale: 1-beta, min: 0.9, max: 0.999}"),
        ("ema_decay", 0.9999, "{scale: 1-beta, min: 0.999, max: 0.99999}"),
        ("lr_decay", 0.95, "{scale: 1-beta, min: 0.5, max: 0.995}"),
        ("dropout", 0.5, "{min: 0.0, max: 0.6}"),
        ("dropoutP", 0.1, "{min: 0.0, max: 0.6}"),
        ("keep_prob", 0.8, "{min: 0.4, max: 1.0}"),
        ("batch_size", 64, "{values: [16, 32, 64, 128, 256]}"),
        ("bsz", 20, "{values: [4, 8, 16, 20, 32, 64]}"),
        ("hidden_units", 100, "{scale: log, min: 25, max: 400}"),
        ("nhid", 200, "{scale: log, min: 50, max: 800}"),
        ("num_layers", 2, "{min: 1, max: 4}"),
        ("nlayers", 6, "{min: 3, max: 12}"),
        ("hidden_layers", 3, "{min: 1, max: 6}"),
        ("eps", 1e-8, "{scale: log, min: 1e-10, max: 1e-6}"),
        ("label_smoothing", 0.1, "{min: 0.0, max: 0.2}"),
        ("max_grad_norm", 1.0, "{scale: log, min: 0.1, max: 10.0}"),
        ("C", 1.0, "{scale: log, min: 0.001, max: 1000.0}"),
        ("tau", 0.005, "{scale: log, min: 5e-4, max: 0.05}"),
        ("per_device_train_batch_size", 8, "{values: [2, 4, 8, 16, 32]}"),
        ("warmup_steps", 500, "{min: 0, max: 1000}"),
    ],
)
def test_usual_names_get_the_usual_ranges(name: str, default: float, expected: str) -> None:
    assert written(guess(option(name, default), [])) == expected


@pytest.mark.parametrize(
    ("name", "default", "role"),
    [
        ("seed", 1, "seed"),
        ("random_state", 0, "seed"),
        ("epochs", 10, "budget"),
        ("max_steps", 1000, "budget"),
        ("n_iter", 5, "budget"),
        ("data_dir", "data", "path"),
        ("output", "model.pt", "path"),
        ("anything", "some/where", "path"),
        ("device", "cuda", "other"),
        ("num_workers", 4, "other"),
        ("log_interval", 10, "other"),
        ("test_batch_size", 1000, "other"),
        ("per_device_eval_batch_size", 8, "other"),
        ("start_epoch", 0, "other"),
        ("num_classes", 10, "other"),
        ("val_split", 0.2, "other"),
        ("lambda_typo_xyz", "text", "unknown"),
        ("frobnication", 3.5, "unknown"),
        ("rho", 0.05, "unknown"),
        ("lr", "auto", "unknown"),
        ("use_bias", True, "flag"),
    ],
)
def test_the_rest_is_left_and_says_why(name: str, default: object, role: str) -> None:
    found = guess(option(name, default), [])
    assert isinstance(found, Fixed)
    assert (found.role, bool(found.why)) == (role, True)


def test_a_gamma_is_what_the_other_options_make_it() -> None:
    gamma = option("gamma", 0.1)
    alone = guess(gamma, [gamma])
    with_steps = guess(gamma, [gamma, option("step_size", 30)])
    assert written(alone) == "{scale: log, min: 0.003, max: 3.0}"  # of a kernel
    assert written(with_steps) == "{scale: log, min: 0.03, max: 0.9}"  # of a schedule


def test_widths_stay_divisible_by_the_heads() -> None:
    width, heads = option("d_model", 512), option("n_heads", 8)
    assert written(guess(width, [width, heads])) == "{values: [256, 512, 1024]}"


def test_the_bounds_of_the_program_are_kept() -> None:
    assert written(guess(option("dropout", 0.1, low=0.0, high=0.5), [])) == "{min: 0.0, max: 0.5}"
    assert written(guess(option("batch_size", 8, low=1.0, high=16.0), [])) == (
        "{values: [2, 4, 8, 16]}"
    )


def test_choices_of_the_program_are_the_values() -> None:
    assert written(guess(option("optimizer", "sgd", choices=("sgd", "adam")), [])) == (
        "{values: [sgd, adam]}"
    )
    assert written(guess(option("batch_size", 32, choices=(16, 32)), [])) == "{values: [16, 32]}"
    for name in ("dataset", "model", "loss", "device"):
        assert isinstance(guess(option(name, "a", choices=("a", "b")), []), Fixed)


def test_a_help_text_speaks_for_a_name_that_says_nothing() -> None:
    found = guess(option("a", 0.025, help="initial learning rate"), [])
    assert written(found) == "{scale: log, min: 0.001, max: 1.0}"
    assert guess(option("x", 3, help="random seed"), []) == Fixed("seed", "a seed")


def test_a_program_that_wants_whole_numbers_gets_them() -> None:
    found = guess(option("hidden", 64, kind="int"), [])
    assert isinstance(found, Guess)
    assert isinstance(found.domain, Range)
    assert isinstance(found.domain.low, int)
    assert isinstance(guess(option("momentum", 1, kind="int"), []), Fixed)


def test_the_order_is_that_of_the_course() -> None:
    """Course 2, week 3, "Tuning process": red, orange, purple, and at the end Adam's."""
    names = [
        ("lr", 0.01),
        ("momentum", 0.9),
        ("batch_size", 64),
        ("hidden_units", 64),
        ("layers", 2),
        ("lr_decay", 0.95),
        ("beta2", 0.999),
        ("epsilon", 1e-8),
    ]
    ranks = [found.rank for found in (guess(option(*n), []) for n in names) if type(found) is Guess]
    assert len(ranks) == len(names)
    assert ranks == sorted(ranks)


WORDS = """lr learning rate batch size momentum beta1 beta2 gamma decay weight dropout hidden
units layers num max min epsilon alpha lambda tau depth leaves rounds warmup clip norm entropy coef
c k std temperature step heads embed dim eta rho l1 l2 reg"""
NAMES = st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=3).map("_".join)
DEFAULTS = st.one_of(
    st.none(),
    st.floats(-1e9, 1e9),
    st.floats(0, 1),
    st.integers(-10, 10**9),
    st.sampled_from([math.inf, math.nan]),
)


@given(
    name=NAMES,
    default=DEFAULTS,
    kind=st.sampled_from([None, "int", "float"]),
    low=st.none() | st.floats(-1e3, 1e3),
    high=st.none() | st.floats(-1e3, 1e3),
)
def test_every_guess_is_a_range_with_the_default_in_it(
    name: str, default: float | None, kind: Kind | None, low: float | None, high: float | None
) -> None:
    one = option(name, default, kind, low=low, high=high)
    found = guess(one, [one])
    if isinstance(found, Fixed):
        assert found.why
        return
    if isinstance(found.domain, Values):
        assert len(set(found.domain.values)) > 1
        return
    ends = found.domain
    assert ends.low < ends.high
    assert ends.scale != "log" or ends.low > 0
    assert ends.scale != "1-beta" or 0 <= ends.low < ends.high < 1
    if default:
        assert ends.low <= default <= ends.high
    assert kind != "int" or isinstance(ends.low, int)


@given(st.floats(1e-12, 1e12))
def test_a_nice_number_is_near_and_has_one_digit(number: float) -> None:
    assert 0.65 < nice(number) / number < 1.55
    assert f"{nice(number):.12e}"[1:14].strip(".0") == ""


def test_a_suggestion_for_an_unknown_name_is_around_its_default() -> None:
    assert suggestion(option("frobnication", 3.0)) == Range("log", 0.3, 30.0)
    assert suggestion(option("frobnication", 0)) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("--batchSize", "batch size"),
        ("adam_beta1", "adam beta1"),
        ("optim.lr", "optimizer learning rate"),
        ("NUM_LAYERS", "number layers"),
        ("nhead", "number heads"),
        ("beta_2", "beta2"),
    ],
)
def test_names_are_split_into_words(name: str, words: str) -> None:
    assert words_of(name) == f" {words} "
