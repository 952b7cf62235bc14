"""Every key of the config, declared once: the loader reads by it, the JSON Schema is made from it.

A new key is added here and in `settings`; the space's parameters are in `parameter_kind`.
"""

from __future__ import annotations

import re
from functools import partial

from hpsearch.config.kinds import Choice, Duration, Maybe, Single, Text, Whole
from hpsearch.config.parameter_kind import ParameterKind
from hpsearch.config.sections import Field, ListOf, MapOf, OneOrMore, Section
from hpsearch.config.settings import (
    DEFAULT_SAMPLER,
    DEFAULT_SEGMENTS,
    FORMS,
    GOALS,
    RULES,
    RUNNERS,
    SAMPLERS,
    STRATEGIES,
)
from hpsearch.config.special_kinds import (
    Bytes,
    Command,
    EnvironmentText,
    Length,
    Name,
    Pattern,
    PlainMapping,
    TakeKind,
    TrueOrFalse,
)
from hpsearch.config.suggestions import KEYS_OF_OTHER_TOOLS, closest, folded
from hpsearch.config.yaml_nodes import Entry
from hpsearch.objectives.take import Take

LONGEST_NAME = 100
MOST_TRIALS = 1_000_000
MOST_JOBS = 10_000
MOST_RETRIES = 1000
LARGEST_BUDGET = 1_000_000_000
LARGEST_FACTOR = 1000
LARGEST_SEED = 2**63 - 1
DEFAULT_ROUNDS = 3


def _meant(home: str, name: str, entry: Entry, section: Section) -> str | None:
    """The key that is meant by an unknown one in the section `home` ("" for the top)."""
    word = folded(name)
    for own in section.names:
        if folded(own) == word:
            return own
    target = KEYS_OF_OTHER_TOOLS.get(word) or _homes().get(word)
    if target is None:
        return closest(name, section.names)
    if home and "." not in target:
        return f"{target}: at the top level"
    return target.removeprefix(f"{home}.")


def _homes() -> dict[str, str]:
    """Where each key belongs: `trials` -> `search.trials`."""
    homes: dict[str, str] = {}
    for field in CONFIG.fields:
        homes[field.name] = field.name
        if isinstance(field.kind, Section):
            for name in field.kind.names:
                homes.setdefault(name, f"{field.name}.{name}")
    return homes


_TEXT = r"[^\s\x00-\x1f\x7f]+"

_FUNCTION_LIKE = re.compile(r"(?P<module>[A-Za-z_][\w.]*)[:.](?P<name>[A-Za-z_]\w*)")


def _objective_meant(text: str) -> str | None:
    """A text in place of the section: a function, or a program with its arguments."""
    function = _FUNCTION_LIKE.fullmatch(text.strip())
    if function is not None and function["name"] not in ("py", "sh", "R", "jl"):
        return f"{{function: {function['module']}:{function['name']}}}"
    return "{command: ...}" if re.search(r"\.\w+\b|\s", text.strip()) else None


OBJECTIVE = Section(
    (
        Field(
            "function",
            Text("module:name, such as train:main", r"[^\s:\x00-\x1f\x7f]+:[^\s:\x00-\x1f\x7f]+"),
            "a Python function, module:name, beside the config, in the current folder or installed",
            None,
            default_words="none",
        ),
        Field(
            "command",
            Command(),
            "any program: a text that sh -c runs, or a list of arguments; {name} is a parameter",
            None,
            default_words="none",
        ),
        Field(
            "working_dir",
            Text("a folder", r"[^\x00-\x1f\x7f]+"),
            "the folder in which the command runs, from the config's folder",
            None,
            default_words="the config's folder",
        ),
        Field(
            "env",
            MapOf(EnvironmentText(), "a mapping of variables, such as {TF_CPP_MIN_LOG_LEVEL: 2}"),
            "environment variables of the command",
            None,
            default_words="none",
        ),
    ),
    "{function: module:name}",
    partial(_meant, "objective"),
    one_of=("function", "command"),
    in_full=_objective_meant,
)

METRIC = Section(
    (
        Field(
            "name",
            Text("the name of a number that the objective returns", rf"{_TEXT}( {_TEXT})*"),
            "the number, of those that the objective returns, by which trials are judged",
            example="name: val_error",
        ),
        Field(
            "goal",
            Choice(GOALS),
            "whether small or large is good",
            example="goal: minimize, or goal: maximize",
        ),
        Field(
            "take",
            TakeKind(),
            "which value of the learning curve counts: last, min, max or {mean: 5}",
            Take(),
            default_words="last",
        ),
        Field(
            "pattern",
            Pattern(),
            "regular expression for commands that print differently; its group is the value",
            None,
            default_words="lines such as val_loss: 0.31",
        ),
        Field(
            "noisy",
            Maybe(TrueOrFalse()),
            "whether the same parameters give another value when they run again",
            None,
            default_words="guided search finds out",
        ),
    ),
    "{name: val_error, goal: minimize}",
    partial(_meant, "metric"),
)

SPACE = MapOf(
    ParameterKind(),
    "a mapping of at least one parameter, such as learning_rate: {scale: log, min: 1e-4, max: 1}",
)

_POINT = MapOf(
    OneOrMore(ListOf(Single(), "a value, or a list of values", at_least=0)),
    "a set of values, such as {learning_rate: 0.01, layers: 2}",
)

SEARCH = Section(
    (
        Field("strategy", Choice(STRATEGIES), "who runs when", STRATEGIES[0]),
        Field("sampler", Choice(SAMPLERS), "how points are chosen", DEFAULT_SAMPLER),
        Field(
            "rounds",
            Whole(f"a whole number from 1 to {MOST_TRIALS}", 1, MOST_TRIALS),
            "zoom levels, from coarse to fine; 1 is no zoom",
            None,
            default_words=f"1 for grid, else {DEFAULT_ROUNDS}, or trials where they are fewer",
        ),
        Field(
            "trials",
            Whole(f"a whole number from 1 to {MOST_TRIALS}", 1, MOST_TRIALS),
            "how many, over all the rounds",
            60,
        ),
        Field(
            "seed",
            Whole("a whole number from 0 to 2^63 - 1", 0, LARGEST_SEED),
            "same config and same seed, same trials",
            0,
        ),
        Field(
            "start_with",
            ListOf(_POINT, "a list of sets of values", at_least=0, null=True),
            "sets of values that are tried first",
            (),
            default_words="none",
        ),
        Field(
            "lag",
            Maybe(Whole(f"a whole number from 1 to {MOST_JOBS}", 1, MOST_JOBS)),
            "sampler: guided proposes trial i from the outcomes of trials 0 to i - lag",
            None,
            default_words="twice the jobs",
        ),
        Field(
            "learn_from",
            OneOrMore(
                ListOf(
                    Name("the name of a run, such as digits-0002, or its number"),
                    "a run, or a list of runs, such as [digits-0002]",
                    at_least=0,
                    unique=True,
                )
            ),
            "earlier runs of this space, or of a part of it, that sampler: guided learns from",
            (),
            default_words="none",
        ),
        Field(
            "segments",
            Whole(f"a whole number from 2 to {MOST_TRIALS}", 2, MOST_TRIALS),
            "strategy: panda: how many days in all, those that are taken back included",
            DEFAULT_SEGMENTS,
        ),
        Field(
            "segment",
            Length(),
            "strategy: panda: how long a day is, such as 1 epoch or 500 steps",
            (1, "epochs"),
            default_words="1 epoch",
        ),
        Field(
            "population",
            Whole(f"a whole number from 2 to {MOST_JOBS}", 2, MOST_JOBS),
            "strategy: panda: so many models, of which the worse go on from the better",
            None,
            default_words="one model",
        ),
        Field(
            "start_from",
            Text("the name of a run", r"[^\x00-\x1f\x7f]+"),
            "strategy: panda: a run from whose best trial it starts",
            None,
            default_words="start_with, or the middle of the ranges",
        ),
    ),
    "{sampler: guided, trials: 60}",
    partial(_meant, "search"),
    optional=True,
)

EXECUTION = Section(
    (
        Field(
            "jobs",
            Whole(
                "a whole number from 1, or -1 for one slot for each core, -2 for one less, ...",
                -MOST_JOBS,
                MOST_JOBS,
                zero=False,
            ),
            "slots: trials at a time; -1 is one for each core, -2 one less, as in joblib",
            None,
            default_words="1, or one for each place on the gpus",
        ),
        Field("runner", Choice(RUNNERS), "where a trial runs", RUNNERS[0]),
        Field(
            "timeout",
            Maybe(Duration(zero=False)),
            "wall time that one trial may take, such as 90s, 10m, 2h",
            None,
        ),
        Field(
            "silence",
            Maybe(Duration(zero=False)),
            "time that a trial may go on without printing or reporting anything",
            None,
        ),
        Field(
            "memory",
            Maybe(Bytes()),
            "address space of each process of a trial, such as 4GB (Linux)",
            None,
        ),
        Field(
            "retries",
            Whole(f"a whole number from 0 to {MOST_RETRIES}", 0, MOST_RETRIES),
            "how often a failed or lost trial is run again",
            None,
            default_words="0; with runner: dask 3 for trials whose worker was lost",
        ),
        Field(
            "scheduler",
            Text("the address of a Dask scheduler, such as tcp://host:8786", r"\S+"),
            "a Dask scheduler that is running, for runner: dask",
            None,
            default_words="none",
        ),
        Field(
            "cluster",
            PlainMapping("class", "{class: dask.distributed.LocalCluster, n_workers: 2}"),
            "a Dask cluster to make, for runner: dask: its class and its arguments",
            None,
            default_words="none",
        ),
        Field(
            "gpus",
            OneOrMore(
                ListOf(
                    Name("the number of a GPU, such as 0, or its identifier"),
                    "all, or a list of GPUs, such as [0, 1]",
                    unique=True,
                )
            ),
            "all, or a list of GPUs: each slot's trials see one of them",
            None,
            default_words="none",
        ),
        Field(
            "trials_per_gpu",
            Whole(f"a whole number from 1 to {MOST_JOBS}", 1, MOST_JOBS),
            "slots that share a GPU",
            1,
        ),
        Field(
            "grace",
            Duration(zero=True),
            "time between asking a trial to end and killing it, and for those that run at Ctrl-C",
            20.0,
        ),
        Field(
            "threads_per_trial",
            Maybe(Whole(f"a whole number from 1 to {MOST_JOBS}, or null", 1, MOST_JOBS)),
            "BLAS and OpenMP threads of each trial; null is cores divided by jobs",
            None,
        ),
    ),
    "{jobs: 2, timeout: 10m}",
    partial(_meant, "execution"),
    optional=True,
)

BUDGET = Section(
    (
        Field(
            "unit",
            Text("a word, such as epochs", _TEXT),
            "what min and max count; what is written of a budget says it",
            "epochs",
        ),
        Field(
            "min",
            Whole(f"a whole number from 1 to {LARGEST_BUDGET}", 1, LARGEST_BUDGET),
            "the lowest rung: no trial is stopped before it",
            1,
        ),
        Field(
            "max",
            Whole(f"a whole number from 1 to {LARGEST_BUDGET}", 1, LARGEST_BUDGET),
            "a whole training",
            example="max: 27",
        ),
        Field(
            "factor",
            Whole(f"a whole number from 2 to {LARGEST_FACTOR}", 2, LARGEST_FACTOR),
            "each rung is so many times the one below; the best 1/factor go on",
            3,
        ),
    ),
    "{unit: epochs, min: 1, max: 27, factor: 3}",
    partial(_meant, "budget"),
)

EARLY_STOP = Section(
    (
        Field(
            "rule",
            Choice(RULES),
            "asha: the best 1/factor of a rung go on; hyperband: the same in brackets; median: "
            "what is worse than the median is stopped",
            RULES[0],
        ),
        Field(
            "form",
            Choice(FORMS),
            "promotion: from rung to rung, from a checkpoint each; stopping: ended in the middle",
            None,
            default_words="promotion if the objective is told its budget, else stopping",
        ),
    ),
    "{rule: asha}",
    partial(_meant, "early_stop"),
)

CONFIG = Section(
    (
        Field(
            "name",
            Text(
                f"a folder name of at most {LONGEST_NAME} letters, digits, '.', '_' or '-', "
                "beginning with a letter or digit; and not last, which is the newest run",
                rf"(?!last$)[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_NAME - 1}}}",
            ),
            "runs are called name-0001, name-0002, ...",
            None,
            default_words="the file's name",
        ),
        Field(
            "objective",
            OBJECTIVE,
            "what one trial executes",
            example=f"objective: {OBJECTIVE.example}",
        ),
        Field("metric", METRIC, "what a trial is judged by", example=f"metric: {METRIC.example}"),
        Field(
            "space",
            SPACE,
            "the parameters and their values",
            example="space: {learning_rate: {scale: log, min: 1e-4, max: 1}}",
        ),
        Field("search", SEARCH, "how to search"),
        Field(
            "budget",
            BUDGET,
            "how long trials are trained, told by {budget}, HPSEARCH_BUDGET or budget=",
            None,
            default_words="none",
        ),
        Field(
            "early_stop",
            EARLY_STOP,
            "how hopeless trials are stopped; {} is {rule: asha}; needs a budget",
            None,
            default_words="none",
        ),
        Field("execution", EXECUTION, "how to run trials"),
    ),
    "objective: ..., metric: ..., space: ...",
    partial(_meant, ""),
)
