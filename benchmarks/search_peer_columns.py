"""A space as flat columns of plain numbers and words, for tools that know no more than that.

A column's raw value is what a tool handles; `point` makes the values of a trial of them, without
those that are not active. No tool is imported here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Column:
    """One raw number or word.

    Attributes:
        parameter: as `describe` in `search_methods.py` gives it.
        position: in the list of a repeated parameter; None for one value.
    """

    parameter: dict[str, Any]
    position: int | None = None

    @property
    def label(self) -> str:
        position = "" if self.position is None else str(self.position)
        return f"{self.parameter['name']}{position}"

    @property
    def is_words(self) -> bool:
        return bool(self.parameter["kind"] == "words")

    @property
    def words(self) -> list[str]:
        """Positions as text: tools differ in what else they take for a category."""
        return [str(i) for i in range(len(self.parameter["values"]))]

    @property
    def is_whole(self) -> bool:
        return self.parameter["kind"] in ("int", "list")

    @property
    def is_log(self) -> bool:
        return self.parameter.get("scale") == "log"

    @property
    def low(self) -> Any:
        if self.parameter["kind"] == "list":
            return 0
        low = self.parameter["low"]
        return -math.log1p(-low) if self.parameter["scale"] == "1-beta" else low

    @property
    def high(self) -> Any:
        if self.parameter["kind"] == "list":
            return len(self.parameter["values"]) - 1
        high = self.parameter["high"]
        return -math.log1p(-high) if self.parameter["scale"] == "1-beta" else high

    def value(self, raw: Any) -> Any:
        """The parameter's value."""
        if "values" in self.parameter:
            return self.parameter["values"][int(raw)]
        low, high = self.parameter["low"], self.parameter["high"]
        if self.is_whole:
            return min(max(int(raw), low), high)
        x = -math.expm1(-float(raw)) if self.parameter["scale"] == "1-beta" else float(raw)
        return min(max(x, low), high)

    def raw(self, value: Any) -> Any:
        """The raw value of a value that a condition names."""
        if "values" not in self.parameter:
            return value
        position = self.parameter["values"].index(value)
        return str(position) if self.is_words else position


def columns(parameters: list[dict[str, Any]]) -> list[Column]:
    """All that can be active, in the order of the parameters."""
    by_name = {parameter["name"]: parameter for parameter in parameters}
    flat = []
    for parameter in parameters:
        if parameter["repeat"] is None:
            flat.append(Column(parameter))
        else:
            count = by_name[parameter["repeat"]]
            most = max(count["values"]) if "values" in count else count["high"]
            flat += [Column(parameter, i) for i in range(most)]
    return flat


def point(parameters: list[dict[str, Any]], raw: Callable[[Column], Any]) -> dict[str, Any]:
    """The values of a trial; `raw` is called for the active columns only, in order."""
    values: dict[str, Any] = {}
    for parameter in parameters:
        if not all(values.get(parent) in allowed for parent, allowed in parameter["when"]):
            continue
        if parameter["repeat"] is None:
            column = Column(parameter)
            values[parameter["name"]] = column.value(raw(column))
        else:
            repeated = [Column(parameter, i) for i in range(values[parameter["repeat"]])]
            values[parameter["name"]] = [column.value(raw(column)) for column in repeated]
    return values
