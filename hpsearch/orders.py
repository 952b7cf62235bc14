"""Orders to a panda from another shell: appended to a file of the run, kept by its one writer.

`hpsearch nudge` and `rollback` append a line; the search takes new lines in when it plans a day,
and stores them with that day, so that a resumed run obeys them on the same day again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from hpsearch.run_folder import RunFolder
from hpsearch.store import Store
from hpsearch.strategies.panda_facts import Order

SETTING = "orders"


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


class OrderBook:
    """The orders of one run, by day."""

    def __init__(self, run: RunFolder, store: Store) -> None:
        self._run = run
        self._store = store

    def of_day(self, day: int, is_new: bool) -> Sequence[Order]:
        """The orders for a day. With `is_new`, those that nobody has seen yet become its own."""
        known: list[dict[str, Any]] = self._store.setting(SETTING) or []
        if is_new:
            new = self._lines()[len(known) :]
            if new:
                known += [{**order, "day": day} for order in new]
                self._store.set_setting(SETTING, known)
        return [Order(o["values"], o["back_to"]) for o in known if o["day"] == day]

    def _lines(self) -> list[dict[str, Any]]:
        try:
            text = self._run.orders_path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in text.splitlines()]
