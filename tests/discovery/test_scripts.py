"""`init` on whole programs: the configs pass `check`, and their guesses are those in `cases`."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from hpsearch.config import Config, load_config
from hpsearch.launch import check_sampler_fits
from hpsearch.objectives.command import CommandObjective
from hpsearch.objectives.function import FunctionObjective
from tests.discovery.cases import CASES, SCRIPTS, Case, config_of, copied

EVERY = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def lines_of_space(text: str) -> list[str]:
    space = text.partition("\nspace:\n")[2].partition("\nsearch:\n")[0]
    return [line.strip() for line in space.splitlines() if line.strip()]


def loaded(case: Case, folder: Path) -> Config:
    path = folder / "config.yaml"
    path.write_text(config_of(case, folder).text)
    return load_config(path)


@EVERY
def test_the_config_passes_check(case: Case, tmp_path: Path) -> None:
    check_sampler_fits(loaded(case, copied(tmp_path)))


@EVERY
def test_the_guesses_are_those_of_a_practitioner(case: Case) -> None:
    lines = lines_of_space(config_of(case, SCRIPTS).text)
    written = [line for line in lines if not line.startswith("#")]
    varied = [line for line in written if line.endswith("}")]
    fixed = [line for line in written if not line.endswith("}")]
    assert varied == list(case.varied)
    assert [line.partition(":")[0] for line in fixed if line not in case.budget] == list(case.spare)
    assert [line for line in fixed if line in case.budget] == list(case.budget)


@EVERY
def test_the_metric_is_the_one_on_validation_data(case: Case) -> None:
    assert f"\nmetric: {case.metric}\n" in config_of(case, SCRIPTS).text


@EVERY
def test_each_parameter_says_why(case: Case) -> None:
    lines = lines_of_space(config_of(case, SCRIPTS).text)
    for line in case.varied:
        assert lines[lines.index(line) - 1].startswith("# ")
    for name in case.spare:
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{name}: "))
        assert lines[at - 1].startswith(f"# {name}: {{")
        assert lines[at - 2].startswith("# ")


@EVERY
def test_a_spare_parameter_can_be_uncommented(case: Case, tmp_path: Path) -> None:
    folder = copied(tmp_path)
    text = config_of(case, folder).text
    for name in case.spare:
        text = re.sub(rf"(?m)^  {name}: .*\n", "", text)
        text = re.sub(rf"(?m)^  # ({name}: )", r"  \1", text)
    path = folder / "config.yaml"
    # A point to start with has to name all that is varied.
    path.write_text(text.partition("  start_with:")[0])
    varied = [p for p in load_config(path).space.parameters.values() if p.name in case.spare]
    assert [p.domain.size == 1 for p in varied] == [False] * len(case.spare)


@EVERY
def test_no_line_is_wider_than_a_page(case: Case) -> None:
    wide = [line for line in config_of(case, SCRIPTS).text.splitlines() if len(line) > 100]
    assert all("json.load" in line for line in wide)


@EVERY
def test_the_program_s_own_defaults_are_tried_first(case: Case, tmp_path: Path) -> None:
    config = loaded(case, copied(tmp_path))
    if case is CASES["dict function"]:  # its learning rate has no default
        assert not config.search.start_with
        return
    (point,) = config.search.start_with
    varied = {line.partition(":")[0]: line for line in case.varied}
    assert set(varied) - {"momentum"} <= set(point)


def rendered(config: Config) -> list[str]:
    assert isinstance(config.objective, CommandObjective)
    (params,) = config.search.start_with
    own = {"seed": "7", "trial": "3", "params_json": "values.json"}
    fixed = {
        name: p.domain.values[0]  # type: ignore[attr-defined]
        for name, p in config.space.parameters.items()
        if p.domain.size == 1
    }
    return shlex.split(config.objective.template.render({**fixed, **params}, own)[-1])


def test_options_of_a_subcommand_stand_behind_it_and_the_others_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rendered command is given to the script's own parser."""
    words = rendered(loaded(CASES["subcommands"], copied(tmp_path)))
    module = ModuleType("subcommands")
    exec((SCRIPTS / "subcommands.py").read_text(), module.__dict__)
    args = module.parser().parse_args(words[2:])
    assert (args.command, args.seed, args.data, args.lr, args.d_model) == (
        "train",
        7,
        "corpus",
        5e-4,
        512,
    )
    assert (args.adam_beta1, args.adam_eps, args.max_steps, args.save_dir) == (
        0.9,
        1e-9,
        100_000,
        "checkpoints",
    )


def test_variables_of_the_environment_stand_before_the_program(tmp_path: Path) -> None:
    words = rendered(loaded(CASES["shell variables"], copied(tmp_path)))
    assert words == [
        "LR=0.0005",
        "BATCH=16",
        "WARMUP_STEPS=500",
        "EPOCHS=3",
        "sh",
        "train_env.sh",
    ]


def test_positional_values_stand_in_their_order(tmp_path: Path) -> None:
    words = rendered(loaded(CASES["sys.argv"], copied(tmp_path)))
    assert words == ["python", "argv_positional.py", "0.1", "20", "100"]


def test_an_r_script_gets_a_seed_that_is_an_integer_there() -> None:
    text = config_of(CASES["R optparse"], SCRIPTS).text
    assert "--seed {trial}" in text  # R's integers end at 2147483647


def test_constants_can_be_changed_as_the_config_says(tmp_path: Path) -> None:
    """The lines that the comments give replace those of the script, which then is told values."""
    folder = copied(tmp_path)
    text = config_of(CASES["constants"], folder).text
    source = (folder / "constants.py").read_text().splitlines()
    for new, number in re.findall(r"^#   (\w+ = .*?)   # line (\d+)$", text, re.M):
        source[int(number) - 1] = new
    changed = "\n".join(["import os", *source]).partition("rng =")[0]
    namespace: dict[str, object] = {}
    exec(changed.replace("import numpy as np", ""), namespace)
    assert namespace["LEARNING_RATE"] == 0.01
    assert namespace["BATCH_SIZE"] == 32
    code = f"import os; os.environ['HPSEARCH_PARAM_BATCH_SIZE'] = '8'\n{changed}"
    exec(code.replace("import numpy as np", ""), namespace)
    assert namespace["BATCH_SIZE"] == 8
    del sys.modules["os"].environ["HPSEARCH_PARAM_BATCH_SIZE"]


def test_a_function_that_takes_a_dict_is_called_as_one(tmp_path: Path) -> None:
    config = loaded(CASES["dict function"], copied(tmp_path))
    assert isinstance(config.objective, FunctionObjective)
    assert config.objective.reference == "objective_dict:train"


def test_a_function_with_arguments_is_called_by_a_line_of_python(tmp_path: Path) -> None:
    text = config_of(CASES["function with defaults"], SCRIPTS).text
    command = yaml.safe_load(text)["objective"]["command"]
    assert command[:2] == ["python", "-c"]
    assert "keyword_function.evaluate(**json.load(open(sys.argv[1])))" in command[2]
    assert command[3] == "{params_json}"


def test_all_the_scripts_are_used() -> None:
    used = " ".join(case.words for case in CASES.values())
    assert all(path.name in used for path in SCRIPTS.iterdir() if path.is_file())
