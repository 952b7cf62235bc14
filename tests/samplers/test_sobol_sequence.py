import os
import subprocess
import sys

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.samplers.sobol_directions import BITS, MAX_DIMENSIONS, direction_numbers
from hpsearch.samplers.sobol_sequence import MAX_POINTS, DigitalSequence, sobol_points


def unscrambled(dimensions: int) -> DigitalSequence:
    return DigitalSequence(direction_numbers(dimensions), np.zeros(dimensions, dtype=np.uint32))


def points_per_interval(
    points: npt.NDArray[np.float64], splits: tuple[int, ...]
) -> npt.NDArray[np.int64]:
    """How many points lie in each elementary interval with sides 2**-splits[j]."""
    cells = [2**k for k in splits]
    which = tuple(np.floor(points[:, j] * n).astype(int) for j, n in enumerate(cells))
    return np.bincount(np.ravel_multi_index(which, cells), minlength=int(np.prod(cells)))


@pytest.mark.parametrize("dimensions", [1, 64, 256])
def test_unscrambled_points_equal_those_of_scipy_in_gray_code_order(dimensions: int) -> None:
    qmc = pytest.importorskip("scipy.stats").qmc
    theirs = qmc.Sobol(dimensions, scramble=False).random(1024)
    np.testing.assert_array_equal(unscrambled(dimensions).points(0, 1024), theirs)


def test_unscrambled_points_far_into_the_sequence_equal_those_of_scipy() -> None:
    qmc = pytest.importorskip("scipy.stats").qmc
    first = 2**20 - 500
    theirs = qmc.Sobol(MAX_DIMENSIONS, scramble=False).fast_forward(first).random(1000)
    np.testing.assert_array_equal(unscrambled(MAX_DIMENSIONS).points(first, 1000), theirs)


def test_every_direction_number_of_every_dimension_is_odd_and_below_its_power_of_two() -> None:
    """Sobol's condition for the net property of each dimension: m_k is odd and m_k < 2**k."""
    k = np.arange(1, BITS + 1)[:, None]
    m_k, remainder = np.divmod(direction_numbers(MAX_DIMENSIONS).astype(np.int64), 2 ** (BITS - k))
    assert not remainder.any()
    assert (m_k % 2 == 1).all()
    assert (m_k < 2**k).all()


@pytest.mark.parametrize("block", [0, 1, 5])
@pytest.mark.parametrize("k", [0, 1, 4, 9])
def test_each_block_of_points_has_one_point_in_each_interval_of_each_dimension(
    k: int, block: int
) -> None:
    points = sobol_points(block * 2**k, 2**k, MAX_DIMENSIONS, seed=7)
    for j in range(MAX_DIMENSIONS):
        assert (points_per_interval(points[:, [j]], (k,)) == 1).all()


@pytest.mark.parametrize("block", [0, 3])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_first_two_dimensions_are_a_net_with_one_point_in_each_elementary_interval(
    seed: int, block: int
) -> None:
    """Sobol (1967): t is the sum of the polynomials' degrees less one; here 0, a (0, m, 2)-net."""
    m = 8
    points = sobol_points(block * 2**m, 2**m, 2, seed)
    for k in range(m + 1):
        assert (points_per_interval(points, (k, m - k)) == 1).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_first_three_dimensions_are_a_net_with_two_points_in_each_elementary_interval(
    seed: int,
) -> None:
    """As above with degrees 0, 1, 2: t = 1, so each interval of volume 2**(1 - m) has 2 points."""
    m = 9
    points = sobol_points(0, 2**m, 3, seed)
    for i in range(m):
        for k in range(m - i):
            assert (points_per_interval(points, (i, k, m - 1 - i - k)) == 2).all()


@settings(max_examples=60, deadline=None)
@given(first=st.integers(0, 2000), count=st.integers(0, 300), dimensions=st.integers(0, 20))
def test_points_drawn_from_anywhere_equal_those_of_one_long_call(
    first: int, count: int, dimensions: int
) -> None:
    long_call = sobol_points(0, 2300, dimensions, seed=3)
    points = sobol_points(first, count, dimensions, seed=3)
    assert points.shape == (count, dimensions)
    np.testing.assert_array_equal(points, long_call[first : first + count])


def test_points_drawn_one_by_one_equal_those_of_one_call_at_the_far_end_of_the_sequence() -> None:
    first = MAX_POINTS - 300
    one_by_one = [sobol_points(first + i, 1, 5, seed=3)[0] for i in range(300)]
    np.testing.assert_array_equal(one_by_one, sobol_points(first, 300, 5, seed=3))


def test_a_coordinate_does_not_change_with_the_number_of_dimensions_after_it() -> None:
    np.testing.assert_array_equal(
        sobol_points(0, 64, 3, seed=1), sobol_points(0, 64, 100, seed=1)[:, :3]
    )


def test_points_are_in_the_half_open_unit_cube_and_all_different() -> None:
    points = sobol_points(0, 2**14, 8, seed=5)
    assert points.dtype == np.float64
    assert points.min() >= 0.0
    assert points.max() < 1.0
    for coordinate in points.T:
        assert len(np.unique(coordinate)) == len(coordinate)


def test_largest_binary_fraction_is_below_one() -> None:
    all_ones = np.full(1, 2**BITS - 1, dtype=np.uint32)
    assert DigitalSequence(direction_numbers(1), all_ones).points(0, 1)[0, 0] < 1.0


def test_two_seeds_give_different_points() -> None:
    assert not np.isin(sobol_points(0, 256, 4, seed=0), sobol_points(0, 256, 4, seed=1)).any()


def test_two_seeds_differ_in_more_than_the_shift() -> None:
    """With a shift alone, the xor of two points would be the same for every seed."""

    def first_step(seed: int) -> npt.NDArray[np.uint32]:
        a, b = (sobol_points(1, 2, 64, seed) * 2**BITS).astype(np.uint32)
        step: npt.NDArray[np.uint32] = a ^ b
        return step

    assert (first_step(0) != first_step(1)).all()


def test_equal_seed_sequences_give_the_same_points_and_spawned_ones_their_own() -> None:
    def child(number: int) -> np.random.SeedSequence:
        return np.random.SeedSequence(9, spawn_key=(number,))

    np.testing.assert_array_equal(
        sobol_points(0, 16, 4, child(1)), sobol_points(0, 16, 4, child(1))
    )
    np.testing.assert_array_equal(
        sobol_points(0, 16, 4, 9), sobol_points(0, 16, 4, np.random.SeedSequence(9))
    )
    assert not np.isin(sobol_points(0, 16, 4, child(1)), sobol_points(0, 16, 4, child(2))).any()


def test_the_same_seed_in_another_process_gives_the_same_points() -> None:
    script = (
        "from hpsearch.samplers.sobol_sequence import sobol_points\n"
        "print(sobol_points(100, 20, 30, 12345).tobytes().hex())"
    )
    child = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert child.stdout.strip() == sobol_points(100, 20, 30, 12345).tobytes().hex()


def test_each_single_point_is_uniform_over_the_seeds() -> None:
    """Chi-squared with 15 degrees of freedom: 37.7 is exceeded with probability 0.001."""
    n_seeds = 800
    for number in (0, 1, 6):
        first_coordinates = [sobol_points(number, 1, 1, seed)[0, 0] for seed in range(n_seeds)]
        counts, _ = np.histogram(first_coordinates, bins=16, range=(0, 1))
        expected = n_seeds / 16
        assert ((counts - expected) ** 2 / expected).sum() < 37.7


def test_a_smooth_function_is_integrated_with_a_hundredth_of_the_error_of_random_points() -> None:
    """f = prod(1 + c_j (x_j - 1/2)) has the mean 1 and the variance prod(1 + c_j^2 / 12) - 1."""
    c = 1 / np.arange(1, 7)
    n = 1024
    random_rms_error = np.sqrt((np.prod(1 + c**2 / 12) - 1) / n)
    estimates = np.array(
        [
            np.mean(np.prod(1 + c * (sobol_points(0, n, 6, seed) - 0.5), axis=1))
            for seed in range(20)
        ]
    )
    assert np.sqrt(np.mean((estimates - 1) ** 2)) < random_rms_error / 100


@pytest.mark.parametrize("dimensions", [MAX_DIMENSIONS + 1, -1])
def test_an_impossible_number_of_dimensions_is_refused_with_both_numbers(dimensions: int) -> None:
    with pytest.raises(ValueError, match=rf"can have 0 to 256 dimensions here, not {dimensions}"):
        sobol_points(0, 1, dimensions, seed=0)


@pytest.mark.parametrize(
    ("first", "count"), [(-1, 1), (0, -1), (MAX_POINTS - 1, 2), (MAX_POINTS, 0)]
)
def test_points_outside_the_sequence_are_refused(first: int, count: int) -> None:
    with pytest.raises(ValueError, match=rf"not {count} points from point {first} on"):
        sobol_points(first, count, 2, seed=0)
