"""`search.start_with`: sets of values in the space's own types, each problem told at its value."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from hpsearch.config.kinds import Found
from hpsearch.config.parameters import ReadSpace
from hpsearch.config.references import Declared, complain_about_value
from hpsearch.config.report import Report, shown_text
from hpsearch.config.sections import each
from hpsearch.config.suggestions import closest
from hpsearch.domains import Domain, Fixed
from hpsearch.errors import SpaceError

MOST_REPEATED = 6


def read_start_points(
    section: Found, read: ReadSpace, report: Report, *, tried_once: bool
) -> tuple[Mapping[str, Any], ...]:
    """The points that are possible, as `Space.accept` returns them.

    Args:
        tried_once: whether a point that is given twice counts once, which is worth a note.
    """
    points = []
    first: dict[Hashable, Found] = {}
    for point in filter(None, section.value):
        values = {name: found for name, found in point.value.items() if found is not None}
        is_sound = len(values) == len(point.value)
        for name, found in values.items():
            is_sound &= _is_possible(name, found, values, read.declared, report)
        if is_sound and read.space is not None:
            accepted = _accepted(point, values, read, report)
            if accepted is None:
                continue
            earlier = first.setdefault(read.space.key(accepted), point)
            if tried_once and earlier is not point:
                message = f"has the values of {earlier.spot.path}; no point is tried twice"
                point.note(report, message)
            else:
                points.append(accepted)
    return tuple(points)


def _is_possible(
    name: str,
    found: Found,
    point: Mapping[str, Found],
    declared: Mapping[str, Declared],
    report: Report,
) -> bool:
    """Whether the value by itself is one of its parameter's; the rest of the point only helps to
    guess what is meant."""
    if name not in declared:
        message = f"no parameter is called {shown_text(name)}"
        report.add(found.spot.place, found.spot.path, message, closest(name, declared))
        return False
    parameter = declared[name]
    if parameter.domain is None:
        return True
    if isinstance(found.value, tuple) and parameter.repeat is None:
        found.complain(report, "must be a single value, but is a list")
        return False
    if not isinstance(found.value, tuple) and parameter.repeat is not None:
        counter = parameter.repeat.value
        entries = _repeated(found.text, _count(counter, point, declared))
        message = f"must be a list, as long as {shown_text(counter)} says"
        found.complain(report, message, f"[{entries}]")
        return False
    is_sound = True
    for entry in each(found):
        is_sound &= entry is not None and _is_in_domain(entry, name, parameter.domain, report)
    return is_sound


def _count(
    counter: str, point: Mapping[str, Found], declared: Mapping[str, Declared]
) -> int | None:
    """How many entries a list has that the counter counts; None if that is not known."""
    fixed = declared[counter].domain if counter in declared else None
    value = fixed.values[0] if isinstance(fixed, Fixed) else None
    if counter in point:
        value = point[counter].value
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _repeated(entry: str, times: int | None) -> str:
    if times is None or not 1 <= times <= MOST_REPEATED:
        return f"{entry}, ..."
    return ", ".join([entry] * times)


def _is_in_domain(entry: Found, name: str, domain: Domain, report: Report) -> bool:
    try:
        domain.accept(entry.value)
    except SpaceError as error:
        complain_about_value(entry, name, domain, error, report)
        return False
    return True


def _accepted(
    point: Found, values: Mapping[str, Found], read: ReadSpace, report: Report
) -> Mapping[str, Any] | None:
    """The point as the space accepts it; a problem, if any, is told at its parameter."""
    assert read.space is not None
    written = {name: _plain(found) for name, found in values.items()}
    try:
        return read.space.accept(written)
    except SpaceError as error:
        message = str(error)
    culprits = [name for name in read.space.parameters if message.startswith(f"{name}: ")]
    culprit = max(culprits, key=len, default="")
    reason = message.removeprefix(f"{culprit}: ")
    if culprit in values:
        values[culprit].complain(report, reason)
    else:
        point.complain(report, message)
    return None


def _plain(found: Found) -> Any:
    if isinstance(found.value, tuple):
        return [entry.value for entry in found.value]
    return found.value
