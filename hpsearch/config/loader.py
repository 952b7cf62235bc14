"""The story of loading: bytes -> text -> YAML nodes -> what was found by key -> `Config`.

Each step reports into one `Report`, so that a person sees every problem of the file at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from hpsearch.config.budget import read_budget, read_early_stop
from hpsearch.config.declarations import CONFIG, DEFAULT_ROUNDS, LONGEST_NAME
from hpsearch.config.effects import note_without_effect
from hpsearch.config.kinds import Found
from hpsearch.config.names import check_names
from hpsearch.config.objective import Objective, read_objective
from hpsearch.config.panda import budget_of, check_panda, is_panda
from hpsearch.config.parameters import read_space
from hpsearch.config.report import START, Place, Report, Spot
from hpsearch.config.settings import Config, ExecutionSettings, Metric, SearchSettings
from hpsearch.config.start_points import read_start_points
from hpsearch.config.suggestions import closest
from hpsearch.config.yaml_nodes import read_yaml
from hpsearch.objectives.command import CommandObjective

T = TypeVar("T")


def load_config(
    path: Path,
    *,
    beside: Path | None = None,
    check_objective: bool = True,
    is_stored: bool = False,
) -> Config:
    """The config of a file.

    Args:
        path: the file; messages name it so.
        beside: the folder in which the objective's module is looked up first, where that is not the
            file's own (a run's copy).
        check_objective: whether the objective must be there; a run can be read without it.
        is_stored: whether it is a run's copy, which is read although a later version would not
            begin a run with it: what is probably not meant was meant, or is known by now.
    Raises:
        ConfigError: with every problem of the file.
    """
    text = read_config_text(path)
    return parse_config(
        text, path, beside=beside, check_objective=check_objective, is_stored=is_stored
    )


def read_config_text(path: Path) -> str:
    """The text of a config file.

    Raises:
        ConfigError: if there is no such file, or it is no text.
    """
    report = Report(str(path))
    text = _read_text(path, report)
    report.raise_if_any()
    return text


def parse_config(
    text: str,
    path: Path,
    *,
    beside: Path | None = None,
    check_objective: bool = True,
    is_stored: bool = False,
) -> Config:
    """The config that `text` is; the arguments are those of `load_config`, but no file is read.

    Raises:
        ConfigError: with every problem of the text.
    """
    report = Report(str(path), is_stored)
    top = _read_top(text, report)
    beside = path.resolve().parent if beside is None else beside.resolve()
    read = read_space(top["space"], report) if "space" in top else None
    declared = None if read is None else read.declared
    objective = read_objective(top.get("objective"), declared, beside, report, check_objective)
    if "space" in top and isinstance(objective, CommandObjective) and check_objective:
        check_names(top["space"], objective.template, report)
    search = _keys(top, "search")
    start_with: tuple[Mapping[str, Any], ...] = ()
    if "start_with" in search and read is not None:
        draws = not is_panda(search)
        start_with = read_start_points(search["start_with"], read, report, tried_once=draws)
        if draws:
            _check_start_count(len(start_with), search, report)
    budget = read_budget(top.get("budget"), report)
    early_stop = read_early_stop(
        top.get("early_stop"),
        _has(top, "budget") or is_panda(search),  # that a panda has none is told by check_panda
        budget,
        objective,
        {"search": search, "execution": _keys(top, "execution")},
        report,
    )
    _check_learn_from(search, report)
    rounds = _rounds(search, report, is_one=_has(top, "early_stop"))
    given: dict[str, Found] = {
        key: top[key] for key in ("budget", "early_stop", "objective") if key in top
    }
    spaces = None if read is None else (top["space"], read.space)
    check_panda(search, given, spaces, objective if check_objective else None, report)
    _check_execution(_keys(top, "execution"), objective, report)
    sections = {name: _keys(top, name) for name in ("metric", "search", "execution", "space")}
    note_without_effect(sections, objective, _has(top, "early_stop"), report)
    report.raise_if_any()
    return Config(
        name=top["name"].value or safe_name(path.stem),
        objective=cast(Objective, objective),
        metric=Metric(**_values(top, "metric")),
        space=_sound(_sound(read).space),
        search=_search({**_values(top, "search"), "rounds": rounds, "start_with": start_with}),
        execution=_execution(_values(top, "execution")),
        text=text,
        path=path,
        code_folder=beside,
        budget=budget_of(search) if is_panda(search) else budget,
        early_stop=early_stop,
        notes=report.notes,
    )


def _read_text(path: Path, report: Report) -> str:
    """The file's text with its line ends as they are; empty, and a problem, where it has none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        meant = closest(path.name, _names_beside(path))
        report.add(START, "", "no such file", meant and str(path.with_name(meant)))
        return ""
    except OSError as error:
        report.add(START, "", f"cannot be read: {error.strerror or error}")
        return ""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        report.add(place, "", message)
        return ""


def _names_beside(path: Path) -> list[str]:
    try:
        return [other.name for other in path.parent.iterdir()]
    except OSError:
        return []


def _read_top(text: str, report: Report) -> dict[str, Found]:
    """What was found by section; a section that is broken is absent."""
    node = read_yaml(text, report)
    found = None if node is None else CONFIG.read(node, Spot("", node.place), report)
    top: dict[str, Found] = {} if found is None else found.value
    return top


def safe_name(stem: str) -> str:
    """The stem of a file as the name of runs."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._")
    return name[:LONGEST_NAME] or "run"


def _has(top: dict[str, Found], section: str) -> bool:
    """Whether a section that has no default is there, sound or not."""
    return section not in top or top[section].value is not None


def _rounds(search: dict[str, Found], report: Report, is_one: bool) -> int | None:
    """How many rounds; None where that cannot be told.

    Args:
        is_one: whether there is one where nobody says otherwise.
    """
    rounds, trials, sampler = (search.get(key) for key in ("rounds", "trials", "sampler"))
    if rounds is None or trials is None or sampler is None:
        return None
    if not rounds.is_given:
        return 1 if is_one or sampler.value == "grid" else min(DEFAULT_ROUNDS, trials.value)
    if trials.value < rounds.value:
        culprit = trials if trials.is_given else rounds
        culprit.complain(
            report, f"{rounds.value} rounds need at least as many trials, not {trials.value}"
        )
    count: int = rounds.value
    return count


def _check_start_count(count: int, search: dict[str, Found], report: Report) -> None:
    points, trials = search.get("start_with"), search.get("trials")
    if points is not None and trials is not None and count > trials.value:
        message = f"{count} points to start with are more than trials: {trials.value}"
        points.complain(report, message)


def _check_execution(
    execution: dict[str, Found], objective: Objective | None, report: Report
) -> None:
    runner = execution.get("runner")
    if runner is None:
        return
    _check_dask(runner, execution, report)
    if runner.value == "inline" and isinstance(objective, CommandObjective):
        runner.complain(report, "inline is for functions; a command runs with local")


def _check_dask(runner: Found, execution: dict[str, Found], report: Report) -> None:
    given = [
        execution[key]
        for key in ("scheduler", "cluster")
        if key in execution and execution[key].is_given
    ]
    if runner.value != "dask":
        for found in given:
            found.complain(report, "goes with runner: dask")
    elif len(given) != 1 and {"scheduler", "cluster"} <= set(execution):
        runner.complain(
            report,
            "dask needs scheduler: tcp://host:8786, or cluster: {class: ...}, one of the two",
        )


def _search(values: dict[str, Any]) -> SearchSettings:
    """A panda has one round, of a trial for each day and model."""
    values["learn_from"] = _texts(values["learn_from"])
    if values["strategy"] == "panda":
        models = values["population"] or 1
        values |= {"rounds": 1, "trials": values["segments"] * models, "lag": None}
    return SearchSettings(**values)


def _execution(values: dict[str, Any]) -> ExecutionSettings:
    return ExecutionSettings(
        jobs=values["jobs"],
        runner=values["runner"],
        silence_s=values["silence"],
        memory=values["memory"],
        retries=values["retries"],
        gpus=_gpus(values["gpus"]),
        trials_per_gpu=values["trials_per_gpu"],
        scheduler=values["scheduler"],
        cluster=values["cluster"],
        timeout_s=values["timeout"],
        grace_s=values["grace"],
        threads_per_trial=values["threads_per_trial"],
    )


def _check_learn_from(search: dict[str, Found], report: Report) -> None:
    learn_from, sampler = search.get("learn_from"), search.get("sampler")
    if learn_from is None or sampler is None or not learn_from.is_given:
        return
    if sampler.value != "guided":
        learn_from.complain(report, f"goes with sampler: guided, not {sampler.value}")


def _texts(value: str | tuple[Found, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(entry.value for entry in value)


def _gpus(value: str | tuple[Found, ...] | None) -> tuple[str, ...] | Literal["all"]:
    if value == "all":
        return "all"
    return _texts(value or ())


def _sound(part: T | None) -> T:
    """What is there because no problem was reported."""
    assert part is not None
    return part


def _keys(top: dict[str, Found], section: str) -> dict[str, Found]:
    """What was found in a section; nothing where the section itself is broken."""
    keys: dict[str, Found] = top[section].value if section in top else {}
    return keys


def _values(top: dict[str, Found], section: str) -> dict[str, Any]:
    return {name: found.value for name, found in _keys(top, section).items()}
