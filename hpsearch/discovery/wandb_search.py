"""`method` and `run_cap` of a W&B sweep -> the section `search` of a config."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from hpsearch.config.kinds import number_of, shown
from hpsearch.config.report import Report
from hpsearch.config.settings import SAMPLERS
from hpsearch.config.yaml_nodes import Entry, ScalarNode
from hpsearch.discovery.wandb_parameters import Imported

DEFAULT_TRIALS = 60
LARGEST_GRID = 100_000
METHODS = ("grid", "random", "bayes", "custom")


def search_section(
    keys: Mapping[str, Entry], parameters: Sequence[Imported], told: list[str], report: Report
) -> list[str]:
    """Lines of YAML below `search`.

    Args:
        keys: of the sweep.
        told: gets a line for each thing that was imported or not.
    """
    node = keys["method"].node if "method" in keys else None
    method = node.text if isinstance(node, ScalarNode) else ""
    lines = []
    if node is not None and method not in METHODS:
        report.add(node.place, "method", f"must be {' or '.join(METHODS)}, but is {shown(node)}")
    elif method in ("grid", "random"):
        lines.append(f"  sampler: {method}")
        told.append(f"method: {method} -> search.sampler: {method}")
    elif method == "bayes":
        sampler = "guided" if "guided" in SAMPLERS else SAMPLERS[0]
        lines.append(f"  sampler: {sampler}")
        told.append(f"method: bayes -> search.sampler: {sampler}, in rounds that zoom")
    else:
        told.append(f"method: not imported: {method or 'missing'}; the default sampler is taken")
    if method == "random":
        lines.append("  rounds: 1    # as in the sweep; 3 would zoom in on what is good")
    return [*lines, *_trials(keys, method, parameters, told, report)]


def _trials(
    keys: Mapping[str, Entry],
    method: str,
    parameters: Sequence[Imported],
    told: list[str],
    report: Report,
) -> list[str]:
    cap = _cap(keys, report)
    if method == "grid":
        fewest = math.prod(parameter.grid_size(fewest=True) for parameter in parameters)
        whole = min(LARGEST_GRID, math.prod(p.grid_size(fewest=False) for p in parameters))
        trials = max(fewest, cap or whole)
        if cap is not None and cap < fewest:
            told.append(f"run_cap: not imported: {cap}; a grid is tried whole, all {fewest} points")
        elif cap is not None:
            told.append(f"run_cap: {cap} -> search.trials: {cap}")
        else:
            told.append(f"search.trials: {trials}, the whole grid")
        return [f"  trials: {trials}"]
    if cap is not None:
        told.append(f"run_cap: {cap} -> search.trials: {cap}")
        return [f"  trials: {cap}"]
    told.append(f"search.trials: {DEFAULT_TRIALS}; without run_cap the sweep had no end")
    return [f"  trials: {DEFAULT_TRIALS}    # the sweep itself had no end (run_cap)"]


def _cap(keys: Mapping[str, Entry], report: Report) -> int | None:
    if "run_cap" not in keys:
        return None
    node = keys["run_cap"].node
    cap = number_of(node)
    if isinstance(cap, int) and cap >= 1:
        return cap
    report.add(node.place, "run_cap", f"must be a whole number from 1, but is {shown(node)}")
    return None
