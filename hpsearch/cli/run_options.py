"""Options that `run`, `resume` and `plan` share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import click

MOST_JOBS = 10_000
MOST_TRIALS = 1_000_000
LARGEST_SEED = 2**63 - 1
"""The limits of the config."""
SAMPLER_NAMES = ("random", "sobol", "grid", "guided")


def _not_zero(context: click.Context, parameter: click.Parameter, jobs: int | None) -> int | None:
    if jobs == 0:
        raise click.BadParameter(
            "0 would run nothing; 1 or more, or -1 for one for each core, -2 for one less, ..."
        )
    if jobs is not None and abs(jobs) > MOST_JOBS:
        raise click.BadParameter(f"at most {MOST_JOBS}")
    return jobs


def _a_number(
    context: click.Context, parameter: click.Parameter, value: float | None
) -> float | None:
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is no number")
    return value


def jobs_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--jobs, as in the config's `execution.jobs`."""
    text = "Trials at a time; -1: one for each core, -2: one less. [default: the config's]"
    return click.option("--jobs", type=int, callback=_not_zero, help=text)(function)


def ending_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--max-hours and --until-value, which end a session in good order."""
    for option in (
        click.option(
            "--until-value",
            type=float,
            callback=_a_number,
            help="End when a value of the metric is as good as this.",
        ),
        click.option(
            "--max-hours",
            type=click.FloatRange(min=0, min_open=True),
            callback=_a_number,
            help="Start no new trial after so many hours.",
        ),
    ):
        function = option(function)
    return function


def search_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--seed, --trials, --rounds and --sampler, in place of what the config says."""
    for option in (
        click.option(
            "--sampler", type=click.Choice(SAMPLER_NAMES), help="Who proposes the values."
        ),
        click.option(
            "--rounds", type=click.IntRange(1, MOST_TRIALS), help="Zoom levels; 1: no zoom."
        ),
        click.option(
            "--trials", type=click.IntRange(1, MOST_TRIALS), help="Trials over all the rounds."
        ),
        click.option(
            "--seed", type=click.IntRange(0, LARGEST_SEED), help="Another seed: other trials."
        ),
    ):
        function = option(function)
    return function
