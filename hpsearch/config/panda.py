"""`search` with `strategy: panda`: which keys go with it, and what it needs of the rest.

`loader` calls; the keys themselves are declared with all the others.
"""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.budget import Budget
from hpsearch.config.budget import is_told_its_budget
from hpsearch.config.kinds import Found
from hpsearch.config.objective import Objective
from hpsearch.config.report import Report
from hpsearch.space import Space

OF_A_PANDA = ("segments", "segment", "population", "start_from")
OF_CAVIAR = ("sampler", "rounds", "trials", "lag", "learn_from")
FACTOR = 2


def is_panda(search: Mapping[str, Found]) -> bool:
    """Whether the strategy is panda."""
    return "strategy" in search and search["strategy"].value == "panda"


def check_panda(
    search: Mapping[str, Found],
    others: Mapping[str, Found],
    space: tuple[Found, Space | None] | None,
    objective: Objective | None,
    report: Report,
) -> None:
    """Report the keys that do not go with the strategy, and what a panda lacks.

    Args:
        others: the sections `budget`, `early_stop` and `objective`, as far as they are given.
        space: the section, and what was read of it.
    """
    nursed = is_panda(search)
    wrong, home = (OF_CAVIAR, "caviar") if nursed else (OF_A_PANDA, "panda")
    for key in wrong:
        if key in search and search[key].is_given:
            search[key].complain(report, f"goes with strategy: {home}")
    if not nursed:
        return
    for key in ("budget", "early_stop"):
        if key in others and others[key].is_given and others[key].value is not None:
            others[key].complain(
                report, "goes with strategy: caviar; a panda has search.segments and segment"
            )
    _check_needs(search, others, space, objective, report)


def _check_needs(
    search: Mapping[str, Found],
    others: Mapping[str, Found],
    space: tuple[Found, Space | None] | None,
    objective: Objective | None,
    report: Report,
) -> None:
    read = space[1] if space is not None else None
    if space is not None and read is not None and not any(p.live for p in read.parameters.values()):
        space[0].complain(
            report,
            "a panda needs a parameter that can change during training; write live: true at the "
            "learning rate, then at others in the order of their importance",
        )
    if objective is not None and "objective" in others and not is_told_its_budget(objective):
        others["objective"].complain(
            report,
            "a panda trains day by day: the objective must be told how far; use {budget} or "
            "HPSEARCH_BUDGET in the command, or a parameter budget or trial in the function",
        )
    starts, population = search.get("start_with"), search.get("population")
    most = population.value if population is not None and population.value else 1
    if starts is not None and len(starts.value) > most:
        starts.complain(report, f"{len(starts.value)} points are more than models: {most}")
    origin = search.get("start_from")
    if origin is not None and origin.is_given and starts is not None and starts.value:
        origin.complain(report, "does not go with start_with; choose one of them")


def budget_of(search: Mapping[str, Found]) -> Budget | None:
    """The budget of a panda: from one day to all of them; None where it is broken."""
    segments, segment = search.get("segments"), search.get("segment")
    if segments is None or segment is None:
        return None
    count, unit = segment.value
    return Budget(unit, count, count * segments.value, FACTOR)
