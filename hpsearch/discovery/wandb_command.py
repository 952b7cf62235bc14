"""The `program` and `command` of a W&B sweep -> the command of a config."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

_MACRO = re.compile(r"\$\{([^{}]*)\}")
DEFAULT_COMMAND = ("${env}", "${interpreter}", "${program}", "${args}")


def imported_command(
    words: Sequence[str], program: str, parameters: Sequence[str]
) -> tuple[str, list[str]]:
    """The command, and what is different from W&B's.

    Args:
        words: of the sweep's command.
        parameters: names in the config.
    """
    notes: list[str] = []
    written = []
    for word in words:
        if word == "${env}":
            continue
        written.append(_word(word, program, parameters, notes))
    return " ".join(filter(None, written)), notes


def _word(word: str, program: str, parameters: Sequence[str], notes: list[str]) -> str:
    """One word of the command; a macro stands for one word or several."""
    whole = _MACRO.fullmatch(word)
    if whole is not None and whole[1] in _PLACEHOLDERS:
        text, note = _PLACEHOLDERS[whole[1]]
        if note:
            notes.append(f"{word}: {note}")
        return text
    if whole is not None and whole[1] == "args_no_hyphens":
        return " ".join(f"{name}={{{name}}}" for name in parameters)
    pieces = []
    end = 0
    for match in _MACRO.finditer(word):
        pieces.append(_literal(word[end : match.start()]))
        pieces.append(_inside(match[1], program, match[0], notes))
        end = match.end()
    pieces.append(_literal(word[end:]))
    return "".join(pieces)


_PLACEHOLDERS: dict[str, tuple[str, str]] = {
    "args": ("{args}", ""),
    "args_no_boolean_flags": ("{args}", "flags are passed as --name=True and --name=False here"),
    "args_json": ("{params_json}", "the path of a JSON file here, not the JSON itself"),
    "args_json_file": ("{params_json}", ""),
}


def _inside(macro: str, program: str, written: str, notes: list[str]) -> str:
    """A macro within a word, or one that stands for text."""
    if macro == "program":
        return _literal(program)
    if macro == "interpreter":
        return "python"
    if macro.startswith("envvar:"):
        return f'"${macro.removeprefix("envvar:")}"'
    if macro in _PLACEHOLDERS:
        notes.append(f"{written}: stands within other text; look at the command")
        return _PLACEHOLDERS[macro][0]
    notes.append(f"{written}: no such thing here; it is left as it is")
    return _literal(written)


def _literal(text: str) -> str:
    """For the shell, with its braces doubled for the config."""
    quoted = shlex.quote(text) if text else ""
    return quoted.replace("{", "{{").replace("}", "}}")
