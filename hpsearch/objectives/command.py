"""Any program as the objective: what it is started with for one trial.

How its metrics are read is in `output`; how it is run, limited and ended is the runners' business.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpsearch.objectives.template import Template, as_text, variable_of
from hpsearch.objectives.variables import (
    BUDGET_VARIABLE,
    PARAMS_VARIABLE,
    SEED_VARIABLE,
    TRIAL_DIR_VARIABLE,
    TRIAL_VARIABLE,
)

PARAMS_FILE = "params.json"


def written_budget(budget: float) -> str:
    """A budget as a program reads it: a whole number without a point."""
    return str(int(budget)) if budget == int(budget) else f"{budget:g}"


@dataclass(frozen=True)
class CommandObjective:
    """A program and how it gets its values.

    Attributes:
        template: its command.
        working_dir: the folder it runs in, absolute.
        env: variables of the config, over those of hpsearch's own environment.
    """

    template: Template
    working_dir: str
    env: Mapping[str, str] = field(default_factory=dict)

    def arguments(
        self,
        params: Mapping[str, Any],
        *,
        number: int,
        trial_dir: Path,
        seed: int,
        budget: float | None,
    ) -> list[str]:
        """The program and its arguments for one trial."""
        own = {
            "trial": str(number),
            "trial_dir": str(trial_dir),
            "seed": str(seed),
            "budget": "" if budget is None else written_budget(budget),
            "params_json": str(trial_dir / PARAMS_FILE),
        }
        return self.template.render(params, own)

    @property
    def wants_params_json(self) -> bool:
        """Whether the command reads the values from a file."""
        return "params_json" in self.template.placeholders

    def variables(
        self,
        params: Mapping[str, Any],
        *,
        number: int,
        trial_dir: Path,
        seed: int,
        budget: float | None,
    ) -> dict[str, str]:
        """The environment variables of one trial, besides those that are there anyway."""
        own = {
            TRIAL_VARIABLE: str(number),
            TRIAL_DIR_VARIABLE: str(trial_dir),
            SEED_VARIABLE: str(seed),
            PARAMS_VARIABLE: json.dumps(dict(params)),
        }
        if budget is not None:
            own[BUDGET_VARIABLE] = written_budget(budget)
        values = {variable_of(name): as_text(value) for name, value in params.items()}
        return {**self.env, **values, **own}
