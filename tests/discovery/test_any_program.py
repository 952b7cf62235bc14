"""Whatever options a program has, the config that is written for it passes `check`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.config import parse_config
from hpsearch.discovery.starting_config import starting_config
from hpsearch.errors import ConfigError, HpsearchError
from hpsearch.launch import check_sampler_fits

WORDS = """lr learning-rate batch-size momentum beta1 beta2 weight-decay dropout hidden layers eps
optimizer gamma seed epochs data out budget trial args x été a.b C n_estimators max_depth null true
1e5 temperature scheduler warmup_steps"""
NAMES = st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=2).map("-".join)
DEFAULTS = st.one_of(
    st.floats(),
    st.integers(-5, 10**6),
    st.just(10**400),
    st.booleans(),
    st.sampled_from(["adam", "a b", "{x}", "1e-4", "é: #", "$HOME", "'", "", "C:\\x"]),
    st.none(),
)
CHOICES = st.none() | st.lists(
    st.sampled_from(["sgd", "adam", "null", "1e-3", "a: b", "{lr}"]), min_size=1, unique=True
)
KINDS = st.sampled_from(["", "int", "float", "str"])
OPTIONS = st.lists(st.tuples(NAMES, DEFAULTS, CHOICES, KINDS), min_size=1, max_size=14)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("program")


def checked(words: list[str], folder: Path) -> None:
    try:
        text = starting_config(words, folder, folder).text
    except ConfigError:
        raise
    except HpsearchError:
        return  # nothing of it could be tuned
    check_sampler_fits(parse_config(text, folder / "train.yaml"))


@given(
    options=OPTIONS,
    typed=st.lists(st.sampled_from(["--lr", "0.1", "--seed=3", "x{y}", "-b", "a=1", "--no-x"])),
)
def test_of_argparse(
    options: list[tuple[str, object, list[str] | None, str]], typed: list[str], folder: Path
) -> None:
    lines = ["import argparse", "inf = float('inf')", "p = argparse.ArgumentParser()"]
    for name, default, choices, kind in options:
        more = "" if choices is None else f", choices={choices!r}"
        more += f", type={kind}" if kind else ""
        lines.append(f"p.add_argument('--{name}', default={default!r}{more})")
    (folder / "train.py").write_text("\n".join(lines), encoding="utf-8")
    checked(["python", "train.py", *typed], folder)


@given(options=OPTIONS)
def test_of_constants_and_of_a_dict(
    options: list[tuple[str, object, list[str] | None, str]], folder: Path
) -> None:
    names = [name.replace("-", "_").replace(".", "_") for name, *_ in options]
    pairs = [(name, o[1]) for name, o in zip(names, options, strict=True) if o[1] == o[1]]
    constants = [f"{name} = {value!r}" for name, value in pairs if name.isidentifier()]
    constants = [line for line in constants if "inf" not in line and not line.startswith("1")]
    (folder / "train.py").write_text("\n".join(constants), encoding="utf-8")
    checked(["python", "train.py"], folder)
    reads = [f"    params.get({name!r}, {value!r})" for name, value in pairs]
    text = "\n".join(["def train(params):", *reads, "    return params['lr']"])
    (folder / "train.py").write_text(text, encoding="utf-8")
    checked(["train.py:train"], folder)
