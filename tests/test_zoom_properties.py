"""Zoom: what its moves say is what has become of the box, whatever the trials were."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.domains import Categories, Domain, FloatRange, IntegerRange, OrderedList
from hpsearch.history import History
from hpsearch.space import Box, Condition, Parameter, Space
from hpsearch.trial import Outcome, Trial, TrialState
from hpsearch.zoom import zoom

ORDERED: list[Domain] = [
    FloatRange(1e-4, 1.0, "log"),
    FloatRange(0.0, 0.6),
    IntegerRange(0, 9),
    IntegerRange(1, 7),
    IntegerRange(1, 100, "log"),
    IntegerRange(-50, 999),
    OrderedList((32, 64, 128)),
    OrderedList((1, 2, 3, 5, 7, 11, 13)),
]


@st.composite
def boxes_and_histories(draw: st.DrawFn) -> tuple[Space, Box, History]:
    """A box of whole cells, and trials in it or everywhere, of which the best lie together."""
    domain = draw(st.sampled_from(ORDERED))
    space = Space([Parameter("p", domain)])
    ends = sorted(draw(st.lists(st.floats(0, 1), min_size=2, max_size=2)))
    low, high = domain.cell(ends[0])[0], domain.cell(ends[1])[1]
    if high - low < 1e-3:
        low, high = 0.0, 1.0
    history = History(space)
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    trials, best = draw(st.integers(4, 60)), draw(st.floats(low, high))
    from_low, to_high = draw(st.sampled_from([(low, high), (low, high), (0.0, 1.0)]))
    noise = draw(st.sampled_from([0.0, 0.1, 1.0]))
    for number in range(trials):
        params = space.decode(rng.uniform(from_low, to_high, (1, 1)))[0]
        history.add(Trial(number, 1, params, ""))
        if rng.random() < 0.1:
            history.record(number, Outcome(TrialState.FAILED))
            continue
        loss = abs(float(space.encode([params])[0, 0]) - best) + noise * rng.random()
        history.record(number, Outcome(TrialState.DONE, loss))
    return space, Box(np.array([low]), np.array([high]), (None,)), history


@given(boxes_and_histories())
@settings(max_examples=400)
def test_a_move_says_what_has_become_of_its_side(made: tuple[Space, Box, History]) -> None:
    space, old, history = made
    domain = space.columns[0].domain
    zoomed = zoom(history, old, float)
    (move,) = zoomed.moves
    low, high = float(zoomed.box.low[0]), float(zoomed.box.high[0])
    old_low, old_high = float(old.low[0]), float(old.high[0])
    assert 0 <= low < high <= 1
    if move.kind == "kept":
        assert (low, high) == (old_low, old_high)
    elif move.kind == "narrowed":
        assert old_low <= low
        assert high <= old_high
        assert high - low < old_high - old_low
        x = space.encode([trial.params for trial in history.trials])[:, 0]
        cut = ((x >= old_low) & (x <= old_high) & ((x < low) | (x > high))).sum()
        (said,) = re.findall(r"(\d+) trials beyond", move.reason)
        assert int(said) == cut
        assert low == old_low or low > old_low + 1e-9
        assert high == old_high or high < old_high - 1e-9
    elif move.kind == "moved":
        assert low < old_low or high > old_high
        assert high - low <= old_high - old_low + 1e-9
    else:
        assert move.kind == "widened"
        assert high - low > old_high - old_low
    if domain.size is not None:
        for end in (low, high):  # between cells
            beside = domain.cell(min(1.0, max(0.0, end + 1e-9)))
            assert min(abs(end - border) for border in beside) < 1e-8


@given(boxes_and_histories())
@settings(max_examples=100)
def test_the_same_trials_do_not_make_a_box_creep(made: tuple[Space, Box, History]) -> None:
    """Zoomed again and again without a new trial, a side ends where it stays."""
    _, box, history = made
    for _ in range(60):
        box = zoom(history, box, float).box
    later = zoom(history, box, float)
    assert [move.kind for move in later.moves] == ["kept"]
    assert later.box.to_json() == box.to_json()


def test_whole_cells_at_the_kept_end_stay_when_the_other_end_is_cut() -> None:
    """Cells of 1 to 10 are 0.1 wide. The box has 1 to 6; trials of 4, 5, 6 are bad, in numbers."""
    space = Space([Parameter("p", IntegerRange(1, 10))])
    history = History(space)
    values = [3, 4, 4, 3, 5, 5, 2, 2] + [1] * 12
    for number, value in enumerate(values):
        history.add(Trial(number, 1, {"p": value}, ""))
        history.record(number, Outcome(TrialState.DONE, float(number)))
    box = Box(np.array([0.0]), np.array([0.6]), (None,))
    zoomed = zoom(history, box, float)
    assert zoomed.moves[0].kind == "narrowed"
    assert zoomed.box.high[0] == 0.6
    assert zoomed.box.ends(0, space)[1] == 6


@pytest.mark.parametrize(
    ("above", "high", "cut"),
    [
        (4, 1.0, 12),  # C(16, 4) / C(20, 4) = 1820 / 4845 = 0.38
        (5, 0.56, 16),  # C(15, 4) / C(20, 4) = 1365 / 4845 = 0.28
    ],
)
def test_a_stretch_is_cut_if_it_would_stay_without_an_elite_less_often_than_three_times_in_ten(
    above: int, high: float, cut: int
) -> None:
    """A fifth of 20 trials are elites, four, at 0.40 to 0.52: with one mean gap, 0.04, beyond them,
    0.36 to 0.56. None of four lies among the `above` trials with the hypergeometric chance."""
    xs = [0.40, 0.42, 0.44, 0.52] + [0.9] * above + [0.1] * (16 - above)
    history = History(Space([Parameter("p", FloatRange(0.0, 1.0))]))
    for number, x in enumerate(xs):
        history.add(Trial(number, 1, {"p": x}, ""))
        history.record(number, Outcome(TrialState.DONE, float(number)))
    zoomed = zoom(history, Box.whole(history.space), float)
    assert zoomed.box.low[0] == pytest.approx(0.36)
    assert zoomed.box.high[0] == pytest.approx(high)
    assert f"{cut} trials beyond were worse" in zoomed.moves[0].reason


@pytest.mark.parametrize(("times", "is_dropped"), [(8, False), (9, True)])
def test_a_category_is_dropped_if_it_would_be_without_an_elite_less_than_once_in_ten_times(
    times: int, is_dropped: bool
) -> None:
    """Four of 20 are elites. C(12, 4) / C(20, 4) = 495 / 4845 = 0.102; C(11, 4) = 330: 0.068."""
    space = Space([Parameter("p", Categories(("good", "bad")))])
    history = History(space)
    for number in range(20):
        word = "bad" if number >= 20 - times else "good"
        history.add(Trial(number, 1, {"p": word}, ""))
        history.record(number, Outcome(TrialState.DONE, float(number)))
    assert zoom(history, Box.whole(space), float).box.kept == ((0,) if is_dropped else None,)


@pytest.mark.parametrize("first", range(5, 10))
def test_a_box_widens_by_half_a_side_in_whole_cells(first: int) -> None:
    """Of 20 cells it has 8; the best lies in the first or the last of them: 4 more there."""
    space = Space([Parameter("p", IntegerRange(1, 20))])
    last = first + 7
    box = Box(np.array([(first - 1) / 20]), np.array([last / 20]), (None,))
    for best, wanted in ((first, (first - 4, last)), (last, (first, last + 4))):
        history = History(space)
        for number, value in enumerate([best, *range(first, last + 1)]):
            history.add(Trial(number, 1, {"p": value}, ""))
            history.record(number, Outcome(TrialState.DONE, float(number % 5)))
        zoomed = zoom(history, box, float)
        assert zoomed.moves[0].kind == "widened"
        assert zoomed.box.ends(0, space) == wanted


def test_two_of_the_best_say_nothing_about_a_parameter_that_the_others_lack() -> None:
    condition = (Condition("kind", ("a",)),)
    space = Space(
        [Parameter("kind", Categories(("a", "b"))), Parameter("p", FloatRange(0, 1), condition)]
    )
    history = History(space)
    for number in range(20):
        is_a = number in (0, 1) or number >= 4
        params = {"kind": "a", "p": 0.5 if number < 4 else 0.9} if is_a else {"kind": "b"}
        history.add(Trial(number, 1, params, ""))
        history.record(number, Outcome(TrialState.DONE, float(number)))
    zoomed = zoom(history, Box.whole(space), float)
    assert zoomed.moves[1].kind == "kept"
    assert "too few" in zoomed.moves[1].reason


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("beyond", [4, 5])
def test_a_box_does_not_widen_into_what_was_shown_to_be_worse(
    is_mirrored: bool, beyond: int
) -> None:
    """Four of 20 are elites, and the best lies close to an end. C(16, 4) / C(20, 4) = 0.38: four
    trials beyond the end show nothing; C(15, 4) / C(20, 4) = 0.28: five do."""
    xs = np.array([0.41, 0.45, 0.5, 0.55] + [0.35] * beyond + [0.52] * (16 - beyond))
    if is_mirrored:
        xs = 1 - xs
    history = History(Space([Parameter("p", FloatRange(0.0, 1.0))]))
    for number, x in enumerate(xs.tolist()):
        history.add(Trial(number, 1, {"p": x}, ""))
        history.record(number, Outcome(TrialState.DONE, float(number)))
    zoomed = zoom(history, Box(np.array([0.4]), np.array([0.6]), (None,)), float).box
    end = 1 - zoomed.high[0] if is_mirrored else zoomed.low[0]
    assert end == pytest.approx(0.3 if beyond == 4 else 0.4)
