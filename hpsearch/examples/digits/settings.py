"""The hyperparameters of `train`: their names, defaults and limits, and the check of what is given.

One wrong name or value becomes one line; `training.py` reads the result and nothing else.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from hpsearch.examples.digits.network import ACTIVATIONS
from hpsearch.examples.digits.schedules import DECAYS

OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam")


@dataclass(frozen=True)
class Settings:
    """One full set of values.

    Attributes:
        learning_rate: in the first epoch; above 0.
        optimizer: `sgd` (plain gradient descent), `momentum`, `rmsprop` or `adam`.
        momentum: decay of the average gradient (beta of momentum, beta1 of Adam); in [0, 1).
        beta2: decay of the average square (RMSprop, Adam); in [0, 1).
        epsilon: added to the root mean square (RMSprop, Adam); above 0.
        batch_size: the most examples in one step; at least 1, with `batch_norm` at least 2.
        hidden_units: units of each hidden layer.
        activation: `relu` or `tanh`.
        batch_norm: whether each hidden layer has batch norm.
        dropout: the share of the hidden units dropped in each step; in [0, 1).
        l2: factor of half the sum of the squared weights; at least 0.
        decay: of the learning rate: `none`, `inverse` (1/t), `exponential` or `step`.
        decay_rate: the share of it lost per epoch at the beginning; at least 0.
        decay_every: epochs between the drops of `step`; at least 1.
        epochs: to train, if no budget is given; at least 1.
    """

    learning_rate: float = 0.01
    optimizer: str = "adam"
    momentum: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    batch_size: int = 64
    hidden_units: tuple[int, ...] = (64, 64)
    activation: str = "relu"
    batch_norm: bool = True
    dropout: float = 0.0
    l2: float = 0.0
    decay: str = "none"
    decay_rate: float = 0.1
    decay_every: int = 5
    epochs: int = 15


def read_settings(params: Mapping[str, Any]) -> Settings:
    """The settings with these values and the defaults for the others.

    `hidden_units` is one number for every layer, or a list with one for each; `layers` is the
    number of hidden layers (by default 2, or the length of that list).

    Raises:
        ValueError: a name is unknown, or a value is not allowed; one line says which and what is.
    """
    for name in params:
        if name not in READERS:
            raise ValueError(_unknown(name))
    values = {name: READERS[name](name, value) for name, value in params.items()}
    layers = values.pop("layers", None)
    if layers is not None or "hidden_units" in values:
        values["hidden_units"] = _units_of_layers(values.get("hidden_units"), layers)
    settings = Settings(**values)
    if settings.batch_norm and settings.batch_size == 1:
        raise ValueError(
            "batch_size: 1 example has no variance to normalise by; "
            "with batch_norm it must be at least 2"
        )
    return settings


def read_budget(budget: Any) -> int:
    """The number of epochs; raises ValueError unless it is a whole number of at least 1."""
    return _whole(1)("budget", budget)


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(str(name), READERS, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"{name}: the digits example has no such parameter.{hint} Known: {', '.join(READERS)}."


def _units_of_layers(units: int | tuple[int, ...] | None, layers: int | None) -> tuple[int, ...]:
    if isinstance(units, tuple):
        if layers not in (None, len(units)):
            raise ValueError(
                f"hidden_units: {list(units)} has {len(units)} entries, but layers is {layers}; "
                "give one entry for each layer, or a single number for all"
            )
        return units
    defaults = Settings.hidden_units
    n_layers = len(defaults) if layers is None else layers
    return (defaults[0] if units is None else units,) * n_layers


def _number(allowed: str, is_allowed: Callable[[float], bool]) -> Callable[[str, Any], float]:
    def read(name: str, value: Any) -> float:
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or not is_allowed(value):
            raise ValueError(f"{name}: {value!r} is not allowed; it must be a number {allowed}")
        return float(value)

    return read


def _whole(at_least: int) -> Callable[[str, Any], int]:
    def read(name: str, value: Any) -> int:
        is_whole = isinstance(value, Integral) and not isinstance(value, bool)
        if isinstance(value, Real) and not isinstance(value, Integral):
            is_whole = float(value).is_integer()
        if not is_whole or value < at_least:
            raise ValueError(
                f"{name}: {value!r} is not allowed; it must be a whole number, at least {at_least}"
            )
        return int(value)

    return read


def _word(*allowed: str) -> Callable[[str, Any], str]:
    def read(name: str, value: Any) -> str:
        if value not in allowed:
            near = difflib.get_close_matches(str(value), allowed, n=1)
            hint = f". Did you mean {near[0]}?" if near else ""
            raise ValueError(
                f"{name}: {value!r} is not allowed; it must be one of {', '.join(allowed)}{hint}"
            )
        return str(value)

    return read


def _truth(name: str, value: Any) -> bool:
    if type(value).__name__ not in ("bool", "bool_"):
        raise ValueError(f"{name}: {value!r} is not allowed; it must be true or false")
    return bool(value)


def _units(name: str, value: Any) -> int | tuple[int, ...]:
    read = _whole(1)
    if isinstance(value, list | tuple):
        return tuple(read(f"{name}[{i}]", units) for i, units in enumerate(value))
    return read(name, value)


_SHARE = _number("from 0 to below 1", lambda value: 0 <= value < 1)
_POSITIVE = _number("above 0", lambda value: value > 0)
_NOT_NEGATIVE = _number("of at least 0", lambda value: value >= 0)

READERS: dict[str, Callable[[str, Any], Any]] = {
    "learning_rate": _POSITIVE,
    "optimizer": _word(*OPTIMIZERS),
    "momentum": _SHARE,
    "beta2": _SHARE,
    "epsilon": _POSITIVE,
    "batch_size": _whole(1),
    "layers": _whole(0),
    "hidden_units": _units,
    "activation": _word(*ACTIVATIONS),
    "batch_norm": _truth,
    "dropout": _SHARE,
    "l2": _NOT_NEGATIVE,
    "decay": _word(*DECAYS),
    "decay_rate": _NOT_NEGATIVE,
    "decay_every": _whole(1),
    "epochs": _whole(1),
}
