"""One parameter of a W&B sweep -> one of a config, or why it cannot be.

What the distributions become is in `wandb_ranges`; `wandb_sweep` asks for all the parameters.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hpsearch.config.kinds import number_of, shown
from hpsearch.config.report import Place, Report, shown_text
from hpsearch.config.yaml_nodes import Entry, ListNode, MapNode, Node, ScalarNode
from hpsearch.discovery import yaml_text
from hpsearch.discovery.facts import Scalar
from hpsearch.discovery.guess import Domain, Values
from hpsearch.discovery.wandb_ranges import (
    BELLS,
    LOG,
    UNIFORM,
    ImpossibleRange,
    near_bell,
    range_of,
)

LEVELS_OF_A_CONTINUUM = 10
_KEYS = ("value", "values", "min", "max", "distribution", "mu", "sigma", "q", "probabilities")
DISTRIBUTIONS = ("constant", "categorical", *sorted(UNIFORM | LOG | BELLS))


@dataclass(frozen=True)
class Imported:
    """What a parameter became.

    Attributes:
        path: of the key in the sweep.
        name: in the config: dotted, if it was nested.
        was: in the sweep, in a few words.
        domain: a range or a list; one value where it is fixed; None if it was not imported.
        note: what is different now, or why it could not be.
        instead: a range that comes near one that could not be.
    """

    path: str
    name: str
    was: str
    domain: Domain | None
    note: str = ""
    instead: Domain | None = None

    @property
    def keys(self) -> dict[str, str]:
        """Its keys in the config, as YAML."""
        assert self.domain is not None
        if isinstance(self.domain, Values) and len(self.domain.values) == 1:
            return {"value": yaml_text.scalar(self.domain.values[0])}
        return yaml_text.domain(self.domain)

    def grid_size(self, fewest: bool) -> int:
        """How many points it has in a grid; the fewest are the two ends of a range."""
        if isinstance(self.domain, Values):
            return len(self.domain.values)
        if self.domain is None:
            return 1
        if fewest:
            return 2
        if isinstance(self.domain.low, int) and isinstance(self.domain.high, int):
            return self.domain.high - self.domain.low + 1
        return LEVELS_OF_A_CONTINUUM


def imported_parameters(
    entries: Mapping[str, Entry], report: Report, path: str = "parameters", prefix: str = ""
) -> Iterator[Imported]:
    """All the parameters of a mapping, those of nested mappings with dotted names."""
    for name, entry in entries.items():
        here, full = f"{path}.{shown_text(name)}", f"{prefix}{name}"
        if not isinstance(entry.node, MapNode):
            wanted = "must be a mapping such as {min: 0.1, max: 1.0}"
            report.add(entry.node.place, here, f"{wanted}, but is {shown(entry.node)}")
            continue
        nested = entry.node.entries.get("parameters")
        if nested is not None and isinstance(nested.node, MapNode):
            below = nested.node.entries
            yield from imported_parameters(below, report, f"{here}.parameters", f"{full}.")
            continue
        imported = _Reader(entry.node, entry.key_place, here, full, report).read()
        if imported is not None:
            yield imported


class _Reader:
    """Reads one parameter; None and a problem where it is broken."""

    def __init__(self, node: MapNode, place: Place, path: str, name: str, report: Report) -> None:
        self._keys = node.entries
        self._place = place
        self._path = path
        self._name = name
        self._report = report

    def read(self) -> Imported | None:
        unknown = [key for key in self._keys if key not in _KEYS]
        for key in unknown:
            self._complain(key, f"is no key of a parameter; possible: {', '.join(_KEYS)}")
        distribution = None if unknown else self._distribution()
        if distribution is None:
            return None
        if distribution in ("constant", "categorical"):
            return self._listed(distribution)
        if distribution in BELLS:
            return self._bell(distribution)
        return self._range(distribution)

    def _complain(self, key: str, message: str) -> None:
        entry = self._keys.get(key)
        place = self._place if entry is None else entry.node.place
        path = f"{self._path}.{shown_text(key)}" if key else self._path
        self._report.add(place, path, message)

    def _distribution(self) -> str | None:
        """As it is named, or as W&B infers it from the other keys."""
        if "distribution" in self._keys:
            node = self._keys["distribution"].node
            name = node.text if isinstance(node, ScalarNode) else ""
            if name in DISTRIBUTIONS:
                return name
            self._complain("distribution", f"must be one of {', '.join(DISTRIBUTIONS)}")
            return None
        for key, name in (("value", "constant"), ("values", "categorical"), ("mu", "normal")):
            if key in self._keys:
                return name
        if {"min", "max"} <= set(self._keys):
            ends = [number_of(self._keys[key].node) for key in ("min", "max")]
            whole = all(isinstance(end, int) for end in ends)
            return "int_uniform" if whole else "uniform"
        self._complain("", "has neither value, values, nor min and max")
        return None

    def _number(self, key: str) -> float | int | None:
        """A number that has to be there."""
        if key not in self._keys:
            self._complain("", f"{key} is missing")
            return None
        number = number_of(self._keys[key].node)
        if number is None or not math.isfinite(number):
            self._complain(key, f"must be a number, but is {shown(self._keys[key].node)}")
            return None
        return number

    def _listed(self, distribution: str) -> Imported | None:
        key = "value" if distribution == "constant" else "values"
        if key not in self._keys:
            self._complain("", f"{key} is missing")
            return None
        node = self._keys[key].node
        nodes = list(node.items) if key == "values" and isinstance(node, ListNode) else [node]
        if key == "values" and not (isinstance(node, ListNode) and node.items):
            self._complain(key, f"must be a list of values, but is {shown(node)}")
            return None
        values = [_value_of(one) for one in nodes]
        was = f"{key} {', '.join(_as_written(one) for one in nodes)}"
        if None in values:
            odd = shown(nodes[values.index(None)])
            why = f"a value is {odd}; hpsearch has texts, numbers, true and false"
            return Imported(self._path, self._name, shown_text(was), None, why)
        notes = []
        if any(isinstance(value, bool) for value in values):
            values = [str(value) if isinstance(value, bool) else value for value in values]
            notes.append("True and False as texts, as W&B passes them")
        if "probabilities" in self._keys:
            notes.append("without the probabilities: all values are as likely")
        domain = Values(tuple(dict.fromkeys(values)))
        return Imported(self._path, self._name, shown_text(was), domain, "; ".join(notes))

    def _range(self, distribution: str) -> Imported | None:
        low, high = self._number("min"), self._number("max")
        step = self._number("q") if "q" in self._keys else None
        if low is None or high is None or ("q" in self._keys and step is None):
            return None
        ends = " to ".join(_as_written(self._keys[key].node) for key in ("min", "max"))
        try:
            drawn = range_of(distribution, low, high, step)
        except ImpossibleRange as error:
            self._complain(error.key, str(error))
            return None
        was = f"{distribution} {ends}"
        return Imported(self._path, self._name, was, drawn.domain, drawn.note)

    def _bell(self, distribution: str) -> Imported | None:
        mu = self._number("mu") if "mu" in self._keys else 0.0
        sigma = self._number("sigma") if "sigma" in self._keys else 1.0
        if mu is None or sigma is None:
            return None
        was = distribution if "beta" in distribution else f"{distribution} {mu:g} +- {sigma:g}"
        why = "hpsearch draws from ranges, not around a centre"
        instead = near_bell(distribution, mu, sigma)
        return Imported(self._path, self._name, was, None, why, instead)


def _value_of(node: Node) -> Scalar:
    """The value; None for lists, mappings, nothing, and numbers that are not finite."""
    if not isinstance(node, ScalarNode):
        return None
    if isinstance(node.value, float) and not math.isfinite(node.value):
        return None
    return node.value


def _as_written(node: Node) -> str:
    return shown_text(node.text) if isinstance(node, ScalarNode) else shown(node)
