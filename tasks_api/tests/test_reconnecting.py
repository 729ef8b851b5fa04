"""A worker whose connections to the broker are cut while its only process is busy."""

from typing import Any

import pytest
import redis

from tasks_api.broker.messages import TASK_QUEUE
from testing.brokers import ON_VALKEY
from testing.stack import Stack

pytestmark = [pytest.mark.acceptance, ON_VALKEY]


def begun(stack: Stack) -> Any:
    """A task that runs, and does not end by itself."""
    task = stack.http.post("/tasks/", json={"operation": "sleep", "arguments": {"seconds": 600}}).json()
    stack.wait_until(lambda: read(stack, task)["status"] == "STARTED")
    return task


def read(stack: Stack, task: Any, wait: int = 0) -> Any:
    return stack.http.get(f"/tasks/{task['id']}/", params={"wait": wait}, timeout=70).json()


def connected(broker: redis.Redis) -> set[str]:
    """Those who wait for commands from Celery: the worker and the sweeper."""
    clients: Any = broker.client_list(_type="pubsub")
    return {client["id"] for client in clients}


def test_it_takes_nothing_that_it_cannot_run(single: Stack) -> None:
    running = begun(single)
    with single.broker() as broker:
        former = connected(broker)
        for client in former:
            broker.client_kill_filter(_id=client)
        broker.client_kill_filter(_type="normal", skipme=True)
        single.wait_until(lambda: len(connected(broker) - former) == len(former))
        waiting = single.http.post("/tasks/", json={"operation": "1+1", "priority": 9}).json()
        single.wait_until(lambda: broker.llen(TASK_QUEUE) == 1)
    # If it had been taken, it would have been sent again, as a message that is lost.
    assert single.psql("SELECT dispatch_count FROM task WHERE id = %s", [waiting["id"]]) == [(1,)]
    single.http.post(f"/tasks/{running['id']}/cancel/")
    assert read(single, waiting, wait=60)["status"] == "SUCCESS"
    assert read(single, running, wait=60)["status"] == "REVOKED"
