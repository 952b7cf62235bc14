"""Which words of a command are the program, and which are its arguments.

For `hpsearch best`, which hands on the arguments alone. A text is read as a shell would read it, as
far as that goes without running it: quotes, redirections, several commands in a row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
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
_WITH_VERB = {
    *("accelerate", "conda", "mamba", "micromamba", "pdm", "pipenv", "poetry", "uv", "coverage"),
    *("apptainer", "docker", "singularity"),
}
"""Launchers whose first word says what to do: `uv run`, `docker run`."""
_OF_MODULES = {"accelerate", "coverage", "deepspeed", "torchrun", "uv"}
"""Launchers whose -m is that of Python."""
_HOLDS_ITS_VALUE = re.compile(r"--|--?[^=]+=.*|-[A-Za-z]?\d.*")
_AMOUNT = re.compile(r"[\d.,:-]+[A-Za-z]{0,2}")
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
    """Where the arguments begin: behind the script or the module, else behind the program; behind
    what stands before the first value at the latest."""
    limit = next((i for i, word in enumerate(words) if _has_value(word, template)), len(words))
    first = 0
    while first < limit and (words[first] in _SHELL_WORDS or _ASSIGNMENT.match(words[first])):
        first += 1
    if first >= limit:
        return limit
    return _behind_program(words[:limit], first)


def _behind_program(words: Sequence[str], at: int) -> int:
    """Where the arguments begin if the word at `at` is the program, or what starts it."""
    name = _name(words[at])
    is_interpreter = INTERPRETERS.fullmatch(name) is not None
    if not is_interpreter and name not in LAUNCHERS:
        return at + 1
    takes_module = is_interpreter or name in _OF_MODULES
    for i in range(at + 1, len(words)):
        takes_module |= INTERPRETERS.fullmatch(_name(words[i])) is not None
        if takes_module and words[i] in ("-m", "-c", "-e") and i + 1 < len(words):
            return i + 2
        if not words[i].startswith("-") and _is_script(words[i]):
            return i + 1
    if is_interpreter:  # its script has no suffix
        plain = (i for i in range(at + 1, len(words)) if not words[i].startswith("-"))
        return next(plain, at) + 1
    return _behind_launched(words, at + 1 + (name in _WITH_VERB))


def _behind_launched(words: Sequence[str], begin: int) -> int:
    """Where the arguments of a launched program begin, with the launcher's own options before it.

    Which of these take a value is not known. A program follows the value of an option (`-n 4
    tool`), or an option that holds its own (`--ntasks=4 tool`); where neither is so, it is the
    first word that is no amount (`--exclusive tool`).
    """
    stretches = _plain_stretches(words, begin)
    launched = [
        (start, end)
        for start, end in stretches
        if start == begin
        or _HOLDS_ITS_VALUE.fullmatch(words[start - 1])
        or (end - start > 1 and not _AMOUNT.fullmatch(words[end - 1]))
    ] or [(start, end) for start, end in stretches if not _AMOUNT.fullmatch(words[start])]
    if not launched:
        return next((i for i in range(begin, len(words)) if words[i].startswith("-")), len(words))
    start, end = launched[0]
    for i in range(start, end):
        if _name(words[i]) in LAUNCHERS or INTERPRETERS.fullmatch(_name(words[i])):
            return _behind_program(words, i)
    return end


def _plain_stretches(words: Sequence[str], begin: int) -> list[tuple[int, int]]:
    """First and last + 1 of the words in a row that are no options."""
    positions = range(begin, len(words))
    rows = groupby(positions, key=lambda i: words[i].startswith("-"))
    plain = [list(row) for is_option, row in rows if not is_option]
    return [(row[0], row[-1] + 1) for row in plain]


def _name(word: str) -> str:
    return Path(word.strip("'\"")).name


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
