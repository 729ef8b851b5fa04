"""The life of a task on a real stack, whatever its operation does and whatever is done to its worker."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from testing.brokers import ON_VALKEY
from testing.concurrency import PATIENCE_SECONDS
from testing.stack import Stack

pytestmark = [pytest.mark.acceptance, ON_VALKEY]

Json = dict[str, Any]


def post(stack: Stack, operation: str, arguments: Json | None = None, **body: Any) -> Json:
    answer = stack.http.post("/tasks/", json={"operation": operation, "arguments": arguments or {}, **body})
    assert answer.status_code == 202, answer.text
    task: Json = answer.json()
    return task


def read(stack: Stack, task: Json, wait: int = 0) -> Json:
    answer: Json = stack.http.get(f"/tasks/{task['id']}/", params={"wait": wait}, timeout=70).json()
    return answer


def ended(stack: Stack, task: Json) -> Json:
    """The task when it is over."""
    return read(stack, task, wait=60)


def attempts(stack: Stack, task: Json) -> list[tuple[int, str, str]]:
    """Of each try without a result: number, outcome, and the type of its error."""
    statement = "SELECT number, outcome, error ->> 'type' FROM attempt WHERE task_id = %s ORDER BY number"
    return stack.psql(statement, [task["id"]])


def await_status(stack: Stack, task: Json, status: str) -> None:
    stack.wait_until(lambda: read(stack, task)["status"] == status)


def await_log(stack: Stack, text: str) -> None:
    stack.wait_until(lambda: text in stack.logs())


def begun(stack: Stack, operation: str, arguments: Json | None = None, **body: Any) -> Json:
    """A task that runs."""
    task = post(stack, operation, arguments, **body)
    await_status(stack, task, "STARTED")
    return task


def child(stack: Stack) -> psutil.Process:
    """The process that runs tasks."""
    (process,) = psutil.Process(stack.pid("worker")).children()
    return process


def cancel(stack: Stack, task: Json) -> None:
    assert stack.http.post(f"/tasks/{task['id']}/cancel/").status_code == 200


def revoke_by_celery(stack: Stack, task: Json) -> None:
    """As Flower's button does. In a process of its own, as Celery reads the broker of this one from the environment."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-b",
        stack.env["CELERY_BROKER_URL"],
        "control",
        "revoke",
        task["id"],
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CELERY_")}
    subprocess.run(command, env=environment, check=True, capture_output=True)


@pytest.fixture(autouse=True)
def nothing_is_left(single: Stack) -> Iterator[None]:
    """A test that fails leaves the worker free for the others."""
    yield
    for (task_id,) in single.psql("SELECT id FROM task WHERE finished_at IS NULL"):
        single.http.post(f"/tasks/{task_id}/cancel/")
    single.wait_until(lambda: not single.psql("SELECT id FROM task WHERE finished_at IS NULL"))


class TestCancel:
    def test_one_that_hears_is_revoked_and_its_process_lives_on(self, single: Stack) -> None:
        task = begun(single, "sleep", {"seconds": 600})
        process = child(single)
        cancel(single, task)
        answer = ended(single, task)
        assert (answer["status"], answer["error"]["type"], answer["attempt"]) == ("REVOKED", "cancelled", 1)
        assert attempts(single, task) == [(1, "cancelled", "cancelled")]
        assert child(single) == process

    def test_one_that_tells_of_its_progress_is_told(self, single: Stack) -> None:
        task = begun(single, "testing.reporter")
        single.wait_until(lambda: read(single, task)["progress"])
        cancel(single, task)
        answer = ended(single, task)
        assert (answer["status"], answer["progress"]) == (
            "REVOKED",
            {"percent": 50, "message": "half of it"},
        )

    def test_one_that_hears_nothing_is_killed_after_a_grace(self, single: Stack) -> None:
        task = begun(single, "testing.stubborn")
        process = child(single)
        cancel(single, task)
        answer = ended(single, task)
        assert (answer["status"], answer["error"]["type"]) == ("REVOKED", "cancelled")
        assert attempts(single, task) == [(1, "cancelled", "cancelled")]
        single.wait_until(lambda: not process.is_running())

    def test_one_that_waits_never_runs(self, single: Stack) -> None:
        blocker = begun(single, "sleep", {"seconds": 600})
        waiting = post(single, "1+1")
        cancel(single, waiting)
        cancel(single, blocker)
        assert ended(single, blocker)["status"] == "REVOKED"
        assert ended(single, post(single, "1+1"))["status"] == "SUCCESS"
        answer = read(single, waiting)
        assert (answer["status"], answer["attempt"]) == ("REVOKED", 0)

    def test_celerys_revoke_is_a_cancel_and_a_later_retry_runs(self, single: Stack) -> None:
        task = begun(single, "testing.slow_once")
        revoke_by_celery(single, task)
        assert ended(single, task)["status"] == "REVOKED"
        assert single.http.post(f"/tasks/{task['id']}/retry/").status_code == 202
        answer = ended(single, task)
        assert (answer["status"], answer["result"], answer["attempt"]) == ("SUCCESS", 2, 2)


class TestTries:
    def test_it_fails_until_it_succeeds(self, single: Stack) -> None:
        task = post(single, "testing.flaky", {"failures": 3})
        single.wait_until(lambda: read(single, task)["status"] == "SUCCESS")
        answer = read(single, task)
        assert (answer["result"], answer["attempt"], answer["error"]) == (4, 4, None)
        assert attempts(single, task) == [(n, "failed", "operation_failed") for n in (1, 2, 3)]

    def test_one_that_kills_its_process_ends_when_its_tries_are_used_up(self, single: Stack) -> None:
        task = post(single, "testing.crash", max_attempts=3)
        answer = ended(single, task)
        assert (answer["status"], answer["error"]["type"], answer["attempt"]) == ("FAILURE", "lost", 3)
        assert attempts(single, task) == [(n, "lost", "lost") for n in (1, 2, 3)]
        assert ended(single, post(single, "4+7"))["result"] == 11

    def test_a_time_limit_that_is_not_heard_is_enforced(self, single: Stack) -> None:
        task = post(single, "testing.stubborn", timeout_seconds=0.5, max_attempts=1)
        answer = ended(single, task)
        assert (answer["status"], answer["error"]["type"], answer["attempt"]) == ("FAILURE", "timeout", 1)
        assert attempts(single, task) == [(1, "timeout", "timeout")]


class TestFrozenWorker:
    def test_what_it_brings_when_it_wakes_is_void(self, single: Stack, tmp_path: Path) -> None:
        diary, go_on = tmp_path / "diary", tmp_path / "go on"
        task = begun(single, "testing.write", {"path": str(diary), "until": str(go_on)})
        single.wait_until(diary.exists)
        worker = psutil.Process(single.pid("worker"))
        with frozen([*worker.children(), worker]):
            await_status(single, task, "RETRY")
            go_on.touch()
        answer = ended(single, task)
        assert attempts(single, task) == [(1, "lost", "lost")]
        assert (answer["status"], answer["result"], answer["attempt"]) == ("SUCCESS", 2, 2)
        assert diary.read_text().split() == ["1", "2"]
        await_log(single, f"task {task['id']} is not ours any more, its outcome is void")


@contextmanager
def frozen(processes: list[psutil.Process]) -> Iterator[None]:
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


class TestStop:
    """SIGTERM, as a rolling restart sends it."""

    def test_what_ends_in_time_ends_and_the_node_tells_of_its_end(self, single: Stack) -> None:
        (node,) = single.psql(
            "SELECT id FROM worker_node WHERE role = 'worker' ORDER BY started_at DESC LIMIT 1"
        )
        single.wait_until(single.flower_listens)
        task = begun(single, "sleep", {"seconds": 2})
        stop_worker(single, lambda: None)
        assert single.psql("SELECT id FROM worker_node WHERE id = %s AND stopped_at IS NOT NULL", node)
        answer = ended(single, task)
        assert (answer["status"], answer["attempt"]) == ("SUCCESS", 1)
        assert attempts(single, task) == []
        single.wait_until(lambda: shown_by_flower(single, task) == "SUCCESS")

    def test_one_that_was_asked_through_the_api_does_the_same(self, single: Stack) -> None:
        (worker,) = single.http.get("/workers/?role=worker&state=alive").json()["results"]
        task = begun(single, "sleep", {"seconds": 4})
        former = single.pid("worker")
        assert single.http.post(f"/workers/{worker['id']}/drain/").status_code == 200
        single.wait_until(lambda: single.restarted("worker", former), 60)
        answer = ended(single, task)
        assert (answer["status"], answer["attempt"]) == ("SUCCESS", 1)
        found = single.http.get(f"/workers/{worker['id']}/").json()
        assert (found["state"], found["running"]["count"]) == ("stopped", 0)
        single.wait_until(single.ready, 60)

    def test_what_does_not_is_handed_back_and_the_try_does_not_count(self, single: Stack) -> None:
        task = begun(single, "testing.slow_once", max_attempts=1)
        stop_worker(single, lambda: None)
        answer = ended(single, task)
        assert (answer["status"], answer["result"], answer["attempt"]) == ("SUCCESS", 2, 2)
        assert attempts(single, task) == [(1, "interrupted", "interrupted")]

    def test_what_was_cancelled_meanwhile_is_revoked(self, single: Stack) -> None:
        task = begun(single, "testing.stubborn")
        stop_worker(single, lambda: cancel(single, task))
        answer = ended(single, task)
        assert (answer["status"], answer["attempt"]) == ("REVOKED", 1)
        assert len(attempts(single, task)) == 1


def shown_by_flower(stack: Stack, task: Json) -> str:
    """The state of the task."""
    answer = httpx.get(f"{stack.flower_url}/api/task/info/{task['id']}", trust_env=False, timeout=30)
    return str(answer.json()["state"])


def stop_worker(stack: Stack, meanwhile: Callable[[], None]) -> None:
    """Stop the worker in order, and wait until another is there in its place."""
    former = stack.pid("worker")
    process = psutil.Process(former)
    process.terminate()
    meanwhile()
    process.wait(PATIENCE_SECONDS)
    stack.wait_until(lambda: stack.restarted("worker", former), 60)
    stack.wait_until(stack.ready, 60)
