"""The seed of a trial's own randomness, which follows from the run's.

The search hands it to the program; the screens say it, so that a trial can be repeated.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hpsearch.trial import Trial


def trial_seed(run_seed: int, root: Trial) -> int:
    """An integer in [0, 2^32).

    Args:
        root: the first of the trial's line, as `root_of` finds it.
    """
    # The third number keeps this stream apart from the one that drew the values.
    own = np.random.SeedSequence(run_seed, spawn_key=(root.round, root.number, 0))
    return int(own.generate_state(1)[0])


def root_of(trial: Trial, find: Callable[[int], Trial], is_one_model: bool) -> Trial:
    """The first of its line: all that go on from one another share one model, and one seed.

    Args:
        find: the trial of a number.
        is_one_model: the days of one panda are one model, even where it is begun anew.
    """
    if is_one_model:
        return find(0)
    while trial.parent is not None:
        trial = find(trial.parent)
    return trial
