"""Which trial of a run is expected to be the best, where no search has named one yet."""

from __future__ import annotations

from hpsearch.config import Config
from hpsearch.history import History
from hpsearch.samplers import EarlierRun, GuidedSampler, make_sampler
from hpsearch.store import StoreReader
from hpsearch.trial import Decision


def expected_best(store: StoreReader, config: Config) -> Decision | None:
    """What the run's own search would name from the outcomes so far.

    Args:
        config: the one that drives the run, with what the command line said.
    Returns:
        None where the best value decides: values that are not noisy, a panda, early stopping,
        another sampler than `guided`.
    """
    if config.is_panda or config.early_stop is not None:
        return None
    sampler = make_sampler(
        config.search.sampler,
        config.space,
        config.metric.loss,
        store.setting("lag"),
        earlier_runs(store),
        config.metric.noisy,
    )
    if not isinstance(sampler, GuidedSampler):
        return None
    history = History(config.space)
    for stored in store.trials():
        history.add(stored.trial)
        if stored.outcome is not None:
            history.record(stored.trial.number, stored.outcome)
    incumbent = sampler.incumbent(history)
    return None if incumbent is None else incumbent.decision(len(history.outcomes))


def earlier_runs(store: StoreReader) -> tuple[EarlierRun, ...]:
    """What the run has learnt from earlier ones, as its store keeps it."""
    return tuple(map(EarlierRun.from_json, store.setting("earlier") or ()))
