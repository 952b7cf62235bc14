"""The median, without what numpy's own one imports."""

from __future__ import annotations

import numpy as np

from hpsearch.scales import FloatArray


def median(values: FloatArray) -> float:
    """The median of n >= 1 numbers, none of them NaN.

    `np.median` imports `numpy.ma` when it is first called: 14 to 60 ms of CPU, which was a quarter
    of the first suggestion of a process.
    """
    ordered = np.sort(values)
    below, above = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return float(0.5 * below + 0.5 * above)
