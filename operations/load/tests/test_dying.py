"""A worker that dies in any phase of a load: the rows are there once or not at all, and once after the next attempt."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from operations.load.tests.warehouse import ORDERS, Warehouse

CONTENT = "id,day\n" + "".join(f"{number},2026-01-01\n" for number in range(5_000)) + "x,2026-01-01\n"
COUNT = "SELECT count(*) FROM sales.orders"
SLOW = """
CREATE FUNCTION sales.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
CREATE TRIGGER slow AFTER INSERT ON sales.orders FOR EACH STATEMENT EXECUTE FUNCTION sales.slow()
"""
WRITING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%INSERT INTO \"sales\"%' AND pid <> pg_backend_pid()"
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'punctual load_csv'"


@pytest.fixture
def orders(warehouse: Warehouse) -> Warehouse:
    warehouse.run(ORDERS.replace("PRIMARY KEY", "NOT NULL"))  # so that a second load would be seen
    return warehouse


def started(orders: Warehouse, folder: Path, task: str, mode: str, at: str) -> subprocess.Popen[bytes]:
    folder.mkdir()
    plan: dict[str, Any] = {
        "target": orders.target.model_dump(mode="json", by_alias=True),
        "password": orders.password,
        "folder": str(folder),
        "content": CONTENT,
        "arguments": {"target": "warehouse", "table": "sales.orders", "mode": mode, "on_bad_row": "skip"},
        "task_id": task,
        "at": at,
    }
    return subprocess.Popen([sys.executable, "-m", "operations.load.tests.dying", json.dumps(plan)])


def loaded_again(orders: Warehouse, task: str, mode: str) -> Any:
    return orders.load(CONTENT, task_id=task, mode=mode, on_bad_row="skip")


@pytest.mark.parametrize("mode", ["append", "replace"])
@pytest.mark.parametrize("phase", ["reading", "checking", "writing", "committing", "kept"])
def test_a_worker_that_dies_in_a_phase(orders: Warehouse, tmp_path: Path, phase: str, mode: str) -> None:
    task = str(uuid4())
    child = started(orders, tmp_path / "dying", task, mode, "never" if phase == "kept" else phase)
    assert child.wait(60) == -signal.SIGKILL
    committed = phase == "kept"
    assert orders.run(COUNT) == [(5_000 if committed else 0,)]
    result = loaded_again(orders, task, mode)
    assert orders.run(COUNT) == [(5_000,)]
    assert result["repeated"] is committed
    assert (result["written"], result["skipped"]) == (5_000, 1)
    assert b"invalid input syntax for type integer" in orders.files.read(result["rejects"])


def test_a_worker_that_dies_while_the_server_writes(orders: Warehouse, tmp_path: Path) -> None:
    orders.run(SLOW)
    task = str(uuid4())
    child = started(orders, tmp_path / "dying", task, "append", "never")
    until(orders, WRITING, 1)
    child.kill()
    child.wait(60)
    # The server may not know yet: the next attempt waits for what it does with the first.
    assert loaded_again(orders, task, "append")["written"] == 5_000
    until(orders, OTHERS, 0)
    assert orders.run(COUNT) == [(5_000,)]


def until(orders: Warehouse, statement: str, count: int) -> None:
    end = time.monotonic() + 60
    while orders.run(statement) != [(count,)]:
        assert time.monotonic() < end
        time.sleep(0.01)
