"""The values that one parameter can take: what was written -> a domain, or what is wrong with it.

`parameters` calls `domain_of` for each parameter. The rules are those of `scales` and `domains`;
here each is told at the number that breaks it, with a number that would do.
"""

from __future__ import annotations

import math

from hpsearch.config.kinds import Found
from hpsearch.config.parameter_kind import WrittenParameter
from hpsearch.config.report import Report, Spot, shown_number
from hpsearch.domains import (
    LARGEST_IN_RANGE,
    LARGEST_INTEGER,
    Categories,
    Domain,
    Fixed,
    FloatRange,
    IntegerRange,
    OrderedList,
)
from hpsearch.errors import SpaceError

DECADES_BELOW_MAX = 5  # where a log scale may begin that was asked to begin at 0


def domain_of(written: WrittenParameter, spot: Spot, report: Report) -> Domain | None:
    """The domain; None where there is none, with the problems reported."""
    if written.form == "range":
        return _range(written.keys, spot, report)
    found = written.keys.get(written.form)
    if found is None:
        return None
    if written.form == "value":
        return _listed((found,), report)
    if found.spot == spot:  # the short form: no `values:` says that a list is meant
        _note_two(found, report)
    return _listed(found.value, report)


def _note_two(found: Found, report: Report) -> None:
    """Two numbers, one of them no whole one, are how other tools write a range."""
    entries = found.value
    if len(entries) != 2 or None in entries:
        return
    low, high = (entry.value for entry in entries)
    are_numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (low, high))
    if are_numbers and isinstance(low + high, float) and low < high:
        ends = f"{{min: {entries[0].text}, max: {entries[1].text}}}"
        found.note(report, f"2 values; for a range write {ends}")


def _listed(entries: tuple[Found | None, ...], report: Report) -> Domain | None:
    """A single value is fixed: there is nothing to vary."""
    sound = [entry for entry in entries if entry is not None]
    too_large = [entry for entry in sound if _is_beyond(entry, LARGEST_INTEGER)]
    for entry in too_large:
        entry.complain(report, _too_large(entry, LARGEST_INTEGER))
    if too_large or len(sound) < len(entries):
        return None
    values = tuple(entry.value for entry in sound)
    twins = [entry for i, entry in enumerate(sound) if entry.value in values[:i]]
    for entry in twins:  # the ones that YAML tells apart
        entry.complain(report, f"{entry.text} is listed twice (true is 1 and false is 0 here)")
    if twins:
        return None
    if len(values) == 1:
        return Fixed(values)
    numbers = [v for v in values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    return OrderedList(values) if len(numbers) == len(values) else Categories(values)


def _is_beyond(end: Found, largest: int) -> bool:
    return isinstance(end.value, int) and abs(end.value) >= largest


def _too_large(end: Found, largest: int, scale: str = "") -> str:
    what = f"a whole number with scale: {scale}" if scale else "a whole number"
    within = f"closer to 0 than +-2^{largest.bit_length() - 1}"
    return f"{end.text} is too large for {what} ({within}); write a float"


def _range(keys: dict[str, Found], spot: Spot, report: Report) -> Domain | None:
    low, high = keys.get("min"), keys.get("max")
    scale, kind = keys.get("scale"), keys.get("type")
    ends = [end for end in (low, high) if end is not None]
    is_integer = _is_integer(ends, kind)
    is_sound = _check_type(ends, is_integer, scale, kind, report)
    if is_sound and scale is not None:
        is_sound = not [
            end
            for end, other in ((low, high), (high, low))
            if end is not None and not _check_scale(end, other, scale.value, is_integer, report)
        ]
    if low is None or high is None:
        return None
    if not is_sound or not _check_order(low, high, report) or scale is None or kind is None:
        return None
    try:
        if is_integer:
            return IntegerRange(int(low.value), int(high.value), scale.value)
        return FloatRange(float(low.value), float(high.value), scale.value)
    except SpaceError as error:
        report.add(low.place, spot.path, str(error))
        return None


def _is_integer(ends: list[Found], kind: Found | None) -> bool:
    """Both ends are written as whole numbers, unless `type` says otherwise."""
    if kind is not None and kind.is_given:
        return bool(kind.value == "int")
    return all(isinstance(end.value, int) for end in ends)


def _check_type(
    ends: list[Found], is_integer: bool, scale: Found | None, kind: Found | None, report: Report
) -> bool:
    if not is_integer:
        return True
    if kind is not None and kind.is_given and scale is not None and scale.value == "1-beta":
        kind.complain(report, "int is not possible with scale: 1-beta", "float")
        return False
    name = "" if scale is None else scale.value
    largest = LARGEST_IN_RANGE.get(name, LARGEST_INTEGER)
    is_sound = True
    for end in ends:
        if end.value != math.floor(end.value):
            end.complain(report, f"must be a whole number with type: int, but is {end.text}")
            is_sound = False
        elif abs(end.value) >= largest:
            end.complain(report, _too_large(end, largest, name))
            is_sound = False
    return is_sound


def _check_scale(
    end: Found, other: Found | None, scale: str, is_integer: bool, report: Report
) -> bool:
    number = end.value
    if scale == "log" and number <= 0:
        rule, meant = "above 0", _log_min_meant(end, other, is_integer)
    elif scale == "1-beta" and number >= 1:
        rule, meant = "below 1", _beta_meant(end, other)
    elif scale == "1-beta" and number < 0:
        rule, meant = "0 or above", "0"
    else:
        return True
    message = f"{end.text} is not possible with scale: {scale} (it must be {rule})"
    end.complain(report, message, meant)
    return False


def _log_min_meant(end: Found, other: Found | None, is_integer: bool) -> str | None:
    """A power of ten some decades below max; only max can tell what is small here.

    From 0 to 1 nobody means the whole numbers, although both ends are written so.
    """
    if other is None or end.spot.path.endswith(".max") or other.value <= 0:
        return None
    if is_integer and other.value > 1:
        return "1"
    exponent = math.floor(math.log10(other.value)) - DECADES_BELOW_MAX
    return shown_number(10.0**exponent) if exponent > -300 else None


def _beta_meant(end: Found, other: Found | None) -> str | None:
    """A percentage as a share; else a max that averages over a hundred times as much as min."""
    if 1 < end.value < 100:
        return shown_number(end.value / 100)
    if end.spot.path.endswith(".min"):
        return None
    low = other.value if other is not None and 0 <= other.value < 1 else 0.9
    return shown_number(1 - (1 - low) / 100)


def _check_order(low: Found, high: Found, report: Report) -> bool:
    if low.value < high.value:
        return True
    if low.value == high.value:
        message = f"min and max are both {low.text}; for a fixed value write value: {low.text}"
        low.complain(report, message)
    else:
        message = f"min must be below max, but min is {low.text} and max is {high.text}"
        low.complain(report, message, f"min: {high.text}, max: {low.text}")
    return False
