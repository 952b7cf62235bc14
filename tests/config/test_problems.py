"""Messages: full lines as a person reads them, all at once, and none that only follows another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.config import load_config, parse_config
from hpsearch.errors import ConfigError
from tests.config.configs import HEAD, load, load_space, problems_of


def _lines(text: str) -> list[str]:
    return [str(problem) for problem in problems_of(text)]


def test_a_message_names_file_line_column_key_rule_and_guess() -> None:
    text = f"{HEAD}space:\n  learning_rate: {{scale: log, min: 0, max: 1}}\n"
    assert _lines(text) == [
        "a.yaml:4:36: space.learning_rate.min: 0 is not possible with scale: log "
        "(it must be above 0). Did you mean 1e-5?"
    ]


def test_the_error_lists_every_problem_and_counts_them() -> None:
    text = "name: a b\nmetric: {name: v, goal: min}\nobjective: {function: a:b}\nspace: {}\n"
    with pytest.raises(ConfigError) as caught:
        load(text)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[1] for line in lines[:-1]] == ["1", "2", "4"]
    assert lines[-1] == "3 errors"


def test_the_file_is_named_as_the_person_named_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "bad.yaml").write_text("nane: x\n")
    with pytest.raises(ConfigError, match=r"^sub/bad\.yaml:1:1: "):
        load_config(Path("sub/bad.yaml"))


@pytest.mark.parametrize(
    "child",
    [
        "{min: 1, max: 2, when: {parent: anything}}",
        "{min: 1, max: 2, repeat: parent}",
        "{min: 1, max: 2, when: {parent: [1, 2]}, repeat: parent}",
    ],
)
def test_what_refers_to_a_broken_parameter_is_no_problem_of_its_own(child: str) -> None:
    text = f"{HEAD}space:\n  parent: {{min: 5, max: 1}}\n  child: {child}\n"
    text += "search: {start_with: [{parent: 3}]}\n"
    assert [problem.key for problem in problems_of(text)] == ["space.parent.min"]


def test_the_problems_of_several_parameters_are_all_found() -> None:
    with pytest.raises(ConfigError) as caught:
        load_space(
            "a: {min: 2, max: 1}\nb: {values: []}\nc: {max: 3}\nd: {min: 1, max: 2, when: 3}"
        )
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ["space.a.min", "space.b.values", "space.c.min", "space.d.when"]


def test_a_misspelt_key_is_not_reported_as_missing_too() -> None:
    assert [p.key for p in problems_of(f"{HEAD}parameters: {{x: [1, 2]}}\n")] == ["parameters"]
    assert len(problems_of(f"{HEAD}space: {{x: {{minn: 1, max: 2}}}}\n")) == 1


def test_a_start_is_blamed_on_the_right_one_of_two_names_that_begin_alike() -> None:
    text = f"""{HEAD}space: {{x: [1, 2], n: [1, 2], "x: y": {{values: [3, 4], when: {{n: 1}}}}}}
search: {{start_with: [{{x: 1, n: 2, "x: y": 3}}]}}
"""
    assert _lines(text) == [
        "a.yaml:4:44: search.start_with[0].x: y: is not active with these values"
    ]


def test_long_and_strange_text_is_shown_in_one_short_line() -> None:
    text = f'{HEAD}space: {{x: {{min: "{"long " * 50}\\n\\a", max: 2}}}}\n'
    (line,) = _lines(text)
    assert len(line) < 200
    assert line.isprintable()


def test_a_long_number_is_cut_too() -> None:
    (line,) = _lines(f"{HEAD}space: {{x: {{scale: log, min: -0.{'1' * 5000}, max: 1.0}}}}\n")
    assert len(line) < 200


def test_a_missing_file_is_named_with_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "digits.yaml").write_text("")
    with pytest.raises(ConfigError, match=r"no such file. Did you mean .*digits\.yaml\?"):
        load_config(tmp_path / "digit.yaml")


def test_a_folder_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path)


def _write_objective(folder: Path) -> Path:
    folder.mkdir()
    (folder / "my_training.py").write_text("raise SystemExit('imported')\ndef train(params): ...\n")
    config = folder / "config.yaml"
    config.write_text(
        "objective: {function: my_training:train}\n"
        "metric: {name: v, goal: minimize}\nspace: {x: [1, 2]}\n"
    )
    return config


def test_the_objective_is_looked_up_beside_the_config_without_running_it(tmp_path: Path) -> None:
    config = load_config(_write_objective(tmp_path / "project"))
    assert config.objective.folders == (str(tmp_path / "project"), str(Path.cwd()))


def test_the_copy_of_a_run_looks_beside_the_original(tmp_path: Path) -> None:
    original = _write_objective(tmp_path / "project")
    run = tmp_path / "runs"
    run.mkdir()
    copy = run / "config.yaml"
    copy.write_text(original.read_text())
    with pytest.raises(ConfigError, match="my_training"):
        load_config(copy)
    config = load_config(copy, beside=original.parent)
    assert config.objective.folders[0] == str(original.parent)
    assert load_config(copy, check_objective=False).space.dimensions == 1


def test_a_missing_function_is_told_at_its_place_among_the_other_problems() -> None:
    text = (
        "metric: {name: v, goal: minimize}\nobjective: {function: hpsearch.examples.quadratic:f}\n"
    )
    with pytest.raises(ConfigError) as caught:
        parse_config(text + "space: {}\n", Path("a.yaml"))
    places = [(p.line, p.column, p.key) for p in caught.value.problems]
    assert places == [(2, 23, "objective.function"), (3, 8, "space")]


def test_importing_the_room_imports_nothing_heavy() -> None:
    code = "import sys, hpsearch.config; print(*{'joblib', 'tqdm', 'click'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    "word", ["bayes", "bayesian", "gp", "tpe", "bo", "optuna", "Bayesian-Optimization"]
)
def test_other_tools_words_for_a_sampler_with_a_model_mean_guided(word: str) -> None:
    (line,) = _lines(f"{HEAD}space: {{x: {{min: 0.0, max: 1.0}}}}\nsearch: {{sampler: {word}}}\n")
    assert line.endswith(f"but is {word}. Did you mean guided?")


@pytest.mark.parametrize("word", ["mean", "average"])
def test_a_mean_is_told_with_its_number(word: str) -> None:
    text = HEAD.replace("goal: minimize", f"goal: minimize, take: {word}")
    (line,) = _lines(f"{text}space: {{x: {{min: 0.0, max: 1.0}}}}\n")
    wanted = "metric.take: must be last, min, max or {mean: 5}"
    assert line.endswith(f"{wanted}, but is {word}. Did you mean {{mean: 5}}?")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("train:train", "{function: train:train}"),
        ("train.train", "{function: train:train}"),
        ("my.package:train", "{function: my.package:train}"),
        ("train.py", "{command: ...}"),
        ("python train.py --lr 1", "{command: ...}"),
    ],
)
def test_an_objective_in_short_is_told_in_full(written: str, meant: str) -> None:
    metric = "metric: {name: v, goal: minimize}\nspace: {x: {min: 0.0, max: 1.0}}\n"
    (line,) = _lines(f"objective: {written}\n{metric}")
    assert line == (
        "a.yaml:1:12: objective: must be a mapping, such as {function: module:name}, but is "
        f"{written}. Did you mean {meant}?"
    )


def test_a_point_outside_is_told_in_numbers_as_people_write_them() -> None:
    space = "space: {x: {scale: log, min: 1e-5, max: 1}}\n"
    (line,) = _lines(f"{HEAD}{space}search: {{start_with: [{{x: 1e-7}}]}}\n")
    assert "1e-7 is not between 1e-5 and 1" in line
    (line,) = _lines(f"{HEAD}{space}search: {{start_with: [{{x: 1.00000000000001}}]}}\n")
    assert "1.00000000000001 is not between 1e-5 and 1" in line


@pytest.mark.parametrize(
    ("values", "given", "expected"),
    [
        (
            "[true, false]",
            '"true"',
            'the text "true" is not one of true, false. Did you mean true?',
        ),
        ('["true", "no"]', "true", 'true is not one of "true", "no". Did you mean "true"?'),
        ("[1, 2]", '"1"', 'the text "1" is not one of 1, 2. Did you mean 1?'),
        ("[sgd, adam]", "sdg", "sdg is not one of sgd, adam. Did you mean sgd?"),
    ],
)
def test_a_text_that_looks_like_another_value_is_told_by_its_quotes(
    values: str, given: str, expected: str
) -> None:
    space = f"  b: {{values: {values}}}\n  x: {{min: 0.0, max: 1.0, when: {{b: {given}}}}}\n"
    assert f": space.x.when.b: b cannot be that: {expected}" in _lines(HEAD + "space:\n" + space)[0]


@pytest.mark.parametrize(
    ("layers", "point", "meant"),
    [
        ("{min: 1, max: 3}", "layers: 2, ", "[64, 64]"),
        ("{min: 1, max: 9}", "layers: 9, ", "[64, ...]"),
        ("{min: 1, max: 3}", "", "[64, ...]"),
        ("{value: 2}", "", "[64, 64]"),
    ],
)
def test_a_value_where_a_list_must_be_is_repeated_as_often_as_is_known(
    layers: str, point: str, meant: str
) -> None:
    space = f"  layers: {layers}\n  units: {{min: 8, max: 64, repeat: layers}}\n"
    start = f"search: {{start_with: [{{{point}units: 64}}]}}\n"
    assert (
        f"as long as layers says. Did you mean {meant}?"
        in _lines(HEAD + "space:\n" + space + start)[0]
    )
