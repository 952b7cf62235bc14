"""What the name of a number says of it: whether small or large is good, and on which data.

Tables of words; `metric_choice` picks by them.
"""

from __future__ import annotations

import re
from typing import Literal

from hpsearch.discovery.names import words_of

Goal = Literal["minimize", "maximize"]
Split = Literal["validation", "test", "unsaid", "training"]


def _all(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SMALL_IS_GOOD = _all(
    "loss losses error err errors mse rmse mae mape smape rmsle nll perplexity ppl wer cer logloss "
    "bce ce xent fid regret cost deviance bpb bpc bpd eer hinge crossentropy divergence brier "
    "misclassification objective residual"
)
_LARGE_IS_GOOD = _all(
    "acc accuracy accuracies auc auroc auprc f1 fscore score reward rewards return returns bleu "
    "rouge meteor iou miou dice map ndcg mrr recall precision r2 psnr ssim top kappa mcc winrate "
    "likelihood elbo ap jaccard correlation spearman pearson sharpe hits kendall exact "
    "sensitivity specificity"
)
_SPLITS: dict[Split, frozenset[str]] = {
    "validation": _all(
        "val valid validation validate dev eval evaluate evaluation heldout holdout cv oof oob"
    ),
    "test": _all("test testing"),
    "training": _all("train training tr running"),
}
SCORES_OF_LOSSES = _all("loss losses nll bce ce xent objective hinge")


def _words(name: str) -> list[str]:
    plain = re.split(r"[^a-z0-9]+", name.lower())  # mIoU is one word, valLoss two
    words = [*words_of(name).split(), *(word for word in plain if word)]
    return [word if word == "r2" else re.sub(r"(?<=[a-z]{2})\d+$", "", word) for word in words]


def goal_of(name: str) -> Goal | None:
    """Whether the number of that name should be small or large; None if it is no metric."""
    words = _words(name)
    is_turned = bool({"neg", "negative"} & set(words))
    for word in reversed(words):
        if word in _LARGE_IS_GOOD:
            is_turned ^= "neg log likelihood" in " ".join(words)
            return "minimize" if is_turned else "maximize"
        if word in _SMALL_IS_GOOD:
            return "maximize" if is_turned else "minimize"
    return None


def split_of(name: str) -> Split | None:
    """On which data it is measured, where the words say it."""
    words = set(_words(name))
    for split, known in _SPLITS.items():
        if words & known:
            return split
    return None


def is_a_loss(name: str) -> bool:
    """Whether it is a loss, whose size may depend on the hyperparameters themselves."""
    return bool(SCORES_OF_LOSSES & set(_words(name)))


def is_a_reward(name: str) -> bool:
    """Whether it is what an agent earns: there are no validation data to measure it on."""
    return bool({"reward", "rewards", "return", "returns"} & set(_words(name)))


def shortest_name(segment: str) -> str:
    """The end of a phrase that still names the metric and its data: `Final test accuracy`."""
    tokens = segment.split()
    for count in range(1, len(tokens)):
        suffix = " ".join(tokens[-count:])
        if goal_of(suffix) is None:
            continue
        if split_of(segment) in (None, split_of(suffix)) and (
            split_of(suffix) is not None or len(tokens) > 3
        ):
            return suffix
    return " ".join(tokens)
