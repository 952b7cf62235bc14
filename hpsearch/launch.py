"""Putting a run together: its folder, store, strategy and runner, for a first or a later session.

`cli` calls it; what happens once a search runs is told in `search`.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpsearch.announcer import Listener
from hpsearch.config import Config, ExecutionSettings, Overrides, told_at
from hpsearch.environment import changes_since, describe_environment, usable_cores
from hpsearch.errors import HpsearchError, ObjectiveError, StoreError
from hpsearch.files import write_json
from hpsearch.learning import lessons_in_words, read_earlier_runs
from hpsearch.nursing import make_panda, nursing_settings
from hpsearch.objectives.function import FunctionObjective
from hpsearch.orders import OrderBook
from hpsearch.resuming import Extension, load_run_config
from hpsearch.run_folder import RunFolder, create_run_folder
from hpsearch.runners import (
    CommandRunner,
    InlineRunner,
    Limits,
    LocalRunner,
    MetricReading,
    Places,
    Runner,
    find_gpus,
)
from hpsearch.samplers import EarlierRun, make_sampler
from hpsearch.search import Search
from hpsearch.store import Store
from hpsearch.strategies import Caviar, PastSegment, Promotion, Stopping, Strategy
from hpsearch.strategies.caviar import split_over_rounds
from hpsearch.trial import Segment, Trial, TrialState

LAG_ON_A_CLUSTER = 16
"""Where nobody says how many trials run at once: workers come and go, the trials must not."""

if TYPE_CHECKING:
    from hpsearch.runners.dask import DaskRunner  # an extra: imported where it is used


def create_run(config: Config, overrides: Overrides, runs_dir: Path) -> RunFolder:
    """A new run folder with everything in it that a session needs.

    Raises:
        StoreError: if it cannot be made.
        HpsearchError: if there is nothing to learn from an earlier run that the config names.
    """
    earlier = read_earlier_runs(config, runs_dir)
    lag, slots = lag_of(config), _slots_of_a_panda(config)
    if config.execution.runner == "local":
        find_gpus(config.execution.gpus)  # what would end the session ends it before its folder
    try:
        run = create_run_folder(runs_dir, config.name)
        run.config_path.write_text(config.text, encoding="utf-8")
        write_json(run.environment_path, describe_environment(config.code_folder))
    except OSError as error:
        raise StoreError(f"{error.filename or runs_dir}: {error.strerror}") from error
    settings: dict[str, Any] = {
        "config_folder": str(config.code_folder),
        "overrides": asdict(overrides),
        "round_sizes": split_over_rounds(config.search.trials, config.search.rounds),
        "lag": lag,
        "earlier": [run.to_json() for run in earlier],
        "early_stop_form": config.early_stop.form if config.early_stop is not None else None,
    }
    if config.is_panda:
        try:
            with told_at(config, ("search", "start_from"), config.search.start_from or ""):
                settings["panda"] = nursing_settings(config, run, slots)
        except HpsearchError:
            shutil.rmtree(run.path, ignore_errors=True)  # there is no run that could use it
            raise
    Store(run, settings).close()
    return run


def _slots_of_a_panda(config: Config) -> int:
    return slots_of(config.execution.jobs, config.execution) if config.is_panda else 1


def lag_of(config: Config) -> int:
    """How far back a sampler that learns looks: as the config says, or twice the slots.

    A slot runs one trial and has the next one drawn ahead, so less would leave slots idle.
    """
    if config.search.lag is not None:
        return config.search.lag
    jobs = config.execution.jobs
    if config.execution.runner == "dask" and (jobs is None or jobs < 0):
        return LAG_ON_A_CLUSTER
    return 2 * slots_of(jobs, config.execution)


def make_strategy(
    config: Config,
    round_sizes: Sequence[int],
    lag: int,
    store: Store | None = None,
    earlier: Sequence[EarlierRun] = (),
) -> Strategy:
    """The strategy of a run, before any trial.

    Args:
        store: of the run, for what a panda has been told; None before there is one.
        earlier: runs that it learns from.
    """
    if config.is_panda:
        if store is None:
            return make_panda(config, {"siblings": 1, "start": 0, "values": {}})
        return make_panda(config, store.setting("panda"), OrderBook(store.run, store))
    sampler = make_sampler(
        config.search.sampler,
        config.space,
        config.metric.loss,
        lag,
        earlier,
        config.metric.noisy,
    )
    if config.early_stop is not None and config.budget is not None:
        settings: dict[str, Any] = {
            "trials": sum(round_sizes),
            "lag": lag,
            "seed": config.search.seed,
            "budget": config.budget,
            "rule": config.early_stop.rule,
            "start_with": config.search.start_with,
        }
        if config.early_stop.form == "promotion":
            return Promotion(config.space, sampler, config.metric.loss, **settings)
        return Stopping(
            config.space,
            sampler,
            config.metric.loss,
            metric_name=config.metric.name,
            read=config.metric.take.of,
            **settings,
        )
    return Caviar(
        config.space,
        sampler,
        config.metric.loss,
        round_sizes,
        config.search.seed,
        config.search.start_with,
        config.budget.max if config.budget is not None else None,
    )


def first_round(config: Config, runs_dir: Path) -> list[Trial]:
    """The trials of a new run's first round: they depend on no result of its own.

    Args:
        runs_dir: where the runs are that it learns from.
    Raises:
        SamplerError, ConfigError: if the sampler cannot work on this space.
        HpsearchError: if there is nothing to learn from a run that the config names.
    """
    earlier = read_earlier_runs(config, runs_dir)
    # Early stopping decides who goes on, and not more.
    strategy = _new_strategy(replace(config, early_stop=None), earlier=earlier)
    trials: list[Trial] = []
    with told_at(config, ("search", "sampler"), config.search.sampler):
        while isinstance(asked := strategy.ask(), Segment) and asked.trial.round == 1:
            trials.append(asked.trial)
    return trials


def check_sampler_fits(
    config: Config, is_file: bool = True, round_sizes: Sequence[int] | None = None
) -> None:
    """Ask the sampler for a point of the whole space, in the smallest of the rounds.

    A box is never harder to fill than the whole space, and known good points would only put the
    question off: so whatever would end the search in its middle is told before it begins.

    Args:
        is_file: whether the config is one, so that its line and column say something.
        round_sizes: trials of each round; None for those of a new run.
    Raises:
        SamplerError: if the sampler cannot work on this space.
        ConfigError: the same, if the config's own line says so.
    """
    search = config.search
    sizes = round_sizes or split_over_rounds(search.trials, search.rounds)
    asked = replace(config, search=replace(search, start_with=()))
    strategy = _new_strategy(asked, [min(sizes)])
    if not is_file:
        strategy.ask()
        return
    with told_at(config, ("search", "sampler"), search.sampler):
        strategy.ask()


def check_frameworks(config: Config) -> None:
    """Raise ObjectiveError if the objective needs a framework that is not installed here.

    A command has a Python of its own, and so have the workers of a Dask cluster.
    """
    if config.execution.runner == "dask" or not isinstance(config.objective, FunctionObjective):
        return
    missing = config.objective.missing_framework()
    if missing is None:
        return
    with told_at(config, ("objective", "function"), config.objective.reference):
        raise ObjectiveError(f"objective.function: {missing}")


def _new_strategy(
    config: Config,
    round_sizes: Sequence[int] | None = None,
    earlier: Sequence[EarlierRun] = (),
) -> Strategy:
    sizes = round_sizes or split_over_rounds(config.search.trials, config.search.rounds)
    return make_strategy(config, sizes, lag_of(config), earlier=earlier)


@dataclass(frozen=True)
class Session:
    """The parts of a search, and what the person may want to know before it runs.

    Attributes:
        slots: how many trials run at once at most.
        jobs: the same, for people; None where it is as many as a cluster's workers have threads.
        trials: trials over all the rounds.
        rounds: rounds in all.
        changes: what is different now from when the run was started.
        lessons: which earlier runs it learns from, in words.
    """

    run: RunFolder
    config: Config
    store: Store
    strategy: Strategy
    runner: Runner
    slots: int
    jobs: int | None
    trials: int
    rounds: int
    changes: tuple[str, ...]
    lessons: tuple[str, ...] = ()

    def search(
        self,
        listener: Listener,
        until_value: float | None = None,
        say: Callable[[str], None] | None = None,
    ) -> Search:
        """The search, ready to run; a value as good as `until_value` ends it."""
        loss = self.config.metric.loss
        return Search(
            self.run,
            self.store,
            self.strategy,
            self.runner,
            listener,
            jobs=self.slots,
            seed=self.config.search.seed,
            retries=self.config.execution.retries or 0,
            is_enough=None
            if until_value is None
            else lambda value: loss(value) <= loss(until_value),
            say=say,
        )


@contextmanager
def open_session(
    run: RunFolder,
    *,
    jobs: int | None = None,
    extension: Extension | None = None,
    retry_failed: bool = False,
    objective: FunctionObjective | None = None,
) -> Iterator[Session]:
    """Everything that a session of the run needs; the store is ours until the end.

    Args:
        jobs: instead of the config's.
        retry_failed: queue the trials that failed again.
        objective: a function of this process, called instead of the one that the config names.
    Raises:
        RunBusyError: if another process has it.
    """
    # Programs run in other folders: what they are told of their trial must not depend on ours.
    run = RunFolder(run.path.resolve())
    config = load_run_config(run, check_objective=objective is None)
    if objective is not None:
        config = replace(config, objective=objective)
    else:
        check_frameworks(config)
    with Store(run) as store:
        sizes = list(store.setting("round_sizes"))
        if extension is not None:
            sizes = _extend(store, config, extension, sizes)
        if retry_failed:
            store.queue_again([t.trial.number for t in store.trials(TrialState.FAILED)])
        is_first = not any(event.kind == "started" for event in store.events())
        changes = () if is_first else _changes(run, config)
        store.add_event("started" if is_first else "resumed", "; ".join(changes))
        with _its_end_recorded(store):
            earlier = tuple(map(EarlierRun.from_json, store.setting("earlier") or ()))
            strategy = make_strategy(config, sizes, store.setting("lag"), store, earlier)
            strategy.restore(store.rounds(), _past(store, config))
            for round_ in strategy.rounds:
                store.add_round(round_)  # the last one may have grown
            jobs = jobs or config.execution.jobs
            if config.execution.runner == "dask":
                dask_runner = _make_dask_runner(run, config)
                jobs = jobs if jobs is not None and jobs > 0 else None
                slots = dask_runner.slots() if jobs is None else jobs
                runner: Runner = dask_runner
            else:
                jobs = slots = slots_of(jobs, config.execution)
                runner = _make_runner(config, slots)
            yield Session(
                run,
                config,
                store,
                strategy,
                runner,
                slots,
                jobs,
                sum(sizes),
                len(sizes),
                changes,
                lessons_in_words(earlier, config.space),
            )


def _extend(store: Store, config: Config, extension: Extension, sizes: list[int]) -> list[int]:
    """The new sizes of the rounds, in the store too."""
    if config.is_panda:
        raise StoreError(
            "a panda's days are planned from the first to the last; start a "
            "new run with start_from to go on"
        )
    if config.early_stop is not None and (extension.rounds or 1) > 1:
        raise StoreError("early_stop goes with rounds: 1; --trials makes it larger")
    sizes = extension.apply(sizes)
    check_sampler_fits(config, round_sizes=sizes)
    store.set_setting("round_sizes", sizes)
    store.add_event("extended", f"{sum(sizes)} trials in {len(sizes)} rounds")
    return sizes


@contextmanager
def _its_end_recorded(store: Store) -> Iterator[None]:
    """How a session ends that an error ends, as far as the store can be written.

    Without it, the run would look as if it had been killed.
    """
    try:
        yield
    except BaseException as error:
        words = str(error).splitlines() or [type(error).__name__]
        is_interrupt = isinstance(error, KeyboardInterrupt)
        with suppress(HpsearchError):
            store.add_event(*(("interrupted",) if is_interrupt else ("failed", words[0])))
        raise


def _past(store: Store, config: Config) -> Iterator[PastSegment]:
    """All that earlier sessions asked for, in the order of asking."""
    if config.budget is None:
        for trial in store.trials():
            yield PastSegment(Segment(trial.trial), trial.outcome)
        return
    curves, decisions = store.segment_curves(), defaultdict(list)
    for decision in store.decisions():
        decisions[decision.trial].append(decision)
    for stored in store.segments():
        key = number, _ = stored.segment.trial.number, stored.segment.index
        curve = curves.get(key, ())
        yield PastSegment(stored.segment, stored.outcome, curve, decisions[number])


def _metric_of(config: Config) -> MetricReading:
    return MetricReading(config.metric.name, config.metric.take, config.metric.pattern)


def _limits_of(config: Config) -> Limits:
    execution = config.execution
    return Limits(
        timeout_s=execution.timeout_s,
        silence_s=execution.silence_s,
        memory=execution.memory,
        grace_s=execution.grace_s,
    )


def _make_runner(config: Config, slots: int) -> Runner:
    execution = config.execution
    metric, limits = _metric_of(config), _limits_of(config)
    if isinstance(config.objective, FunctionObjective) and execution.runner == "inline":
        return InlineRunner(config.objective, metric)
    places = Places(
        jobs=slots,
        threads_per_trial=execution.threads_per_trial,
        gpus=tuple(find_gpus(execution.gpus)),
        trials_per_gpu=execution.trials_per_gpu,
    )
    if isinstance(config.objective, FunctionObjective):
        return LocalRunner(config.objective, metric, limits, places)
    return CommandRunner(config.objective, metric, limits, places)


def _make_dask_runner(run: RunFolder, config: Config) -> DaskRunner:
    try:
        from hpsearch.runners.dask import DaskRunner
    except ImportError as error:
        raise HpsearchError(
            f"runner: dask needs Dask ({error}): pip install 'hpsearch[dask]'"
        ) from error
    execution = config.execution
    return DaskRunner(
        config.objective,
        _metric_of(config),
        _limits_of(config),
        execution.threads_per_trial,
        run.path,
        scheduler=execution.scheduler,
        cluster=execution.cluster,
        retries=execution.retries,
    )


def _changes(run: RunFolder, config: Config) -> tuple[str, ...]:
    now = describe_environment(config.code_folder)
    return tuple(changes_since(run.environment_path, now))


def slots_of(jobs: int | None, execution: ExecutionSettings) -> int:
    """How many slots `jobs` means: -1 is one for each core, -2 one less, as in joblib.

    None is one for each place on the GPUs, or 1 where the config has none.
    """
    if jobs is None:
        return max(1, len(find_gpus(execution.gpus)) * execution.trials_per_gpu)
    return jobs if jobs > 0 else max(1, usable_cores() + 1 + jobs)
