"""The screen of `plan`: parameters with a histogram of the draws in their own scale, and trials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np

from hpsearch.analysis.few_points import few_points
from hpsearch.analysis.wording import written, written_ends
from hpsearch.budget import brackets
from hpsearch.config import Config
from hpsearch.domains import Categories, Fixed, FloatRange, IntegerRange, OrderedList
from hpsearch.scales import FloatArray, LinearLog
from hpsearch.space import Parameter
from hpsearch.strategies.caviar import split_over_rounds
from hpsearch.trial import Trial
from hpsearch.views.charts import bars
from hpsearch.views.searched import searched_space
from hpsearch.views.tables import WIDEST_CELL, TableColumn, table_lines
from hpsearch.views.text import count, distinct_names, wrap
from hpsearch.views.words import heading, nursed, settings, training

HISTOGRAM_COLUMNS = 16
HALF_LOG = "half log"
HALF_LOG_MEANS = (
    "a wide linear range; guided search looks at it on half a log scale (scale: log for all of it)"
)


def plan_json(config: Config, trials: Sequence[Trial]) -> dict[str, Any]:
    """The plan as JSON can write it."""
    search = config.search
    return {
        "name": config.name,
        "metric": config.metric.name,
        "goal": config.metric.goal,
        "strategy": search.strategy,
        "sampler": search.sampler,
        "seed": search.seed,
        "round_sizes": split_over_rounds(search.trials, search.rounds),
        "dimensions": config.space.dimensions,
        "trials": [
            {"number": t.number, "params": dict(t.params), "origin": t.origin} for t in trials
        ],
    }


def plan_lines(
    config: Config,
    drawn: Sequence[Trial],
    samples: int,
    width: int,
    points: int | None = None,
) -> list[str]:
    """The whole screen.

    Args:
        drawn: the trials of the first round.
        samples: how many of them to list.
        points: of the space, where it has fewer than there are trials.
    """
    search = config.search
    headline = f"{config.name}: {settings(config, search.rounds, search.trials)}"
    lines = [*wrap(headline, width, hanging="  "), ""]
    title = "Parameters, and where the first round's trials lie on their scale"
    lines += [heading(line) for line in wrap(title, width)]
    lines += _parameter_lines(config, drawn, width)
    if config.early_stop is not None:
        lines += ["", heading("Rungs"), *wrap(training(config), width, "  ")]
        lines += wrap(note, width, "  ") if (note := _unfilled_brackets(config)) else []
    lines += (
        _day_lines(config, width) if config.is_panda else _round_lines(config, drawn, points, width)
    )
    if samples and drawn:
        listed = min(samples, len(drawn))
        lines += ["", heading("The first trial" if listed == 1 else f"The first {listed} trials")]
        lines += _trial_lines(config, drawn[:samples], width)
    lines += ["", f"Nothing was run. To run it: hpsearch run {config.path}"]
    return lines


def _unfilled_brackets(config: Config) -> str:
    """Which of Hyperband's brackets have too few trials for one to be trained to the end."""
    stop, budget = config.early_stop, config.budget
    if stop is None or budget is None or stop.rule != "hyperband":
        return ""
    rungs, trials = budget.rungs, config.search.trials
    starts = Counter(islice(brackets(stop.rule, len(rungs), budget.factor), trials))
    short = [
        rung for at, rung in enumerate(rungs) if starts[at] < budget.factor ** (len(rungs) - 1 - at)
    ]
    if not short:
        return ""
    lower, last = ", ".join(map(str, short[:-1])), budget.amount(short[-1])
    listed = f"{lower} or {last}" if lower else last
    return (
        f"{count(trials, 'trial')} do not fill hyperband's brackets: none of those that begin at "
        f"{listed} is trained to {budget.max}, however good it is; "
        f"{sum(budget.hyperband_sizes)} trials fill them, or take rule: asha"
    )


def _day_lines(config: Config, width: int) -> list[str]:
    live = ", ".join(distinct_names(config.live, WIDEST_CELL))
    what = (
        f"{nursed(config)}, those that are taken back included; during training {live} may change. "
        "What each day tries depends on the days before it"
    )
    return ["", heading("Days"), *wrap(what, width, "  ")]


def _round_lines(
    config: Config, drawn: Sequence[Trial], points: int | None, width: int
) -> list[str]:
    search = config.search
    sizes = split_over_rounds(search.trials, search.rounds)
    lines = ["", heading("Rounds")]
    each = ", ".join(map(str, sizes))
    lines += wrap(
        f"{count(search.rounds, 'round')} of {each} {'trial' if sizes == [1] else 'trials'}"
        + ("; each zooms into the best of those before it" if search.rounds > 1 else ""),
        width,
        "  ",
    )
    if points is not None:
        lines += wrap(few_points(points), width, "  ")
    elif search.sampler == "guided":
        lines += wrap("what follows the first trials depends on their results", width, "  ")
    else:
        lines += _used_up(drawn, sizes[0], width)
    return lines


def _used_up(drawn: Sequence[Trial], size: int, width: int) -> list[str]:
    if len(drawn) >= size:
        return []
    return wrap(
        f"The first round ends after {count(len(drawn), 'trial')}: there is no point left that "
        "was not tried (duplicates are never run).",
        width,
        "  ",
    )


def _parameter_lines(config: Config, drawn: Sequence[Trial], width: int) -> list[str]:
    space, searched = config.space, searched_space(config)
    x_unit = searched.encode([trial.params for trial in drawn])
    names = distinct_names(list(space.parameters), WIDEST_CELL)
    kinds, values, histograms, notes = [], [], [], []
    for name, parameter in space.parameters.items():
        x = x_unit[:, list(space.columns_of(name))].ravel()
        kinds.append(_kind(searched.parameters[name]))
        values.append(_values(parameter))
        histograms.append(_histogram(parameter, x[~np.isnan(x)]))
        notes.append(_note(parameter))
    columns = [
        TableColumn("parameter", names, "<", is_essential=True),
        TableColumn("kind", kinds, "<", is_essential=True),
        TableColumn("values", values, "<", is_essential=True),
        TableColumn("draws", histograms, "<"),
    ]
    if any(notes):
        columns.append(TableColumn("only", notes, "<"))
    lines, left_out = table_lines(columns, width)
    if "only" in left_out:
        for name, parameter in zip(names, space.parameters.values(), strict=True):
            for condition in _conditions(parameter):
                lines += wrap(f"{name}: {condition}", width, "  ", "    ")
    if any(kind.endswith(HALF_LOG) for kind in kinds):
        lines += wrap(f"{HALF_LOG}: {HALF_LOG_MEANS}", width, "  ")
    if "draws" in left_out:
        lines += wrap("not shown, for want of room: draws", width, "  ")
    return lines


def _kind(parameter: Parameter) -> str:
    domain = parameter.domain
    if isinstance(domain, FloatRange):
        return _scale(domain)
    if isinstance(domain, IntegerRange):
        return "integer" if domain.scale == "linear" else f"integer, {_scale(domain)}"
    if isinstance(domain, Fixed):
        return "fixed"
    return "list" if isinstance(domain, OrderedList) else "categories"


def _scale(domain: FloatRange | IntegerRange) -> str:
    return HALF_LOG if domain.scale == LinearLog.name else domain.scale


def _values(parameter: Parameter) -> str:
    domain = parameter.domain
    if isinstance(domain, (FloatRange, IntegerRange)):
        return " … ".join(written_ends(domain))
    assert isinstance(domain, (OrderedList, Categories, Fixed))
    return ", ".join(written(value) for value in domain.values)


def _histogram(parameter: Parameter, x: FloatArray) -> str:
    if isinstance(parameter.domain, Fixed):
        return ""
    size = parameter.domain.size or HISTOGRAM_COLUMNS
    cells = min(size, HISTOGRAM_COLUMNS)
    counts, _ = np.histogram(x, bins=cells, range=(0.0, 1.0))
    return f"[{bars(counts.astype(np.float64))}]"


def _note(parameter: Parameter) -> str:
    notes = [
        f"{c.parameter}: {', '.join(written(value) for value in c.values)}" for c in parameter.when
    ]
    if parameter.repeat is not None:
        notes.append(f"{parameter.repeat} times")
    return "; ".join(notes)


def _conditions(parameter: Parameter) -> list[str]:
    """The same in sentences, where the column has no room."""
    sentences = [
        f"only where {c.parameter} is {' or '.join(written(value) for value in c.values)}"
        for c in parameter.when
    ]
    if parameter.repeat is not None:
        sentences.append(f"a list, one entry for each of {parameter.repeat}")
    return sentences


def _trial_lines(config: Config, trials: Sequence[Trial], width: int) -> list[str]:
    varied = [
        name
        for name, parameter in config.space.parameters.items()
        if not isinstance(parameter.domain, Fixed)
    ]
    columns = [TableColumn("trial", [str(t.number) for t in trials], is_essential=True)]
    columns += [
        TableColumn(name, [written(t.params[name]) if name in t.params else "-" for t in trials])
        for name in varied
    ]
    table, left_out = table_lines(columns, width)
    if left_out:
        names = ", ".join(distinct_names(left_out, WIDEST_CELL))
        table += wrap(f"not shown: {names} (--json has them)", width, "  ")
    return table
