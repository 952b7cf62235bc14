"""The part of the run's screen that tells what each round looked at, and what it narrowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hpsearch.analysis import Summary
from hpsearch.analysis.summary import RoundSummary
from hpsearch.analysis.wording import one_line, written_apart
from hpsearch.space import Space
from hpsearch.views import words
from hpsearch.views.rounds import looked_at, round_lines
from hpsearch.views.searched import searched_points, searched_round, searched_space
from hpsearch.views.tables import TableColumn, table_lines
from hpsearch.views.text import display_width, wrap


def rounds_part(summary: Summary, width: int) -> list[str]:
    """A line for each round, and below it the columns that its zoom moved."""
    rounds, space = _as_searched(summary), searched_space(summary.config)
    if not rounds or summary.config.early_stop is not None:
        return []
    lines, is_drawn = [words.heading("rounds")], False
    for round_, told in zip(rounds, _round_by_round(rounds, space, width), strict=True):
        lines += told
        if round_.round.number > 1:
            lines += wrap(one_line(round_.round.summary), width, "    ")
        boxes = round_lines(
            space, round_.round, round_.x_unit, width, only_telling=True, wrap_reasons=True
        )
        lines += boxes
        is_drawn = is_drawn or bool(boxes)
    if is_drawn:
        legend = "[ ] is where the round looked, its bars are how many of its trials lie there"
        lines += wrap(legend, width, "  ")
    return lines


def _as_searched(summary: Summary) -> list[RoundSummary]:
    config = summary.config
    return [
        replace(r, round=searched_round(config, r.round), x_unit=searched_points(config, r.x_unit))
        for r in summary.rounds
    ]


def _round_by_round(rounds: Sequence[RoundSummary], space: Space, width: int) -> list[list[str]]:
    """A row for each round, in fewer words where the screen is narrow; below each other if all
    words are too many."""
    cells: list[list[str]] = []
    bests = [r.best[1] for r in rounds if r.best is not None]
    for briefly in (False, True):
        cells = [
            [
                f"round {r.round.number}",
                looked_at(r.round.box, space, briefly=briefly),
                _best_of_round(r, bests),
                _drawn(r),
            ]
            for r in rounds
        ]
        columns = [
            TableColumn("", column, "<", is_essential=True, widest=width)
            for column in zip(*cells, strict=True)
        ]
        table, _ = table_lines(columns, width * len(columns))
        if max(map(display_width, table)) <= width:
            return [[line] for line in table[1:]]
    return [wrap(", ".join(filter(None, row)), width, "  ", "    ") for row in cells]


def _drawn(round_: RoundSummary) -> str:
    finished = sum(trials for state, trials in round_.counts.items() if state.is_finished)
    return f"{finished}/{round_.round.trials}{words.failed_note(round_.counts)}"


def _best_of_round(round_: RoundSummary, bests: Sequence[float]) -> str:
    """What it found, told apart from the best of the other rounds."""
    if round_.best is None:
        return ""
    number, value = round_.best
    return f"its best {written_apart(value, bests)} (trial {number})"
