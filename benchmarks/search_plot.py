"""Score against trials as an SVG: one panel for each group of tasks and number of trials at a time.

Drawn by hand, so that no plotting package is needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from search_board import Board, boards
from search_runs import CHECKPOINTS, Row

WIDTH, HEIGHT = 420, 300  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 45, 95, 30, 40
LOWEST, HIGHEST = -0.2, 1.0
FIRST = 16  # trials: before that all are much the same
COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999",
    "#7f3b08", "#542788",
)  # fmt: skip


def write_plot(path: Path, rows: Sequence[Row]) -> None:
    """Groups and noise from top to bottom, trials at a time from left to right."""
    found = boards(rows)
    lines = sorted({(group, noise) for group, noise, _, _ in found})
    columns = sorted({q for _, _, q, _ in found})
    names = sorted({row.method for row in rows})
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}
    parts = []
    for group, noise, q, board in found:
        x, y = WIDTH * columns.index(q), HEIGHT * lines.index((group, noise))
        noisy = f", noise {noise:g}" if noise else ""
        title = f"{group}{noisy}, q = {q}: {len(board.tasks)} tasks"
        parts.append(f'<g transform="translate({x},{y})">{panel(title, board, colours)}</g>')
    size = f'width="{WIDTH * len(columns)}" height="{HEIGHT * len(lines)}"'
    style = 'font-family="sans-serif" font-size="11"'
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n'
        '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def panel(title: str, board: Board, colours: dict[str, str]) -> str:
    """Axes, and one curve for each method that ran all the tasks."""
    parts = [_text(LEFT, 18, title, "start", "black")]
    last = max((n for n in CHECKPOINTS if board.complete(n)), default=FIRST)
    ticks = [FIRST * 2**i for i in range(10) if FIRST * 2**i <= last]
    for n in ticks:
        parts.append(_line(_x(n, last), TOP, _x(n, last), HEIGHT - BOTTOM))
        parts.append(_text(_x(n, last), HEIGHT - BOTTOM + 14, str(n), "middle", "black"))
    for tenth in range(-2, 11, 2):
        parts.append(_line(LEFT, _y(tenth / 10), WIDTH - RIGHT, _y(tenth / 10)))
        parts.append(_text(LEFT - 5, _y(tenth / 10) + 4, f"{tenth / 10:.1f}", "end", "black"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(_text(middle, HEIGHT - 8, "trials; y: mean score", "middle", "black"))
    ends = []
    for method in board.methods:
        known = [n for n in CHECKPOINTS if n >= FIRST and method in board.complete(n)]
        if not known:
            continue
        at = [(_x(n, last), _y(board.mean(method, n))) for n in known]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        parts.append(
            f'<polyline points="{drawn}" fill="none" stroke="{colours[method]}" stroke-width="2"/>'
        )
        ends.append((at[-1][1], method))
    parts += _labels(sorted(ends), colours)
    return "".join(parts)


def _labels(ends: Sequence[tuple[float, str]], colours: dict[str, str]) -> list[str]:
    """The methods' names at the right, in the order of their ends, none over another."""
    labels, lowest = [], float(TOP)
    for y, method in ends:
        lowest = max(y + 4, lowest + 12)
        labels.append(_text(WIDTH - RIGHT + 5, lowest, method, "start", colours[method]))
    return labels


def _x(trials: int, last: int) -> float:
    share = math.log2(trials / FIRST) / max(math.log2(last / FIRST), 1.0)
    return LEFT + share * (WIDTH - RIGHT - LEFT)


def _y(score: float) -> float:
    share = (min(max(score, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST)
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#dddddd"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">'
        f"{escape(text)}</text>"
    )
