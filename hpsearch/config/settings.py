"""What a config says, as frozen facts with every default filled in.

`config.loader` makes them from YAML; the rest of hpsearch reads them and never sees YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from hpsearch.budget import Budget
from hpsearch.errors import Problem, SpaceError
from hpsearch.objectives.command import CommandObjective
from hpsearch.objectives.function import FunctionObjective
from hpsearch.objectives.take import Take
from hpsearch.space import Space

Goal = Literal["minimize", "maximize"]
GOALS = ("minimize", "maximize")
STRATEGIES = ("caviar", "panda")
SAMPLERS = ("guided", "random", "sobol", "grid")
DEFAULT_SAMPLER = "guided"
DEFAULT_SEGMENTS = 20
RUNNERS = ("local", "inline", "dask")
RULES = ("asha", "hyperband", "median")
Form = Literal["promotion", "stopping"]
FORMS = ("promotion", "stopping")


@dataclass(frozen=True)
class Metric:
    """What a trial is judged by.

    Attributes:
        name: of the number, in what the objective returns, prints or reports.
        goal: whether small or large is good.
        take: which value of a learning curve counts.
        pattern: how a command prints it, where that is unusual; see `OutputParser`.
        noisy: whether the same parameters may give another value; None: guided search finds out.
    """

    name: str
    goal: Goal
    take: Take = field(default_factory=Take)
    pattern: str | None = None
    noisy: bool | None = None

    def loss(self, value: float) -> float:
        """The value with its sign turned so that smaller is better."""
        return value if self.goal == "minimize" else -value


@dataclass(frozen=True)
class SearchSettings:
    """The section `search`.

    Attributes:
        rounds: zoom levels, at least 1; 1 means no zoom.
        trials: over all the rounds, at least `rounds`.
        start_with: sets of values that are tried first, as `Space.accept` returns them.
        lag: a sampler that learns proposes trial i from the outcomes of trials 0 to i - lag; None:
            twice the slots that the run is started with.
        learn_from: earlier runs, as a person names them, that the guided sampler learns from.
        segments: of a panda: its days in all, those that are taken back included.
        segment: how long a day is: how many, of what.
        population: how many pandas; None for one.
        start_from: a run from whose best trial the panda starts; None to start from start_with.
    """

    strategy: Literal["caviar", "panda"]
    sampler: str
    rounds: int
    trials: int
    seed: int
    start_with: tuple[Mapping[str, Any], ...]
    lag: int | None = None
    learn_from: tuple[str, ...] = ()
    segments: int = DEFAULT_SEGMENTS
    segment: tuple[int, str] = (1, "epochs")
    population: int | None = None
    start_from: str | None = None


@dataclass(frozen=True)
class EarlyStop:
    """The section `early_stop`: how hopeless trials are stopped.

    Attributes:
        rule: `asha` lets the best 1/factor of a rung go on, `hyperband` does so in brackets that
            begin at different rungs, `median` stops what is worse than the median at its rung.
        form: `promotion` runs a trial from rung to rung, each from the checkpoint of the last;
            `stopping` runs it to the end and watches what it reports.
    """

    rule: Literal["asha", "hyperband", "median"]
    form: Form


@dataclass(frozen=True)
class ExecutionSettings:
    """The section `execution`.

    Attributes:
        jobs: slots; -1 means one for each core, -2 all cores but one, and so on, as in joblib;
            None: one for each place on the GPUs, or 1 without GPUs.
        runner: where a trial runs.
        timeout_s: wall seconds that one trial may take; None for no limit.
        silence_s: seconds that one trial may go on without any output; None for no limit.
        memory: bytes of address space of each of a trial's processes; None for no limit.
        retries: how often a failed trial is run again; None: never, but three times where its
            Dask worker was lost.
        scheduler: address of a Dask scheduler.
        cluster: a Dask cluster to make: `class`, and its arguments.
        gpus: GPUs whose places the slots take; `all` for those that can be seen.
        trials_per_gpu: slots that share a GPU.
        grace_s: seconds between asking a trial to end (SIGTERM) and killing it, and how long the
            running trials may go on after the first Ctrl-C.
        threads_per_trial: BLAS and OpenMP threads of each trial; None means cores // jobs,
            at least 1.
    """

    jobs: int | None
    runner: Literal["local", "inline", "dask"]
    timeout_s: float | None
    silence_s: float | None
    memory: int | None
    retries: int | None
    gpus: tuple[str, ...] | Literal["all"]
    trials_per_gpu: int
    grace_s: float
    threads_per_trial: int | None
    scheduler: str | None = None
    cluster: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Overrides:
    """What a command line says otherwise than the config; None where it says nothing."""

    sampler: str | None = None
    rounds: int | None = None
    trials: int | None = None
    seed: int | None = None
    jobs: int | None = None


@dataclass(frozen=True)
class Config:
    """One config file.

    Attributes:
        name: the runs are called name-0001, name-0002, ...
        text: the file as it was given.
        path: where it was read from.
        code_folder: the folder of the file as it was given, beside which the objective lies.
        budget: how long trials are trained; None where the objective alone knows.
        early_stop: None where every trial runs to its end.
        notes: what is possible but perhaps not meant, each at its place.
    """

    name: str
    objective: FunctionObjective | CommandObjective
    metric: Metric
    space: Space
    search: SearchSettings
    execution: ExecutionSettings
    text: str
    path: Path
    code_folder: Path
    budget: Budget | None = None
    early_stop: EarlyStop | None = None
    notes: tuple[Problem, ...] = ()

    @property
    def is_panda(self) -> bool:
        """Whether models are nursed day by day."""
        return self.search.strategy == "panda"

    @property
    def live(self) -> tuple[str, ...]:
        """The parameters that can change during training, the most important one first."""
        return tuple(name for name, p in self.space.parameters.items() if p.live)

    def with_form(self, form: Form | None) -> Config:
        """The config with the form of early stopping that a run began with; None leaves it."""
        if self.early_stop is None or form is None:
            return self
        return replace(self, early_stop=replace(self.early_stop, form=form))

    def with_overrides(self, overrides: Overrides, is_stored: bool = False) -> Config:
        """The config with what the command line says in its place.

        Args:
            is_stored: of a run that was begun with it, and is read whatever is refused today.
        Raises:
            SpaceError: if there would be more rounds or points to start with than trials.
        """
        said = {key: value for key, value in asdict(overrides).items() if value is not None}
        for key in ("sampler", "rounds", "trials"):
            if self.is_panda and key in said:
                raise SpaceError(f"--{key} goes with strategy: caviar; a panda has search.segments")
        jobs = said.pop("jobs", self.execution.jobs)
        if said.get("sampler") == "grid":
            said.setdefault("rounds", 1)  # as in a config: a grid is tried once
        search = replace(self.search, **said)
        if search.rounds > search.trials:
            raise SpaceError(
                f"{search.rounds} rounds need at least as many trials, not {search.trials}"
            )
        too_many = len(search.start_with) > search.trials
        if too_many and not (self.is_panda or is_stored):
            raise SpaceError(
                f"{len(search.start_with)} points to start with are more than trials: "
                f"{search.trials}"
            )
        if self.early_stop is not None and search.rounds > 1:
            raise SpaceError("early_stop goes with rounds: 1; it zooms in by rungs instead")
        return replace(self, search=search, execution=replace(self.execution, jobs=jobs))
