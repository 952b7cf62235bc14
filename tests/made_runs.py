"""Runs made for the tests of the reading wing: written straight into a store, no trial is run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hpsearch.config import Config, parse_config
from hpsearch.run_folder import RunFolder, create_run_folder
from hpsearch.samplers import make_sampler
from hpsearch.store import Store
from hpsearch.strategies import Caviar
from hpsearch.strategies.caviar import split_over_rounds
from hpsearch.trial import Outcome, Segment, Trial, TrialState

START = 1_700_000_000.0
LAG = 8

DIGITS = """\
name: digits
objective: {function: "hpsearch.examples.digits:train"}
metric: {name: val_error, goal: minimize}
space:
  learning_rate: {scale: log, min: 1e-4, max: 1}
  momentum: {scale: 1-beta, min: 0.9, max: 0.999}
  layers: {min: 2, max: 4}
  hidden_units: {scale: log, min: 32, max: 256, repeat: layers}
  batch_size: {values: [32, 64, 128, 256]}
  optimizer: {values: [momentum, adam, sgd]}
  beta2: {scale: 1-beta, min: 0.9, max: 0.9999, when: {optimizer: adam}}
  epochs: {value: 15}
search: {sampler: random, rounds: 3, trials: 60, seed: 0}
execution: {jobs: 2}
"""

ONE = """\
name: one
objective: {function: "hpsearch.examples.quadratic:evaluate"}
metric: {name: score, goal: maximize}
space:
  x: {min: -5.0, max: 5.0}
search: {sampler: random, rounds: 1, trials: 4}
"""

Evaluate = Callable[[Trial], Outcome]


def done(trial: Trial, value: float, **metrics: float) -> Outcome:
    """A trial that took 2 s and ended well."""
    return Outcome(
        TrialState.DONE, value, metrics, started=START + 2 * trial.number, duration_s=2.0
    )


def failed(
    trial: Trial,
    reason: str = "exit code 1: ValueError: boom",
    state: TrialState = TrialState.FAILED,
    stderr_tail: str = "",
) -> Outcome:
    """A trial that took 1 s and did not end well."""
    return Outcome(
        state,
        reason=reason,
        exit_code=1 if state is TrialState.FAILED else None,
        stderr_tail=stderr_tail,
        started=START + 2 * trial.number,
        duration_s=1.0,
    )


def digits_outcome(trial: Trial) -> Outcome:
    """A bowl around learning_rate 0.02, momentum 0.98, with some failures and a divergence."""
    params = trial.params
    if params["learning_rate"] > 0.5:
        return failed(trial, "val_error is nan", TrialState.DIVERGED)
    if trial.number % 23 == 11:
        tail = 'Traceback (most recent call last):\n  File "train.py", line 3\nValueError: boom 17'
        return failed(trial, f"ValueError: boom {trial.number}", stderr_tail=tail)
    loss = 0.025 + 0.02 * (math.log10(params["learning_rate"]) + 1.7) ** 2
    loss += 0.02 * (math.log10(1 - params["momentum"]) + 1.7) ** 2
    loss += {"adam": 0.0, "momentum": 0.01, "sgd": 0.1}[params["optimizer"]]
    return done(trial, loss, train_error=loss / 2)


def make_run(
    runs: Path,
    text: str = DIGITS,
    evaluate: Evaluate = digits_outcome,
    *,
    stop_after: int | None = None,
    ending: str = "finished",
    detail: str = "",
    setup: Mapping[str, Any] | None = None,
) -> RunFolder:
    """A run that a caviar search would have left, with its trials drawn by the real sampler.

    Args:
        stop_after: trials that were run; all of them if None.
        ending: kind of the last event; empty for none, as after a kill.
        setup: more settings of the store.
    """
    config = parse_config(text, Path("config.yaml"), beside=runs, check_objective=False)
    run = create_run_folder(runs, config.name)
    run.config_path.write_text(text, encoding="utf-8")
    with Store(run) as store:
        sizes = split_over_rounds(config.search.trials, config.search.rounds)
        store.set_setting("overrides", {})
        store.set_setting("round_sizes", sizes)
        store.set_setting("config_folder", str(runs))
        store.set_setting("lag", LAG)
        for key, value in (setup or {}).items():
            store.set_setting(key, value)
        store.add_event("created")
        store.add_event("started")
        _fill(store, config, sizes, evaluate, stop_after)
        if ending:
            store.add_event(ending, detail)
    return run


def _fill(
    store: Store, config: Config, sizes: list[int], evaluate: Evaluate, stop_after: int | None
) -> None:
    search = config.search
    strategy = Caviar(
        config.space,
        make_sampler(search.sampler, config.space, config.metric.loss, LAG),
        config.metric.loss,
        sizes,
        search.seed,
        search.start_with,
    )
    stored_rounds = 0
    for _ in range(stop_after if stop_after is not None else sum(sizes)):
        asked = strategy.ask()
        assert isinstance(asked, Segment)
        trial = asked.trial
        for round_ in strategy.rounds[stored_rounds:]:
            store.add_round(round_)
        stored_rounds = len(strategy.rounds)
        store.start(trial, START + 2 * trial.number)
        outcome = evaluate(trial)
        curve = [(float(i), {"val_error": 1.0 / (i + 1)}) for i in range(12)]
        store.finish(trial.number, outcome, curve if outcome.state is TrialState.DONE else ())
        strategy.tell(trial.number, outcome)
