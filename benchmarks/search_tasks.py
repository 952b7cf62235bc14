"""Tuning tasks whose best value is known: a space, and the loss of many points at once.

Three kinds: surrogates of real network trainings (lcbench), functions with every kind of parameter,
and real trainings of scikit-learn. `search.py` runs methods on them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from hpsearch.domains import Categories, FloatRange, IntegerRange, OrderedList
from hpsearch.space import Condition, Parameter, Space

Array = npt.NDArray[np.float64]
Points = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Task:
    """What a search minimises.

    Attributes:
        losses: the true losses of n points, (n,); NaN where the training fails.
        table: how many random points its random search is read from.
        noise: the standard deviation of what a search sees around the true loss.
        is_slow: whether a loss takes long: no local search for the best known one.
    """

    name: str
    space: Space
    losses: Callable[[Points], Array]
    table: int = 100_000
    noise: float = 0.0
    is_slow: bool = False


# ---------------------------------------------------------------------------- lcbench

LCBENCH_DATA_SETS = ("167185", "167152", "168868", "168329", "189908", "167104")
LCBENCH_ORDER = (
    "batch_size", "learning_rate", "momentum", "weight_decay", "num_layers", "max_units",
    "max_dropout",
)  # fmt: skip


def lcbench_tasks(folder: Path) -> list[Task]:
    """Validation error of networks after 52 epochs (YAHPO Gym, Pfisterer et al. 2022)."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
    categories, numbers = (entry.name for entry in session.get_inputs())
    encoding = json.loads((folder / "encoding.json").read_text())["OpenML_task_id"]
    space = _lcbench_space(json.loads((folder / "config_space.json").read_text()))

    def of(data_set: str) -> Task:
        def losses(points: Points) -> Array:
            rows = np.array([[52.0, *(p[n] for n in LCBENCH_ORDER)] for p in points], np.float32)
            chosen = np.full((len(points), 1), encoding[data_set], np.int32)
            (output,) = session.run(None, {categories: chosen, numbers: rows})
            return 100.0 - np.asarray(output[:, 1], np.float64)

        return Task(f"lcbench-{data_set}", space, losses)

    return [of(data_set) for data_set in LCBENCH_DATA_SETS]


def _lcbench_space(described: Mapping[str, Any]) -> Space:
    by_name = {entry["name"]: entry for entry in described["hyperparameters"]}
    parameters = []
    for name in LCBENCH_ORDER:
        entry = by_name[name]
        kind = IntegerRange if entry["type"] == "uniform_int" else FloatRange
        scale = "log" if entry["log"] else "linear"
        parameters.append(Parameter(name, kind(entry["lower"], entry["upper"], scale)))
    return Space(parameters)


# ---------------------------------------------------------------------------- functions


def _floats(d: int) -> Space:
    return Space([Parameter(f"x{i}", FloatRange(0.0, 1.0)) for i in range(d)])


def _columns(points: Points, *names: str) -> list[Array]:
    return [np.array([p.get(name, np.nan) for p in points], np.float64) for name in names]


def _matrix(points: Points, d: int) -> Array:
    return np.array([[p[f"x{i}"] for i in range(d)] for p in points], np.float64)


def _wave(points: Points) -> Array:
    """One dimension, several valleys (Gramacy and Lee 2012)."""
    (x,) = _columns(points, "x0")
    x = 0.5 + 2 * x
    return np.sin(10 * np.pi * x) / (2 * x) + (x - 1) ** 4


def _branin(points: Points) -> Array:
    x, y = _columns(points, "x0", "x1")
    x, y = 15 * x - 5, 15 * y
    b, c, t = 5.1 / (4 * np.pi**2), 5 / np.pi, 1 / (8 * np.pi)
    return (y - b * x**2 + c * x - 6) ** 2 + 10 * (1 - t) * np.cos(x) + 10


def _hartmann6(points: Points) -> Array:
    a = np.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14],
                  [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]])  # fmt: skip
    p = 1e-4 * np.array([[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
                         [2348, 1451, 3522, 2883, 3047, 6650],
                         [4047, 8828, 8732, 5743, 1091, 381]])  # fmt: skip
    x = _matrix(points, 6)
    inner = (a * (x[:, None, :] - p) ** 2).sum(axis=2)
    return -(np.array([1.0, 1.2, 3.0, 3.2]) * np.exp(-inner)).sum(axis=1)


def _rosenbrock(points: Points) -> Array:
    x = -1.5 + 3.5 * _matrix(points, 4)
    return np.log1p((100 * (x[:, 1:] - x[:, :-1] ** 2) ** 2 + (1 - x[:, :-1]) ** 2).sum(axis=1))


def _ackley(points: Points) -> Array:
    x = 20 * (_matrix(points, 10) - np.linspace(0.25, 0.7, 10))
    return (
        20 + np.e
        - 20 * np.exp(-0.2 * np.sqrt((x**2).mean(axis=1)))
        - np.exp(np.cos(2 * np.pi * x).mean(axis=1))
    )  # fmt: skip


def _few_of_twenty(points: Points) -> Array:
    """Twenty parameters, of which four matter."""
    x = _matrix(points, 20)
    return (
        3 * (x[:, 2] - 0.3) ** 2 + np.abs(x[:, 7] - 0.8) + 2 * (x[:, 11] - x[:, 17]) ** 2
        + 0.5 * (1 - x[:, 17])
    )  # fmt: skip


def _training_like(points: Points) -> Array:
    """A network's training in short: chance level, a valley along a ridge, and a cliff of failures.

    Above a learning rate that depends on the momentum the training diverges; far below it nothing
    is learned within the epochs; regularisation and width have mild optima.
    """
    lr, momentum, units, decay = _columns(points, "lr", "momentum", "units", "decay")
    rate = np.log10(lr / (1 - momentum))  # the effective step
    error = 0.04 + 0.03 * (rate - 0.1) ** 2 + 0.012 * np.log2(units / 190) ** 2
    error += 0.02 * (np.log10(decay) + 3.5) ** 2 / (1 + np.abs(np.log10(decay) + 3.5))
    error = np.minimum(error, 0.9)
    return np.where(rate > 0.6, np.nan, error)


def _conditional(points: Points) -> Array:
    """Three optimizers with parameters of their own, and a list of layer sizes."""
    losses = np.empty(len(points))
    for i, p in enumerate(points):
        lr = np.log10(p["lr"])
        if p["optimizer"] == "adam":
            own = 0.1 * (lr + 3) ** 2 + 0.05 * (np.log10(1 - p["beta2"]) + 2.5) ** 2
        elif p["optimizer"] == "momentum":
            own = 0.02 + 0.1 * (lr + 1.3 + np.log10(1 - p["beta"]) + 1) ** 2
        else:
            own = 0.12 + 0.1 * (lr + 0.7) ** 2
        units = np.log2(p["units"]) if p["units"] else np.array([4.0])
        own += 0.03 * (units.sum() / 16 - 1) ** 2 + 0.02 * np.abs(np.diff(units)).sum()
        losses[i] = own + (0.03 if not p["norm"] else 0.0)
    return losses


def _conditional_space() -> Space:
    return Space(
        [
            Parameter("optimizer", Categories(("plain", "momentum", "adam"))),
            Parameter("lr", FloatRange(1e-5, 1.0, "log")),
            Parameter(
                "beta", FloatRange(0.5, 0.999, "1-beta"), (Condition("optimizer", ("momentum",)),)
            ),
            Parameter(
                "beta2", FloatRange(0.9, 0.9999, "1-beta"), (Condition("optimizer", ("adam",)),)
            ),
            Parameter("norm", Categories((False, True))),
            Parameter("layers", IntegerRange(0, 4)),
            Parameter("units", IntegerRange(8, 512, "log"), repeat="layers"),
        ]
    )


def _words_only(points: Points) -> Array:
    """Six choices of four words: an effect for each, and for each pair of neighbours."""
    rng = np.random.default_rng(5)
    alone, pairs = rng.normal(size=(6, 4)), 0.5 * rng.normal(size=(5, 4, 4))
    x = np.array([["abcd".index(p[f"c{i}"]) for i in range(6)] for p in points])
    losses = sum(alone[i, x[:, i]] for i in range(6))
    return np.asarray(losses + sum(pairs[i, x[:, i], x[:, i + 1]] for i in range(5)))


def _stairs(points: Points) -> Array:
    """Whole numbers and an ordered list; wide plateaus, as of an accuracy on few examples."""
    depth, trees, rate, leaf = _columns(points, "depth", "trees", "rate", "leaf")
    smooth = (
        0.02 * (depth - 7) ** 2 / 9
        + 0.05 * (np.log10(trees * rate) - 1.2) ** 2
        + 0.02 * np.log2(leaf / 6) ** 2 / 4
    )
    return np.ceil(smooth * 300) / 300


def synthetic_tasks() -> list[Task]:
    """Functions of 1 to 20 dimensions, the last ones as tuning tasks look."""
    training = Space(
        [
            Parameter("lr", FloatRange(1e-5, 10.0, "log")),
            Parameter("momentum", FloatRange(0.5, 0.999, "1-beta")),
            Parameter("units", IntegerRange(8, 1024, "log")),
            Parameter("decay", FloatRange(1e-7, 1e-1, "log")),
        ]
    )
    stairs = Space(
        [
            Parameter("depth", IntegerRange(1, 16)),
            Parameter("trees", IntegerRange(10, 1000, "log")),
            Parameter("rate", FloatRange(1e-3, 1.0, "log")),
            Parameter("leaf", OrderedList((1, 2, 4, 8, 16, 32, 64))),
        ]
    )
    words = Space([Parameter(f"c{i}", Categories(tuple("abcd"))) for i in range(6)])
    return [
        Task("wave-1", _floats(1), _wave),
        Task("branin-2", _floats(2), _branin),
        Task("rosenbrock-4", _floats(4), _rosenbrock),
        Task("hartmann-6", _floats(6), _hartmann6),
        Task("ackley-10", _floats(10), _ackley),
        Task("few-of-20", _floats(20), _few_of_twenty),
        Task("training-4", training, _training_like),
        Task("conditional-10", _conditional_space(), _conditional),
        Task("words-6", words, _words_only, table=20_000),
        Task("stairs-4", stairs, _stairs),
        Task("training-4-noisy", training, _training_like, noise=0.004),
        Task("hartmann-6-noisy", _floats(6), _hartmann6, noise=0.1),
    ]


# ---------------------------------------------------------------------------- real trainings

TRAININGS = 1_500
"""Random points of a table of real trainings: they take tens of milliseconds each."""


def sklearn_tasks(cache: Path) -> list[Task]:
    """Cross-validated errors of small models on data that scikit-learn ships."""
    from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine

    digits = load_digits(return_X_y=True)
    return [
        _svc(cache, "svc-digits", (digits[0][:600], digits[1][:600])),
        _svc(cache, "svc-wine", load_wine(return_X_y=True)),
        _forest(cache, "forest-cancer", load_breast_cancer(return_X_y=True)),
        _elastic(cache, "elastic-diabetes", load_diabetes(return_X_y=True)),
        _sgd(cache, "sgd-digits", (digits[0][:500], digits[1][:500])),
    ]


class Remembered:
    """Losses of trainings, each trained once and kept in a file."""

    def __init__(self, path: Path, train: Callable[[Mapping[str, Any]], float]) -> None:
        self._path = path
        self._train = train
        lines = path.read_text().splitlines() if path.exists() else []
        self._known: dict[str, float] = dict(json.loads(line) for line in lines)

    def __call__(self, points: Points) -> Array:
        with self._path.open("a") as file:
            return np.array([self._loss(point, file) for point in points], np.float64)

    def _loss(self, point: Mapping[str, Any], file: TextIO) -> float:
        key = json.dumps(point, sort_keys=True)
        if key not in self._known:
            self._known[key] = self._train(point)
            file.write(json.dumps([key, self._known[key]]) + "\n")
        return self._known[key]


def _cross_validated(model: Any, data: Any, scoring: str | None = None) -> float:
    import warnings

    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scaled = make_pipeline(StandardScaler(), model)
        return float(-cross_val_score(scaled, *data, cv=3, scoring=scoring).mean())


def _svc(cache: Path, name: str, data: Any) -> Task:
    from sklearn.svm import SVC

    space = Space(
        [
            Parameter("kernel", Categories(("rbf", "poly", "linear"))),
            Parameter("c", FloatRange(1e-3, 1e3, "log")),
            Parameter(
                "gamma", FloatRange(1e-5, 10.0, "log"), (Condition("kernel", ("rbf", "poly")),)
            ),
            Parameter("degree", IntegerRange(2, 5), (Condition("kernel", ("poly",)),)),
        ]
    )
    return Task(
        name,
        space,
        Remembered(
            cache / f"{name}.jsonl",
            lambda p: _cross_validated(
                SVC(C=p["c"], kernel=p["kernel"], gamma=p.get("gamma", 1.0),
                    degree=p.get("degree", 3), max_iter=2000),
                data,
            )
        ),
        table=TRAININGS,
        is_slow=True,
    )  # fmt: skip


def _forest(cache: Path, name: str, data: Any) -> Task:
    from sklearn.ensemble import ExtraTreesClassifier

    space = Space(
        [
            Parameter("trees", IntegerRange(2, 32, "log")),
            Parameter("features", FloatRange(0.05, 1.0)),
            Parameter("leaf", IntegerRange(1, 40, "log")),
            Parameter("criterion", Categories(("gini", "entropy"))),
            Parameter("bootstrap", Categories((False, True))),
        ]
    )
    return Task(
        name,
        space,
        Remembered(
            cache / f"{name}.jsonl",
            lambda p: _cross_validated(
                ExtraTreesClassifier(
                    n_estimators=p["trees"], max_features=p["features"], random_state=0,
                    min_samples_leaf=p["leaf"], criterion=p["criterion"],
                    bootstrap=p["bootstrap"]),
                data,
                "neg_log_loss",
            )
        ),
        table=TRAININGS,
        is_slow=True,
    )  # fmt: skip


def _elastic(cache: Path, name: str, data: Any) -> Task:
    from sklearn.linear_model import ElasticNet

    space = Space(
        [
            Parameter("alpha", FloatRange(1e-5, 1e2, "log")),
            Parameter("l1_ratio", FloatRange(0.0, 1.0)),
            Parameter("selection", Categories(("cyclic", "random"))),
        ]
    )
    return Task(
        name,
        space,
        Remembered(
            cache / f"{name}.jsonl",
            lambda p: _cross_validated(
                ElasticNet(alpha=p["alpha"], l1_ratio=p["l1_ratio"], selection=p["selection"],
                           max_iter=300, random_state=0),
                data,
                "neg_mean_squared_error",
            )
        ),
        table=TRAININGS,
        is_slow=True,
    )  # fmt: skip


def _sgd(cache: Path, name: str, data: Any) -> Task:
    from sklearn.linear_model import SGDClassifier

    space = Space(
        [
            Parameter("loss", Categories(("log_loss", "modified_huber"))),
            Parameter("penalty", Categories(("l2", "l1", "elasticnet"))),
            Parameter("alpha", FloatRange(1e-7, 1.0, "log")),
            Parameter("eta0", FloatRange(1e-5, 1.0, "log")),
            Parameter("power_t", FloatRange(0.0, 0.9)),
            Parameter("epochs", IntegerRange(1, 12, "log")),
            Parameter("average", Categories((False, True))),
        ]
    )
    return Task(
        name,
        space,
        Remembered(
            cache / f"{name}.jsonl",
            lambda p: _cross_validated(
                SGDClassifier(
                    loss=p["loss"], penalty=p["penalty"], alpha=p["alpha"], eta0=p["eta0"],
                    learning_rate="invscaling", power_t=p["power_t"], max_iter=p["epochs"],
                    tol=None, average=p["average"], random_state=0),
                data,
                "neg_log_loss",
            )
        ),
        table=TRAININGS,
        is_slow=True,
    )  # fmt: skip
