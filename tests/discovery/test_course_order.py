"""`init` writes parameters as the course ranks them (course 2, week 3, "Tuning process"): learning
rate; momentum, mini-batch size, hidden units; layers, learning rate decay; last Adam's own numbers.

And on its scales ("Using an appropriate scale"): log for a learning rate, 1-beta for averages,
linear for layers. Hidden units are on a log scale, because init's range for them spans a factor 16.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hpsearch.config import parse_config
from hpsearch.discovery.starting_config import starting_config

COURSE = {
    "lr": (0.001, "log"),
    "momentum": (0.9, "1-beta"),
    "batch_size": (64, None),  # powers of two
    "hidden_units": (64, "log"),
    "layers": (2, "linear"),
    "lr_decay": (0.95, "1-beta"),
    "beta2": (0.999, "1-beta"),
    "epsilon": (1e-8, "log"),
}


@pytest.mark.parametrize("order", range(4))
@pytest.mark.parametrize("average", ["momentum", "beta1"])
def test_the_space_is_written_in_the_order_and_on_the_scales_of_the_course(
    tmp_path: Path, average: str, order: int
) -> None:
    course = {average if name == "momentum" else name: of for name, of in COURSE.items()}
    names = np.random.default_rng(order).permutation(list(course))  # the program's own order
    lines = ["import argparse", "parser = argparse.ArgumentParser()"]
    lines += [f"parser.add_argument('--{n}', type=float, default={course[n][0]})" for n in names]
    (tmp_path / "train.py").write_text("\n".join([*lines, "print('val_loss: 1')", ""]))
    text = starting_config(["python", "train.py"], tmp_path, tmp_path).text
    space = parse_config(text, tmp_path / "train.yaml").space
    assert list(space.parameters) == list(course)
    written = text.partition("\nspace:\n")[2]
    for name, (_, scale) in course.items():
        (line,) = (s for s in written.splitlines() if s.startswith(f"  {name}: "))
        found = line.partition("scale: ")[2].partition(",")[0] or "linear"
        assert found == (scale or "linear")
        assert ("values" in line) == (scale is None)


def test_adams_own_numbers_are_left_out_first_where_there_are_many(tmp_path: Path) -> None:
    more = {"dropout": 0.1, "weight_decay": 1e-4, "label_smoothing": 0.1}
    defaults = {**{name: default for name, (default, _) in COURSE.items()}, **more}
    lines = ["import argparse", "parser = argparse.ArgumentParser()"]
    lines += [
        f"parser.add_argument('--{name}', type=float, default={default})"
        for name, default in sorted(defaults.items())
    ]
    (tmp_path / "train.py").write_text("\n".join([*lines, "print('val_loss: 1')", ""]))
    text = starting_config(["python", "train.py"], tmp_path, tmp_path).text
    assert "  epsilon: 1e-08\n" in text or "  epsilon: 1e-8\n" in text
    assert "  beta2: 0.999\n" in text
    assert "  lr: {scale: log" in text
