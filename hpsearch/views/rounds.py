"""What a round narrowed: in a line for the live progress, and for `show` one line for each column,
with its box drawn on the axis of its scale.

Where the box lies was decided by `zoom`; here it is drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from hpsearch.analysis.wording import written, written_ends, written_pair
from hpsearch.domains import Domain
from hpsearch.history import Move, Round
from hpsearch.scales import FloatArray
from hpsearch.space import Box, Space
from hpsearch.views.charts import bars
from hpsearch.views.text import (
    display_width,
    distinct_names,
    format_share,
    pad,
    plain_ascii,
    shorten,
    wrap,
)

MOST_LINES = 16
NAME_IN_HEADLINE = 24
WIDEST_AXIS = 24
NARROWEST_AXIS = 12
NARROWEST_REASON = 10
NEARLY_WHOLE = 0.995
"""A larger share of the space would be written as 100%."""
FINEST_LATTICE = 200
"""A lattice of more values is drawn as a continuum: its cells are finer than a character."""


@dataclass(frozen=True, eq=False)
class _Row:
    """One column, or several entries of a list that have the same box.

    Attributes:
        x_unit: the finite unit coordinates of its trials, (m,).
        low, high: of the box.
        range_ends: as values, in words; empty for categories.
        ends: of the box, as values, in words; empty where the box is the whole range.
        categories: what is left and what was dropped, in words; empty for an ordered column.
    """

    name: str
    domain: Domain
    kind: str
    x_unit: FloatArray
    low: float
    high: float
    range_ends: tuple[str, str]
    ends: str
    categories: str
    reason: str

    @property
    def is_whole(self) -> bool:
        return not self.ends and "dropped" not in self.categories

    @property
    def says(self) -> str:
        """Why the box is as it is."""
        if self.kind in ("kept", "moved", "widened") and self.reason:
            return f"{self.kind}: {self.reason}"
        return self.reason

    @property
    def tells(self) -> bool:
        """Whether there is something to see: a box that is not the whole range, or became it."""
        return not self.is_whole or self.kind in ("moved", "widened")


def looked_at(box: Box, space: Space, *, briefly: bool = False) -> str:
    """How much of the space a round looks at, by volume: `zoomed to 6% of the space`."""
    share = box.share(space)
    if share > NEARLY_WHOLE:
        nearly = "nearly whole space" if briefly else "nearly the whole space"
        return "whole space" if share == 1 else nearly
    return f"zoomed to {format_share(share)}{'' if briefly else ' of the space'}"


def round_headline(space: Space, round_: Round, width: int = 80) -> str:
    """A round in one line: `round 2  zoomed to 6% of the space, in learning_rate, momentum`."""
    start = f"round {round_.number}  {looked_at(round_.box, space)}"
    rows = _rows(space, round_, np.empty((0, space.dimensions)))
    names = [row.name for row in rows if not row.is_whole]
    if not names:
        is_whole = round_.box.share(space) == 1
        return shorten(start + (": nothing is narrowed" if is_whole else ""), width)
    names = distinct_names(names, NAME_IN_HEADLINE)
    for left_out in range(len(names)):
        shown = names[: len(names) - left_out]
        more = [f"{left_out} more"] if left_out else []
        line = f"{start}, in {', '.join([*shown, *more])}"
        if display_width(line) <= width:
            return line
    return shorten(start, width)


def round_lines(
    space: Space,
    round_: Round,
    x_unit: FloatArray,
    width: int = 80,
    unicode: bool = True,
    *,
    only_telling: bool = False,
    wrap_reasons: bool = False,
) -> list[str]:
    """One line for each column of the space, the narrowed ones first where there are many.

    Args:
        x_unit: trials whose places are shown as a histogram in the box, float64 (n, d), NaN where
            inactive.
        width: columns of the terminal.
        only_telling: leave out the columns whose whole range is still searched.
        wrap_reasons: put a reason that does not fit on a line of its own, instead of cutting it.
    """
    rows = _rows(space, round_, x_unit)
    left_out = ""
    if only_telling:
        rows = [row for row in rows if row.tells]
    if len(rows) > MOST_LINES:
        ranked = sorted(rows, key=lambda row: (row.is_whole, row.kind == "kept"))
        rows, rest = ranked[:MOST_LINES], ranked[MOST_LINES:]
        narrowed = sum(not row.is_whole for row in rest)
        parts = [f"{narrowed} more narrowed"] if narrowed else []
        if len(rest) > narrowed:
            parts.append(f"{len(rest) - narrowed} more kept whole")
        left_out = f"  … {', '.join(parts)}"
    if not rows:
        return []
    lines = _Layout.of(rows, width, wrap_reasons).lines(rows)
    lines += [left_out] if left_out else []
    return lines if unicode else [plain_ascii(line) for line in lines]


def _rows(space: Space, round_: Round, x_unit: FloatArray) -> list[_Row]:
    moves = {move.column: move for move in round_.moves}
    rows = []

    def alike(i: int) -> tuple[object, ...]:
        column, box = space.columns[i], round_.box
        move = moves.get(column.name)
        said = (move.kind, move.reason) if move is not None else None
        return column.parameter.name, box.low[i], box.high[i], box.kept[i], said

    for _, group in groupby(range(space.dimensions), key=alike):
        columns = list(group)
        move = moves.get(space.columns[columns[0]].name)
        rows.append(_row(space, round_.box, columns, move, x_unit))
    return rows


def _row(
    space: Space, box: Box, columns: Sequence[int], move: Move | None, x_unit: FloatArray
) -> _Row:
    first = columns[0]
    column, domain = space.columns[first], space.columns[first].domain
    name = column.name
    if len(columns) > 1:
        name = f"{column.parameter.name}[{column.entry}..{space.columns[columns[-1]].entry}]"
    x = x_unit[:, columns].ravel()
    low, high = float(box.low[first]), float(box.high[first])
    ends, range_ends, categories = "", ("", ""), ""
    if domain.is_ordered:
        range_ends = written_ends(domain)
        if low > 0 or high < 1:
            pair = written_pair(*box.ends(first, space), domain)
            ends = " … ".join(pair) if tuple(pair) != tuple(range_ends) else ""
    else:
        categories = _categories(space, box, first)
    return _Row(
        name=name,
        domain=domain,
        kind=move.kind if move is not None else "whole",
        x_unit=x[~np.isnan(x)],
        low=low,
        high=high,
        range_ends=range_ends,
        ends=ends,
        categories=categories,
        reason=move.reason if move is not None else "",
    )


def _categories(space: Space, box: Box, i: int) -> str:
    kept = [written(value) for value in box.kept_values(i, space)]
    values = Box.whole(space).kept_values(i, space)
    dropped = [text for text in map(written, values) if text not in kept]
    comma = ", " if any(" " in text for text in kept) else " "
    return comma.join(kept) + (f" ({', '.join(dropped)} dropped)" if dropped else "")


@dataclass(frozen=True)
class _Layout:
    """Widths of the parts of a line."""

    width: int
    name: int
    low: int
    high: int
    axis: int
    ends: int
    wrap_reasons: bool

    @classmethod
    def of(cls, rows: Sequence[_Row], width: int, wrap_reasons: bool) -> _Layout:
        name = min(max(display_width(row.name) for row in rows), max(12, width // 4))
        low = max(display_width(row.range_ends[0]) for row in rows)
        high = max(display_width(row.range_ends[1]) for row in rows)
        ends = max(display_width(row.ends) for row in rows)
        room = width - (2 + name + 2 + low + 1 + 1 + high + 2 + ends)
        if not wrap_reasons:
            longest = max(display_width(row.says) for row in rows)
            room -= min(longest, 24) + 3
        axis = min(max(room, NARROWEST_AXIS), WIDEST_AXIS)
        return cls(width, name, low, high, axis, ends, wrap_reasons)

    def lines(self, rows: Sequence[_Row]) -> list[str]:
        names = distinct_names([row.name for row in rows], self.name)
        pairs = zip(names, rows, strict=True)
        return [line for name, row in pairs for line in self._lines(name, row)]

    def _lines(self, name: str, row: _Row) -> list[str]:
        start = f"  {pad(name, self.name)}  "
        if row.categories:
            line = start + row.categories
            reason_at = display_width(line) + 3
        else:
            low, high = row.range_ends
            axis = _axis(row, self.axis)
            line = f"{start}{pad(low, self.low, '>')} {axis} {pad(high, self.high)}  "
            line += pad(row.ends, self.ends) if row.ends else ""
            reason_at = display_width(line) + (3 if row.ends else 0)
        line = shorten(line.rstrip(), self.width)
        room = self.width - reason_at
        if not row.says or (not self.wrap_reasons and room < NARROWEST_REASON):
            return [line]
        if self.wrap_reasons and room < display_width(row.says):
            indent = " " * (display_width(start) + (0 if row.categories else self.low + 1))
            return [line, *wrap(row.says, self.width, indent)]
        return [pad(line, reason_at) + shorten(row.says, room)]


def _axis(row: _Row, columns: int) -> str:
    """`────[██▆▃]────`: the whole range, the box, and where in the box the trials are."""
    line = columns - 2
    inside = max(1, round((row.high - row.low) * line))
    before = min(round(row.low * line), line - inside)
    after = line - inside - before
    return "─" * before + "[" + bars(_histogram(row, inside)) + "]" + "─" * after


def _histogram(row: _Row, columns: int) -> FloatArray:
    """How much of the trials is in each of the columns of the box, (columns,).

    A value of a lattice fills its whole cell.
    """
    edges = np.linspace(row.low, row.high, columns + 1)
    size = row.domain.size
    if size is None or size > FINEST_LATTICE:
        return np.histogram(row.x_unit, edges)[0].astype(np.float64)
    counts = np.zeros(columns)
    for x, trials in Counter(row.x_unit.tolist()).items():
        below, above = row.domain.cell(x)
        overlap = np.minimum(edges[1:], above) - np.maximum(edges[:-1], below)
        counts += trials * np.maximum(overlap, 0) / max(above - below, 1e-12)
    return counts
