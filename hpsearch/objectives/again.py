"""A trial of a command once more, by hand: its arguments, its whole command, and what is left open.

For `hpsearch best`. The folder of a trial is the run's own, so `{trial_dir}` stays as it is.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.objectives.command import PARAMS_FILE, CommandObjective, written_budget
from hpsearch.objectives.program_words import arguments_template
from hpsearch.objectives.template import Template, as_text, variable_of
from hpsearch.objectives.variables import SEED_VARIABLE

OPEN_FOLDER = "{trial_dir}"
OPEN_FILE = "{params_json}"


@dataclass(frozen=True)
class Again:
    """One trial, to be run again.

    Attributes:
        params: its values.
        seed: what it got for its own randomness.
        budget: what it was trained to; None without a budget.
        trial_dir: its folder in the run.
    """

    objective: CommandObjective
    params: Mapping[str, Any]
    number: int
    seed: int
    budget: int | None
    trial_dir: Path

    def arguments(self) -> str:
        """The program's arguments as the command spells them, quoted for a shell."""
        return self._filled(arguments_template(self.objective.template))

    def command(self, here: Path) -> str:
        """The whole command for a shell, with the folder and the variables that it needs.

        Args:
            here: the folder in which it will be typed.
        """
        text = self._filled(self.objective.template)
        given = [f"{name}={shlex.quote(value)}" for name, value in self._variables().items()]
        if given and isinstance(self.objective.template.command, str):
            text = f"export {' '.join(given)} && {text}"  # the text itself may name them
        elif given:
            text = f"{' '.join(given)} {text}"
        if Path(self.objective.working_dir) != here:
            text = f"cd {shlex.quote(self.objective.working_dir)} && {text}"
        return text

    def notes_on_arguments(self) -> list[str]:
        """What the arguments leave out, and what they leave open, each in a line."""
        template = arguments_template(self.objective.template)
        notes = []
        if not {"args", "params_json"} & set(template.placeholders):
            for name in self.params:
                if name not in template.placeholders:
                    notes.append(f"{name} is not among the arguments: {self._other_way(name)}")
        return notes + self._open(self.arguments())

    def notes_on_command(self, here: Path) -> list[str]:
        """What the command leaves open, each in a line."""
        notes = self._open(self.command(here))
        if "seed" not in self.objective.template.placeholders and not self._names(SEED_VARIABLE):
            notes.append(f"a program that reads {SEED_VARIABLE} had {self.seed} there")
        return notes

    def _filled(self, template: Template) -> str:
        own = {"trial": str(self.number), "seed": str(self.seed)}
        own["budget"] = "" if self.budget is None else written_budget(self.budget)
        file = self.trial_dir / PARAMS_FILE
        if file.is_file():
            own["params_json"] = str(file.absolute())
        rendered = template.render(self.params, own)
        text = rendered[2] if isinstance(template.command, str) else shlex.join(rendered)
        return text.strip()

    def _names(self, variable: str) -> bool:
        command = self.objective.template.command
        text = command if isinstance(command, str) else "\n".join(command)
        return re.search(rf"\b{variable}\b", text) is not None

    def _variables(self) -> dict[str, str]:
        """Those of the config, and those that the command names."""
        given = self.objective.variables(
            self.params,
            number=self.number,
            trial_dir=Path(OPEN_FOLDER),
            seed=self.seed,
            budget=self.budget,
        )
        own = self.objective.env
        return {name: value for name, value in given.items() if name in own or self._names(name)}

    def _other_way(self, name: str) -> str:
        placeholders, variable = set(self.objective.template.placeholders), variable_of(name)
        if {name, "args", "params_json"} & placeholders:
            return "it stands elsewhere in the command, see --format command"
        return f"it came as {variable}={shlex.quote(as_text(self.params[name]))}"

    def _open(self, text: str) -> list[str]:
        notes = []
        if OPEN_FOLDER in text:
            notes.append(
                f"put a folder of your own for {OPEN_FOLDER}; the trial's was {self.trial_dir}"
            )
        if OPEN_FILE in text:
            notes.append(f"for {OPEN_FILE}, write a file with hpsearch best --format json")
        return notes
