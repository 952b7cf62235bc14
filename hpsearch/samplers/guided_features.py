"""Features: points of the unit cube as the vectors between which the model measures distances.

A column becomes one feature, two where it can be inactive, or one for each category, so that
inactive parameters neither inform nor are informed. Drawn from `Space` alone.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hpsearch.scales import FloatArray
from hpsearch.space import Space


class Features:
    """The map from points (n, d), NaN where inactive, to features (n, f).

    - An ordered column that is always active: its unit coordinate.
    - An ordered column that can be inactive: cos and sin of its unit coordinate, and (0, 0) where
      it is inactive. An inactive one is then as far from every active one as the two ends of the
      range are from each other: it tells values apart nowhere (the arc kernel of Swersky et al.
      2014, "Raiders of the lost architecture", with an arc of one radian).
    - A column of categories: one feature for each, such that two categories are 1 apart.
    - Where earlier runs or other rungs are learned from, which one it is is one more category: how
      alike two of them are is one more length scale (multi-task processes, Swersky, Snoek, Adams
      2013).

    Args:
        earlier_runs: how many earlier runs and other rungs there are.

    Attributes:
        groups: for each feature the column it comes from, (f,): they share a length scale. The
            run's own are those after the last column.
    """

    def __init__(self, space: Space, earlier_runs: int = 0) -> None:
        groups: list[int] = []
        plain: list[tuple[int, int]] = []
        arcs: list[tuple[int, int]] = []
        self._choices: list[tuple[int, int, int]] = []
        for i, column in enumerate(space.columns):
            size, first = column.domain.size, len(groups)
            if not column.domain.is_ordered:
                assert size is not None
                self._choices.append((i, first, size))
                groups += [i] * size
            elif column.parameter.when or column.parameter.repeat is not None:
                arcs.append((i, first))
                groups += [i] * 2
            else:
                plain.append((i, first))
                groups.append(i)
        self._runs = (len(groups), earlier_runs + 1) if earlier_runs else None
        if self._runs is not None:
            groups += [space.dimensions] * self._runs[1]
        self.groups: npt.NDArray[np.intp] = np.array(groups, dtype=np.intp)
        self._plain = np.array(plain, dtype=np.intp).reshape(-1, 2)
        self._arcs = np.array(arcs, dtype=np.intp).reshape(-1, 2)

    def of(self, x_unit: FloatArray, run: int = 0) -> FloatArray:
        """Features of points (n, d), shape (n, f).

        Args:
            run: 0 for this run, 1, 2, ... for the earlier ones and the other rungs.
        """
        z = np.zeros((len(x_unit), len(self.groups)))
        if self._runs is not None:
            z[:, self._runs[0] + run] = math.sqrt(0.5)
        z[:, self._plain[:, 1]] = x_unit[:, self._plain[:, 0]]
        if len(self._arcs):
            x = x_unit[:, self._arcs[:, 0]]
            z[:, self._arcs[:, 1]] = np.nan_to_num(np.cos(x))
            z[:, self._arcs[:, 1] + 1] = np.nan_to_num(np.sin(x))
        rows = np.arange(len(x_unit))
        for column, first, size in self._choices:
            x = x_unit[:, column]
            active = ~np.isnan(x)
            position = np.minimum((x[active] * size).astype(np.intp), size - 1)
            z[rows[active], first + position] = math.sqrt(0.5)
        return z

    def pull_back(self, x_unit: FloatArray, by_feature: FloatArray) -> FloatArray:
        """Gradients by the features (n, f) as gradients by the ordered columns, (n, d)."""
        by_column = np.zeros_like(x_unit)
        by_column[:, self._plain[:, 0]] = by_feature[:, self._plain[:, 1]]
        if len(self._arcs):
            x = np.nan_to_num(x_unit[:, self._arcs[:, 0]])
            by_column[:, self._arcs[:, 0]] = by_feature[:, self._arcs[:, 1] + 1] * np.cos(
                x
            ) - by_feature[:, self._arcs[:, 1]] * np.sin(x)
            by_column[np.isnan(x_unit)] = 0.0
        return by_column
