"""The section `space`: what was written -> a `Space`, or every problem of every parameter.

`ranges` knows the values, `references` knows `when` and `repeat`; `loader` calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hpsearch.config.kinds import Found
from hpsearch.config.parameter_kind import WrittenParameter
from hpsearch.config.ranges import domain_of
from hpsearch.config.references import Declared, References
from hpsearch.config.report import Report
from hpsearch.errors import SpaceError
from hpsearch.space import Parameter, Space


@dataclass(frozen=True)
class ReadSpace:
    """The space as far as it could be read.

    Attributes:
        declared: every parameter that was named, also the broken ones.
        space: None where anything is broken.
    """

    declared: Mapping[str, Declared]
    space: Space | None


def read_space(section: Found, report: Report) -> ReadSpace:
    """The space of the section, whose value is a dict of what was found by name."""
    declared = {name: _declared(name, found, report) for name, found in section.value.items()}
    references = References(declared, report)
    parameters = []
    for parameter in declared.values():
        conditions = references.conditions(parameter)
        counter = references.counter(parameter)
        is_whole = len(conditions) == len(parameter.when)
        is_whole &= (counter is None) == (parameter.repeat is None)
        if parameter.domain is not None and is_whole:
            parameters.append(Parameter(parameter.name, parameter.domain, conditions, counter))
    if len(parameters) < len(declared):
        return ReadSpace(declared, None)
    try:
        return ReadSpace(declared, Space(parameters))
    except SpaceError as error:
        section.complain(report, str(error))
        return ReadSpace(declared, None)


def _declared(name: str, found: Found | None, report: Report) -> Declared:
    if found is None:
        return Declared(name, None, {}, None)
    written: WrittenParameter = found.value
    domain = domain_of(written, found.spot, report)
    when, repeat = written.keys.get("when"), written.keys.get("repeat")
    return Declared(
        name,
        domain,
        (when.value or {}) if when is not None else {},
        repeat if repeat is not None and repeat.is_given else None,
    )
