"""The words of a config's command: those that were typed, with placeholders for the values that are
tuned, and the options that were not typed behind them.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

from hpsearch.discovery.command_line import Matched, Piece, Slot, Typed
from hpsearch.discovery.facts import Option


def words_of_command(
    typed_words: Typed, matched: Matched, placeholders: Mapping[str, str]
) -> list[str]:
    """The command of the config, one entry for each group of words that stay together.

    Args:
        placeholders: by the name of an option, what the command gives it.
    """
    given = {piece.option.name for piece in matched.pieces if isinstance(piece, Slot)}
    missing = [
        option
        for option in matched.options
        if option.name in placeholders and option.name not in given
    ]
    front = [
        f"{option.spelling}={placeholders[option.name]}"
        for option in missing
        if option.channel == "environment"
    ]
    words = [*front, " ".join(_literal(word) for word in typed_words.before)]
    added = [o for o in missing if o.channel == "option"]
    global_ones = [o for o in added if matched.command and not o.command]
    for i, piece in enumerate(matched.pieces):
        if i == matched.command_place:
            words += _as_options(global_ones, placeholders)
        words.append(_as_word(piece, placeholders))
    words += _positions(matched, given, placeholders)
    words += _as_options([o for o in added if o not in global_ones], placeholders)
    return list(_with_their_values(words))


def _as_options(options: Sequence[Option], placeholders: Mapping[str, str]) -> list[str]:
    order = {name: i for i, name in enumerate(placeholders)}
    ordered = sorted(options, key=lambda option: order[option.name])
    return [f"{option.spelling} {placeholders[option.name]}" for option in ordered]


def _as_word(piece: Piece, placeholders: Mapping[str, str]) -> str:
    if isinstance(piece, str):
        return _literal(piece)
    if piece.option.name in placeholders:
        return _literal(piece.prefix, quoted=False) + placeholders[piece.option.name]
    return _literal(piece.prefix + piece.text)


def _positions(matched: Matched, given: set[str], placeholders: Mapping[str, str]) -> Iterator[str]:
    """Positional arguments that were not typed: all up to the last that is tuned."""
    missing = [
        option
        for option in matched.options
        if option.channel == "position"
        and option.name not in given
        and option.command in ("", matched.command)
    ]
    tuned = [i for i, option in enumerate(missing) if option.name in placeholders]
    for option in missing[: tuned[-1] + 1 if tuned else 0]:
        default = "" if option.default is None else str(option.default)
        yield placeholders.get(option.name, _literal(default))


def _with_their_values(words: Sequence[str]) -> Iterator[str]:
    """An option and the value that follows it are one group."""
    group = ""
    for word in words:
        is_bare_option = word.startswith("-") and " " not in word and "=" not in word
        if group and not word.startswith("-"):
            yield f"{group} {word}"
            group = ""
            continue
        if group:
            yield group
        group = word if is_bare_option else ""
        if not group and word:
            yield word
    if group:
        yield group


def _literal(word: str, *, quoted: bool = True) -> str:
    """A word for the shell, with its braces doubled for the config."""
    text = shlex.quote(word) if quoted else word
    return text.replace("{", "{{").replace("}", "}}")
