"""Loads that end otherwise: cancelled, too slow, to no database, without rights, on an older server; two at a time."""

import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from operations import Cancelled, Context, OperationError, Progress, catalogue, testing
from operations.load import Target, Targets
from operations.load.postgres import checking
from operations.load.tests.warehouse import ORDERS, Warehouse
from operations.secrets import SecretReader

CONTENT = "id,day\n1,2026-01-01\n"


@pytest.fixture
def orders(warehouse: Warehouse) -> Warehouse:
    warehouse.run(ORDERS)
    return warehouse


def refusal(orders: Warehouse, **changes: Any) -> OperationError:
    target = Target.model_validate({**orders.target.model_dump(by_alias=True), **changes})
    with testing.configured(targets=Targets({"warehouse": target})), pytest.raises(OperationError) as caught:
        orders.load(CONTENT)
    assert orders.run("SELECT count(*) FROM sales.orders") == [(0,)]
    return caught.value


@pytest.mark.parametrize("phase", ["reading", "checking", "writing", "committing"])
def test_a_cancelled_load_leaves_nothing(orders: Warehouse, phase: str) -> None:
    def report(progress: Progress) -> None:
        if (progress.message or "").startswith(phase):
            raise Cancelled

    operation = catalogue.get("load_csv")
    arguments = {
        "file": orders.add(CONTENT),
        "target": "warehouse",
        "table": "sales.orders",
        "on_bad_row": "skip",
    }
    reader = SecretReader(lambda _: True, lambda _: orders.password)
    with pytest.raises(Cancelled):
        operation.run(arguments, Context(str(uuid4()), 1, report=report, files=orders.files), reader)
    assert orders.run("SELECT count(*) FROM sales.orders") == [(0,)]
    assert orders.run("SELECT count(*) FROM punctual_load") == [(0,)]


def test_a_load_that_takes_too_long_is_taken_back(orders: Warehouse) -> None:
    orders.run(
        "CREATE FUNCTION sales.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); END $$; "
        "CREATE TRIGGER slow BEFORE INSERT ON sales.orders EXECUTE FUNCTION sales.slow()"
    )
    error = refusal(orders, timeout_seconds=1)
    assert (error.type, error.permanent) == ("target_too_slow", False)


def test_a_database_that_is_away_may_come_back(orders: Warehouse) -> None:
    error = refusal(orders, url="postgres://me@127.0.0.1:1/it", password=None)
    assert (error.type, error.permanent) == ("target_unreachable", False)


def test_a_role_may_do_what_it_was_granted(orders: Warehouse) -> None:
    orders.run("DROP OWNED BY loader; DROP ROLE loader") if orders.run(
        "SELECT FROM pg_roles WHERE rolname = 'loader'"
    ) else None
    orders.run(
        f"CREATE ROLE loader LOGIN PASSWORD '{orders.password}'; GRANT USAGE ON SCHEMA sales TO loader"
    )
    url = str(orders.target.url).replace("punctual@", "loader@")
    missing = refusal(orders, url=url)
    assert missing.type == "guard_missing"
    statement = missing.message.split("`")[1]
    orders.run(statement + "; GRANT SELECT, INSERT, UPDATE ON punctual_load TO loader")
    assert "permission denied for table orders" in refusal(orders, url=url).message
    orders.run("GRANT INSERT ON sales.orders TO loader")
    target = Target.model_validate({**orders.target.model_dump(by_alias=True), "url": url})
    with testing.configured(targets=Targets({"warehouse": target})):
        assert orders.load(CONTENT)["written"] == 1
    orders.run("DROP OWNED BY loader; DROP ROLE loader")


def test_an_older_server_tells_the_same(orders: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    orders.run("ALTER TABLE sales.orders ADD many int[], ADD bits bit(3)")
    content = "id,day,amount,note,many,bits\nx,2026-13-01,99999999,abcdef,{x},1111\n1,2026-01-01,1,a,{1},111\n,,,,,\n"
    now = orders.load(content, dry_run=True)
    monkeypatch.setattr(checking, "SOFT_ERRORS_SINCE", 10_000_000)
    older = orders.load(content, dry_run=True)
    assert older["bad"] == now["bad"]
    assert len(now["bad"]) == 8
    assert older["written"] == 1


def test_two_attempts_at_a_time_load_once(orders: Warehouse) -> None:
    orders.run("ALTER TABLE sales.orders DROP CONSTRAINT orders_pkey")
    task, results = str(uuid4()), list[Any]()
    content = "id,day\n" + "1,2026-01-01\n" * 20_000

    def attempt() -> None:
        results.append(orders.load(content, task_id=task))

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result["repeated"] for result in results) == [False, True]
    assert [result["written"] for result in results] == [20_000, 20_000]
    assert orders.run("SELECT count(*) FROM sales.orders") == [(20_000,)]


def test_the_progress_tells_phases_and_never_goes_back(orders: Warehouse, tmp_path: Path) -> None:
    content = "id,day\n" + "".join(f"{number},2026-01-01\n" for number in range(10_000))
    ran = orders.operate(
        "load_csv", {"file": orders.add(content), "table": "sales.orders", "on_bad_row": "skip"}
    )
    told = [progress.percent for progress in ran.progress]
    assert told == sorted(told)
    phases = [(progress.message or "").partition(":")[0] for progress in ran.progress]
    assert list(dict.fromkeys(phases)) == ["reading", "checking", "writing", "committing"]
