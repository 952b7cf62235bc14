"""The array types of this example, named once."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.floating[Any]]  # float32 or float64, one kind per network
LabelArray: TypeAlias = npt.NDArray[np.intp]
Dtype: TypeAlias = type[np.float32] | type[np.float64]
