"""What the screens call things: states of runs and trials, moments, and headings."""

from __future__ import annotations

from collections.abc import Mapping

import click

from hpsearch.analysis import RunState
from hpsearch.analysis.failures import count_failed
from hpsearch.config import Config, EarlyStop, Metric
from hpsearch.space import Parameter
from hpsearch.trial import TrialState
from hpsearch.views.text import count

STATE_MEANS = {
    RunState.RUNNING: "a process is running it",
    RunState.FINISHED: "all its trials have ended",
    RunState.STOPPED: "ended in good order before its time; hpsearch resume goes on",
    RunState.INTERRUPTED: "ended by Ctrl-C or a signal; hpsearch resume goes on",
    RunState.BROKEN: "stopped because its first trials all failed",
    RunState.FAILED: "ended by an error of hpsearch or of the machine; hpsearch resume goes on",
    RunState.KILLED: "its process died without a word; hpsearch resume goes on",
}
_COLOURS = {RunState.RUNNING: "cyan", RunState.FINISHED: "green", RunState.FAILED: "red"}


def heading(text: str) -> str:
    """The first line of a part of a screen."""
    return click.style(text, bold=True)


def coloured(text: str, colour: str) -> str:
    """The text in a colour."""
    return click.style(text, fg=colour)


def coloured_state(text: str, state: RunState) -> str:
    """The text in the state's colour."""
    return click.style(text, fg=_COLOURS.get(state, "yellow"))


def aims(metric: Metric) -> str:
    """`minimize val_error`."""
    return f"{metric.goal} {metric.name}"


def better(metric: Metric) -> str:
    """Which values of the metric are better."""
    return "smaller is better" if metric.goal == "minimize" else "larger is better"


def settings(config: Config, rounds: int, trials: int) -> str:
    """`caviar, guided, 3 rounds, 60 trials, 2 jobs, seed 0 · minimize val_error`."""
    search = config.search
    if config.is_panda:
        return f"{nursed(config)}, {_jobs(config)}, seed {search.seed} · {aims(config.metric)}"
    return (
        f"{search.strategy}, {search.sampler}, {_ways(config, rounds)}, {count(trials, 'trial')}, "
        f"{_jobs(config)}, seed {search.seed} · {aims(config.metric)}"
    )


def nursed(config: Config) -> str:
    """`panda, 20 days of 1 epoch`."""
    search, budget = config.search, config.budget
    assert budget is not None
    models = "" if search.population is None else f", {count(search.population, 'model')}"
    return f"panda{models}, {count(search.segments, 'day')} of {budget.amount(budget.min)}"


def came_too_late(order: str) -> str:
    """Of an order to a panda that had no next day; the order as a person types it."""
    return f"{order} came when the last day had begun, so no day obeyed it"


def _ways(config: Config, rounds: int) -> str:
    """How it gets from coarse to fine: by rounds, or by rungs."""
    stop = config.early_stop
    return count(rounds, "round") if stop is None else early_stop(stop)


def early_stop(settings: EarlyStop) -> str:
    """`asha by promotion`."""
    return f"{settings.rule} by {settings.form}"


def training(config: Config) -> str:
    """How long trials are trained, with all that the config leaves to its defaults; empty where
    the objective alone knows."""
    budget = config.budget
    if budget is None or config.is_panda:
        return ""
    whole = budget.amount(budget.max)
    if config.early_stop is None:
        return f"every trial is trained to {whole}"
    rungs = ", ".join(map(str, budget.rungs[:-1]))
    return f"{early_stop(config.early_stop)}: trials are compared at {rungs} and end at {whole}"


def _jobs(config: Config) -> str:
    """The config's jobs; how many these are on a machine is known to those who run there."""
    jobs = config.execution.jobs
    if config.execution.runner == "dask" and (jobs is None or jobs < 0):
        return jobs_in_words(None)
    if jobs is None:
        return "jobs as many as GPUs" if config.execution.gpus else "1 job"
    return jobs_in_words(jobs) if jobs > 0 else f"jobs {jobs}"


def jobs_in_words(jobs: int | None) -> str:
    """`2 jobs`; None is as many as a cluster's workers have threads."""
    return "jobs as many as the workers' threads" if jobs is None else count(jobs, "job")


def failed_note(counts: Mapping[TrialState, int]) -> str:
    """` (2 failed)`, of whatever kind, or nothing."""
    failed = count_failed(counts)
    return f" ({failed} failed)" if failed else ""


def is_varied(parameter: Parameter) -> bool:
    """Whether the search can choose anything about the parameter."""
    return parameter.domain.size != 1 or parameter.repeat is not None
