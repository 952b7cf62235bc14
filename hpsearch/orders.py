"""Orders to a panda from another shell: appended to a file of the run, kept by its one writer.

`hpsearch nudge` and `rollback` append a line; the search takes new lines in when it plans a day,
and stores them with that day, so that a resumed run obeys them on the same day again. What comes
once the last day has begun is refused; what slips in meanwhile is kept as an order of no day.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from hpsearch.config import Config
from hpsearch.errors import SpaceError, StoreError
from hpsearch.run_folder import RunFolder
from hpsearch.store import Store, StoreReader
from hpsearch.strategies.panda_facts import Order

SETTING = "orders"
KEPT = ("kept", "values back")


def append_order(
    run: RunFolder, values: Mapping[str, Any] | None = None, back_to: int | None = None
) -> None:
    """Write an order down, as one whole line: it is there, or it is not."""
    line = json.dumps({"values": dict(values or {}), "back_to": back_to}) + "\n"
    fd = os.open(run.orders_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(fd, line.encode())
    finally:
        os.close(fd)


def check_can_obey(run: RunFolder, config: Config) -> None:
    """Raise StoreError unless the run is one panda that has a day to come."""
    if not config.is_panda or config.search.population is not None:
        kind = "a population" if config.is_panda else f"a {config.search.strategy} run"
        raise StoreError(f"{run.name} is {kind}; only a panda of one model takes orders")
    with StoreReader(run) as reader:
        events = reader.events()
        begun = max((stored.trial.round for stored in reader.trials()), default=0)
    if events and events[-1].kind == "finished":
        raise StoreError(f"{run.name} has finished; a new run with start_from goes on from it")
    if begun == config.search.segments:
        raise StoreError(
            f"{run.name} has begun its last day, {begun} of {begun}: there is no next one; "
            "a new run with start_from goes on from it"
        )


def kept_day(run: RunFolder, day: int) -> int:
    """The day of this number, or the last one before it that was kept.

    Raises:
        StoreError: if there is none.
    """
    with StoreReader(run) as reader:
        judged = {d.trial: d.kind for d in reader.decisions() if d.kind != "gone back to"}
        trials = list(reader.trials())
    kept = [s.trial.round for s in trials if judged.get(s.trial.number) in KEPT]
    last = max((s.trial.round for s in trials), default=0)
    found = max((d for d in kept if d <= day), default=None)
    if found is None or day > last:
        have = f"its last day is {last}" if last else "no day has ended yet"
        if found is None and kept:
            have = f"the first day that was kept is {min(kept)}"
        raise StoreError(f"{run.name} has no day {day} to go back to; {have}")
    return found


def parse_values(config: Config, settings: Sequence[str]) -> dict[str, Any]:
    """`name=value` texts as values of live parameters.

    Raises:
        SpaceError: naming the first one that is unknown, not live, out of its range, or given
            twice.
    """
    values: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if name in values:
            raise SpaceError(f"{name}: is given twice; a day is trained with one value")
        if not equals or not text:
            raise SpaceError(f"{setting}: write name=value, such as learning_rate=0.003")
        if name not in config.live:
            close = difflib.get_close_matches(name, config.live, n=1)
            meant = f"; did you mean {close[0]}?" if close else ""
            live = ", ".join(config.live)
            raise SpaceError(f"{name}: is not a live parameter (those are {live}){meant}")
        try:
            number = float(text)
        except ValueError:
            raise SpaceError(f"{name}: {text!r} is not a number") from None
        try:
            values[name] = config.space.parameters[name].domain.accept(
                int(number) if number.is_integer() and "." not in text else number
            )
        except SpaceError as error:
            raise SpaceError(f"{name}: {error}") from None
    return values


class OrderBook:
    """The orders of one run, by day."""

    def __init__(self, run: RunFolder, store: Store) -> None:
        self._run = run
        self._store = store

    def of_day(self, day: int, is_new: bool) -> Sequence[Order]:
        """The orders for a day. With `is_new`, those that nobody has seen yet become its own."""
        known: list[dict[str, Any]] = self._store.setting(SETTING) or []
        if is_new:
            known = self._take_in(known, day)
        return [Order(o["values"], o["back_to"]) for o in known if o["day"] == day]

    def close(self) -> None:
        """What nobody has seen yet becomes an order of no day."""
        self._take_in(self._store.setting(SETTING) or [], None)

    def _take_in(self, known: list[dict[str, Any]], day: int | None) -> list[dict[str, Any]]:
        new = self._lines()[len(known) :]
        if new:
            known = [*known, *({**order, "day": day} for order in new)]
            self._store.set_setting(SETTING, known)
        return known

    def _lines(self) -> list[dict[str, Any]]:
        try:
            text = self._run.orders_path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in text.splitlines()]
