"""The sections `budget` and `early_stop`: what they must be to each other and to the rest.

`loader` calls; whether a function is told its budget is read from its source, nothing is imported.
"""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.budget import Budget
from hpsearch.config.kinds import Found
from hpsearch.config.objective import Objective
from hpsearch.config.report import Report
from hpsearch.config.settings import EarlyStop, Form
from hpsearch.objectives.command import CommandObjective
from hpsearch.objectives.variables import BUDGET_VARIABLE

TOLD_BY = {"trial", "budget"}
KEYS = {"min", "max", "factor", "unit"}


def read_budget(section: Found | None, report: Report) -> Budget | None:
    """The budget; None where there is none, or it is broken, with the problem reported."""
    if section is None or section.value is None or set(section.value) != KEYS:
        return None
    keys: Mapping[str, Found] = section.value
    low, high = keys["min"], keys["max"]
    if low.value > high.value:
        low.complain(report, f"{low.value} is above max: {high.value}")
        return None
    return Budget(keys["unit"].value, low.value, high.value, keys["factor"].value)


def read_early_stop(
    section: Found | None,
    has_budget_section: bool,
    budget: Budget | None,
    objective: Objective | None,
    others: Mapping[str, Mapping[str, Found]],
    report: Report,
) -> EarlyStop | None:
    """The rule and its form; None where there is none, or it is broken.

    Args:
        has_budget_section: whether there is one, sound or not.
        others: the keys that were found in `search` and `execution`.
    """
    if section is None or section.value is None or set(section.value) != {"rule", "form"}:
        return None
    keys: Mapping[str, Found] = section.value
    if not has_budget_section:
        section.complain(
            report, "needs a budget, such as budget: {unit: epochs, min: 1, max: 27, factor: 3}"
        )
        return None
    if budget is not None and len(budget.rungs) < 2:
        section.complain(report, f"needs a budget with min below max: {budget.max}")
    rounds = others["search"].get("rounds")
    if rounds is not None and rounds.is_given and rounds.value != 1:
        rounds.complain(report, "early_stop goes with rounds: 1; it zooms in by rungs instead")
    form = keys["form"]
    chosen: Form = form.value or ("promotion" if is_told_its_budget(objective) else "stopping")
    if chosen == "promotion" and objective is not None and not is_told_its_budget(objective):
        form.complain(
            report,
            "promotion is for an objective that is told how far to train: use {budget} in the "
            "command, or budget= or trial= in the function; any other one goes with form: stopping",
        )
    runner = others["execution"].get("runner")
    if chosen == "stopping" and runner is not None and runner.value == "dask":
        culprit = form if form.is_given else runner
        culprit.complain(
            report,
            "a trial on a Dask worker cannot be watched; runner: dask goes with form: promotion, "
            "for an objective that is told its budget",
        )
    return EarlyStop(keys["rule"].value, chosen)


def is_told_its_budget(objective: Objective | None) -> bool:
    """Whether the objective asks for its budget, as far as its text shows."""
    if isinstance(objective, CommandObjective):
        command = objective.template.command
        text = command if isinstance(command, str) else "\n".join(command)
        return "budget" in objective.template.placeholders or BUDGET_VARIABLE in text
    return objective is not None and bool(TOLD_BY & set(objective.argument_names()))
