"""Metrics in what programs print."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.objectives.output import (
    BLOCK,
    OutputParser,
    OutputReader,
    last_line_with,
    printed_names,
)


@pytest.mark.parametrize(
    ("line", "step", "value"),
    [
        ("val_loss: 0.31", 0, 0.31),
        ("val_loss=0.31", 0, 0.31),
        ("epoch 3 val_loss 0.31", 3, 0.31),
        ("Epoch 3/10 - 2s - loss: 0.9 - val_loss: 0.31 - val_acc: 0.9", 3, 0.31),
        ("step=200, val_loss=3.1e-1", 200, 0.31),
        ("[epoch 12] val_loss = .31", 12, 0.31),
        ("Iteration: 7 | val_loss -0.31", 7, -0.31),
        ('{"epoch": 4, "val_loss": 0.31}', 4, 0.31),
        ("\x1b[32mepoch 3\x1b[0m val_loss: \x1b[1m0.31\x1b[0m", 3, 0.31),
        ("val_loss: 0.5 ... val_loss: 0.31", 0, 0.31),
        ("val_loss: 31%", 0, 31),
        ("val_loss: inf", 0, math.inf),
        ("global_step 5 val_loss:1E-2", 5, 0.01),
        ("val_loss 0.31, acc 0.9", 0, 0.31),
        ("val_loss 3, acc 4", 0, 3),
        ("val_loss 3,acc 4", 0, 3),
        ("(val_loss 0.31,0.9)", 0, 0.31),
        ("val_loss 3,0.9", 0, 3),
        ("val_loss 3e-1,4", 0, 0.3),
        ('{"val_loss":3,"acc":4}', 0, 3),
        ("val_loss nan,4", 0, math.nan),
        ("val_loss 0,0100", None, None),
        ("val_loss: 3,4", None, None),
        ("epoch 3 val_loss=-3,4e-5.", None, None),
        ("val_loss 1,234.5", None, None),
        ("val_loss 1,234,567.8", None, None),
        ("val_loss 3,4,5", None, None),
        ("val_loss 0.5, then val_loss 0,3", None, None),
        ("val_loss: tensor(0.31)", None, None),
        ("best_val_loss: 0.31", None, None),
        ("val_loss_total: 0.31", None, None),
        ("val_loss: 1.2.3", None, None),
        ("val_loss: 10:30", None, None),
        ("the val_loss is low", None, None),
        ("val_loss", None, None),
        ("", None, None),
    ],
)
def test_a_line_gives_its_step_and_its_metric(
    line: str, step: float | None, value: float | None
) -> None:
    point = OutputParser("val_loss").point(line)
    if value is None:
        assert point is None
    else:
        assert point is not None
        assert point[0] == step
        assert point[1]["val_loss"] == pytest.approx(value, rel=0, abs=0, nan_ok=True)


def test_other_numbers_of_the_line_come_along() -> None:
    point = OutputParser("loss").point("epoch: 2 loss: 0.5 acc: 0.75 lr=1e-3")
    assert point == (2, {"loss": 0.5, "acc": 0.75, "lr": 1e-3})


def test_another_number_with_a_comma_does_not_come_along() -> None:
    assert OutputParser("loss").point("loss: 0.5 acc: 0,75 f1: 1") == (0, {"loss": 0.5, "f1": 1})


def test_the_last_number_with_a_comma_is_remembered_and_whether_a_clear_one_followed() -> None:
    parser = OutputParser("loss")
    states = []
    for line in ("loss 3", "loss 2,5", "acc 1,5", "loss 1,234.5", "loss 2"):
        parser.point(line)
        states.append((parser.unclear, parser.ends_unclear))
    assert states == [
        ("", False),
        ("2,5", True),
        ("2,5", True),
        ("1,234.5", True),
        ("1,234.5", False),
    ]


def test_lines_without_a_step_are_counted() -> None:
    parser = OutputParser("loss")
    points = [parser.point(f"loss {value}") for value in (3, 2, 1)]
    assert [p and p[0] for p in points] == [0, 1, 2]


@pytest.mark.parametrize(
    ("pattern", "line", "expected"),
    [
        (r"Score\s*->\s*([0-9.]+)", "Score -> 0.5 (good)", (0, {"loss": 0.5})),
        (r"it (?P<step>\d+): (?P<value>\S+)", "it 7: 0.5", (7, {"loss": 0.5})),
        (r"it (\d+)", "nothing", None),
        (r"Score = ([0-9.]+)", "Score = 0,0100", None),
        (r"Score = (\S+)", "Score = 0,0100", None),
        (r"Score = (\d+),(\d+)", "Score = 3,4", (0, {"loss": 3})),
        (r"Score = ([0-9.]+)", "Score = 0.31,0.9", (0, {"loss": 0.31})),
        (r"it (\w+)", "it works", None),
    ],
)
def test_a_pattern_finds_what_is_printed_differently(
    pattern: str, line: str, expected: object
) -> None:
    assert OutputParser("loss", pattern).point(line) == expected


@given(
    st.lists(st.tuples(st.integers(0, 99), st.sampled_from(["\n", "\r\n", "\r"])), max_size=20),
    st.integers(1, 30),
)
def test_a_log_that_grows_bit_by_bit_gives_each_point_once(
    lines: list[tuple[int, str]], size: int
) -> None:
    import tempfile

    data = "".join(f"noise{end}loss: {value}{end}" for value, end in lines).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stdout.log"
        reader = OutputReader(path, OutputParser("loss"))
        found = []
        for start in range(0, len(data), size):
            with open(path, "ab") as file:
                file.write(data[start : start + size])
            found += list(reader.new_points())
        found += list(reader.new_points(is_complete=True))
    assert [metrics["loss"] for _, metrics in found] == [value for value, _ in lines]


def test_a_metric_across_two_blocks_is_found(tmp_path: Path) -> None:
    path = tmp_path / "stdout.log"
    path.write_bytes(b"x" * (BLOCK - 4) + b"\nloss: 0.5\n")
    points = list(OutputReader(path, OutputParser("loss")).new_points(is_complete=True))
    assert points == [(0, {"loss": 0.5})]


def test_a_half_line_counts_only_when_the_program_has_ended_well(tmp_path: Path) -> None:
    path = tmp_path / "stdout.log"
    path.write_text("loss: 0.3")
    reader = OutputReader(path, OutputParser("loss"))
    assert list(reader.new_points()) == []
    assert list(reader.new_points(is_complete=True)) == [(0, {"loss": 0.3})]


def test_what_was_printed_instead_is_named(tmp_path: Path) -> None:
    (tmp_path / "stdout.log").write_text("epoch: 1 acc: 0.5\nauc=0.75\n")
    assert printed_names(tmp_path / "stdout.log") == ["acc", "auc"]
    assert printed_names(tmp_path / "nowhere") == []


def test_the_last_line_with_a_word_is_found(tmp_path: Path) -> None:
    log = tmp_path / "stdout.log"
    log.write_text("| loss | 1 |\n\x1b[1m| loss |  0.5 |\x1b[0m\n| val_loss | 2 |\n")
    assert last_line_with(log, "loss") == "| loss | 0.5 |"
    assert last_line_with(log, "auc") == last_line_with(tmp_path / "nowhere", "loss") == ""
