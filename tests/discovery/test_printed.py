"""Which numbers a program prints, and that hpsearch's reader finds them by the chosen names."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.discovery.metric_choice import choose_metric
from hpsearch.discovery.metric_words import goal_of, split_of
from hpsearch.discovery.printed import HOLE, metric_names
from hpsearch.discovery.printed_python import printed_by
from hpsearch.discovery.printed_text import printed_in
from hpsearch.discovery.python_source import PythonSource
from hpsearch.discovery.selection import select
from hpsearch.objectives.output import OutputParser


def names_in(code: str) -> list[tuple[str, str]]:
    found = printed_by(PythonSource(Path("train.py"), ast.parse(code)))
    return [(one.name, one.how) for one in found]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('print(f"val_loss: {x:.4f}")', ["val_loss"]),
        ('print(f"epoch {e} val_loss {x}")', ["val_loss"]),
        ('print("val_loss", x, "val_acc:", y)', ["val_loss", "val_acc"]),
        ('print("loss: %.3f acc: %.1f%%" % (x, y))', ["loss", "acc"]),
        ('print("dev F1 = {:.2f}".format(x))', ["dev F1"]),
        ('print("rmse: " + str(x))', ["rmse"]),
        ('print("loss", a + b / n)', ["loss"]),
        ('print(f"{val_loss=:.3f}")', ["val_loss"]),
        ('print(json.dumps({"val_auc": x, "epoch": e}))', ["val_auc"]),
        ('r = {"mae": x}\nprint(r)', ["mae"]),
        ('m = f"bleu {x}"\nprint(m)', ["bleu"]),
        ('print(f"Final test accuracy: {x}%")', ["test accuracy"]),
        ('print(f"| val mIoU | {x}")', []),  # the reader wants the number right behind the name
        ('print(f"Accuracy: {a}/{b}")', []),  # 97/100 is no number
        ('print(f"lr: {x} time: {t} epoch: {e}")', []),
        ('click.echo(f"valid loss {x}")', ["valid loss"]),
        ('sys.stdout.write("loss %f\\n" % x)', ["loss"]),
    ],
)
def test_printed_metrics_are_found(code: str, names: list[str]) -> None:
    assert names_in(code) == [(name, "printed") for name in names]


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ('print(f"val_loss {x}", file=sys.stderr)', "stderr"),
        ('logger.info("val_loss %.3f", x)', "stderr"),
        ('logging.basicConfig(stream=sys.stdout)\nlogging.info(f"val_loss {x}")', "printed"),
        ('wandb.log({"val_loss": x, "lr": r})', "logged"),
        ('writer.add_scalar("val_loss", x, step)', "logged"),
        ("trial.report(epoch, val_loss=x)", "reported"),
    ],
)
def test_where_a_metric_goes_is_known(code: str, how: str) -> None:
    assert names_in(code) == [("val_loss", how)]


def test_keras_prints_what_fit_measures() -> None:
    code = "import keras\nm.compile(metrics=['accuracy'])\nm.fit(x, y, validation_split=0.1)"
    assert [name for name, _ in names_in(code)] == ["val_loss", "loss", "val_accuracy", "accuracy"]
    assert names_in(code.replace("0.1)", "0.1, verbose=0)")) == []


@pytest.mark.parametrize(
    ("line", "name", "how"),
    [
        ('echo "val_loss: $loss"', "val_loss", "printed"),
        ("echo val_acc=${acc}", "val_acc", "printed"),
        ('printf "test error %.4f\\n" "$e" >&2', "test error", "stderr"),
        ('cat("val_rmse:", rmse, "\\n")', "val_rmse", "printed"),
        ('cat(sprintf("epoch %d val_loss: %.4f\\n", e, x))', "val_loss", "printed"),
        ('message("val_mae: ", mae)', "val_mae", "stderr"),
        ('std::cout << "dev loss: " << loss << std::endl;', "dev loss", "printed"),
        ('println("auc=$(auc)")', "auc", "printed"),
    ],
)
def test_other_languages_print_too(line: str, name: str, how: str) -> None:
    (found,) = printed_in(line, "program")
    assert (found.name, found.how) == (name, how)


def choice(code: str, *options: object) -> tuple[str, str, bool]:
    found = printed_by(PythonSource(Path("train.py"), ast.parse(code)))
    metric = choose_metric(found, select([]), "python")
    return metric.name, metric.goal, metric.is_found


def test_validation_counts_more_than_test_and_test_more_than_training() -> None:
    train = 'print(f"train loss {a}")\n'
    test = 'print(f"test loss {b}")\n'
    dev = 'print(f"dev loss {c}")\n'
    assert choice(train + test + dev) == ("dev loss", "minimize", True)
    assert choice(train + test) == ("test loss", "minimize", True)
    assert choice(train) == ("train loss", "minimize", True)


def test_the_function_around_a_print_says_on_which_data() -> None:
    code = (
        "def train_epoch():\n    print(f'loss {a}')\ndef validate():\n    print(f'accuracy: {b}')\n"
    )
    assert choice(code) == ("accuracy", "maximize", True)


def test_a_validation_metric_that_is_only_logged_is_still_better_than_a_training_loss() -> None:
    code = 'print(f"train loss {a}")\nwandb.log({"val_acc": b})'
    assert choice(code) == ("val_acc", "maximize", False)


def test_where_nothing_is_printed_the_config_says_what_to_do() -> None:
    metric = choose_metric([], select([]), "python")
    assert (metric.name, metric.is_found) == ("loss", False)
    assert 'print(f"loss: {value}")' in metric.comments[0]


@pytest.mark.parametrize(
    ("name", "goal", "split"),
    [
        ("val_loss", "minimize", "validation"),
        ("Top-1 acc", "maximize", None),
        ("devF1", "maximize", "validation"),
        ("neg_mean_squared_error", "maximize", None),
        ("negative_accuracy", "minimize", None),
        ("test perplexity", "minimize", "test"),
        ("learning_rate", None, None),
        ("episodic_return", "maximize", None),
    ],
)
def test_a_name_says_what_is_good(name: str, goal: str | None, split: str | None) -> None:
    assert (goal_of(name), split_of(name)) == (goal, split)


@given(
    st.lists(
        st.text("abc loss_val:=|,()[]{}%'\" \t\n", max_size=12) | st.just(HOLE), max_size=10
    ).map("".join)
)
def test_the_reader_finds_every_name_that_is_chosen(line: str) -> None:
    for name, _ in metric_names(line):
        printed = line.replace(HOLE, "0.25")
        assert any(OutputParser(name).point(one) for one in printed.splitlines())
