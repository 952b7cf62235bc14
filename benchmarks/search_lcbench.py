"""Surrogates of real network trainings: lcbench of YAHPO Gym (Pfisterer et al. 2022).

Needs onnxruntime, and a folder with model.onnx, encoding.json and config_space.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from search_task import Array, Points, Task

from hpsearch.domains import FloatRange, IntegerRange
from hpsearch.space import Parameter, Space

LCBENCH_DATA_SETS = ("167185", "167152", "168868", "168329", "189908", "167104")
LCBENCH_ORDER = (
    "batch_size", "learning_rate", "momentum", "weight_decay", "num_layers", "max_units",
    "max_dropout",
)  # fmt: skip


def lcbench_tasks(folder: Path) -> list[Task]:
    """Validation error of networks after 52 epochs (YAHPO Gym, Pfisterer et al. 2022)."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
    categories, numbers = (entry.name for entry in session.get_inputs())
    encoding = json.loads((folder / "encoding.json").read_text())["OpenML_task_id"]
    space = _lcbench_space(json.loads((folder / "config_space.json").read_text()))

    def of(data_set: str) -> Task:
        def losses(points: Points) -> Array:
            rows = np.array([[52.0, *(p[n] for n in LCBENCH_ORDER)] for p in points], np.float32)
            chosen = np.full((len(points), 1), encoding[data_set], np.int32)
            (output,) = session.run(None, {categories: chosen, numbers: rows})
            return 100.0 - np.asarray(output[:, 1], np.float64)

        return Task(f"lcbench-{data_set}", "lcbench", space, losses)

    return [of(data_set) for data_set in LCBENCH_DATA_SETS]


def _lcbench_space(described: Mapping[str, Any]) -> Space:
    by_name = {entry["name"]: entry for entry in described["hyperparameters"]}
    parameters = []
    for name in LCBENCH_ORDER:
        entry = by_name[name]
        kind = IntegerRange if entry["type"] == "uniform_int" else FloatRange
        scale = "log" if entry["log"] else "linear"
        parameters.append(Parameter(name, kind(entry["lower"], entry["upper"], scale)))
    return Space(parameters)
