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
            live = _is_live(section.value[parameter.name], parameter, report)
            parameters.append(
                Parameter(parameter.name, parameter.domain, conditions, counter, live)
            )
    if len(parameters) < len(declared):
        return ReadSpace(declared, None)
    try:
        return ReadSpace(declared, Space(parameters))
    except SpaceError as error:
        section.complain(report, str(error))
        return ReadSpace(declared, None)


def _is_live(found: Found | None, parameter: Declared, report: Report) -> bool:
    """Whether it can change during training; a problem where it cannot."""
    live = found.value.keys.get("live") if found is not None else None
    if live is None or not live.value:
        return False
    if parameter.repeat is not None or parameter.when:
        live.complain(report, "goes with a single value that is always active")
    elif parameter.domain is not None and not parameter.domain.is_ordered:
        live.complain(report, "goes with a range or a list of numbers, which have an up and a down")
    return True


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
