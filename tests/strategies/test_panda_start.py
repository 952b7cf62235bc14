"""The first days of a panda: which beginning is kept, by losses that are written out here."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from hpsearch.objectives.handle import Point
from hpsearch.strategies.panda_facts import Note, Result
from hpsearch.strategies.panda_start import FirstDays
from hpsearch.trial import Outcome, Segment, TrialState
from tests.strategies.nursed import SPACE, best_loss, panda, run

RATE = "learning_rate"


def settled(first_days: Sequence[tuple[float, float | None]]) -> list[Note]:
    """What is said of first days with these rates and losses; the first of them is the start."""
    start = {RATE: first_days[0][0], "momentum": 0.9}
    search = FirstDays(SPACE, RATE, start, days=50, siblings=1)
    notes = []
    for number, (rate, loss) in enumerate(first_days):
        points = () if loss is None else ((1.0, loss),)
        trouble = "" if loss is not None else "it diverged"
        result = Result(number, {**start, RATE: rate}, None, points, trouble)
        notes += search.settle([result])
    return notes


def kinds(first_days: Sequence[tuple[float, float | None]]) -> list[str]:
    return [note.kind for note in settled(first_days)]


UP_WAS_WORSE = [(0.1, 1.0), (0.3, 2.0)]


@pytest.mark.parametrize(
    ("much_smaller", "smaller", "kind"),
    [
        (1.3, 1.03, "kept"),
        (1.3, 1.06, "taken back"),  # more than 5%
        # a quarter of log(1.08) is 0.0192; log(1.015) = 0.0149, log(1.03) = 0.0296
        (1.08, 1.015, "kept"),
        (1.08, 1.03, "taken back"),
        (1.0, 1.001, "taken back"),
    ],
)
def test_a_smaller_rate_is_preferred_that_loses_little_beside_a_still_smaller_one(
    much_smaller: float, smaller: float, kind: str
) -> None:
    days = [*UP_WAS_WORSE, (0.003, much_smaller), (0.03, smaller)]
    assert kinds(days) == ["kept", "taken back", "taken back", kind]


def test_a_smaller_rate_that_is_worse_is_not_preferred_before_a_still_smaller_one_was_tried() -> (
    None
):
    assert kinds([*UP_WAS_WORSE, (0.03, 1.001)]) == ["kept", "taken back", "taken back"]
    assert kinds([*UP_WAS_WORSE, (0.03, 0.999)]) == ["kept", "taken back", "kept"]


def test_a_smaller_rate_has_to_be_as_good_as_the_lowest_and_not_as_the_last() -> None:
    days = [*UP_WAS_WORSE, (0.001, 1.5), (0.03, 1.03), (0.01, 1.06)]
    assert kinds(days)[2:] == ["taken back", "kept", "taken back"]


def test_a_smaller_rate_that_is_as_good_is_not_preferred_while_none_has_proven_too_large() -> None:
    days = [(0.1, 1.0), (0.3, 1.03), (0.003, 1.5), (0.03, 1.01)]
    assert kinds(days) == ["kept", "taken back", "taken back", "taken back"]


def test_a_larger_rate_that_is_better_at_all_is_kept_until_one_was_worse_or_had_no_value() -> None:
    notes = settled([(0.0032, 1.9082), (0.01, 1.8936)])
    assert [note.kind for note in notes] == ["kept", "kept"]
    assert "only just" in notes[1].reason
    for worse in (2.0, None):
        notes = settled([(0.1, 1.0), (0.3, worse), (0.2, 0.97)])
        assert [note.kind for note in notes] == ["kept", "taken back", "taken back"]
        assert "a larger value was worse" in notes[2].reason
        assert kinds([(0.1, 1.0), (0.3, worse), (0.2, 0.94)])[2] == "kept"
    assert settled([(0.1, 1.0), (0.3, 1.2)])[1].reason == "no better than the best first day so far"


class Slow:
    """A loss without noise that falls by a few percent a day, fastest with a rate of 0.1.

    `above`, `below`: the share of the pace that each factor of 10 costs, on either side of 0.1.
    """

    pace = 0.07

    def __init__(self, above: float, below: float) -> None:
        self._above, self._below = above, below
        self._losses: dict[int | None, float] = {None: 2.0}

    def train(self, segment: Segment) -> tuple[Outcome, list[Point]]:
        decades = math.log10(segment.trial.params[RATE] / 0.1)
        share = 1 - (self._above * decades if decades > 0 else -self._below * decades)
        loss = self._losses[segment.trial.parent] * math.exp(-self.pace * share)
        self._losses[segment.trial.number] = loss
        curve = [(float(segment.budget or 0), {"loss": loss})]
        return Outcome(TrialState.DONE, loss, budget=segment.budget), curve


@pytest.mark.parametrize("start", [0.0032, 0.1])
@pytest.mark.parametrize("above", [0.22, 2.0])
@pytest.mark.parametrize("below", [0.22, 0.5])
def test_first_days_that_hardly_differ_still_lead_to_the_best_rate(
    start: float, above: float, below: float
) -> None:
    strategy = panda(start, days=60)
    trials = run(strategy, Slow(above, below).train)
    gone_on = next(t for t in trials if t.parent is not None)
    assert 0.03 < gone_on.params[RATE] < 0.2
    best = math.log(2.0 / best_loss(strategy)) / (60 * Slow.pace)  # of 60 days at 0.1
    assert best > 0.7


def test_the_rate_is_not_lowered_after_the_first_days_if_no_larger_one_was_worse() -> None:
    calm = run(panda(0.1, days=20), Slow(above=2.0, below=0.22).train)
    kept = run(panda(0.1, days=20), Slow(above=0.22, below=0.22).train)
    assert next(t for t in calm if t.parent is not None).params[RATE] == 0.06
    assert next(t for t in kept if t.parent is not None).params[RATE] == 0.1


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (0.5, 0.0, "kept"),
        (0.5, -0.2, "kept"),
        (0.0, 0.5, "taken back"),
        (-1.0, 0.5, "taken back"),  # its logarithm is above 0, and -1 below
        (-1.0, -1.2, "kept"),
        (-0.02, 0.02, "taken back"),
    ],
)
def test_first_days_are_compared_without_logarithms_once_a_loss_has_none(
    first: float, second: float, kind: str
) -> None:
    assert kinds([(0.1, first), (0.3, second)]) == ["kept", kind]
