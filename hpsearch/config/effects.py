"""Keys that are sound, but have no effect beside the others: notes, not problems, so that a config
can be switched from one runner, sampler or strategy to another by one word.

`loader` calls, once everything is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hpsearch.config.kinds import Found
from hpsearch.config.objective import Objective
from hpsearch.config.report import Report
from hpsearch.objectives.function import FunctionObjective

NOT_HELD_INLINE = ("timeout", "silence", "memory", "gpus", "threads_per_trial")


def note_without_effect(
    sections: Mapping[str, Mapping[str, Found]],
    objective: Objective | None,
    stops_early: bool,
    report: Report,
) -> None:
    """Note the keys that do nothing.

    Args:
        sections: what was found in `metric`, `search`, `execution` and `space`, by key.
    """
    pattern = sections["metric"].get("pattern")
    if isinstance(objective, FunctionObjective) and pattern is not None and pattern.value:
        pattern.note(report, "has no effect: it goes with a command, not with a function")
    _note_search(sections["search"], sections["space"], report)
    _note_noisy(sections["metric"], sections["search"], stops_early, report)
    _note_execution(sections["execution"], report)


def _note_search(
    search: Mapping[str, Found], space: Mapping[str, Found | None], report: Report
) -> None:
    lag, sampler, strategy = (search.get(key) for key in ("lag", "sampler", "strategy"))
    if lag is not None and lag.value and sampler is not None and sampler.value != "guided":
        lag.note(report, f"has no effect: it goes with sampler: guided, not {sampler.value}")
    if strategy is None or strategy.value == "panda":
        return
    for parameter in filter(None, space.values()):
        live = parameter.value.keys.get("live")
        if live is not None and live.value:
            live.note(report, "has no effect: it goes with strategy: panda")


def _note_noisy(
    metric: Mapping[str, Found], search: Mapping[str, Found], stops_early: bool, report: Report
) -> None:
    noisy, sampler, strategy = metric.get("noisy"), search.get("sampler"), search.get("strategy")
    if noisy is None or noisy.value is None:
        return
    if strategy is not None and strategy.value == "panda":
        noisy.note(report, "has no effect: it goes with strategy: caviar")
    elif sampler is not None and sampler.value != "guided":
        noisy.note(report, f"has no effect: it goes with sampler: guided, not {sampler.value}")
    elif noisy.value and stops_early:
        noisy.note(report, "guides the search; with early_stop the best value is still named best")


def _note_execution(execution: Mapping[str, Found], report: Report) -> None:
    runner, gpus = execution.get("runner"), execution.get("gpus")
    name = "local" if runner is None else runner.value
    without = {"inline": NOT_HELD_INLINE, "dask": ("gpus",)}.get(name, ())
    for key in without:
        if key in execution and execution[key].is_given and execution[key].value is not None:
            execution[key].note(report, f"has no effect with runner: {name}")
    if gpus is None or "gpus" in without or not isinstance(gpus.value, str):
        return
    if re.fullmatch(r"[1-9][0-9]?", gpus.value):
        number = int(gpus.value)
        several = ", ".join(map(str, range(min(number, 8)))) + (", ..." if number > 8 else "")
        how_many = "1 GPU" if number == 1 else f"{number} GPUs"
        gpus.note(report, f"is GPU number {number} alone; for {how_many} write [{several}]")
