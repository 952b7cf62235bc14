"""Finding a function without running its module."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hpsearch.errors import ObjectiveError
from hpsearch.objectives.function import FunctionObjective

SOURCE = """
import os
raise SystemExit("this module must not be run")
from elsewhere import borrowed
if os.name:
    def conditional(params): ...
else:
    other = 1
try:
    import fast as quick
except ImportError:
    quick = None
def train(params): ...
class Model:
    def fit(self, params): ...
evaluate = train
"""


UNCALLABLE = """
import os, math as m
from models import rate, net as network
import absent
number, pair = 3, (1, 2)
epochs = 10
rate_of_decay: float = -0.5
words = f"{epochs} epochs"
options = [epochs]
nothing = None
switch = True
borrowed = rate
later = 1
def later(params): ...
chosen = None
for chosen in (print,): ...
filled = None
def fill():
    global filled
    filled = print
try:
    from models import fit
except ImportError:
    fit = None
def evaluate(params):
    epochs = 3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(SOURCE)
    (tmp_path / "star.py").write_text("from os.path import *\n")
    (tmp_path / "broken.py").write_text("def train(params):\n    return (\n")
    package = tmp_path / "models"
    package.mkdir()
    (package / "__init__.py").write_text("from . import net as inner\nrate = 0.1\n")
    (tmp_path / "plain.py").write_text(UNCALLABLE)
    (package / "net.py").write_text("def train(params): ...\n")
    plain = tmp_path / "src" / "training"  # folders without __init__.py
    plain.mkdir(parents=True)
    (plain / "main.py").write_text("def train(params): ...\n")
    (tmp_path / "yaml").mkdir()  # an import takes the package of this name, further on
    return tmp_path


@pytest.mark.parametrize(
    "reference",
    [
        "mine:train",
        "mine:evaluate",
        "mine:conditional",
        "mine:quick",
        "mine:borrowed",
        "mine:Model.fit",
        "star:join",
        "models.net:train",
        "src.training.main:train",
        "yaml.nodes:Node",
        "math:sqrt",
        "json:dumps",
        "plain:evaluate",
        # What cannot be told by reading: other statements, other modules, what runs later.
        *(f"plain:{name}" for name in ("absent", "pair", "borrowed", "later", "chosen", "filled")),
        "plain:m.sqrt",
    ],
)
def test_a_function_that_is_there_is_found(folder: Path, reference: str) -> None:
    assert FunctionObjective(reference, (str(folder),)).problem() is None
    assert "mine" not in sys.modules


@pytest.mark.parametrize(
    "source",
    [
        "globals()['f'] = len",
        "vars()['f'] = len",
        "exec('def f(params): ...')",
        "import sys\nsetattr(sys.modules[__name__], 'f', len)",
        "f = None\nimport sys\nsys.modules[__name__].f = len",
        "print(f := len)",
        "for f in (len, max): pass",
    ],
)
def test_a_name_that_only_running_the_module_binds_is_not_refused(
    tmp_path: Path, source: str
) -> None:
    (tmp_path / "made.py").write_text(source)
    assert FunctionObjective("made:f", (str(tmp_path),)).problem() is None


def test_a_script_that_reads_its_options_is_still_told_of_a_slip(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(
        "def train(params):\n    settings = vars(params)\n    setattr(params, 'trian', 1)\n"
        "    return (trian := 1.0)\n"
    )
    problem = FunctionObjective("script:trian", (str(tmp_path),)).problem()
    assert problem == "script.py has no trian. Did you mean train?"


def test_modules_that_others_put_in_place_are_found(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("from .sub import train\n")
    (tmp_path / "package" / "sub.py").write_text("def train(params): ...\n")
    for reference in ("os.path:join", "package:sub.train"):
        assert FunctionObjective(reference, (str(tmp_path),)).problem() is None


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("mine:trian", "mine.py has no trian. Did you mean train?"),
        ("mien:train", "there is no module mien. Did you mean mine?"),
        ("models.nte:train", "there is no module models.nte. Did you mean models?"),
        ("json.nothing:x", "there is no module json.nothing"),
        ("broken:train", "broken.py, line 2: '(' was never closed"),
        ("mine", "'mine' is not of the form module:function"),
        ("mine.py:train", "there is no module mine.py. Did you mean mine?"),
        ("mine:", "'mine:' is not of the form module:function"),
        ("a b:c", "'a b:c' is not of the form module:function"),
        ("", "'' is not of the form module:function"),
        ("models:net.train", "__init__.py has no net"),
    ],
)
def test_one_that_is_not_says_what_was_probably_meant(
    folder: Path, reference: str, problem: str
) -> None:
    assert FunctionObjective(reference, (str(folder),)).problem() == problem


@pytest.mark.parametrize(
    ("reference", "what", "write"),
    [
        ("plain:epochs", "epochs (plain.py, line 6) is the number 10", None),
        ("plain:rate_of_decay", "rate_of_decay (plain.py, line 7) is the number -0.5", None),
        ("plain:words", "words (plain.py, line 8) is a text", None),
        ("plain:options", "options (plain.py, line 9) is a list", None),
        ("plain:nothing", "nothing (plain.py, line 10) is None", None),
        ("plain:switch", "switch (plain.py, line 11) is True", None),
        ("plain:rate", "rate (__init__.py, line 2) is the number 0.1", None),
        ("plain:os", "os is the module os", None),
        ("plain:m", "m is the module math", None),
        ("plain:network", "models.net is a module", None),
        ("models:net", "models.net is a module", "models.net:train"),
        ("models:inner", "models.net is a module", "module:function"),
        ("src:training", "src.training is a module", "module:function"),
        ("src.training:main", "src.training.main is a module", "src.training.main:train"),
        ("math:pi", "pi is the number 3.141592653589793", "module:function"),
    ],
)
def test_what_is_no_function_is_told_without_running_it(
    folder: Path, reference: str, what: str, write: str | None
) -> None:
    problem = FunctionObjective(reference, (str(folder),)).problem()
    own = "plain:later or plain:fill or plain:evaluate"
    assert problem == f"{what}, not a function; write {write or own}"
    assert "plain" not in sys.modules


CLASSES = """
class Empty: pass
class Trainer:
    def __init__(self, params): ...
class Callable:
    def __call__(self, params): return 1.0
ready = Callable()
class Number(float): pass
class Chosen:
    def __new__(cls, params): return 1.0
@made_a_function
class Decorated: pass
class Known(metaclass=Anything): pass
class Replaced: pass
Replaced = Replaced()
class Twice: pass
def Twice(params): ...
"""


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Empty", "Empty (classes.py, line 2) is a class, not a function; write classes:Twice"),
        ("Trainer", "Trainer (classes.py, line 3) is a class, not a function; write classes:Twice"),
        (
            "Callable",
            "Callable (classes.py, line 5) is a class, not a function; write "
            "objective = Callable() below it, and classes:objective here",
        ),
        *((n, None) for n in ("ready", "Number", "Chosen", "Decorated", "Known")),
        *((n, None) for n in ("Replaced", "Twice")),
    ],
)
def test_a_class_is_no_function_unless_a_call_of_it_may_return_a_value(
    tmp_path: Path, name: str, problem: str | None
) -> None:
    (tmp_path / "classes.py").write_text(CLASSES)
    assert FunctionObjective(f"classes:{name}", (str(tmp_path),)).problem() == problem


def test_a_class_that_only_loading_shows_is_told_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "inherits.py").write_text("class A: ...\nclass B(A): ...\nclass C(float): ...\n")
    with pytest.raises(ObjectiveError, match=r"^B is a class, and an objective must return "):
        FunctionObjective("inherits:B", (str(tmp_path),)).load()
    assert FunctionObjective("inherits:C", (str(tmp_path),)).load()(1) == 1.0


def test_a_module_beside_the_config_hides_one_of_the_same_name_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("def mine(params): ...\n")
    assert FunctionObjective("json:mine", (str(tmp_path),)).problem() is None


def test_loading_what_is_not_there_is_one_line(tmp_path: Path) -> None:
    for reference in ("nowhere:f", "math:no_such", "math:pi"):
        with pytest.raises(ObjectiveError):
            FunctionObjective(reference, (str(tmp_path),)).load()


def test_a_module_that_misses_a_library_keeps_its_own_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "needs_library.py").write_text("import no_such_library\ndef f(p): ...\n")
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        FunctionObjective("needs_library:f", (str(tmp_path),)).load()


def test_a_module_with_the_name_of_a_loaded_one_is_told_to_be_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "json.py").write_text("def mine(params): ...\n")
    with pytest.raises(ObjectiveError, match=r"json has no mine: .* rename .*json\.py"):
        FunctionObjective("json:mine", (str(tmp_path),)).load()
