"""What guided search promises: every kind of space, every kind of outcome, and reproducibly."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from scipy.integrate import quad
from scipy.stats import norm

from hpsearch.domains import Categories, FloatRange, IntegerRange, OrderedList
from hpsearch.history import History, Round
from hpsearch.samplers.base import Draw
from hpsearch.samplers.gaussian_process import condition, prior_kernel
from hpsearch.samplers.guided import GuidedSampler
from hpsearch.samplers.guided_acquisition import Acquisition, log_improvement
from hpsearch.samplers.guided_box import FIRST_SIDE, SHRINK, box_around, moves_of, side_of
from hpsearch.samplers.guided_evidence import Evidence, Ledger, telling_of
from hpsearch.samplers.guided_features import Features
from hpsearch.samplers.guided_model import Models
from hpsearch.samplers.guided_outputs import VIEWS, ViewName, view_of
from hpsearch.space import Box, Condition, Parameter, Space
from hpsearch.trial import Outcome, Trial, TrialState
from tests.spaces import any_space, discrete, every_kind, floats

Objective = Callable[[dict[str, object]], Outcome]


def same(value: float) -> float:
    return value


def mirrored(value: float) -> float:
    return -value


def done(value: float) -> Outcome:
    return Outcome(TrialState.DONE, value)


def bowl(params: dict[str, object]) -> Outcome:
    return done(sum((float(v) - 0.3) ** 2 for v in params.values()))  # type: ignore[arg-type]


def by_hash(params: dict[str, object]) -> Outcome:
    """A loss for points of any space."""
    return done(float(sum(map(ord, repr(params))) % 17))


def proposal(sampler: GuidedSampler, history: History, number: int, seed: int = 0):  # type: ignore[no-untyped-def]
    whole = Round(1, 0, 100, Box.whole(history.space), "", ())
    return sampler.propose(Draw(number, number, whole, seed), history)


def search(
    space: Space,
    objective: Objective,
    trials: int,
    *,
    lag: int = 1,
    early: int = 0,
    loss: Callable[[float], float] = same,
    sampler: GuidedSampler | None = None,
    seed: int = 0,
) -> History:
    """A search; outcomes are recorded `early` trials sooner than the lag asks for."""
    sampler = sampler or GuidedSampler(space, loss, lag)
    history = History(space)
    for number in range(trials):
        for ended in range(number - lag + 1 + early):
            if ended < number and ended not in history.outcomes:
                history.record(ended, objective(dict(history.trials[ended].params)))
        proposed = proposal(sampler, history, number, seed)
        if proposed is None:
            break
        history.add(Trial(number, 1, proposed.params, proposed.origin))
    return history


def params_of(history: History) -> list[dict[str, object]]:
    return [dict(trial.params) for trial in history.trials]


# ---------------------------------------------------------------------------- every space


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_space())
def test_any_space_is_searched_in_bounds_and_without_repeats(space: Space) -> None:
    history = search(space, by_hash, 14)
    points = params_of(history)
    for point in points:
        assert space.accept(point) == point
    assert len({repr(space.key(point)) for point in points}) == len(points)


@pytest.mark.parametrize(
    "space",
    [
        every_kind(),
        floats(1),
        floats(60),
        discrete(a=1),
        Space([Parameter(f"c{i}", Categories(("a", "b", "c"))) for i in range(3)]),
        Space([]),
    ],
    ids=["every kind", "1 dimension", "60 dimensions", "one point", "words", "nothing"],
)
def test_spaces_at_the_ends_of_what_there_is(space: Space) -> None:
    points = params_of(search(space, by_hash, 20))
    assert points
    assert all(space.accept(point) == point for point in points)


def test_a_finite_space_is_used_up_without_repeats() -> None:
    assert len(search(discrete(a=4, b=3), bowl, 50).trials) == 12


def test_it_finds_the_bottom_of_a_bowl() -> None:
    history = search(floats(4), bowl, 40)
    losses = [bowl(dict(t.params)).value for t in history.trials]
    assert min(v for v in losses if v is not None) < 0.003  # random: 0.05


def test_a_smooth_bottom_is_polished() -> None:
    """Without the turns that count any improvement the best of these is 1e-4 to 2e-5."""
    history = search(floats(2), bowl, 60)
    assert min(history.outcomes[i].value or 0.0 for i in range(59)) < 1e-5


def test_an_inactive_parameter_is_as_far_from_every_value_of_an_active_one() -> None:
    space = Space(
        [
            Parameter("kind", Categories(("a", "b"))),
            Parameter("x", floats(1).columns[0].domain, (Condition("kind", ("b",)),)),
        ]
    )
    inactive, *active = space.encode(
        [{"kind": "a"}, *({"kind": "b", "x": v / 4} for v in range(5))]
    )
    features = Features(space).of(np.vstack([inactive, *active]))
    apart = np.sqrt(((features[1:] - features[0]) ** 2).sum(axis=1))
    np.testing.assert_allclose(apart, apart[0])
    # neighbours of an active one stay neighbours: an arc of one radian, within 5% of straight
    between = np.sqrt(((features[2:] - features[1:-1]) ** 2).sum(axis=1))
    np.testing.assert_allclose(between, 0.25, rtol=0.05)


# ---------------------------------------------------------------------------- every outcome


@pytest.mark.parametrize("state", [TrialState.FAILED, TrialState.TIMEOUT, TrialState.DIVERGED])
def test_a_region_where_trials_end_badly_is_avoided(state: TrialState) -> None:
    def fails_on_the_left(params: dict[str, object]) -> Outcome:
        x = float(params["x0"])  # type: ignore[arg-type]
        return Outcome(state) if x < 0.5 else done(x)

    history = search(floats(2), fails_on_the_left, 40)
    late = [float(t.params["x0"]) for t in history.trials[20:]]
    assert sum(x < 0.48 for x in late) <= 5  # random: 9.6 of 20


@pytest.mark.parametrize(
    "values",
    [
        [None],
        [1.0],
        [1.0, None],
        [1e300, -1e300, 0.0],
        [1e-300, 2e-300, 3e-300],
        [math.inf, math.nan, 1.0],
        [0.0, 1e-18, 1.0],
        [1e300, 1.0, 2.0, 3.0],
        [1e308, -1e308],
        [sys.float_info.max, 1e-6, 2.0],
        [5e-324, 1e-323, 1.5e-323],
    ],
    ids=repr,
)
@pytest.mark.filterwarnings("error")
def test_degenerate_outcomes_never_raise(values: list[float | None]) -> None:
    def objective(params: dict[str, object]) -> Outcome:
        value = values[int(10 * float(params["x0"])) % len(values)]  # type: ignore[arg-type]
        return Outcome(TrialState.FAILED) if value is None else done(value)

    assert len(search(floats(2), objective, 24).trials) == 24


def test_start_points_are_learned_from() -> None:
    space, sampler = floats(3), GuidedSampler(floats(3), same)
    history = History(space)
    for number in range(8):
        params = {"x0": 0.9, "x1": 0.9 - number / 100, "x2": 0.1}
        history.add(Trial(number, 1, params, "start_with"))
        history.record(number, done(float(number)))
    proposed = proposal(sampler, history, 9 - 1)
    assert proposed is not None
    assert "nearest is trial" in proposed.origin


def test_the_nearest_trial_is_the_one_that_differs_least_in_its_most_different_parameter() -> None:
    whole = search(every_kind(), by_hash, 40)
    x_unit = whole.space.encode([trial.params for trial in whole.trials])
    checked = 0
    for number, trial in enumerate(whole.trials):
        pattern = r"nearest is trial (\d+), (?:(\S+) of the|a whole) range away"
        told = re.search(pattern, trial.origin)
        if told is None:
            continue
        how_far = told[2] or "1"
        apart = []
        for earlier in x_unit[:number]:
            pairs = list(zip(earlier, x_unit[number], strict=True))
            one_is_inactive = any(np.isnan(a) != np.isnan(b) for a, b in pairs)
            distances = [
                abs(a - b) if column.domain.is_ordered else float(a != b)
                for column, (a, b) in zip(whole.space.columns, pairs, strict=True)
                if not np.isnan(a - b)
            ]
            apart.append(1.0 if one_is_inactive else max(distances))
        assert f"{min(apart):.2g}" == how_far
        assert f"{apart[int(told[1])]:.2g}" == how_far
        checked += told[2] is not None
    assert checked > 10


# ---------------------------------------------------------------------------- reproducible


@pytest.mark.parametrize(("lag", "noisy"), [(1, None), (4, None), (1, True), (1, False)])
def test_a_fresh_sampler_goes_on_exactly_as_the_one_that_was_killed(
    lag: int, noisy: bool | None
) -> None:
    first = GuidedSampler(every_kind(), same, lag, noisy=noisy)
    whole = search(every_kind(), by_hash, 75, lag=lag, sampler=first)
    for number in (1, 9, 20, 33, 47, 68, 74):
        until = History(whole.space)
        for trial in whole.trials[:number]:
            until.add(trial)
            until.record(trial.number, by_hash(dict(trial.params)))
        again = proposal(GuidedSampler(whole.space, same, lag, noisy=noisy), until, number)
        assert again is not None
        assert again.params == whole.trials[number].params
        assert again.origin == whole.trials[number].origin


def test_outcomes_that_are_known_early_change_nothing() -> None:
    slow = search(floats(3), bowl, 30, lag=8)
    fast = search(floats(3), bowl, 30, lag=8, early=8)
    assert params_of(slow) == params_of(fast)


def test_the_same_in_another_process() -> None:
    program = (
        "import json; from tests.samplers.test_guided import *; "
        "print(json.dumps(params_of(search(every_kind(), by_hash, 24))))"
    )
    done_ = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert json.loads(done_.stdout) == params_of(search(every_kind(), by_hash, 24))


def test_a_second_history_owes_nothing_to_the_first() -> None:
    sampler = GuidedSampler(floats(2), same)
    first = search(floats(2), bowl, 20, sampler=sampler)
    assert params_of(search(floats(2), bowl, 20, sampler=sampler)) == params_of(first)


def test_pending_points_spread_out() -> None:
    history = search(floats(2), bowl, 40, lag=8)
    x = history.space.encode(params_of(history)[24:])
    apart = np.abs(x[:, None, :] - x[None, :, :]).max(axis=2)[np.triu_indices(16, 1)]
    assert np.median(apart) > 0.02


# ---------------------------------------------------------------------------- invariance


@pytest.mark.parametrize(("scale", "shift"), [(1024.0, 0.0), (0.001, 5.0), (3.0, -77.0)])
def test_an_affine_change_of_the_metric_changes_nothing(scale: float, shift: float) -> None:
    def changed(params: dict[str, object]) -> Outcome:
        value = bowl(params).value
        assert value is not None
        return done(scale * value + shift)

    assert params_of(search(floats(3), changed, 25)) == params_of(search(floats(3), bowl, 25))


def test_maximizing_the_mirror_image_is_minimizing() -> None:
    def upside_down(params: dict[str, object]) -> Outcome:
        value = bowl(params).value
        assert value is not None
        return done(-value)

    high = search(floats(3), upside_down, 25, loss=mirrored)
    assert params_of(high) == params_of(search(floats(3), bowl, 25))


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_keeps_the_order_and_leads_back(name: ViewName) -> None:
    losses = np.array([3.0, 1.0, 2.0, np.inf, 50.0, 1.5, 7.0, 1.0])
    view = view_of(losses, name)
    for i in range(len(losses)):
        for j in range(len(losses)):
            if losses[i] < losses[j]:
                assert view.outputs[i] <= view.outputs[j]
    finite = np.isfinite(losses)
    np.testing.assert_allclose(view.losses_at(view.outputs[finite]), losses[finite], rtol=1e-6)
    assert view.losses_at(np.array([view.outputs.min() - 1.0]))[0] < 1.0


# ---------------------------------------------------------------------------- improvement


@pytest.mark.parametrize("u", [-20.0, -8.0, -3.0, -0.5, 0.0, 0.7, 4.0])
def test_log_improvement_is_the_log_of_the_integral(u: float) -> None:
    # h(u) is the integral of Phi up to u; scaled by exp(u^2 / 2), the tail does not underflow.
    scaled, _ = quad(lambda t: math.exp(norm.logcdf(t) + u * u / 2), u - 12, u, epsabs=0)
    log_h, by_mean, by_deviation = log_improvement(np.array([u]))
    expected = math.log(scaled) - u * u / 2
    assert log_h[0] == pytest.approx(expected, abs=1e-4)
    assert by_mean[0] == pytest.approx(math.exp(norm.logcdf(u) - expected), rel=1e-3)
    assert by_deviation[0] == pytest.approx(math.exp(norm.logpdf(u) - expected), rel=1e-3)


def test_log_improvement_is_finite_and_ascending_however_far() -> None:
    log_h, _, _ = log_improvement(np.linspace(-1e6, 50, 20_001))
    assert np.isfinite(log_h).all()
    assert (np.diff(log_h) > 0).all()


def acquisition(noise: float) -> Acquisition:
    """Of 20 random points of three dimensions, with so much noise around an output."""
    rng, features = np.random.default_rng(0), Features(floats(3))
    posterior = condition(prior_kernel(features.groups), rng.random((20, 3)), rng.normal(size=20))
    return Acquisition(posterior, features, -1.0, noise)


@pytest.mark.parametrize("noise", [0.0, 0.1, 1.0])
def test_the_gradient_of_the_acquisition_is_its_slope(noise: float) -> None:
    points, step = np.random.default_rng(1).random((50, 3)), 1e-5
    values, gradients = acquisition(noise).with_gradient(points)
    np.testing.assert_allclose(values, acquisition(noise)(points))
    for i in range(3):
        aside = step * np.eye(3)[i]
        rise = acquisition(noise)(points + aside) - acquisition(noise)(points - aside)
        np.testing.assert_allclose(gradients[:, i], rise / (2 * step), rtol=1e-4, atol=1e-4)


def test_an_improvement_counts_for_the_share_of_the_next_value_that_is_no_noise() -> None:
    """Huang, Allen, Notz, Zeng 2006, eq. 10, of the expected improvement by quadrature."""
    augmented = acquisition(0.5)
    points = np.random.default_rng(1).random((5, 3))
    mean, variance = augmented.posterior.predict(augmented.features.of(points))
    for value, m, v in zip(augmented(points), mean, variance, strict=True):
        improvement, _ = quad(lambda y, m=m, v=v: (-1.0 - y) * norm.pdf(y, m, v**0.5), m - 20, -1.0)
        share = 1.0 - 0.5 / math.sqrt(v + 0.25)
        assert value == pytest.approx(math.log(improvement * share), abs=1e-3)


@pytest.mark.parametrize(("noise", "believes"), [(0.0, False), (0.5, True)])
def test_only_noise_that_is_believed_is_no_news(noise: float, believes: bool) -> None:
    rng = np.random.default_rng(0)
    history = search(floats(2), lambda p: done((bowl(p).value or 0) + noise * rng.normal()), 40)
    ledger = Ledger(floats(2), same, 1, "box")
    ledger.follows(history)
    model = Models(history.space, ledger).in_view("plain", 40, ledger.before(40))
    assert (model.noise > 0) is believes


# ---------------------------------------------------------------------------- the box


def test_box_trials_lie_in_the_box_that_a_round_would_show() -> None:
    space, sampler = every_kind(), GuidedSampler(every_kind(), same)
    history = search(space, by_hash, 31, sampler=sampler)
    history.record(30, by_hash(dict(history.trials[30].params)))
    box = sampler.open_round(31, history, Box.whole(space))
    proposed = proposal(sampler, history, 31)
    assert box is not None
    assert proposed is not None
    assert proposed.origin.startswith("box: expects")
    assert box.box.contains(space.encode([proposed.params]), space).all()
    assert len(box.moves) == space.dimensions


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_what_is_expected_is_told_as_closely_as_it_is_known(offset: float) -> None:
    """Beside a large offset four digits would be the same ones for all three numbers."""
    space, sampler = floats(2), GuidedSampler(floats(2), same)
    history = search(space, lambda params: done(offset + bowl(params).value), 30, sampler=sampler)
    expected = re.search(r"expects (\S+) \((\S+) to (\S+)\)", history.trials[20].origin)
    assert expected is not None
    assert len(set(expected.groups())) == 3


def test_the_range_that_is_expected_is_told_from_its_lower_end_up() -> None:
    """Also where more is better, and the model's losses are the values mirrored."""

    def minus_bowl(params: dict[str, object]) -> Outcome:
        value = bowl(params).value
        assert value is not None
        return done(-value)

    history = search(floats(2), minus_bowl, 30, loss=mirrored)
    told = [re.search(r"expects \S+ \((\S+) to (\S+)\)", t.origin) for t in history.trials]
    ranges = [tuple(map(float, match.groups())) for match in told if match is not None]
    assert len(ranges) > 10
    assert all(low < high for low, high in ranges)


@pytest.mark.parametrize("seed", [0, 1, 2, 4])
def test_where_most_trials_fail_the_box_lies_around_the_best_that_did_not(seed: int) -> None:
    """What failures count for is no noise of the few values beside them."""

    def narrow(params: dict[str, object]) -> Outcome:
        away = abs(float(params["x0"]) - 0.4)  # type: ignore[arg-type]
        return done(away) if away < 0.08 else Outcome(TrialState.FAILED)

    space, sampler = floats(1), GuidedSampler(floats(1), same)
    history = search(space, narrow, 13, sampler=sampler, seed=seed)
    history.record(12, narrow(dict(history.trials[12].params)))
    values = {n: o.value for n, o in history.outcomes.items() if o.value is not None}
    box = sampler.open_round(13, history, Box.whole(space))
    assert box is not None
    assert box.summary.startswith(f"around trial {min(values, key=values.__getitem__)}, the best")


def test_box_trials_on_a_lattice_lie_in_their_box() -> None:
    """The upper end of a box stands between two cells and belongs to the next one."""
    space = Space(
        [
            Parameter("n", IntegerRange(1, 64)),
            Parameter("m", IntegerRange(1, 64, "log")),
            Parameter("b", OrderedList(tuple(range(0, 160, 8)))),
        ]
    )
    sampler = GuidedSampler(space, same)

    def objective(params: dict[str, object]) -> Outcome:
        return done(sum(float(v) for v in params.values()) * -1.0)  # type: ignore[arg-type]

    for number in range(9, 40, 2):
        history = search(space, objective, number, sampler=sampler)
        history.record(number - 1, objective(dict(history.trials[-1].params)))
        opened = sampler.open_round(number, history, Box.whole(space))
        proposed = proposal(sampler, history, number)
        assert opened is not None
        assert proposed is not None
        for i, name in enumerate(space.parameters):
            first, last = opened.box.ends(i, space)
            assert first <= proposed.params[name] <= last, (number, proposed)  # type: ignore[operator]


def test_the_box_shrinks_after_as_many_failures_as_there_are_dimensions() -> None:
    """TuRBO: a box that fails d times in a row, at least 4 times, is narrowed (Eriksson 2019)."""
    for d, patience in ((2, 4), (7, 7)):
        for failures in (patience - 1, patience, 2 * patience):
            losses = np.append(0.0, np.ones(failures))
            evidence = Evidence(np.full((len(losses), d), 0.5), losses, losses > 0)
            assert side_of(evidence) == pytest.approx(FIRST_SIDE * SHRINK ** (failures // patience))


def test_a_climb_that_makes_an_entry_active_draws_its_value() -> None:
    """Otherwise each new entry of a list begins in the middle of its range."""
    space = Space(
        [
            Parameter("layers", IntegerRange(1, 6)),
            Parameter("rate", FloatRange(0.0, 1.0), repeat="layers"),
            Parameter("x", FloatRange(0.0, 1.0)),
        ]
    )

    def objective(params: dict[str, object]) -> Outcome:
        layers, rates, x = params["layers"], params["rate"], params["x"]
        spread = sum((rate - 0.2) ** 2 for rate in rates) / layers  # type: ignore
        return done(abs(layers - 4) + spread + (x - 0.5) ** 2)  # type: ignore[operator]

    trials = search(space, objective, 40).trials[7:]
    middles = sum(0.5 in trial.params["rate"] for trial in trials)
    assert middles < 4  # of 33; it was 30 of 54


@pytest.mark.parametrize("name", VIEWS)
def test_a_loss_however_huge_hides_no_difference_between_the_others(name: ViewName) -> None:
    losses = np.array([0.3, 0.1, 0.7, 0.2, 0.5, 0.4, math.nan])
    views = [view_of(np.where(np.isnan(losses), huge, losses), name) for huge in (1e6, 1e12, 1e80)]
    for view in views[1:]:
        np.testing.assert_allclose(view.outputs, views[0].outputs, atol=1e-8)
    assert len(views[0].sorted_outputs) == len(losses)


@pytest.mark.parametrize("seed", range(4))
def test_a_place_where_the_metric_is_steep_is_not_taken_for_noise(seed: int) -> None:
    """A learning rate on a linear scale; on two of these seeds the kernel sees noise near 0."""
    space = Space([Parameter("lr", FloatRange(1e-5, 1.0, "linear"))])

    def steep(params: dict[str, object]) -> Outcome:
        return done((math.log10(float(str(params["lr"]))) + 2) ** 2)

    history = search(space, steep, 20, seed=seed)
    assert GuidedSampler(space, same).incumbent(history) is None


def noisy_history(noise: float, trials: int = 40, seed: int = 0) -> History:
    """A quadratic of two dimensions with normal noise, at uniform points."""
    rng = np.random.default_rng(seed)
    history = History(floats(2))
    for number in range(trials):
        params = {"x0": float(rng.random()), "x1": float(rng.random())}
        history.add(Trial(number, 1, params, "global"))
        value = (params["x0"] - 0.3) ** 2 + (params["x1"] - 0.7) ** 2 + noise * rng.normal()
        history.record(number, done(float(value)))
    return history


@pytest.mark.parametrize("noise", [0.02, 0.3])
def test_where_a_person_says_whether_values_are_noisy_nothing_is_found_out(noise: float) -> None:
    history = noisy_history(noise)
    lowest = min(history.outcomes, key=lambda n: float(str(history.outcomes[n].value)))
    told = GuidedSampler(history.space, same, noisy=True).incumbent(history)
    assert told is not None
    point = history.trials[told.trial].params
    best = history.trials[lowest].params
    distances = [math.dist((p["x0"], p["x1"]), (0.3, 0.7)) for p in (point, best)]
    assert distances[0] <= distances[1], "no luckier than the lowest value"
    assert GuidedSampler(history.space, same, noisy=False).incumbent(history) is None


def test_noise_that_a_person_tells_of_is_found_in_few_trials() -> None:
    found = []
    for seed in range(9):
        history = noisy_history(0.3, trials=24, seed=seed)
        told = GuidedSampler(history.space, same, noisy=True).incumbent(history)
        assert told is not None
        if told.noise is not None:
            found.append(told.noise)
    assert len(found) > 5
    assert 0.2 < np.median(found) < 0.45


def test_of_many_noisy_trials_no_more_is_expected_than_is_there() -> None:
    """The best 100 of 600 are the luckiest; the best value that is there is 0."""
    history = noisy_history(0.3, trials=600)
    for noisy in (True, None):
        told = GuidedSampler(history.space, same, noisy=noisy).incumbent(history)
        assert told is not None
        assert abs(told.expected) < 0.1
        assert told.noise is not None
        assert 0.25 < told.noise < 0.4


def test_noise_that_no_trial_is_left_to_show_is_not_guessed() -> None:
    """Sixteen points of words, each tried once: any values are a function of them."""
    rng = np.random.default_rng(0)
    history = History(Space([Parameter(n, Categories(("a", "b", "c", "d"))) for n in "xy"]))
    for number in range(16):
        params = {"x": "abcd"[number // 4], "y": "abcd"[number % 4]}
        history.add(Trial(number, 1, params, "design"))
        history.record(number, done(float(rng.normal())))
    told = GuidedSampler(history.space, same, noisy=True).incumbent(history)
    assert told is not None
    assert told.noise is None
    decision = told.decision(16)
    assert decision.reason.startswith("values are noisy, how much is not known yet; this is")
    assert "noise" not in decision.details


def test_one_huge_value_does_not_blur_what_is_expected_of_noisy_ones() -> None:
    history = noisy_history(0.1, trials=24)
    params = {"x0": 1.0, "x1": 0.0}
    history.add(Trial(24, 1, params, "global"))
    history.record(24, done(1e12))
    told = GuidedSampler(history.space, same, noisy=True).incumbent(history)
    assert told is not None
    assert -0.2 < told.expected < 0.5
    assert told.noise is not None
    assert told.noise < 0.2


@pytest.mark.parametrize("values", [[1.0], [1.0] * 12])
def test_where_all_values_are_equal_no_noisy_trial_is_expected_to_be_the_best(
    values: list[float],
) -> None:
    history = History(floats(2))
    for number, value in enumerate(values):
        history.add(Trial(number, 1, {"x0": number / 16, "x1": 0.5}, "design"))
        history.record(number, done(value))
    assert GuidedSampler(history.space, same, noisy=True).incumbent(history) is None


def test_what_the_best_trial_does_not_have_keeps_its_whole_range_in_the_box() -> None:
    kind = Parameter("kind", Categories(("a", "b")))
    only_a = Parameter("x", FloatRange(0.0, 1.0), when=(Condition("kind", ("a",)),))
    space = Space([kind, only_a, Parameter("y", FloatRange(0.0, 1.0))])
    centre = np.array([0.75, math.nan, 0.5])
    box = box_around(space, centre, np.array([1.0, 0.1, 0.1]), 0.3)
    assert (box.low[1], box.high[1]) == (0.0, 1.0)
    assert box.high[2] - box.low[2] < 0.3
    narrow = Box(np.array([0.0, 0.4, 0.0]), np.array([1.0, 0.6, 1.0]), (None,) * 3)
    moves = moves_of(space, narrow, box, np.ones(3), "trial 7", centre)
    assert (moves[1].kind, moves[1].reason[-16:]) == ("widened", "does not have it")


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_round_says_whether_its_trial_has_the_best_value_or_is_expected_to(noise: float) -> None:
    rng = np.random.default_rng(0)

    def measured(params: dict[str, object]) -> Outcome:
        return done((bowl(params).value or 0.0) + noise * rng.normal())

    history = search(floats(2), measured, 32)
    history.record(31, measured(dict(history.trials[31].params)))
    opened = GuidedSampler(floats(2), same).open_round(32, history, Box.whole(floats(2)))
    assert opened is not None
    words = opened.summary.split(", of which")[0].split()
    losses = [history.outcomes[i].value or 0.0 for i in range(32)]
    lowest = f"around trial {int(np.argmin(losses))}, the best of the 32 known by then".split()
    assert (words == lowest) == (noise == 0.0)
    assert ("expected" in words) == (noise > 0.0)


def test_the_telling_trials_are_the_better_half_and_a_sample_of_the_rest() -> None:
    losses = np.random.default_rng(0).permutation(100).astype(float)
    told = losses[telling_of(losses, 20)]
    assert sorted(told)[:10] == list(range(10))
    assert max(told) == 99
    assert np.diff(sorted(told)[10:]).max() <= 11


def test_there_is_no_box_before_a_trial_has_ended() -> None:
    whole = Box.whole(floats(2))
    history = search(floats(2), lambda _: Outcome(TrialState.FAILED), 6)
    assert GuidedSampler(floats(2), same, 8).open_round(6, history, whole) is None
    opened = GuidedSampler(floats(2), same).open_round(6, history, whole)
    assert opened is not None
    assert "though all the 5 known by then failed; every second" in opened.summary


def test_a_round_in_a_design_says_that_its_box_holds_what_the_model_proposes() -> None:
    space = floats(20)
    history = search(space, bowl, 6)
    opened = GuidedSampler(space, same).open_round(6, history, Box.whole(space))
    assert opened is not None
    assert "; every second trial that the model proposes lies in it, " in opened.summary
    origins = [trial.origin.split(":")[0] for trial in search(space, bowl, 16).trials]
    assert origins == ["design"] * 12 + ["global", "box"] * 2


def test_what_is_expected_of_noisy_values_is_their_average() -> None:
    noisy, quiet = noisy_history(0.3, trials=40), search(floats(2), bowl, 40)
    told = proposal(GuidedSampler(noisy.space, same, noisy=True), noisy, 40)
    known = proposal(GuidedSampler(quiet.space, same), quiet, 40)
    assert " on average, nearest is" in told.origin
    assert "expects" in known.origin
    assert "on average" not in known.origin


def test_a_box_that_moved_without_growing_is_not_called_wider() -> None:
    space = floats(4)
    none = (None,) * 4
    old = Box(np.full(4, 0.4), np.full(4, 0.6), none)
    new = Box(np.array([0.3, 0.3, 0.4, 0.45]), np.array([0.45, 0.6, 0.6, 0.55]), none)
    lengths = np.array([0.45, 1.5, 0.2, 0.2])
    moves = moves_of(space, old, new, lengths, "trial 7", np.full(4, 0.5))
    assert [move.kind for move in moves] == ["moved", "widened", "kept", "narrowed"]
    assert moves[0].reason == "around trial 7; a step of 45% along it changes the loss"
    assert moves[1].reason == "around trial 7; the loss changes slowly along it"
