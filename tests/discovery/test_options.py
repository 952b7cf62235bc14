"""The options of programs, read from their text: each way of declaring them, with what it says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.discovery.argparse_options import argparse_options
from hpsearch.discovery.click_options import click_options
from hpsearch.discovery.constants import constants
from hpsearch.discovery.facts import Found, Option
from hpsearch.discovery.help_text import help_options
from hpsearch.discovery.plain_python_options import (
    absl_options,
    argv_options,
    environment_options,
)
from hpsearch.discovery.printed_text import printed_in
from hpsearch.discovery.python_functions import called_function, named_function
from hpsearch.discovery.python_program import read_python_program
from hpsearch.discovery.python_source import UNKNOWN, PythonSource, evaluate
from hpsearch.discovery.r_options import r_options
from hpsearch.discovery.shell_options import shell_options
from hpsearch.discovery.typer_options import dataclass_options, fire_options, typer_options


def source(code: str) -> PythonSource:
    return PythonSource(Path("train.py"), ast.parse(code))


def only(found: Found | None) -> Option:
    assert found is not None
    (option,) = found.options
    return option


def arg(call: str) -> Option:
    return only(argparse_options(source(f"LR = 1e-3\nparser.add_argument({call})")))


def test_argparse_names_defaults_and_kinds() -> None:
    option = arg('"-l", "--lr", "--learning-rate", type=float, default=LR, help="a  b"')
    assert (option.name, option.spelling, option.spellings) == (
        "learning_rate",
        "--learning-rate",
        ("-l", "--lr", "--learning-rate"),
    )
    assert (option.default, option.kind, option.help) == (0.001, "float", "a b")
    assert arg('"--lr", dest="learning_rate", type=float').name == "learning_rate"
    assert arg('"--n", default=2**7').default == 128
    assert arg('"--n", default=Path("x")').default == "x"


def test_argparse_says_what_takes_no_value_or_several() -> None:
    assert arg('"--a", action="store_true"').is_flag
    assert arg('"--a", action=argparse.BooleanOptionalAction').negative == "--no-a"
    assert arg('"--a", nargs="+", type=int').is_list
    assert not arg('"--a", nargs="?", type=int').is_list
    assert arg('"--a", type=Path').is_path
    assert arg('"--a", type=str2bool').kind == "bool"
    assert arg('"--a", default=0.1').is_text  # without type= the program gets text
    assert arg('"--a", required=True').is_required
    assert arg('"data"').is_required
    assert not arg('"data", nargs="?"').is_required
    assert arg('"--a", choices=["x", "y"]').choices == ("x", "y")


def test_argparse_defaults_can_be_set_later() -> None:
    code = 'p.add_argument("--lr", type=float)\np.set_defaults(lr=0.3)'
    assert only(argparse_options(source(code))).default == 0.3


def test_one_variable_may_hold_one_subparser_after_another() -> None:
    code = (
        'p = s.add_parser("a")\np.add_argument("--x")\np = s.add_parser("b")\n'
        'g = p.add_argument_group("g")\ng.add_argument("--y")'
    )
    found = argparse_options(source(code))
    assert found is not None
    assert found.commands == ("a", "b")
    assert [(o.name, o.command) for o in found.options] == [("x", "a"), ("y", "b")]


def click_option(decorator: str) -> Option:
    code = f"import click\n@click.command()\n{decorator}\ndef main(): pass"
    return only(click_options(source(code)))


def test_click_options() -> None:
    option = click_option('@click.option("--lr", "-l", "rate", type=float, default=0.1, help="h")')
    assert (option.name, option.spelling, option.default, option.kind) == (
        "rate",
        "--lr",
        0.1,
        "float",
    )
    ranged = click_option('@click.option("--n", type=click.IntRange(1, max=9))')
    assert (ranged.kind, ranged.low, ranged.high) == ("int", 1, 9)
    assert click_option('@click.option("--o", type=click.Choice(["a", "b"]))').choices == ("a", "b")
    assert click_option('@click.option("--a/--no-a")').negative == "--no-a"
    assert click_option('@click.option("--a", is_flag=True)').is_flag
    assert click_option('@click.option("--a", multiple=True)').is_list
    assert click_option('@click.argument("data")').channel == "position"


def test_click_groups_have_commands() -> None:
    code = (
        'import click\n@click.group()\n@click.option("--seed")\ndef cli(): pass\n'
        '@cli.command("fit")\n@click.option("--lr")\ndef train(): pass\n'
        '@cli.command()\n@click.option("--k")\ndef score(): pass\n'
    )
    found = click_options(source(code))
    assert found is not None
    assert found.commands == ("fit", "score")
    assert {(o.name, o.command) for o in found.options} == {
        ("seed", ""),
        ("lr", "fit"),
        ("k", "score"),
    }


def test_typer_reads_annotations_and_defaults() -> None:
    code = """
import typer
from typing import Annotated, Literal
app = typer.Typer()
@app.command()
def main(
    data: Path,
    rate: Annotated[float, typer.Option("--lr", min=0, max=1, help="h")] = 0.1,
    size: int = typer.Option(64, "--size", "-s"),
    hidden_units: int | None = 8,
    kind: Literal["a", "b"] = "a",
    fast: bool = False,
): ...
"""
    found = typer_options(source(code))
    assert found is not None
    by_name = {option.name: option for option in found.options}
    assert by_name["data"].channel == "position"
    assert (by_name["rate"].spelling, by_name["rate"].low, by_name["rate"].high) == ("--lr", 0, 1)
    assert (by_name["size"].default, by_name["size"].spellings) == (64, ("--size", "-s"))
    assert (by_name["hidden_units"].spelling, by_name["hidden_units"].kind) == (
        "--hidden-units",
        "int",
    )
    assert by_name["kind"].choices == ("a", "b")
    assert (by_name["fast"].is_flag, by_name["fast"].negative) == (True, "--no-fast")


def test_dataclasses_fire_and_absl() -> None:
    fields = (
        "@dataclass\nclass Args:\n    learning_rate: float = 0.1\n    n: int = field(default=3)\n"
    )
    for call, spelling in (
        ("tyro.cli(Args)", "--learning-rate"),
        ("HfArgumentParser((Args, Other))", "--learning_rate"),
        ("pyrallis.parse(config_class=Args)", "--learning_rate"),
    ):
        one = source(fields + call)
        found = dataclass_options(one, [one])
        assert found is not None
        assert [o.default for o in found.options] == [0.1, 3]
        assert found.options[0].spelling == spelling
    option = only(fire_options(source("def f(lr=0.1): ...\nfire.Fire(f)")))
    assert (option.spelling, option.default) == ("--lr", 0.1)
    flag = only(absl_options(source('flags.DEFINE_enum("opt", "sgd", ["sgd", "adam"], "h")')))
    assert (flag.spelling, flag.choices, flag.help) == ("--opt", ("sgd", "adam"), "h")


@pytest.mark.parametrize(
    ("line", "default", "kind", "is_required"),
    [
        ('float(os.environ.get("LR", "1e-3"))', 0.001, "float", False),
        ('int(os.getenv("LR", 8))', 8, "int", False),
        ('os.environ["LR"]', None, None, True),
    ],
)
def test_environment_variables(
    line: str, default: object, kind: str | None, is_required: bool
) -> None:
    option = only(environment_options(source(f"x = {line}")))
    assert (option.spelling, option.default, option.kind, option.is_required) == (
        "LR",
        default,
        kind,
        is_required,
    )


def test_words_of_sys_argv() -> None:
    code = "n = int(sys.argv[2]) if len(sys.argv) > 2 else 5\nlr = float(sys.argv[1])"
    found = argv_options(source(code))
    assert found is not None
    assert [(o.name, o.position, o.default) for o in found.options] == [
        ("lr", 0, None),
        ("n", 1, 5),
    ]


def test_constants_are_those_that_are_assigned_once_at_the_top() -> None:
    code = "LR = 0.1\nN = 3\nN = 4\nM = N * 2\n_X = 1\ndef f():\n    K = 1\n"
    option = only(constants(source(code)))
    assert (option.spelling, option.default, option.line) == ("LR", 0.1, 1)


def test_constants_stand_in_classes_and_dicts_too() -> None:
    code = "class Config:\n    lr: float = 0.1\n    n = 3\nhp = {'wd': 0.2, 'x': f()}\n"
    found = constants(source(code))
    assert found is not None
    assert [(o.name, o.spelling, o.line) for o in found.options] == [
        ("lr", "lr: float", 2),
        ("n", "n", 3),
        ("wd", "'wd':", 4),
    ]


def test_functions_of_a_dict_and_of_arguments() -> None:
    code = (
        "def a(params, trial):\n    x = float(params['lr'])\n    return {'val_loss': x}\n"
        "def b(lr=0.1, n=3):\n    return 1 - accuracy\n"
        "if __name__ == '__main__':\n    b(n=5)\n"
    )
    by_dict = named_function("a", source(code))
    assert (by_dict.takes, only(by_dict.found).name, only(by_dict.found).kind) == (
        "dict",
        "lr",
        "float",
    )
    assert [one.name for one in by_dict.returned] == ["val_loss"]
    called = called_function(source(code))
    assert called is not None
    assert (called.takes, called.is_value) == ("arguments", True)
    assert [o.default for o in called.found.options] == [0.1, 5]  # as the main calls it
    assert called.returned[0].name == "negative_accuracy"


def test_a_module_that_trains_when_it_is_imported_is_not_called_by_name() -> None:
    assert called_function(source("def b(lr=0.1): ...\nb()\n")) is None


def test_options_are_found_in_the_modules_beside(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("from opts import parser\nimport numpy\nparser()\n")
    (tmp_path / "opts.py").write_text('p.add_argument("--lr", type=float, default=0.1)\n')
    found, _, _ = read_python_program(tmp_path / "train.py", [])
    assert only(found).name == "lr"


def test_docopt_texts_are_help_texts(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        '"""Usage: train [options]\n\nOptions:\n  --lr=<x>  Rate [default: 0.1].\n"""\n'
        "from docopt import docopt\n"
    )
    found, _, _ = read_python_program(tmp_path / "train.py", [])
    assert (only(found).name, only(found).default) == ("lr", 0.1)


@pytest.mark.parametrize(
    ("text", "name", "spelling", "default"),
    [
        ('while getopts "l:v" o; do\ncase $o in\nl) lr=$OPTARG ;;\nesac', "lr", "-l", None),
        ('lr=0.1\nwhile getopts "l:" o; do\ncase $o in\n  l) lr="$OPTARG";;', "lr", "-l", 0.1),
        ('LR=1\ncase $1 in\n  -l|--rate) LR="$2"; shift 2 ;;\nesac', "rate", "--rate", 1),
        ('case $i in\n  --lr=*) LR="${i#*=}" ;;\nesac', "lr", "--lr", None),
        ("LR=${LR:-0.1}", "lr", "LR", 0.1),
        (': "${LR:=0.1}"', "lr", "LR", 0.1),
        ("RATE=${1:-0.1}", "rate", "RATE", 0.1),
        ("RATE=$1", "rate", "RATE", None),
    ],
)
def test_shell_scripts(text: str, name: str, spelling: str, default: object) -> None:
    found = shell_options(text, "x.sh")
    assert found is not None
    option = next(o for o in found.options if not o.is_flag)
    assert (option.name, option.spelling, option.default) == (name, spelling, default)


@pytest.mark.parametrize(
    ("text", "name", "default", "kind"),
    [
        ('make_option(c("-l", "--lr"), type="double", default=0.1)', "lr", 0.1, "float"),
        ('make_option("--n", type = "integer", default = 64L) # --m', "n", 64, "int"),
        ('add_option(p, c("--n-trees"), default=500)', "n_trees", 500, "int"),
        (
            'p$add_argument("--lr", type="double", default=1e-3, help="a, (b)")',
            "lr",
            0.001,
            "float",
        ),
        ("a <- commandArgs(TRUE)\nlr <- as.numeric(args[1])", "lr", None, "float"),
    ],
)
def test_r_scripts(text: str, name: str, default: object, kind: str) -> None:
    option = only(r_options(text, "x.R"))
    assert (option.name, option.default, option.kind) == (name, default, kind)


@pytest.mark.parametrize(
    ("line", "name", "default", "more"),
    [
        ("  -l LR, --lr LR   rate (default: 0.01)", "lr", 0.01, {"kind": "float"}),
        ("  --batch-size=N   size [default 64]", "batch_size", 64, {"kind": "int"}),
        ("  --opt {sgd,adam}  which (default: sgd)", "opt", "sgd", {"choices": ("sgd", "adam")}),
        ("  --quiet          say less", "quiet", None, {"is_flag": True}),
        ("  --[no-]shuffle   mix", "shuffle", None, {"is_flag": True, "negative": "--no-shuffle"}),
        ("  --p FLOAT RANGE  p  [default: 0.1; 0<=x<=1]", "p", 0.1, {"low": 0.0, "high": 1.0}),
        ("  --wd <WD>        Decay [default: 1e-4]", "wd", 1e-4, {}),
        (
            "  --act <A>  A [possible values: relu, tanh]",
            "act",
            None,
            {"choices": ("relu", "tanh")},
        ),
        ("  -momentum float\n    \tof SGD (default 0.9)", "momentum", 0.9, {}),
        ("  --threads arg (=4)    threads", "threads", 4, {}),
        ("  --hidden=NUM     units, defaults to 128.", "hidden", 128, {}),
        ("  --out FILE       where", "out", None, {"is_path": True}),
        ("\t-n N, --num=N\n\t\ttrees [default 500]", "num", 500, {}),
    ],
)
def test_help_texts(line: str, name: str, default: object, more: dict[str, object]) -> None:
    (option,) = help_options(f"usage: x [options]\n\noptions:\n  -h, --help  this\n{line}\n")
    assert (option.name, option.default) == (name, default)
    assert {key: getattr(option, key) for key in more} == more


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("10**-4", 1e-4),
        ("-(2*3)", -6),
        ("int(1e6)", 1_000_000),
        ("['a', 'b']", ("a", "b")),
        ("f(3)", UNKNOWN),
        ("9**9**9", UNKNOWN),
        ("1/0", UNKNOWN),
        ("'a' * 10**9", UNKNOWN),
        ("int('x')", UNKNOWN),
    ],
)
def test_expressions_are_evaluated_without_running_anything(code: str, value: object) -> None:
    assert evaluate(ast.parse(code, mode="eval").body, {}) == value


SHELLISH = st.text("-=|()${}:\"' \n\tabL0.1#;<>,[]", max_size=400)


@given(SHELLISH)
def test_no_text_breaks_a_reader_or_keeps_it_busy(text: str) -> None:
    shell_options(text, "x")
    r_options(f"make_option({text}", "x")
    help_options(text)
    printed_in(f"echo {text}", "x")


def test_long_lines_do_not_keep_a_reader_busy() -> None:
    """Patterns that try again and again would take hours for these."""
    for piece in ("a ", "-a", "a|", "{a", "--a,", '"', "((", "=a"):
        text = piece * 20_000
        shell_options(text, "x")
        r_options(f"make_option({text}", "x")
        help_options(f"  --{text}")
        printed_in(f"echo {text}", "x")
