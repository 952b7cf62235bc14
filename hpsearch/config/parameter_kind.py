"""How one parameter of the space can be written: a range, a list of values, one value, and two
short forms. Here is the structure only; what the numbers must be is in `ranges` and `references`.
"""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.config.kinds import Choice, Found, Number, Schema, Single, complain
from hpsearch.config.report import Report, Spot
from hpsearch.config.sections import Field, ListOf, MapOf, OneOrMore, Section
from hpsearch.config.special_kinds import TrueOrFalse
from hpsearch.config.suggestions import (
    PARAMETER_KEYS_OF_OTHER_TOOLS,
    SCALES_OF_OTHER_TOOLS,
    closest,
    folded,
)
from hpsearch.config.yaml_nodes import Entry, ListNode, MapNode, Node, ScalarNode
from hpsearch.scales import SCALES


@dataclass(frozen=True)
class WrittenParameter:
    """One parameter as it was written, whichever form was chosen.

    Attributes:
        form: `range`, `values` or `value`.
        keys: what was read, by key; a key that is broken is absent.
    """

    form: str
    keys: dict[str, Found]


def _meant(name: str, entry: Entry, section: Section) -> str | None:
    word = folded(name)
    text = folded(entry.node.text) if isinstance(entry.node, ScalarNode) else ""
    if word == "log":
        return "scale: log" if text == "true" else "scale: linear"
    if word in ("distribution", "sampling", "prior"):
        return f"scale: {SCALES_OF_OTHER_TOOLS.get(text, 'log' if 'log' in text else 'linear')}"
    return PARAMETER_KEYS_OF_OTHER_TOOLS.get(word) or closest(name, section.names)


_SINGLE = Single()
_ALONE = Single(is_alone=True)
_VALUES = ListOf(_SINGLE, "a list of values, such as [32, 64, 128]", unique=True)
_WHEN = MapOf(
    OneOrMore(ListOf(_SINGLE, "a value, or a list of values")),
    "a mapping of a parameter to a value, such as {optimizer: adam}",
)
_NAME_WANTED = "the name of a parameter that counts"


@dataclass(frozen=True)
class ParameterName:
    """The name of a parameter, which YAML may take for a number."""

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """The name as text."""
        if isinstance(node, ScalarNode) and node.text:
            return Found(node.text, node.place, spot, node.text)
        complain(node, spot, report, _NAME_WANTED)
        return None

    def schema(self) -> Schema:
        """A string, or what YAML takes for something else."""
        return {"type": ["string", "number", "boolean", "null"]}


_SHARED = (
    Field("when", _WHEN, "active only where the other parameters have these values", None),
    Field("repeat", ParameterName(), "a list, as long as this other parameter says", None),
    Field(
        "live",
        TrueOrFalse(),
        "strategy: panda may change it during training; the most important one first",
        False,
    ),
)


def _form(*fields: Field) -> Section:
    return Section((*fields, *_SHARED), "{min: 1, max: 8}", _meant)


FORMS = {
    "values": _form(
        Field("values", _VALUES, "numbers: an ordered list; otherwise: categories"),
    ),
    "value": _form(
        Field("value", _ALONE, "a fixed value"),
    ),
    "range": _form(
        Field("min", Number(), "the smallest value, included", example="min: ..."),
        Field("max", Number(), "the largest value, included", example="max: ..."),
        Field("scale", Choice(tuple(SCALES)), "what to be uniform in", "linear"),
        Field(
            "type",
            Choice(("int", "float")),
            "whole numbers only, or all",
            None,
            default_words="int where both ends are written as whole numbers",
        ),
    ),
}
_SHARED_NAMES = frozenset(field.name for field in _SHARED)
_OWN_NAMES = {form: set(section.names) - _SHARED_NAMES for form, section in FORMS.items()}
_ALL_FORMS = "{min: ..., max: ...}, {values: [...]}, {value: ...}, a list, or a single value"


@dataclass(frozen=True)
class ParameterKind:
    """One parameter."""

    def read(self, node: Node, spot: Spot, report: Report) -> Found | None:
        """A `WrittenParameter`."""
        if isinstance(node, MapNode):
            return self._read_form(node, spot, report)
        if isinstance(node, ListNode):
            return self._short("values", _VALUES.read(node, spot, report))
        if isinstance(node, ScalarNode) and node.value is not None:
            return self._short("value", _ALONE.read(node, spot, report))
        complain(node, spot, report, _ALL_FORMS)
        return None

    @staticmethod
    def _short(form: str, found: Found | None) -> Found | None:
        if found is None:
            return None
        return Found(WrittenParameter(form, {form: found}), found.place, found.spot)

    def _read_form(self, node: MapNode, spot: Spot, report: Report) -> Found | None:
        form = self._form_of(node)
        if form is None:
            report.add(spot.place, spot.path, f"has no values; write {_ALL_FORMS}")
            return None
        others = {
            key: other for other, names in _OWN_NAMES.items() if other != form for key in names
        }
        own = {}
        for name, entry in node.entries.items():
            if name in others:
                path = spot.below(name, entry.key_place).path
                given = "min and max" if form == "range" else form
                report.add(entry.key_place, path, f"does not go with {given}; choose one of them")
            else:
                own[name] = entry
        found = FORMS[form].read(MapNode(node.place, node.size, own), spot, report)
        return found and Found(WrittenParameter(form, found.value), node.place, spot)

    @staticmethod
    def _form_of(node: MapNode) -> str | None:
        """The form that the keys belong to, also where they are misspelt; None without any."""
        for form, names in _OWN_NAMES.items():
            if names & set(node.entries):
                return form
        for form, names in _OWN_NAMES.items():
            guesses = [_meant(name, entry, FORMS[form]) for name, entry in node.entries.items()]
            if names & {(guess or "").partition(":")[0] for guess in guesses}:
                return form
        return None

    def schema(self) -> Schema:
        """Any of the forms."""
        short = [_SINGLE.schema(), _VALUES.schema()]
        return {"anyOf": [*(section.schema() for section in FORMS.values()), *short]}
