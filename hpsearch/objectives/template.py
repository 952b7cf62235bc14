"""A command with placeholders: what it receives, and what it becomes for one trial.

In a list each entry is one argument, and no shell ever sees a value. In a text, which `sh -c` runs,
each value is quoted as a whole, so that no value can be taken for shell syntax.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OWN_PLACEHOLDERS = {
    "trial": "the trial's number",
    "trial_dir": "the trial's folder",
    "seed": "the trial's seed",
    "budget": "the trial's budget",
    "args": "every parameter as --name=value",
    "params_json": "the path of a file with all the values",
}
"""What hpsearch itself gives to a command by name, and what that is."""
VARIABLE_PREFIX = "HPSEARCH_PARAM_"
# {name}, or a doubled brace for a literal one; ${NAME} belongs to the shell.
PLACEHOLDER = re.compile(r"\{\{|\}\}|(?<!\$)\{([^{}\n]+)\}")
_NAME_LIKE = re.compile(r"[\w.\-/]+")
_OPTION_BEFORE = re.compile(r"(?:^|(?<=\s))-{1,2}\w[\w.-]*(?:=|\s+)$")


def as_text(value: Any) -> str:
    """A value as a program reads it: numbers in full, true and false, lists with commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(as_text(entry) for entry in value)
    return str(value)


def variable_of(name: str) -> str:
    """The environment variable that carries a parameter: `HPSEARCH_PARAM_LEARNING_RATE`."""
    return VARIABLE_PREFIX + re.sub(r"\W", "_", name, flags=re.ASCII).upper()


def as_arguments(params: Mapping[str, Any]) -> list[str]:
    """The values as options of a command line: `--learning_rate=0.01`."""
    return [f"--{name}={as_text(value)}" for name, value in params.items()]


@dataclass(frozen=True)
class Template:
    """A command as it is written in the config.

    Attributes:
        command: a text for the shell, or the list of arguments.
        parameters: names of all the parameters of the space.
    """

    command: str | tuple[str, ...]
    parameters: tuple[str, ...]

    @property
    def _parts(self) -> tuple[str, ...]:
        return (self.command,) if isinstance(self.command, str) else self.command

    @property
    def placeholders(self) -> list[str]:
        """What stands in braces, in order."""
        matches = (match for part in self._parts for match in PLACEHOLDER.finditer(part))
        return [match[1] for match in matches if match[1] is not None]

    def unknown(self) -> list[str]:
        """Placeholders that look like names but are neither parameters nor hpsearch's own."""
        known = {*self.parameters, *OWN_PLACEHOLDERS}
        return [p for p in self.placeholders if p not in known and _NAME_LIKE.fullmatch(p)]

    def unreceived(self) -> list[str]:
        """Parameters that the command never receives, by placeholder or by name of variable."""
        received = set(self.placeholders)
        if received & {"args", "params_json"}:
            return []
        return [
            p for p in self.parameters if p not in received and not self.mentions(variable_of(p))
        ]

    def mentions(self, variable: str) -> bool:
        """Whether the command names the environment variable."""
        name = re.compile(rf"(?<!\w){re.escape(variable)}(?!\w)")
        return any(name.search(part) for part in self._parts)

    def inside_quotes(self) -> list[str]:
        """Placeholders of a shell text that stand inside quotes, where a value could end them."""
        if not isinstance(self.command, str):
            return []
        known = {*self.parameters, *OWN_PLACEHOLDERS}
        matches = {match.start(): match for match in PLACEHOLDER.finditer(self.command)}
        quote, position, found = "", 0, []
        while position < len(self.command):
            match, character = matches.get(position), self.command[position]
            if match is not None:
                if quote and match[1] in known:
                    found.append(match[1])
                position = match.end()
                continue
            if character == "\\" and quote != "'":
                position += 1
            elif character in "'\"" and quote in ("", character):
                quote = "" if quote else character
            position += 1
        return found

    def render(self, params: Mapping[str, Any], own: Mapping[str, str]) -> list[str]:
        """The arguments to start for one trial.

        The placeholder of a parameter that is inactive goes, and with it the option before it:
        `--beta2 {beta2}` becomes nothing.

        Args:
            own: what hpsearch's own placeholders stand for.
        """
        if isinstance(self.command, str):
            texts = {name: shlex.quote(text) for name, text in self._texts(params, own).items()}
            texts["args"] = shlex.join(as_arguments(params))
            return ["/bin/sh", "-c", _fill(self.command, texts, self._without_inactive(params))]
        texts = self._texts(params, own)
        texts["args"] = " ".join(as_arguments(params))
        rendered: list[str] = []
        for part in self.command:
            if part == "{args}":
                rendered += as_arguments(params)
            elif self._is_inactive(part, params):
                if part.startswith("{") and rendered and rendered[-1].startswith("-"):
                    rendered.pop()
            else:
                rendered.append(_fill(part, texts))
        return rendered

    @staticmethod
    def _texts(params: Mapping[str, Any], own: Mapping[str, str]) -> dict[str, str]:
        return {**own, **{name: as_text(value) for name, value in params.items()}}

    def _is_inactive(self, part: str, params: Mapping[str, Any]) -> bool:
        names = (match[1] for match in PLACEHOLDER.finditer(part))
        return any(name in self.parameters and name not in params for name in names)

    def _without_inactive(self, params: Mapping[str, Any]) -> frozenset[str]:
        return frozenset(name for name in self.parameters if name not in params)


def _fill(part: str, texts: Mapping[str, str], inactive: frozenset[str] = frozenset()) -> str:
    filled = ""
    end = 0
    for match in PLACEHOLDER.finditer(part):
        filled += part[end : match.start()]
        end = match.end()
        name = match[1]
        if name is None:
            filled += match[0][0]
        elif name in inactive:
            filled = _OPTION_BEFORE.sub("", filled)
        else:
            filled += texts.get(name, match[0])
    return filled + part[end:]
