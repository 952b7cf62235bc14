"""The budget of a run's trials: its unit, its ends, and the rungs between them.

Facts only; `config` reads it, `strategies` decide by it, `views` name its unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """How long trials are trained.

    Attributes:
        unit: what is counted, in the plural (`epochs`, `steps`).
        min: the lowest rung, at least 1.
        max: a whole training, at least `min`.
        factor: each rung is so many times the one below it, at least 2.
    """

    unit: str
    min: int
    max: int
    factor: int

    @property
    def rungs(self) -> tuple[int, ...]:
        """min, min * factor, ... and max, which always is the last one."""
        rungs, rung = [], self.min
        while rung < self.max:
            rungs.append(rung)
            rung *= self.factor
        return (*rungs, self.max)

    @property
    def hyperband_sizes(self) -> tuple[int, ...]:
        """Trials of each of Hyperband's brackets, from the one that begins at the lowest rung on.

        ceil(L / (s + 1) * factor^s) for the bracket that has s of the L rungs before its last
        (Li et al. 2018, algorithm 1): enough for one of them to be trained to the end.
        """
        return hyperband_sizes(len(self.rungs), self.factor)

    def amount(self, budget: int) -> str:
        """`3 epochs`, `1 epoch`."""
        unit = self.unit
        return f"{budget} {unit[:-1] if budget == 1 and unit.endswith('s') else unit}"


def hyperband_sizes(rungs: int, factor: int) -> tuple[int, ...]:
    """See `Budget.hyperband_sizes`."""
    # -(-a // b) is a / b rounded up, exactly: floats give one trial more where b divides a.
    return tuple(
        -(-rungs * factor**before_last // (before_last + 1))
        for before_last in reversed(range(rungs))
    )


def brackets(rule: str, rungs: int, factor: int) -> Iterator[int]:
    """The lowest rung of trial 0, 1, 2, ..., as an index.

    Hyperband's brackets get trials in proportion to Hyperband's sizes; the one that is furthest
    behind its share is next. The other rules have one bracket, which begins at the lowest rung.
    """
    if rule != "hyperband":
        while True:
            yield 0
    sizes = hyperband_sizes(rungs, factor)
    given, total = [0] * rungs, sum(sizes)
    while True:
        trial = sum(given) + 1
        behind = [size * trial / total - count for size, count in zip(sizes, given, strict=True)]
        chosen = behind.index(max(behind))
        given[chosen] += 1
        yield chosen
