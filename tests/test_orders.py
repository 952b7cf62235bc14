"""Orders to a panda, as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.analysis.diary import orders_too_late
from hpsearch.config import load_config
from hpsearch.errors import SpaceError, StoreError
from hpsearch.orders import OrderBook, append_order, check_can_obey, parse_values
from hpsearch.run_folder import RunFolder, create_run_folder
from hpsearch.store import Store
from hpsearch.strategies.panda_facts import Order
from hpsearch.trial import Trial

PANDA = Path(__file__).parent.parent / "configs" / "digits_panda.yaml"


def test_a_value_that_is_given_twice_is_refused_and_not_the_last_one_taken() -> None:
    config = load_config(PANDA)
    with pytest.raises(SpaceError, match=r"^learning_rate: is given twice"):
        parse_values(config, ["learning_rate=0.1", "momentum=0.9", "learning_rate=0.2"])
    assert parse_values(config, ["learning_rate=0.1", "momentum=0.9"]) == {
        "learning_rate": 0.1,
        "momentum": 0.9,
    }


def run_of_days(folder: Path, days: int) -> RunFolder:
    """A panda's run in which so many days have begun."""
    run = create_run_folder(folder, "panda")
    with Store(run) as store:
        store.add_event("started")
        for day in range(1, days + 1):
            store.add_trial(Trial(day - 1, day, {"learning_rate": 0.1}, "", None))
    return run


def test_an_order_is_refused_once_the_last_day_has_begun_and_not_before(tmp_path: Path) -> None:
    config = load_config(PANDA)
    days = config.search.segments
    check_can_obey(run_of_days(tmp_path, days - 1), config)
    with pytest.raises(StoreError, match=f"has begun its last day, {days} of {days}"):
        check_can_obey(run_of_days(tmp_path, days), config)


def test_an_order_that_slips_in_during_the_last_day_is_kept_as_one_that_no_day_obeyed(
    tmp_path: Path,
) -> None:
    run = run_of_days(tmp_path, 1)
    with Store(run) as store:
        book = OrderBook(run, store)
        append_order(run, {"learning_rate": 0.2})
        assert book.of_day(2, is_new=True) == [Order({"learning_rate": 0.2})]
        append_order(run, {"learning_rate": 0.003})
        append_order(run, back_to=1)
        assert orders_too_late(store) == ()
        book.close()
        book.close()
        assert orders_too_late(store) == ("learning_rate=0.003", "back to day 1")
        assert book.of_day(2, is_new=False) == [Order({"learning_rate": 0.2})]


def test_an_order_that_was_read_before_a_kill_and_whose_day_was_not_stored_is_read_again(
    tmp_path: Path,
) -> None:
    run = run_of_days(tmp_path, 1)
    append_order(run, {"learning_rate": 0.2})
    with Store(run) as store:
        OrderBook(run, store).of_day(2, is_new=True)  # and killed: day 2 is in no store
    append_order(run, {"learning_rate": 0.1})
    with Store(run) as store:
        obeyed = OrderBook(run, store).of_day(2, is_new=True)
    assert [order.values["learning_rate"] for order in obeyed] == [0.2, 0.1]
