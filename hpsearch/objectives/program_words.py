"""Which words of a command are the program, and which are its arguments.

For `hpsearch best`, which hands on the arguments alone. A text is read as a shell would read it, as
far as that goes without running it: quotes, redirections, several commands in a row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from hpsearch.objectives.template import PLACEHOLDER, Template

SCRIPT_SUFFIXES = frozenset(
    {".py", ".sh", ".bash", ".zsh", ".ksh", ".r", ".jl", ".lua", ".pl", ".rb", ".js", ".ts", ".m"}
)
INTERPRETERS = re.compile(
    r"(python|pypy|bash|sh|zsh|dash|ksh|Rscript|R|julia|node|perl|ruby|lua|octave)[\d.]*"
)
LAUNCHERS = {
    *("accelerate", "deepspeed", "horovodrun", "torchrun", "mpiexec", "mpirun", "srun"),
    *("conda", "mamba", "micromamba", "pdm", "pipenv", "poetry", "uv", "coverage"),
    *("apptainer", "docker", "singularity", "env", "nice", "ionice", "nohup", "numactl"),
    *("stdbuf", "taskset", "time", "timeout", "xvfb-run"),
}
"""Programs whose argument is the program, with its own arguments behind it."""
_SHELL_WORDS = frozenset({"do", "then", "else", "{", "!", "exec", "if", "while", "until"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_REDIRECTION = re.compile(r"&>>?|\d*(?:<<?<?|>>?)[&|]?")
_SPACE, _ENDS = " \t", "\n;&|()"


def arguments_template(template: Template) -> Template:
    """The arguments of the command, its placeholders still in them.

    Of several commands in one text, those of the one that has the most of the parameters.
    """
    if not isinstance(template.command, str):
        words = template.command
        return Template(tuple(words[_arguments_at(words, template) :]), template.parameters)
    commands = list(simple_commands(template.command))
    if not commands:
        return Template("", template.parameters)
    # The last of the equals: what stands before it prepares, or changes the folder.
    typed = max(commands[::-1], key=lambda words: _count_values(words, template))
    return Template(" ".join(typed[_arguments_at(typed, template) :]), template.parameters)


def _has_value(word: str, template: Template) -> bool:
    names = {match[1] for match in PLACEHOLDER.finditer(word)}
    return not names.isdisjoint({*template.parameters, "args", "params_json"})


def _count_values(words: Sequence[str], template: Template) -> int:
    return sum(_has_value(word, template) for word in words)


def _arguments_at(words: Sequence[str], template: Template) -> int:
    """Where the arguments begin: behind the script or the module, else behind the program."""
    limit = next((i for i, word in enumerate(words) if _has_value(word, template)), len(words))
    first = 0
    while first < limit and (words[first] in _SHELL_WORDS or _ASSIGNMENT.match(words[first])):
        first += 1
    if first >= limit:
        return limit
    name = Path(words[first].strip("'\"")).name
    is_interpreter = INTERPRETERS.fullmatch(name) is not None
    if not is_interpreter and name not in LAUNCHERS:
        return first + 1
    for i in range(first + 1, limit):
        if words[i] in ("-m", "-c", "-e") and i + 1 < limit:
            return i + 2
        if not words[i].startswith("-") and _is_script(words[i]):
            return i + 1
    is_option = [word.startswith("-") for word in words[:limit]]
    if is_interpreter:  # its script has no suffix
        return next((i + 1 for i in range(first + 1, limit) if not is_option[i]), first + 1)
    return next((i for i in range(first + 1, limit) if is_option[i]), limit)


def _is_script(word: str) -> bool:
    return Path(word.strip("'\"")).suffix.lower() in SCRIPT_SUFFIXES


def simple_commands(text: str) -> list[list[str]]:
    """The words of each command in a shell text, quoted as they are, redirections left out."""
    commands: list[list[str]] = [[]]
    position, is_target = 0, False
    while position < len(text):
        character = text[position]
        redirection = _REDIRECTION.match(text, position)
        if text.startswith("\\\n", position):
            position += 2
        elif character in _SPACE:
            position += 1
        elif redirection is not None:
            position, is_target = redirection.end(), True
        elif character in _ENDS:
            commands.append([])
            position += 1
        elif character == "#":
            position = (text + "\n").index("\n", position)
        else:
            end = _word_end(text, position)
            if not is_target:
                commands[-1].append(text[position:end].replace("\\\n", ""))
            position, is_target = end, False
    return [words for words in commands if words]


def _word_end(text: str, position: int) -> int:
    """Where the word that begins here ends."""
    quote, depth = "", 0
    while position < len(text):
        match, character = PLACEHOLDER.match(text, position), text[position]
        if match is not None:
            position = match.end()
            continue
        if character == "\\" and quote != "'":
            position += 1
        elif character in "'\"`" and quote in ("", character):
            quote = "" if quote else character
        elif not quote and text.startswith("$(", position):
            depth, position = depth + 1, position + 1
        elif depth and not quote:
            depth += (character == "(") - (character == ")")
        elif not quote and (character in _SPACE + _ENDS or character in "<>"):
            return position
        position += 1
    return len(text)
