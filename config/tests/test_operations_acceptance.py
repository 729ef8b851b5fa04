"""The operations that need nobody else, on a real stack; and one task of it in the foreground."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations import catalogue
from testing.manage import manage
from testing.stack import Stack

pytestmark = pytest.mark.acceptance

AT_HOME = [
    (operation.name, example.arguments, example.result)
    for operation in catalogue.all()
    if operation.name in {"add", "calculate", "multiply", "sleep", "sum"}
    for example in operation.examples
]


def post(stack: Stack, operation: str, arguments: dict[str, Any], **body: Any) -> Any:
    return stack.http.post("/tasks/", json={"operation": operation, "arguments": arguments, **body})


def test_each_is_in_the_catalogue(stack: Stack) -> None:
    shown = [each["name"] for each in stack.http.get("/operations/").json()["results"]]
    assert {name for name, _, _ in AT_HOME} | {"http_request", "run_command", "send_email"} <= set(shown)


@pytest.mark.parametrize(("operation", "arguments", "result"), AT_HOME)
def test_each_example_gives_its_result(
    stack: Stack, operation: str, arguments: dict[str, Any], result: Any
) -> None:
    created = post(stack, operation, arguments)
    assert created.status_code == 202, created.text
    task = stack.http.get(created.headers["Location"], params={"wait": 60}, timeout=70).json()
    assert (task["status"], task["result"]) == ("SUCCESS", result)


def test_what_the_operator_has_not_set_up_does_nothing(stack: Stack) -> None:
    url = f"{stack.url}/health/live/"
    created = post(stack, "http_request", {"url": url})
    task = stack.http.get(created.headers["Location"], params={"wait": 60}, timeout=70).json()
    assert (task["status"], task["error"]["type"]) == ("FAILURE", "refused_target")
    refused = post(stack, "run_command", {"command": "ls"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "#/arguments/command")


def test_one_that_waits_is_run_in_the_foreground(stack: Stack) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    task = post(stack, "add", {"x": 4, "y": 7}, run_at=later).json()
    done = manage("run_task", task["id"], "--now", settings=stack.env)
    assert (done.stdout, done.returncode) == ("11\n", 0), done.stderr
    found = stack.http.get(f"/tasks/{task['id']}/").json()
    assert (found["status"], found["result"], found["attempt"]) == ("SUCCESS", 11, 1)
