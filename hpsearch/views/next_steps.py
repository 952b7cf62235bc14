"""What to type next, at the end of a screen."""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.views.text import display_width, pad
from hpsearch.views.words import heading


def next_lines(commands: Sequence[tuple[str, str]], width: int) -> list[str]:
    """Commands and what they are for; nothing if there are none."""
    if not commands:
        return []
    widest = max(display_width(command) for command, _ in commands)
    lines = [heading("next")]
    for command, what in commands:
        line = f"  {pad(command, widest)}   {what}"
        lines += [line] if display_width(line) <= width else _typeable(command, width)
    return lines


def _typeable(command: str, width: int) -> list[str]:
    """A command in lines that a shell joins again when they are pasted.

    Only a word that is wider than the screen is broken; it goes on at the first column.
    """
    lines, line = [], " "
    for word in command.split():
        if line.strip() and display_width(line) + 1 + display_width(word) > width - 2:
            lines.append(f"{line} \\")
            line = "   "
        line += f" {word}"
        while display_width(line) > width - 2:
            cut = max(i for i in range(len(line)) if display_width(line[:i]) < width)
            lines.append(line[:cut] + "\\")
            line = line[cut:]
    return [*lines, line]
