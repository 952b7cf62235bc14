"""The words of an option's name: `numLayers`, `num-layers` and `nlayers` are number, layers.

`rules` recognises options by them. Nothing here knows what an option is good for.
"""

from __future__ import annotations

import re

_FUSED = {
    "lr": "learning rate",
    "learnrate": "learning rate",
    "learningrate": "learning rate",
    "lrate": "learning rate",
    "lrs": "learning rates",
    "eta": "eta",
    "bs": "batch size",
    "bsz": "batch size",
    "bsize": "batch size",
    "batchsize": "batch size",
    "minibatch": "batch",
    "minibatchsize": "batch size",
    "mb": "batch",
    "wd": "weight decay",
    "wdecay": "weight decay",
    "weightdecay": "weight decay",
    "mom": "momentum",
    "drop": "dropout",
    "dropoutp": "dropout",
    "droprate": "dropout rate",
    "pdrop": "dropout",
    "nhid": "number hidden",
    "nhidden": "number hidden",
    "hid": "hidden",
    "hiddensize": "hidden size",
    "hiddendim": "hidden dim",
    "hiddenunits": "hidden units",
    "nunits": "number units",
    "nlayer": "number layers",
    "nlayers": "number layers",
    "numlayers": "number layers",
    "nhead": "number heads",
    "nheads": "number heads",
    "numheads": "number heads",
    "nthread": "number threads",
    "nthreads": "number threads",
    "ncores": "number threads",
    "njobs": "number jobs",
    "nworkers": "number workers",
    "emsize": "embedding size",
    "embsize": "embedding size",
    "emb": "embedding",
    "embed": "embedding",
    "nembd": "number embedding",
    "embd": "embedding",
    "dmodel": "d model",
    "dff": "d ff",
    "ffn": "ff",
    "dim": "dim",
    "nfilters": "number filters",
    "nepochs": "number epochs",
    "numepochs": "number epochs",
    "nepoch": "number epochs",
    "maxepochs": "max epochs",
    "niter": "number iterations",
    "niters": "number iterations",
    "maxiter": "max iterations",
    "iters": "iterations",
    "iter": "iterations",
    "nestimators": "number estimators",
    "ntrees": "number trees",
    "ntree": "number trees",
    "nrounds": "number rounds",
    "maxdepth": "max depth",
    "numleaves": "number leaves",
    "opt": "optimizer",
    "optim": "optimizer",
    "optimiser": "optimizer",
    "eps": "epsilon",
    "act": "activation",
    "num": "number",
    "n": "number",
    "len": "length",
    "seqlen": "sequence length",
    "seq": "sequence",
    "bptt": "sequence length",
    "ckpt": "checkpoint",
    "chkpt": "checkpoint",
    "dir": "folder",
    "directory": "folder",
    "outdir": "output folder",
    "logdir": "log folder",
    "savedir": "save folder",
    "datadir": "data folder",
    "dev": "dev",
    "reg": "regularization",
    "regularisation": "regularization",
    "ent": "entropy",
    "coef": "coefficient",
    "coeff": "coefficient",
    "temp": "temperature",
    "sched": "scheduler",
    "init": "initial",
}

_SEPARATORS = re.compile(r"[^a-zA-Z0-9]+")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NUMBERED = re.compile(r"(beta|alpha|layer|hidden|fc|l|dropout|conv)_?([0-9]+)")


def words_of(name: str) -> str:
    """The words of a name with a blank between them, and one before and after them.

    >>> words_of("--batchSize"), words_of("adam_beta1"), words_of("optim.lr")
    (' batch size ', ' adam beta1 ', ' optimizer learning rate ')
    """
    parts = [p for p in _SEPARATORS.split(_HUMPS.sub("_", name)) if p]
    words: list[str] = []
    for part in map(str.lower, parts):
        if part.isdigit() and words and words[-1] in ("beta", "alpha", "l"):
            words[-1] += part
        elif match := _NUMBERED.fullmatch(part):
            base = match[1]
            words += [part] if base in ("beta", "alpha", "l") else [base, match[2]]
        else:
            words += _FUSED.get(part, part).split()
    return f" {' '.join(words)} "
