"""Names of parameters that clash: with what hpsearch itself gives to a command by name, and with
each other in the environment.

`loader` calls, once the space and the objective are read; for functions see `objectives.signature`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from hpsearch.config.kinds import Found
from hpsearch.config.report import Report, Spot
from hpsearch.objectives.template import OWN_PLACEHOLDERS, Template, variable_of


def check_names(space: Found, template: Template, report: Report) -> None:
    """Report the parameters of which the command would get a wrong value.

    Args:
        space: the section, a dict of what was found by name.
    """
    parameters: Mapping[str, Found | None] = space.value
    spots = {name: (found or space).spot for name, found in parameters.items()}
    for name, means in OWN_PLACEHOLDERS.items():
        if name in spots and name in template.placeholders:
            own = f"{{{name}}} in the command is hpsearch's own: {means}"
            _doubt(spots[name], f"{own}; give the parameter another name", report)
    sharing: dict[str, list[str]] = defaultdict(list)
    for name in spots:
        sharing[variable_of(name)].append(name)
    for variable, (*others, last) in sharing.items():
        if not others:
            continue
        shared = f"shares the environment variable {variable} with {' and '.join(others)}"
        if template.mentions(variable):
            message = f"{shared}, and the command reads it; give one of them another name"
            _doubt(spots[last], message, report)
        else:  # only the program itself could tell
            spot = spots[last]
            report.note(spot.place, spot.path, f"{shared}; it has the value of {last}")


def _doubt(spot: Spot, message: str, report: Report) -> None:
    report.doubt(spot.place, spot.path, message)
