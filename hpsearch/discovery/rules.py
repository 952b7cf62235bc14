"""Which names the ranges are for: patterns of words, each with the rule that makes a range.

The first pattern that fits counts, so that what is more special stands before what is more general.
"""

from __future__ import annotations

from hpsearch.discovery.rules_models import (
    counts,
    degree,
    epochs_inside,
    fraction,
    heads,
    inverse_penalty,
    kernel_size,
    layers,
    smallest_leaf,
    spread,
    tree_depth,
    units,
)
from hpsearch.discovery.rules_penalties import (
    clip,
    dropout,
    entropy,
    epsilon,
    penalty,
    share,
    weight,
    weight_decay,
)
from hpsearch.discovery.rules_steps import (
    average,
    batch_size,
    beta,
    beta1,
    beta2,
    decay,
    gamma,
    lambda_,
    learning_rate,
    learning_rate_detail,
    momentum,
    step_size,
    steps_of_rollout,
    warmup,
)
from hpsearch.discovery.subject import Rule

RULES: tuple[Rule, ...] = (
    (r"^ (update|ppo|inner|policy|sgd|k) (epochs|steps) $", epochs_inside),
    (r" warmup ", warmup),
    (r" weight decay | l2 (?!norm)", weight_decay),
    (
        r" learning rate( \w+)* (scheduler|schedule|policy|type|mode|step|steps|min|final|end|max|"
        r"mult|multiplier|scale|ratio|period|cycle|power|restart|epochs) |"
        r" (min|final|end) learning rate | eta min | decay (epochs|steps) ",
        learning_rate_detail,
    ),
    (
        r" learning rate( \w+)* (decay|gamma|factor|drop) |^ (decay|decay rate|decay factor) $",
        decay,
    ),
    (r" learning rate |^ eta (0|zero )?$| shrinkage ", learning_rate),
    (r" step size | stepsize ", step_size),
    (
        r" (ema|polyak|averag\w*|moving|target) (\w+ )*(decay|momentum|rate|beta|tau) |^ tau $",
        average,
    ),
    (r" gae | lam(bda)? ", lambda_),
    (r" momentum ", momentum),
    (r" beta1 ", beta1),
    (r" beta2 | rho ", beta2),
    (r" beta ", beta),
    (r" gamma | discount ", gamma),
    (r" label smoothing | smoothing ", share(58, "label smoothing", 0.0, 0.2)),
    (r" mixup | cutmix ", share(58, "the strength of mixing", 0.0, 1.0)),
    (r" dropout | keep | drop (path|connect|rate|prob) | stochastic depth ", dropout),
    (r" number minibatches | rollout | horizon | number steps | n steps ", steps_of_rollout),
    (r" batch ", batch_size),
    (r" l1 ratio ", share(45, "the share of the l1 penalty", 0.0, 1.0)),
    (r" clip| (grad|gradient|max) (\w+ )*norm ", clip),
    (r" entropy ", entropy),
    (
        r" (value|vf|critic|v) (\w+ )*(coefficient|weight) ",
        share(57, "the weight of the value loss", 0.1, 1.0),
    ),
    (r" l1 | reg(ularization)? | alpha | penalty ", penalty),
    (r" temperature | margin | kl | (loss|aux\w*) (weight|coefficient) ", weight),
    (r" epsilon ", epsilon),
    (r" (max|tree) depth ", tree_depth),
    (r" leaves ", counts(22, "leaves", 31, least=2)),
    (r" estimators | trees | rounds ", counts(23, "trees", 200)),
    (r" min (child|samples|data|leaf|node|split|rows)( \w+)* | nodesize ", smallest_leaf),
    (
        r" (subsample|colsample)| (bagging|feature|sample|row|column) (fraction|rate) ",
        fraction("the share that each tree sees"),
    ),
    (r" max features | mtry ", fraction("the share of the features for each split")),
    (r" (number )?heads ", heads),
    (r" kernel size ", kernel_size),
    (r" (embedding|latent|z|code) ", units(42, "width of the embedding", 128)),
    (
        r" layers? (size|units|width|dim) | rnn size |"
        r" (units|width|neurons|filters|channels|d model|d ff|ff|ffn) ",
        units(22, "width", 128),
    ),
    (r" layers | depth | blocks ", layers),
    (r" hidden | dim | fc ", units(22, "width", 128)),
    (r"^ c $", inverse_penalty),
    (r" neighbou?rs |^ k $|^ knn k $", counts(22, "neighbours", 5)),
    (r" clusters | components | topics | factors ", counts(22, "how many of them", 10, least=2)),
    (r" degree ", degree),
    (r" (sigma|std|noise) ", spread),
)

CHOICE_RANKS: tuple[tuple[str, int, str], ...] = (
    (r" optimizer ", 15, "optimizer, all that the program knows"),
    (r" (activation|nonlinearity|act fn) ", 60, "activation, all that the program knows"),
    (
        r" (scheduler|schedule|policy|decay type|learning rate) ",
        60,
        "schedule, all that the program knows",
    ),
    (
        r" (kernel|norm|normalization|pooling|initial|initializer|initialization|booster|cell|rnn|"
        r"weighting|weights|solver|penalty|attention|aggregation|features|augment\w*|splitter) ",
        60,
        "all that the program knows",
    ),
)
"""Words of options with a list of choices that are hyperparameters; other lists are left alone."""
