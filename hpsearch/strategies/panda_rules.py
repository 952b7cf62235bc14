"""Nursing one model: what the next day tries, and whether a day is kept or taken back.

A pure function of the days so far; `panda` numbers the trials and talks to the search. 

"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.space import Space
from hpsearch.strategies.panda_curve import (
    FIRST_MARGIN,
    Expectation,
    LossPoint,
    bend,
    expect,
    is_stalled,
    margin_of,
    mean_bent,
    noise_of,
    unbend,
)
from hpsearch.strategies.panda_nudges import (
    DOWN,
    FIRST_STEP,
    LARGEST_STEP,
    SMALLEST_STEP,
    UP,
    Change,
    Gaits,
    changes_between,
    is_learning_rate,
    moved,
)

START_SHARE = 0.2
WATCHED_FIRST = 3
FINISH_SHARE = 0.3
FINISH_AT = 1 / 50
PATIENCE = 3
RESTLESS = 0.1
STALL = False
CALMER = 0.6
TIES=True
FAR=[]


@dataclass(frozen=True)
class Proposal:
    values: Mapping[str, Any]
    parent: int | None
    origin: str


@dataclass(frozen=True)
class Result:
    number: int
    values: Mapping[str, Any]
    parent: int | None
    points: tuple[LossPoint, ...]
    trouble: str = ""


@dataclass(frozen=True)
class Kept:
    number: int | None
    values: Mapping[str, Any]
    points: tuple[LossPoint, ...]
    stretch: int
    noise: float | None = None

    @property
    def loss(self) -> float:
        return self.points[-1][1] if self.points else math.inf


@dataclass(frozen=True)
class Note:
    number: int
    kind: str
    reason: str
    details: Mapping[str, float]


class Nurse:
    def __init__(
        self, space: Space, live: Sequence[str], start: Mapping[str, Any], days: int, siblings: int
    ) -> None:
        self._space = space
        self._live = tuple(live)
        self._days = days
        self._siblings = siblings
        self._gaits = Gaits(live)
        self._now = Kept(None, dict(start), (), 0)
        self._path: list[Kept] = []
        self._failed_here: list[Result] = []
        self._rate = next((name for name in live if is_learning_rate(name)), None)
        self._finish_days = round(FINISH_SHARE * days) if self._rate else 0
        self._first: Kept | None = None  # best first day
        self._is_starting = True
        self._looks = [(UP, FIRST_STEP), (DOWN, FIRST_STEP), (DOWN, LARGEST_STEP)]
        self._begun = []
        self._up_was_worse = False
        self._lowest = math.inf
        self._quiet = 0
        self._turn = 0
        self._why = ""
        self._running: str | None = None
        others = [n for n in live if n != live[0]]
        self._rota = [live[0]] if not others else [n for o in others for n in (live[0], o)]

    # planning
    def plan(self, day: int) -> list[Proposal]:
        if self._is_starting:
            if self._first is None:
                return [Proposal(self._now.values, None, "first day")]
            name = self._live[0]
            while self._looks:
                direction, size = self._looks[0]
                v = moved(self._space, self._first.values, name, direction * size)
                if v is not None and v not in self._begun:
                    return [Proposal(v, None, f"begin anew {name} {'up' if direction > 0 else 'down'}")]
                self._looks.pop(0)
            self._end_start()
        if self._is_finishing(day):
            return [self._annealed(day)]
        if len(self._now.points) < WATCHED_FIRST:
            return [self._watch()]
        return [self._nudged()]

    def _watch(self) -> Proposal:
        return Proposal(self._now.values, self._now.number, "watch")

    def _is_finishing(self, day: int) -> bool:
        return day > self._days - self._finish_days

    def _annealed(self, day: int) -> Proposal:
        first = self._days - self._finish_days + 1
        assert self._rate
        if day == first:
            best = min(self._path, key=lambda kept: kept.loss)
            self._path = self._path[: self._path.index(best) + 1]
            self._now = best
            self._failed_here = []
            self._from = float(self._now.values[self._rate])
        domain = self._space.parameters[self._rate].domain
        low = float(domain.to_value(np.array([0.0]))[0])
        target = self._from * FINISH_AT ** ((day - first + 1) / self._finish_days)
        return Proposal({**self._now.values, self._rate: max(target, low)}, self._now.number, "anneal")

    def _nudged(self) -> Proposal:
        """The first of its wishes that was not tried from here yet."""
        tried = [r.values for r in self._failed_here]
        for name, direction, size, why in self._wishes():
            if name is None:
                values = dict(self._now.values)
            else:
                values = moved(self._space, self._now.values, name, direction * size)
            if values is not None and values not in tried:
                self._why = why
                return Proposal(values, self._now.number, why if name is None else f"{name} {'up' if direction > 0 else 'down'} {why}")
        self._why = "watch"
        return self._watch()

    def _wishes(self):
        rate = self._rate
        if self._running is not None:
            g = self._gaits[self._running]
            yield self._running, g.direction, g.size, "on"
        if rate and self._now.noise is not None and self._now.noise > RESTLESS:
            yield rate, DOWN, FIRST_STEP / 2, "restless"
        if not self._failed_here:
            if rate and self._quiet >= 1 and is_stalled(self._now.points[-self._now.stretch:], self._now.noise, self._is_log(self._now.points)):
                if STALL: yield rate, DOWN, FIRST_STEP / 2, "stalled"
            if self._quiet >= 2:
                name = self._rota[self._turn % len(self._rota)]
                g = self._gaits[name]
                yield name, g.direction, g.size, "try"
                yield name, -g.direction, g.size, "try"
        yield None, 0, 0, "watch"
        name = rate or self._live[0]
        for size in (FIRST_STEP / 2, FIRST_STEP, LARGEST_STEP):
            yield name, DOWN, size, "instead"
            yield name, UP, size, "instead"

    @staticmethod
    def _is_log(points) -> bool:
        return all(l > 0 for _, l in points)

    # judging
    def settle(self, day: int, results: Sequence[Result]) -> list[Note]:
        (result,) = results
        if self._is_starting:
            return self._settle_start(day, result)
        changes = changes_between(self._space, self._now.values, result.values)
        finishing = self._is_finishing(day)
        if result.trouble:
            return self._take_back(result, changes, finishing, result.trouble, {})
        is_log = self._is_log((*self._now.points, *result.points))
        e = expect(self._now.points[-self._now.stretch:], [s for s, _ in result.points], self._now.noise, is_log)
        came = mean_bent(result.points, is_log)
        verdict = e.verdict(came)
        d = {"ahead": unbend(e.ahead, is_log), "now": unbend(e.now, is_log), "came": unbend(came, is_log), "margin": e.margin}
        if verdict == "worse":
            return self._take_back(result, changes, finishing, "worse", d)
        if finishing or not changes:
            self._quiet += 1
            self._keep(result, result.values, True)
            return [Note(result.number, "kept", verdict, d)]
        self._quiet = 0
        if self._why == "try": self._turn += 1
        if self._why in ("restless", "stalled"):
            self._keep(result, result.values, False)
            self._running = None
            return [Note(result.number, "kept", verdict, d)]
        if verdict == "better":
            self._gaits.succeeded(changes)
            self._running = changes[0].name
            self._keep(result, result.values, False)
            return [Note(result.number, "kept", verdict, d)]
        self._gaits.failed(changes)
        self._running = None
        self._keep(result, self._now.values, True)
        return [Note(result.number, "values back", verdict, d)]

    def _settle_start(self, day, result):
        first = self._first
        changes = () if first is None else changes_between(self._space, first.values, result.values)
        self._begun.append(dict(result.values))
        if result.trouble and first is None:
            v = moved(self._space, self._now.values, self._live[0], -LARGEST_STEP)
            if v: self._now = Kept(None, v, (), 0)
            return [Note(result.number, "taken back", result.trouble, {})]
        is_log = self._is_log(result.points)
        came = math.inf if result.trouble else mean_bent(result.points, is_log)
        is_down = bool(changes) and changes[0].step < 0
        tolerance = FIRST_MARGIN if is_down and TIES and self._up_was_worse else -FIRST_MARGIN
        if first is None or came < self._lowest + tolerance:
            self._lowest = min(came, self._lowest)
            self._first = Kept(result.number, result.values, result.points, len(result.points))
            kind = "kept"
            if changes:
                self._looks = [(changes[0].direction, min(LARGEST_STEP, 2 * abs(changes[0].step)))] + [l for l in FAR if l[0] != changes[0].direction] + [(changes[0].direction, abs(changes[0].step)/2),(-changes[0].direction, abs(changes[0].step)/2)]
        else:
            if changes and not is_down and came > self._lowest + FIRST_MARGIN: self._up_was_worse = True
            self._looks.pop(0)
            kind = "taken back"
        if day >= max(2, START_SHARE * self._days):
            self._end_start()
        return [Note(result.number, kind, "", {})]

    def _end_start(self):
            self._is_starting = False
            self._now = self._first
            self._path = [self._now]
            if self._rate:
                lo=float(self._space.parameters[self._rate].domain.to_value(np.array([0.0]))[0])
                v={**self._now.values, self._rate: max(lo, CALMER*self._now.values[self._rate])}
                self._now = Kept(self._now.number, v, self._now.points, self._now.stretch)

    def _keep(self, result: Result, values: Mapping[str, Any], same: bool) -> None:
        points = (*self._now.points, *result.points)
        stretch = len(result.points) + (self._now.stretch if same else 0)
        noise = noise_of(points[-stretch:], self._is_log(points))
        self._now = Kept(result.number, values, points, stretch, self._now.noise if noise is None and same else noise)
        self._path.append(self._now)
        self._failed_here = []

    def _take_back(self, result, changes, finishing, why, details):
        notes = [Note(result.number, "taken back", why, details)]
        if not finishing: self._gaits.failed(changes)
        self._running = None
        if self._why == "try": self._turn += 1
        self._quiet = 0
        self._failed_here.append(result)
        if len(self._failed_here) >= PATIENCE:
            alive = [r for r in self._failed_here if not r.trouble]
            if alive:
                best = min(alive, key=lambda r: r.points[-1][1])
                self._keep(best, best.values, True)
                notes.append(Note(best.number, "kept", f"best of {PATIENCE}", {}))
            else:
                v = moved(self._space, self._now.values, self._live[0], -LARGEST_STEP)
                if v: self._now = Kept(self._now.number, v, self._now.points, self._now.stretch, self._now.noise)
                self._failed_here = []
        return notes
