"""Real trainings: small scikit-learn models, cross-validated on data that scikit-learn ships.

Every training is kept in a file, so that all methods see the same function.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from search_task import Array, Points, Task

from hpsearch.domains import Categories, FloatRange, IntegerRange, OrderedList
from hpsearch.space import Condition, Parameter, Space

TRAININGS = 1_500
"""Random points of a table of real trainings: they take tens of milliseconds each."""
Params = Mapping[str, Any]


def sklearn_tasks(cache: Path) -> list[Task]:
    """Cross-validated errors, three folds."""
    from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine

    digits, wine = load_digits(return_X_y=True), load_wine(return_X_y=True)
    cancer = load_breast_cancer(return_X_y=True)

    def task(name: str, space: Space, train: Callable[[Params], float]) -> Task:
        losses = Remembered(cache / f"{name}.jsonl", train)
        return Task(name, "trainings", space, losses, table=TRAININGS, is_slow=True)

    return [
        task("svm-digits", svc_space(), svc((digits[0][:600], digits[1][:600]))),
        task("svm-wine", svc_space(), svc(wine)),
        task("forest-cancer", forest_space(), forest(cancer)),
        task("boosting-cancer", boosting_space(), boosting(cancer)),
        task("mlp-wine", mlp_space(), mlp(wine)),
        task("elastic-diabetes", elastic_space(), elastic(load_diabetes(return_X_y=True))),
        task("sgd-digits", sgd_space(), sgd((digits[0][:500], digits[1][:500]))),
    ]


class Remembered:
    """Losses of trainings, each trained once and kept in a file that several searches share."""

    def __init__(self, path: Path, train: Callable[[Params], float]) -> None:
        self._path = path
        self._train = train
        self._known: dict[str, float] = {}
        self._read = 0  # bytes of the file

    def __call__(self, points: Points) -> Array:
        return np.array([self._loss(point) for point in points], np.float64)

    def _loss(self, point: Params) -> float:
        key = json.dumps(point, sort_keys=True)
        if key not in self._known:
            self._read_new()
        if key not in self._known:
            loss = self._train(point)
            with self._path.open("a") as file:
                file.write(json.dumps([key, loss]) + "\n")
            self._known[key] = loss
        return self._known[key]

    def _read_new(self) -> None:
        """What was written since the last time, here or by another process; whole lines only."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                key, loss = json.loads(line)
                self._known[key] = loss
                self._read += len(line)


def _cross_validated(model: Any, data: Any, scoring: str) -> float:
    """The mean over three folds, with its sign changed: less is better. NaN for a failure."""
    import warnings

    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scaled = make_pipeline(StandardScaler(), model)
        try:
            scores = cross_val_score(scaled, *data, cv=3, scoring=scoring)
        except ValueError:  # every fold has failed; where only some have, theirs are NaN
            return math.nan
        return float(-scores.mean())


def svc_space() -> Space:
    return Space(
        [
            Parameter("kernel", Categories(("rbf", "poly", "linear"))),
            Parameter("c", FloatRange(1e-3, 1e3, "log")),
            Parameter(
                "gamma", FloatRange(1e-5, 10.0, "log"), (Condition("kernel", ("rbf", "poly")),)
            ),
            Parameter("degree", IntegerRange(2, 5), (Condition("kernel", ("poly",)),)),
        ]
    )


def svc(data: Any) -> Callable[[Params], float]:
    """Share of wrong answers: many plateaus."""
    from sklearn.svm import SVC

    def train(p: Params) -> float:
        model = SVC(
            C=p["c"],
            kernel=p["kernel"],
            gamma=p.get("gamma", 1.0),
            degree=p.get("degree", 3),
            max_iter=2000,
        )
        return 1.0 + _cross_validated(model, data, "accuracy")

    return train


def forest_space() -> Space:
    return Space(
        [
            Parameter("trees", IntegerRange(2, 32, "log")),
            Parameter("features", FloatRange(0.05, 1.0)),
            Parameter("leaf", IntegerRange(1, 40, "log")),
            Parameter("criterion", Categories(("gini", "entropy"))),
            Parameter("bootstrap", Categories((False, True))),
        ]
    )


def forest(data: Any) -> Callable[[Params], float]:
    from sklearn.ensemble import ExtraTreesClassifier

    def train(p: Params) -> float:
        model = ExtraTreesClassifier(
            n_estimators=p["trees"],
            max_features=p["features"],
            min_samples_leaf=p["leaf"],
            criterion=p["criterion"],
            bootstrap=p["bootstrap"],
            random_state=0,
        )
        return _cross_validated(model, data, "neg_log_loss")

    return train


def boosting_space() -> Space:
    return Space(
        [
            Parameter("rate", FloatRange(1e-2, 1.0, "log")),
            Parameter("trees", IntegerRange(5, 60, "log")),
            Parameter("leaves", IntegerRange(2, 31, "log")),
            Parameter("min_leaf", IntegerRange(1, 60, "log")),
            Parameter("l2", FloatRange(1e-4, 1e2, "log")),
            Parameter("features", FloatRange(0.1, 1.0)),
            Parameter("bins", OrderedList((8, 16, 32, 64))),
        ]
    )


def boosting(data: Any) -> Callable[[Params], float]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    def train(p: Params) -> float:
        model = HistGradientBoostingClassifier(
            learning_rate=p["rate"],
            max_iter=p["trees"],
            max_leaf_nodes=p["leaves"],
            min_samples_leaf=p["min_leaf"],
            l2_regularization=p["l2"],
            max_features=p["features"],
            max_bins=p["bins"],
            early_stopping=False,
            random_state=0,
        )
        return _cross_validated(model, data, "neg_log_loss")

    return train


def mlp_space() -> Space:
    return Space(
        [
            Parameter("layers", IntegerRange(1, 3)),
            Parameter("units", IntegerRange(2, 64, "log"), repeat="layers"),
            Parameter("activation", Categories(("relu", "tanh"))),
            Parameter("solver", Categories(("sgd", "adam"))),
            Parameter("rate", FloatRange(1e-4, 1.0, "log")),
            Parameter(
                "momentum", FloatRange(0.5, 0.999, "1-beta"), (Condition("solver", ("sgd",)),)
            ),
            Parameter("alpha", FloatRange(1e-6, 10.0, "log")),
            Parameter("batch", OrderedList((8, 16, 32, 64))),
            Parameter("epochs", IntegerRange(2, 20, "log")),
        ]
    )


def mlp(data: Any) -> Callable[[Params], float]:
    """NaN where the weights overflow."""
    from sklearn.neural_network import MLPClassifier

    def train(p: Params) -> float:
        model = MLPClassifier(
            hidden_layer_sizes=tuple(p["units"]),
            activation=p["activation"],
            solver=p["solver"],
            learning_rate_init=p["rate"],
            momentum=p.get("momentum", 0.9),
            alpha=p["alpha"],
            batch_size=p["batch"],
            max_iter=p["epochs"],
            n_iter_no_change=p["epochs"],
            random_state=0,
        )
        return _cross_validated(model, data, "neg_log_loss")

    return train


def elastic_space() -> Space:
    return Space(
        [
            Parameter("alpha", FloatRange(1e-5, 1e2, "log")),
            Parameter("l1_ratio", FloatRange(0.0, 1.0)),
            Parameter("selection", Categories(("cyclic", "random"))),
        ]
    )


def elastic(data: Any) -> Callable[[Params], float]:
    from sklearn.linear_model import ElasticNet

    def train(p: Params) -> float:
        model = ElasticNet(
            alpha=p["alpha"],
            l1_ratio=p["l1_ratio"],
            selection=p["selection"],
            max_iter=300,
            random_state=0,
        )
        return _cross_validated(model, data, "neg_mean_squared_error")

    return train


def sgd_space() -> Space:
    return Space(
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


def sgd(data: Any) -> Callable[[Params], float]:
    from sklearn.linear_model import SGDClassifier

    def train(p: Params) -> float:
        model = SGDClassifier(
            loss=p["loss"],
            penalty=p["penalty"],
            alpha=p["alpha"],
            eta0=p["eta0"],
            learning_rate="invscaling",
            power_t=p["power_t"],
            max_iter=p["epochs"],
            tol=None,
            average=p["average"],
            random_state=0,
        )
        return _cross_validated(model, data, "neg_log_loss")

    return train
