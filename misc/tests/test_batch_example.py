"""The example of a batch, posted to a running service."""

import json
from typing import Any

import httpx
import pytest

from testing.stack import PROJECT, Stack

pytestmark = pytest.mark.acceptance
EXAMPLE = PROJECT / "create_tasks_in_batch_example.json"


def run_example(stack: Stack) -> list[dict[str, Any]]:
    """The tasks of the example in the order of the file, once all of them are final."""
    headers = {"Content-Type": "application/json"}
    response = stack.http.post("/tasks/batch-request/", content=EXAMPLE.read_bytes(), headers=headers)
    assert response.status_code == httpx.codes.ACCEPTED, response.text
    assert response.json()["errors"] == []
    paths = [f"/tasks/{task['id']}/" for task in response.json()["tasks"]]
    for path in paths:
        stack.http.get(path, params={"wait": 60})
    return [stack.http.get(path).json() for path in paths]


def test_every_task_succeeds(stack: Stack) -> None:
    tasks = run_example(stack)
    assert len(tasks) == len(json.loads(EXAMPLE.read_text()))
    assert {task["status"] for task in tasks} == {"SUCCESS"}


@pytest.mark.xdist_group("one_worker")
def test_one_worker_takes_them_by_priority_and_then_by_age(one_worker: Stack) -> None:
    tasks = run_example(one_worker)
    begun = sorted(tasks, key=lambda task: str(task["started_at"]))
    most_urgent_and_oldest_first = sorted(tasks, key=lambda task: (-task["priority"], task["id"]))
    assert [task["id"] for task in begun] == [task["id"] for task in most_urgent_and_oldest_first]
