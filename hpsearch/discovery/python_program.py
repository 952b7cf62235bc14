"""How a Python program is told its values: the first reader that finds options in its source, and
what the program prints. Nothing is imported or run.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hpsearch.discovery.argparse_options import argparse_options
from hpsearch.discovery.click_options import click_options
from hpsearch.discovery.constants import constants
from hpsearch.discovery.facts import Found, Printed
from hpsearch.discovery.guesses import is_known
from hpsearch.discovery.help_text import help_options
from hpsearch.discovery.plain_python_options import (
    absl_options,
    argv_options,
    environment_options,
)
from hpsearch.discovery.printed_python import printed_by
from hpsearch.discovery.python_functions import Function, called_function, printed_outside_main
from hpsearch.discovery.python_source import PythonSource, read_with_imports
from hpsearch.discovery.typer_options import dataclass_options, fire_options, typer_options

_PARSERS = (argparse_options, click_options, typer_options, fire_options, absl_options)


def read_python_program(
    path: Path, folders: Sequence[Path]
) -> tuple[Found | None, tuple[Printed, ...], Function | None]:
    """The options, the metrics, and the function to call where there are no options.

    Args:
        folders: where its local modules are, besides its own folder.
    Raises:
        HpsearchError: if the file cannot be read, or is not Python.
    """
    sources = read_with_imports(path, folders)
    printed = tuple(one for source in sources for one in printed_by(source))
    found = _parsed(sources) or argv_options(sources[0])
    if found is not None:
        return found, printed, None
    function = called_function(sources[0])
    candidates = [
        environment_options(sources[0]),
        function.found if function is not None else None,
        *(constants(source) for source in sources),
    ]
    found = max(candidates, key=_known)
    if found is None or not _known(found):
        return None, printed, None
    if function is not None and found is function.found:
        outside = (*printed_outside_main(sources[0]), *printed[len(printed_by(sources[0])) :])
        return found, (*outside, *function.returned), function
    if found.options[0].channel == "constant":
        known = tuple(option for option in found.options if is_known(option))
        found = replace(found, options=known)
    return found, printed, None


def _known(found: Found | None) -> int:
    """How many of the options are hyperparameters by their names."""
    return 0 if found is None else sum(is_known(option) for option in found.options)


def _parsed(sources: Sequence[PythonSource]) -> Found | None:
    """The options that a parser of the command line takes."""
    for source in sources:
        for read in _PARSERS:
            found = read(source)
            if found is not None:
                return found
        found = dataclass_options(source, sources) or _docopt_options(source)
        if found is not None:
            return found
    return None


def _docopt_options(source: PythonSource) -> Found | None:
    if not source.imports("docopt"):
        return None
    options = help_options(ast.get_docstring(source.tree) or "")
    return Found("docopt", tuple(options), (), str(source.path)) if options else None
