"""`when` and `repeat`: whether a parameter may depend on the one that it names.

The rules are those of `space`, which is asked; here each is told at the name or value that breaks
it. What refers to a parameter that is broken itself is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hpsearch.config.kinds import Found
from hpsearch.config.report import Place, Report, shown_reason, shown_text
from hpsearch.config.sections import each
from hpsearch.config.suggestions import closest, value_meant
from hpsearch.domains import Categories, Domain, Fixed, OrderedList, Value
from hpsearch.errors import SpaceError
from hpsearch.space import Condition, Parameter, Space


@dataclass(frozen=True)
class Declared:
    """A parameter as far as it could be read.

    Attributes:
        domain: None where it is broken.
        when: other parameter -> the values; None for a value that is broken.
        repeat: the name of the parameter that counts.
    """

    name: str
    domain: Domain | None
    when: Mapping[str, Found | None]
    repeat: Found | None

    @property
    def parents(self) -> tuple[str, ...]:
        """The parameters that it depends on."""
        counter = () if self.repeat is None else (self.repeat.value,)
        return (*self.when, *counter)


class References:
    """Checks what the parameters say of each other.

    Args:
        declared: all the parameters in the order of the file.
    """

    def __init__(self, declared: Mapping[str, Declared], report: Report) -> None:
        self._declared = declared
        self._order = {name: i for i, name in enumerate(declared)}
        self._report = report

    def conditions(self, child: Declared) -> tuple[Condition, ...]:
        """The conditions of the parameter; those that cannot be are reported and left out."""
        conditions = []
        for name, found in child.when.items():
            if found is None:
                continue
            path = found.spot.path
            parent = self._parent(child, name, found.spot.place, path)
            if parent is None or parent.domain is None:
                continue
            if (refusal := self._refusal(parent, child.name)) is not None:
                self._report.add(found.spot.place, path, refusal)
                continue
            values = self._values(parent, parent.domain, each(found))
            if values:
                conditions.append(Condition(name, values))
        return tuple(conditions)

    def counter(self, child: Declared) -> str | None:
        """The parameter that counts the entries of this one's list."""
        found = child.repeat
        if found is None:
            return None
        parent = self._parent(child, found.value, found.place, found.spot.path)
        if parent is None or parent.domain is None:
            return None
        name = shown_text(parent.name)
        if parent.repeat is not None:
            found.complain(self._report, f"{name} is a list itself, and cannot count another")
            return None
        counted = Parameter(child.name, Fixed((0,)), repeat=parent.name)
        try:
            Space([Parameter(parent.name, parent.domain), counted])
        except SpaceError as error:
            found.complain(self._report, str(error).removeprefix("repeat: "))
            return None
        return parent.name

    def _parent(self, child: Declared, name: str, place: Place, path: str) -> Declared | None:
        """The earlier parameter of that name."""
        earlier = [
            other for other in self._declared if self._order[other] < self._order[child.name]
        ]
        shown = shown_text(name)
        if name == child.name:
            self._report.add(place, path, f"{shown} cannot depend on itself")
        elif name not in self._declared:
            meant = closest(name, earlier)
            self._report.add(place, path, f"no parameter is called {shown}", meant)
        elif self._order[name] < self._order[child.name]:
            return self._declared[name]
        elif self._depends_on(name, child.name):
            own = shown_text(child.name)
            self._report.add(place, path, f"{own} and {shown} depend on each other")
        else:
            message = f"{shown} is declared later; move it above {shown_text(child.name)}"
            self._report.add(place, path, message)
        return None

    def _depends_on(self, name: str, other: str) -> bool:
        """Whether `name` depends on `other`, directly or through more parameters."""
        waiting, seen = [name], {name}
        while waiting:
            for parent in self._declared[waiting.pop()].parents:
                if parent == other:
                    return True
                if parent in self._declared and parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return False

    @staticmethod
    def _refusal(parent: Declared, child: str) -> str | None:
        """Why no condition at all can stand on the parent."""
        if parent.repeat is not None:
            return f"{shown_text(parent.name)} is a list; a condition needs a single value"
        assert parent.domain is not None
        condition = Condition(parent.name, ())
        try:
            Space(
                [
                    Parameter(parent.name, parent.domain),
                    Parameter(child, Fixed((0,)), when=(condition,)),
                ]
            )
        except SpaceError as error:
            return str(error).removeprefix(f"{child}: when: ")
        return None

    def _values(
        self, parent: Declared, domain: Domain, entries: tuple[Found | None, ...]
    ) -> tuple[Value, ...]:
        """The values of a condition in the parent's own type; empty if one of them is wrong."""
        values = []
        for entry in filter(None, entries):
            try:
                values.append(domain.accept(entry.value))
            except SpaceError as error:
                complain_about_value(entry, parent.name, domain, error, self._report)
        return tuple(dict.fromkeys(values)) if len(values) == len(entries) else ()


MOST_LISTED = 12


def complain_about_value(
    entry: Found, name: str, domain: Domain, error: SpaceError, report: Report
) -> None:
    """Report a value that the parameter cannot have, with those that it can."""
    reason, meant = shown_reason(error), None
    if isinstance(domain, (OrderedList, Categories, Fixed)):
        same = [value for value in domain.values if _as_yaml(value) == entry.text]
        write = _with_quotes if same else _as_yaml  # only the quotes tell true and "true" apart
        shown = [write(value) for value in domain.values[:MOST_LISTED]]
        more = ["..."] if len(domain.values) > MOST_LISTED else []
        found = f"the text {write(entry.value)}" if same and _is_text(entry) else entry.text
        reason = f"{found} is not one of {', '.join(shown + more)}"
        meant = write(same[0]) if same else value_meant(entry.value, domain.values)
    entry.complain(report, f"{shown_text(name)} cannot be that: {reason}", meant)


def _is_text(entry: Found) -> bool:
    return isinstance(entry.value, str)


def _as_yaml(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else shown_text(str(value))


def _with_quotes(value: Value) -> str:
    return f'"{shown_text(value)}"' if isinstance(value, str) else _as_yaml(value)
