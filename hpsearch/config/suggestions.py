"""What a person probably meant: the nearest of the possible names, and the words of other tools.

Pure functions and tables of words; `kinds` and `references` ask them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from hpsearch.config.yaml_scalars import Scalar

MOST_NAMES = 500  # difflib takes 1 ms for a hundred names
LONGEST_WORD = 60

KEYS_OF_OTHER_TOOLS = {
    "parameters": "space",
    "params": "space",
    "hyperparameters": "space",
    "search_space": "space",
    "searchspace": "space",
    "program": "objective.function",
    "direction": "metric.goal",
    "mode": "metric.goal",
    "method": "search.sampler",
    "algorithm": "search.sampler",
    "tuner": "search.sampler",
    "run_cap": "search.trials",
    "n_trials": "search.trials",
    "num_trials": "search.trials",
    "max_trials": "search.trials",
    "maxtrialnumber": "search.trials",
    "maxtrialcount": "search.trials",
    "n_rounds": "search.rounds",
    "random_state": "search.seed",
    "enqueue": "search.start_with",
    "points_to_evaluate": "search.start_with",
    "n_jobs": "execution.jobs",
    "workers": "execution.jobs",
    "trialconcurrency": "execution.jobs",
    "paralleltrialcount": "execution.jobs",
    "time_limit": "execution.timeout",
    "population_size": "search.population",
    "days": "search.segments",
    "day": "search.segment",
    "warm_start": "search.start_from",
    "perturbation_interval": "search.segment",
    "eta": "budget.factor",
    "reduction_factor": "budget.factor",
    "min_resource": "budget.min",
    "min_budget": "budget.min",
    "min_iter": "budget.min",
    "grace_period": "budget.min",
    "max_resource": "budget.max",
    "max_budget": "budget.max",
    "max_iter": "budget.max",
    "max_t": "budget.max",
    "early_terminate": "early_stop",
    "early_stopping": "early_stop",
    "early_stopping_rule": "early_stop",
    "pruner": "early_stop",
    "type": "early_stop.rule",
    "n_threads": "execution.threads_per_trial",
    "threads": "execution.threads_per_trial",
}
"""Keys that W&B, Optuna, NNI, Katib, Hydra and scikit-learn users know -> ours, as section.key."""

PARAMETER_KEYS_OF_OTHER_TOOLS = {
    "low": "min",
    "lower": "min",
    "minimum": "min",
    "start": "min",
    "high": "max",
    "upper": "max",
    "maximum": "max",
    "stop": "max",
    "end": "max",
    "choices": "values",
    "choice": "values",
    "categories": "values",
    "options": "values",
    "list": "values",
    "constant": "value",
    "default": "value",
    "dtype": "type",
    "condition": "when",
    "depends_on": "when",
}

SCALES_OF_OTHER_TOOLS = {
    "uniform": "linear",
    "lin": "linear",
    "int_uniform": "linear",
    "log_uniform": "log",
    "loguniform": "log",
    "log_uniform_values": "log",
    "logarithmic": "log",
    "log10": "log",
    "one_minus_beta": "1-beta",
    "one_minus_log": "1-beta",
    "inv_log_uniform_values": "1-beta",
    "reverse_log": "1-beta",
}

WORDS_FOR_CHOICES = {
    "min": "minimize",
    "minimise": "minimize",
    "max": "maximize",
    "maximise": "maximize",
    "integer": "int",
    "double": "float",
    "real": "float",
    "number": "float",
    **dict.fromkeys(
        ("bayes", "bayesian", "bayesian_optimization", "bo", "gp", "gaussian_process"), "guided"
    ),
    **dict.fromkeys(("tpe", "optuna", "hyperopt", "skopt", "smac", "hebo", "model"), "guided"),
    "randomsearch": "random",
    "gridsearch": "grid",
    "gridsampler": "grid",
    "quasi_random": "sobol",
    "qmc": "sobol",
    "loky": "local",
    "process": "local",
    "debug": "inline",
    "pbt": "panda",
    "population_based_training": "panda",
    "sha": "asha",
    "successive_halving": "asha",
    "bohb": "hyperband",
    "medianstop": "median",
    "median_stopping": "median",
    "pause": "promotion",
    "stop": "stopping",
    **SCALES_OF_OTHER_TOOLS,
}

_BOOLEAN_WORDS = {"yes": True, "on": True, "no": False, "off": False}


def folded(word: str) -> str:
    """The word without what people spell in different ways: capitals, hyphens, spaces."""
    return word.strip().lower().replace("-", "_").replace(" ", "_")


def closest(word: str, possible: Iterable[str]) -> str | None:
    """The one of `possible` that looks most like the word; None if none does."""
    by_folded = {folded(name): name for name in possible}
    if len(word) > LONGEST_WORD or len(by_folded) > MOST_NAMES:
        return None
    matches = difflib.get_close_matches(folded(word), by_folded, n=1)
    return by_folded[matches[0]] if matches else None


def choice_meant(word: str, possible: Iterable[str]) -> str | None:
    """Which of the possible words is meant."""
    possible = tuple(possible)
    known = WORDS_FOR_CHOICES.get(folded(word))
    return known if known in possible else closest(word, possible)


def value_meant(value: Scalar, possible: Iterable[Scalar]) -> str | None:
    """Which of the values that are listed is meant, as YAML writes it."""
    if not isinstance(value, str):
        return None
    texts = [v for v in possible if isinstance(v, str)]
    boolean = _BOOLEAN_WORDS.get(value.lower())
    if boolean is not None and any(v is boolean for v in possible):
        return str(boolean).lower()
    return closest(value, texts)
