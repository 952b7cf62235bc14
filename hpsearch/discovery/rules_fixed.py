"""Which options are left alone, and why: seeds, budgets, flags, paths, and what changes the speed,
the reports or the data instead of the result. `guesses` asks here before it looks for a range.
"""

from __future__ import annotations

import re

from hpsearch.discovery.facts import Option
from hpsearch.discovery.guess import Fixed, Role, default_number

_FILE_LIKE = re.compile(r"[/\\~]|^\.|^[\w-]+\.[a-z]\w{1,4}$|^https?:")

_ANY_KIND: tuple[tuple[str, Role, str], ...] = (
    (r" (start|first|resume|initial|last) (epoch|step|iteration) ", "other", "where it begins"),
    (
        r" (test|eval|evaluation|val|valid|validation|inference)( \w+)* batch ",
        "other",
        "the batches of the evaluation do not change the training",
    ),
    (r" batch ", "unknown", ""),
    (r" seed | random state ", "seed", "a seed"),
    (
        r" (workers|threads|jobs|gpus?|gpu|cuda|cpus?|nodes|rank|world|tpu|nproc|prefetch|"
        r"distributed|dist|device|devices|accelerator|fp16|bf16|amp|precision|dtype|pin) ",
        "other",
        "changes the speed, not the result",
    ),
    (
        r" (log|logging|print|eval|evaluation|save|test|checkpoint|report|val|valid|validation|"
        r"summary|display|plot|video|sample|snapshot)( \w+)* "
        r"(interval|frequency|freq|every|steps?|period|epochs?|batches|iterations) ",
        "other",
        "how often it reports or saves",
    ),
    (r" (interval|freq|frequency|every) $", "other", "how often it does something"),
    (
        r" (verbose|verbosity|debug|quiet|progress|tensorboard|wandb|monitor|limit|profile|level) ",
        "other",
        "changes what it reports, not the result",
    ),
    (
        r" (test|val|valid|validation|dev|holdout|train)( \w+)* "
        r"(size|split|fraction|frac|ratio|share|percent|pct|samples) | folds? | cv ",
        "other",
        "says on which data trials are judged",
    ),
    (
        r" (classes|vocab|vocabulary|input|image|img|resolution|crop|in channels|num features|"
        r"samples|points|out channels|actions|obs) ",
        "other",
        "describes the data",
    ),
    (
        r" (sequence|max|context|block|memory|replay|buffer)( \w+)* (length|size|capacity|tokens) "
        r"| max tokens | block size ",
        "other",
        "changes what a trial costs, and often what is compared",
    ),
    (
        r" (patience|early|stopping|tolerance|tol|delta|deadline|timeout|time) ",
        "other",
        "a rule for stopping",
    ),
    (r" (accumulation|accumulate|accum) ", "other", "a way to save memory; see the batch size"),
    (
        r"^ (update|ppo|inner|policy|sgd|k) (epochs|steps) | warmup | decay (epochs|steps) |"
        r" (learning rate|scheduler) ",
        "unknown",
        "",
    ),
    (
        r" (epochs?|episodes|timesteps|updates|generations|passes|sweeps) |"
        r" (max|total|train|training|number)( \w+)* (steps|iterations|iter|batches) |"
        r"^ (steps|iterations) $| boost rounds? | number rounds ",
        "budget",
        "how long a trial trains",
    ),
)
"""Words of the name -> role and reason; the first that fits counts. The role `unknown` sends a name
on to the rules for ranges, where a later line would hold it back."""

_TEXTS: tuple[tuple[str, str], ...] = (
    (
        r" (path|file|folder|root|output|out|save|checkpoint|resume|load|cache|weights|pretrained|"
        r"logs?|workspace|store|input) ",
        "a path",
    ),
    (
        r" (data|dataset|corpus|csv) ",
        "the data",
    ),
    (
        r" (name|tag|project|entity|experiment|exp|id|notes|group|url|host|port|address|user|"
        r"config|prefix|suffix|comment|run|label|version) ",
        "a name",
    ),
)
_OUTPUTS = r" (output|out|save|checkpoint|log|logs|results?|workspace|store) "
_SELECTORS: tuple[tuple[str, str], ...] = (
    (
        r" (task|mode|split|env|environment|game|language|lang|phase|backend|target|phase) ",
        "chooses what is trained, so that results would not compare",
    ),
    (r" (loss|criterion|metric|objective) ", "chooses what is measured: losses do not compare"),
    (
        r" (model|arch|architecture|backbone|network|net|algorithm|algo) ",
        "another program, nearly: better a run of its own for each",
    ),
)


def why_fixed(option: Option, words: str, others: str) -> Fixed | None:
    """The role and the reason of an option that is left alone; None for one that may be varied.

    Args:
        words: of its name, as `words_of` gives them.
        others: the words of all the options.
    """
    if words == " number steps " and re.search(r" timesteps | gae ", others):
        return None  # of experience between two updates, and not of the whole training
    if option.is_flag:
        return Fixed("flag", "a flag, on or off")
    if option.is_list:
        return Fixed("other", "takes several values")
    if option.is_path or _is_file_like(option):
        return Fixed("path", f"a path{_own_folder(option, words)}")
    for pattern, role, why in _ANY_KIND:
        if re.search(pattern, words):
            return None if role == "unknown" else Fixed(role, why)
    if option.kind == "bool":
        return Fixed("flag", "true or false")
    if default_number(option) is None and option.kind in ("str", None):
        return _of_text(option, words)
    return None


def _of_text(option: Option, words: str) -> Fixed | None:
    for pattern, why in _SELECTORS:
        if re.search(pattern, words):
            return Fixed("other", why)
    if option.choices:
        return None
    for pattern, why in _TEXTS:
        if re.search(pattern, words):
            return Fixed("path", f"{why}{_own_folder(option, words)}")
    return None


def _own_folder(option: Option, words: str) -> str:
    """A hint for what trials write: side by side or one after another, all to the same place."""
    if not re.search(_OUTPUTS, words) or option.channel != "option":
        return ""
    name = str(option.default or "")
    file = f"/{name.rpartition('/')[2]}" if re.search(r"\.\w{1,5}$", name) else ""
    return f"; for one of its own for each trial: {option.spelling} {{trial_dir}}{file}"


def _is_file_like(option: Option) -> bool:
    return isinstance(option.default, str) and _FILE_LIKE.search(option.default) is not None
