"""The log of a whole stack, as programs read it: every line of every part of ours is a JSON object."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from config.stack.commands import ROLES
from testing.stack import READY, Stack, running_stack

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("telling")]


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that logs for programs."""
    folder = tmp_path_factory.mktemp("telling")
    with running_stack(folder, LOG_FORMAT="json", APPS="testing", WORKERS="1") as stack:
        yield stack


def lines(stack: Stack) -> list[dict[str, Any]]:
    """What the roles have written."""
    split = (line.partition(" | ") for line in stack.logs().splitlines())
    return [{"role": role.strip(), **json.loads(text)} for role, _, text in split if role.strip() in ROLES]


def run(stack: Stack, operation: str, **body: Any) -> tuple[str, list[dict[str, Any]]]:
    """Run a task to its end. Its id, and the lines that carry it."""
    task_id: str = stack.http.post("/tasks/", json={"operation": operation, **body}).json()["id"]
    stack.http.get(f"/tasks/{task_id}/?wait=30")
    stack.wait_until(lambda: f'"task_id": "{task_id}"' in stack.logs())
    return task_id, [line for line in lines(stack) if line.get("task_id") == task_id]


def ended(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The attempts that these lines tell of."""
    return [
        (each["attempt"], each["outcome"], each["status"])
        for each in found
        if each["event"] == "attempt.ended"
    ]


def test_every_part_writes_objects_from_its_first_line_on(telling: Stack) -> None:
    telling.wait_until(lambda: set(ROLES) <= {line["role"] for line in lines(telling)})
    assert all(line.keys() >= {"ts", "level", "logger", "event", "message"} for line in lines(telling))


def test_a_start_warns_of_nothing(telling: Stack) -> None:
    start = telling.logs().partition(READY)[0]
    assert not re.findall(".*(?:WARN|ERROR|FATAL|CRITICAL|Traceback).*", start)


def test_a_request(telling: Stack) -> None:
    telling.http.get("/tasks/?tag=s3cret", headers={"X-Request-ID": "order-7"})
    telling.wait_until(lambda: "order-7" in telling.logs())
    (line,) = [line for line in lines(telling) if line.get("request_id") == "order-7"]
    expected = {
        "role": "web",
        "event": "request.answered",
        "method": "GET",
        "path": "/tasks/",
        "status": 200,
    }
    assert line.items() >= expected.items()
    assert "s3cret" not in telling.logs()
    assert "/health/ready/" not in telling.logs()


def test_what_an_operation_says_carries_its_id(telling: Stack) -> None:
    _, found = run(telling, "testing.chatty", arguments={"text": "tea\n{}"})
    *said, _end = found
    assert [line["message"] for line in said if line["event"] == "operation.printed"] == [
        *("tea", "{} printed", "tea", "{} as an error", "tea", "{} from a thread")
    ]
    assert "tea\n{} logged" in [line["message"] for line in said]
    assert ended(found) == [(1, "success", "SUCCESS")]


def test_each_attempt_has_a_line(telling: Stack) -> None:
    _, found = run(telling, "testing.flaky", arguments={"failures": 2})
    assert ended(found) == [(1, "failed", "RETRY"), (2, "failed", "RETRY"), (3, "success", "SUCCESS")]
    assert {line["operation"] for line in found} == {"testing.flaky"}


def test_one_whose_time_is_up(telling: Stack) -> None:
    body = {"arguments": {"seconds": 60}, "timeout_seconds": 1, "max_attempts": 1}
    _, found = run(telling, "sleep", **body)
    assert ended(found) == [(1, "timeout", "FAILURE")]


def test_one_whose_process_died(telling: Stack) -> None:
    _, found = run(telling, "testing.crash", max_attempts=1)
    assert ended(found) == [(1, "lost", "FAILURE")]
    (line,) = found
    assert line["level"] == "WARNING"
    assert line["worker"] in line["message"]


def test_one_that_is_taken_back_from_a_dead_worker(telling: Stack) -> None:
    task_id = telling.http.post("/tasks/", json={"operation": "testing.slow_once"}).json()["id"]
    telling.wait_until(lambda: telling.http.get(f"/tasks/{task_id}/").json()["status"] == "STARTED")
    telling.kill("worker")
    telling.wait_until(lambda: telling.http.get(f"/tasks/{task_id}/").json()["status"] == "SUCCESS")
    found = [line for line in lines(telling) if line.get("task_id") == task_id]
    assert ended(found) == [(1, "lost", "RETRY"), (2, "success", "SUCCESS")]
    assert (found[0]["role"], found[0]["level"]) == ("sweeper", "WARNING")


def test_unforeseen_errors_keep_their_traceback(telling: Stack) -> None:
    _, found = run(telling, "testing.misdeed", arguments={"which": "no such"})
    (error,) = [line for line in found if line["event"] == "attempt.exception"]
    assert error["traceback"].endswith("KeyError: 'no such'")
