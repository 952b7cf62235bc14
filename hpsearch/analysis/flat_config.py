"""A config as flat text, key by key, so that two of them can be laid side by side.

Keys and values are written as in the YAML, with the defaults filled in.
"""

from __future__ import annotations

import shlex
from collections.abc import Container, Iterator
from dataclasses import fields, is_dataclass
from itertools import chain
from typing import Any

from hpsearch.analysis.wording import MOST_DIGITS, written, written_ends
from hpsearch.config import Config
from hpsearch.domains import Categories, Fixed, FloatRange, IntegerRange, OrderedList
from hpsearch.objectives.command import CommandObjective
from hpsearch.objectives.function import FunctionObjective
from hpsearch.space import Parameter


def flatten_config(config: Config, in_one_line: Container[str] = ()) -> dict[str, str]:
    """Dotted key -> value, in the order of the config.

    Args:
        in_one_line: parameters of which one key tells everything.
    """
    parameters = config.space.parameters.values()
    keys_of = [
        _one_line(parameter) if parameter.name in in_one_line else _parameter(parameter)
        for parameter in parameters
    ]
    return dict(
        chain(
            _objective(config.objective),
            _section("metric", config.metric),
            *keys_of,
            _section("search", config.search),
            _section("budget", config.budget),
            _section("early_stop", config.early_stop),
            _section("execution", config.execution),
        )
    )


def _objective(objective: FunctionObjective | CommandObjective) -> Iterator[tuple[str, str]]:
    """Where it was looked up or runs is left out: that is the machine's, not the search's."""
    if isinstance(objective, FunctionObjective):
        yield "objective.function", objective.reference
        return
    command = objective.template.command
    yield "objective.command", command if isinstance(command, str) else shlex.join(command)
    for name, value in objective.env.items():
        yield f"objective.env.{name}", value


def _section(name: str, settings: Any) -> Iterator[tuple[str, str]]:
    for field in fields(settings) if settings is not None else ():
        value = getattr(settings, field.name)
        if field.name.endswith("_s") and value is not None:
            value = f"{value:g} s"
        yield f"{name}.{field.name.removesuffix('_s')}", _text(value)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_text(entry)}" for key, entry in value.items()) + "}"
    if is_dataclass(value):
        return " ".join(_text(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_text(entry) for entry in value) + "]"
    return written(value, digits=MOST_DIGITS)


def _one_line(parameter: Parameter) -> Iterator[tuple[str, str]]:
    domain = parameter.domain
    if isinstance(domain, (FloatRange, IntegerRange)):
        text = " … ".join(written_ends(domain))
        text += f", {domain.scale}" if domain.scale != "linear" else ""
    else:
        assert isinstance(domain, (OrderedList, Categories, Fixed))
        text = ", ".join(_text(value) for value in domain.values)
    yield f"space.{parameter.name}", text


def _parameter(parameter: Parameter) -> Iterator[tuple[str, str]]:
    domain, key = parameter.domain, f"space.{parameter.name}"
    if isinstance(domain, (FloatRange, IntegerRange)):
        yield f"{key}.type", "int" if isinstance(domain, IntegerRange) else "float"
        yield f"{key}.scale", domain.scale
        low, high = written_ends(domain)
        yield f"{key}.min", low
        yield f"{key}.max", high
    else:
        assert isinstance(domain, (OrderedList, Categories, Fixed))
        if isinstance(domain, Fixed):
            yield f"{key}.value", _text(domain.value)
        else:
            yield f"{key}.values", _text(domain.values)
    for condition in parameter.when:
        yield f"{key}.when.{condition.parameter}", _text(condition.values)
    if parameter.repeat is not None:
        yield f"{key}.repeat", parameter.repeat
