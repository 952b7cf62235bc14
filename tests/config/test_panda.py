"""The config of a panda: its defaults, and each mistake told at its place."""

from __future__ import annotations

import pytest

from tests.config.configs import load, problems_of

PANDA = """\
objective: {{command: "python train.py --lr {{lr}} -w {{width}} --epochs {{budget}}"}}
metric: {{name: value, goal: minimize}}
space:
  lr: {{scale: log, min: 1e-4, max: 1{live}}}
  width: {{values: [8, 16]{width}}}
search: {{strategy: panda{search}}}
{more}"""


def panda(live: str = ", live: true", width: str = "", search: str = "", more: str = "") -> str:
    return PANDA.format(live=live, width=width, search=search, more=more)


def test_a_panda_has_twenty_days_of_an_epoch_unless_it_says_otherwise() -> None:
    config = load(panda())
    assert config.live == ("lr",)
    assert config.search.segments == 20
    assert config.budget is not None
    assert (config.budget.unit, config.budget.min, config.budget.max) == ("epochs", 1, 20)
    longer = load(panda(search=", segments: 8, segment: 500 steps")).budget
    assert longer is not None
    assert (longer.unit, longer.min, longer.max) == ("steps", 500, 4000)


def test_whether_the_metric_is_noisy_does_nothing_for_a_panda() -> None:
    (note,) = load(panda().replace("minimize}", "minimize, noisy: false}")).notes
    assert str(note) == (
        "a.yaml:2:46: metric.noisy: note: has no effect: it goes with strategy: caviar"
    )


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (panda(live=""), (4, 3), "a panda needs a parameter that can change"),
        (panda(search=", trials: 30"), (6, 35), "goes with strategy: caviar"),
        (panda(search=", segment: an epoch"), (6, 36), "a length of training, such as 1 epoch"),
        (panda(search=", segmants: 30"), (6, 27), "Did you mean segments?"),
        (panda(more="early_stop: {rule: asha}\n"), (7, 13), "a panda has search.segments"),
        (
            panda(search=", start_with: [{lr: 1, width: 8}, {lr: 0.1, width: 8}]"),
            (6, 39),
            "2 points are more than models: 1",
        ),
        (
            panda(search=", start_from: a, start_with: [{lr: 1, width: 8}]"),
            (6, 39),
            "choose one of them",
        ),
        (panda(width=", live: 3"), (5, 34), "must be true or false, but is 3"),
        (
            panda().replace("[8, 16]", "[relu, tanh], live: true"),
            (5, 39),
            "have an up and a down",
        ),
        (panda().replace("panda", "caviar, segments: 30"), (6, 38), "goes with strategy: panda"),
    ],
)
def test_each_mistake_is_told_at_its_place(text: str, place: tuple[int, int], said: str) -> None:
    problems = problems_of(text)
    assert len(problems) == 1, problems
    assert said in problems[0].message
    assert (problems[0].line, problems[0].column) == place


def test_an_objective_that_is_not_told_how_far_to_train_is_refused() -> None:
    from pathlib import Path

    from hpsearch.config import parse_config
    from hpsearch.errors import ConfigError

    text = panda().replace(" --epochs {budget}", "")
    with pytest.raises(ConfigError, match=r"the objective must be told how far; use \{budget\}"):
        parse_config(text, Path("a.yaml"))
