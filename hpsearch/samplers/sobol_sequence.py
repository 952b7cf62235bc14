"""The scrambled Sobol sequence: points of the unit cube that fill it evenly, in any order.

Spaces, boxes and trials are not known here; the sobol sampler maps these points to values.
Source: I. M. Sobol, USSR Comput. Math. Math. Phys. 7 (1967) 86-112; the rest is cited in place.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hpsearch.samplers.sobol_directions import BITS, direction_numbers

MAX_POINTS = 2**BITS


@dataclass(frozen=True, eq=False)
class DigitalSequence:
    """A digital sequence in base 2: `directions` (32, d) and the first point `shift` (d,), uint32.

    Both hold binary fractions times 2**32. The points come in the Gray code order of I. A. Antonov
    and V. M. Saleev, USSR Comput. Math. Math. Phys. 19 (1979) 252-256, as SciPy's do: each aligned
    block of 2**k points is a permutation of such a block in the natural order, and each point
    differs from the one before it by one direction.
    """

    directions: npt.NDArray[np.uint32]
    shift: npt.NDArray[np.uint32]

    def points(self, first: int, count: int) -> npt.NDArray[np.float64]:
        """Points number `first` .. `first + count - 1`, shape (count, d), each in [0, 1).

        Raises `ValueError` when they are not within the sequence's 2**32 points.
        """
        if not (0 <= first < MAX_POINTS and 0 <= count <= MAX_POINTS - first):
            raise ValueError(
                f"a Sobol sequence has the points 0 to 2**{BITS} - 1, "
                f"not {count} points from point {first} on"
            )
        gray_code = first ^ (first >> 1)
        gray_digits = [k for k in range(gray_code.bit_length()) if gray_code >> k & 1]
        start = self.shift ^ np.bitwise_xor.reduce(self.directions[gray_digits], axis=0)
        steps = self.directions[_trailing_zeros(np.arange(first + 1, first + count))]
        fractions = np.bitwise_xor.accumulate(np.vstack([start, steps]), axis=0)[:count]
        return fractions * 2.0**-BITS


def sobol_points(
    first: int, count: int, dimensions: int, seed: int | np.random.SeedSequence
) -> npt.NDArray[np.float64]:
    """Points number `first` .. `first + count - 1` of the scrambled sequence that `seed` names.

    Shape (count, dimensions), each in [0, 1) and a multiple of 2**-32. Point i depends on `seed`
    and i alone, and its coordinate j does not change with the number of dimensions after it.
    The first 2**k points, and each such block after them, have exactly one point in each interval
    of length 2**-k of each dimension.
    Raises `ValueError` when `dimensions` is not in 0 .. 256, when the points are not within the
    sequence's 2**32, or when an integer seed is negative.
    """
    if not isinstance(seed, np.random.SeedSequence):
        seed = np.random.SeedSequence(seed)
    # A SeedSequence hashes by identity and equal ones must share one cache entry: hence its words.
    words = tuple(seed.generate_state(4).tolist())
    return _scrambled_sequence(words, dimensions).points(first, count)


@lru_cache(maxsize=64)
def _scrambled_sequence(seed_words: tuple[int, ...], dimensions: int) -> DigitalSequence:
    """Random linear scrambling with a digital shift: J. Matousek, J. Complexity 14 (1998) 527-556.

    In each dimension the digits of every direction are multiplied, modulo 2, by a random lower
    triangular matrix with ones on its diagonal, which keeps the net property; the shift makes each
    single point uniform.
    """
    directions = direction_numbers(dimensions)
    # Raw words, because NumPy promises them for every version and not those of Generator (NEP 19).
    bit_generator = np.random.PCG64(np.random.SeedSequence(seed_words))
    raw = bit_generator.random_raw(dimensions * (BITS + 1)).reshape(dimensions, BITS + 1)
    words = (raw >> np.uint64(32)).astype(np.uint32).T
    scrambled = np.zeros_like(directions)
    for digit in range(BITS):
        matrix_column = (words[digit] | np.uint32(1 << (BITS - 1))) >> np.uint32(digit)
        has_digit = directions >> np.uint32(BITS - 1 - digit) & np.uint32(1)
        scrambled ^= has_digit * matrix_column
    return DigitalSequence(directions=scrambled, shift=words[BITS])


def _trailing_zeros(indices: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """The number of zeros at the end of each index in binary; the indices are at least 1."""
    _, exponents = np.frexp(indices & -indices)  # exact: the lowest set bit is a power of two
    zeros: npt.NDArray[np.intp] = exponents.astype(np.intp) - 1
    return zeros
