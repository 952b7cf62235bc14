"""Tables: rows of text in columns that fit a width; columns that do not fit are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hpsearch.views.text import display_width, distinct_names, pad, shorten, wrap

GAP = "  "
WIDEST_CELL = 28
WIDEST_HEADING = 16


@dataclass(frozen=True)
class TableColumn:
    """One column.

    Attributes:
        heading: shortened where it is much wider than its cells.
        cells: one text for each row.
        align: `<` or `>`.
        is_essential: kept, however narrow the screen.
        widest: cells are cut beyond it.
    """

    heading: str
    cells: Sequence[str]
    align: str = ">"
    is_essential: bool = False
    widest: int = WIDEST_CELL

    @property
    def width(self) -> int:
        """Columns of the terminal that it takes."""
        cells = max((min(display_width(cell), self.widest) for cell in self.cells), default=0)
        return max(cells, min(display_width(self.heading), WIDEST_HEADING))

    def lines(self, heading: str) -> list[str]:
        """The heading and the cells, all of the same width."""
        texts = [heading, *self.cells]
        return [pad(shorten(text, self.width), self.width, self.align) for text in texts]


def table_lines(
    columns: Sequence[TableColumn], width: int, indent: str = "  "
) -> tuple[list[str], list[str]]:
    """The table, heading first, and the headings of the columns that did not fit.

    Essential columns come first in the reckoning; of the others, the first ones that fit are kept.
    """
    room = width - display_width(indent) + len(GAP)
    room -= sum(column.width + len(GAP) for column in columns if column.is_essential)
    kept, left_out = [], []
    for column in columns:
        if column.is_essential:
            kept.append(column)
        elif column.width + len(GAP) <= room:
            room -= column.width + len(GAP)
            kept.append(column)
        else:
            left_out.append(column.heading)
    headings = distinct_names([column.heading for column in kept], WIDEST_HEADING)
    cells = [column.lines(heading) for column, heading in zip(kept, headings, strict=True)]
    rows = zip(*cells, strict=True)
    return [shorten((indent + GAP.join(row)).rstrip(), width) for row in rows], left_out


def pair_lines(pairs: Sequence[tuple[str, str]], width: int, indent: str = "  ") -> list[str]:
    """Names and values, the values aligned; what is too wide goes on in the next line."""
    widest = max((display_width(name) for name, _ in pairs), default=0)
    values = max((display_width(value) for _, value in pairs), default=0)
    name_width = min(widest, width - display_width(indent + GAP) - min(values, width // 2))
    names = distinct_names([name for name, _ in pairs], name_width)
    lines = []
    for name, (_, value) in zip(names, pairs, strict=True):
        start = indent + pad(name, name_width) + GAP
        lines += wrap(value, width, start, " " * display_width(start))
    return [line.rstrip() for line in lines]
