"""The section `objective`: a function or a command, and whether its placeholders fit the space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from hpsearch.config.kinds import Found
from hpsearch.config.references import Declared
from hpsearch.config.report import Report, shown_text
from hpsearch.config.suggestions import closest
from hpsearch.objectives.command import CommandObjective
from hpsearch.objectives.function import FunctionObjective
from hpsearch.objectives.template import OWN_PLACEHOLDERS, Template, variable_of

Objective: TypeAlias = FunctionObjective | CommandObjective


def read_objective(
    section: Found | None,
    declared: Mapping[str, Declared] | None,
    beside: Path,
    report: Report,
    is_checked: bool,
) -> Objective | None:
    """The objective; None where it is broken, with the problem reported.

    Args:
        section: the keys that were found.
        declared: the parameters of the space; None where they are not known.
        beside: the folder of the config.
        is_checked: whether what it names must be there.
    """
    if section is None:
        return None
    keys: Mapping[str, Found] = section.value
    given = {name: found for name, found in keys.items() if found.is_given}
    if "function" in given and "command" in given:
        given["command"].complain(report, "give a function or a command, not both")
        return None
    if "function" in given:
        for name in {"working_dir", "env"} & set(given):
            given[name].complain(report, "goes with a command, not with a function")
        folders = (str(beside), str(Path.cwd()))
        objective = FunctionObjective(given["function"].value, folders)
        problem = objective.problem() or objective.misfit(declared or ()) if is_checked else None
        if problem is not None:
            given["function"].complain(report, problem)
        return objective
    if "command" in given:
        return _command(given, declared, beside, report, is_checked)
    if {"function", "command"} <= set(keys):  # neither is there, broken or not
        section.complain(report, "write function: module:name, or command: ...")
    return None


def _command(
    given: Mapping[str, Found],
    declared: Mapping[str, Declared] | None,
    beside: Path,
    report: Report,
    is_checked: bool,
) -> CommandObjective:
    template = Template(given["command"].value, tuple(declared or ()))
    if declared is not None:
        _check_placeholders(template, given["command"], report)
        _check_that_all_are_received(template, declared, given["command"], report)
    working_dir = beside
    if "working_dir" in given and given["working_dir"].value is not None:
        working_dir = (beside / given["working_dir"].value).resolve()
        if is_checked and not working_dir.is_dir():
            given["working_dir"].complain(report, f"there is no folder {working_dir}")
    env = {
        name: found.value
        for name, found in (given["env"].value if "env" in given else {}).items()
        if found is not None
    }
    return CommandObjective(template, str(working_dir), env)


def _check_placeholders(template: Template, command: Found, report: Report) -> None:
    parameters = template.parameters
    for name in dict.fromkeys(template.unknown()):
        meant = closest(name, [*parameters, *OWN_PLACEHOLDERS])
        command.doubt(
            report,
            f"{{{name}}} is no parameter; for a literal brace write {{{{{name}}}}}",
            meant and f"{{{meant}}}",
        )
    for name in dict.fromkeys(template.inside_quotes()):
        command.doubt(
            report, f"{{{name}}} stands inside quotes; leave them out: each value is quoted anyway"
        )


def _check_that_all_are_received(
    template: Template, declared: Mapping[str, Declared], command: Found, report: Report
) -> None:
    """Report the parameters that the command can know nothing of.

    It sees what a counter is in the length of a list, and something of what others depend on in
    whether they are there.
    """
    missing = template.unreceived()
    dependents = _dependents(declared, [name for name in declared if name not in missing])
    for name in missing:
        counters = (declared[child].repeat for child in dependents[name])
        if any(counter is not None and counter.value == name for counter in counters):
            continue
        if dependents[name]:
            shown = " or ".join(map(shown_text, dependents[name]))
            command.note(
                report,
                f"the parameter {shown_text(name)} reaches the command only in whether {shown} is "
                "there",
            )
        elif closest(name, template.unknown()) is None:
            own = "" if name in OWN_PLACEHOLDERS else f"{{{name}}}, "
            command.doubt(
                report,
                f"the parameter {name} never reaches the command; add {own}{{args}} or "
                f"${variable_of(name)}",
            )


def _dependents(
    declared: Mapping[str, Declared], received: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """Of each parameter those that depend on it, and are received or have such dependents."""
    dependents: dict[str, list[str]] = {name: [] for name in declared}
    for name in reversed(list(declared)):  # a parameter depends on earlier ones
        if name in received or dependents[name]:
            for parent in dict.fromkeys(declared[name].parents):
                dependents.get(parent, []).insert(0, name)
    return dependents
