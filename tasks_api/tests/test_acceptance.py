"""Tasks on a real stack: they run in order of priority, show in Flower, and survive what runs them."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tasks_api.broker.connection import Broker
from testing.brokers import ON_RABBITMQ_ONLY, ON_VALKEY_ONLY, MessageBroker, OwnValkey
from testing.events import Event, following
from testing.rabbitmq import RabbitMQ
from testing.stack import Stack, running_stack

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def lonely(
    tmp_path_factory: pytest.TempPathFactory, message_broker: MessageBroker, request: pytest.FixtureRequest
) -> Iterator[Stack]:
    """A stack with one worker process, which tests may ill-treat. One for each kind of broker."""
    if isinstance(message_broker, OwnValkey):
        yield request.getfixturevalue("single")
        return
    folder = tmp_path_factory.mktemp("lonely")
    with running_stack(folder, WORKERS="1", APPS="testing", **message_broker.environment) as stack:
        yield stack


def post(stack: Stack, **body: Any) -> dict[str, Any]:
    answer = stack.http.post("/tasks/", json=body)
    assert answer.status_code == 202, answer.text
    task: dict[str, Any] = answer.json()
    return task


def sleep(stack: Stack, seconds: float, **body: Any) -> dict[str, Any]:
    return post(stack, operation="sleep", arguments={"seconds": seconds}, **body)


def slow_once(stack: Stack, **body: Any) -> dict[str, Any]:
    """A task whose first try never ends by itself, and which runs now."""
    task = post(stack, operation="testing.slow_once", **body)
    stack.wait_until(lambda: has_started(stack, task))
    return task


def cancel(stack: Stack, task: dict[str, Any]) -> None:
    assert stack.http.post(f"/tasks/{task['id']}/cancel/").status_code == 200
    assert read(stack, task, wait=60)["status"] == "REVOKED"


def read(stack: Stack, task: dict[str, Any], wait: int = 0) -> dict[str, Any]:
    answer: dict[str, Any] = stack.http.get(f"/tasks/{task['id']}/", params={"wait": wait}, timeout=70).json()
    return answer


def has_started(stack: Stack, task: dict[str, Any]) -> bool:
    return bool(read(stack, task)["status"] == "STARTED")


def test_a_result_can_be_waited_for(stack: Stack) -> None:
    answer = read(stack, post(stack, operation="4+7", priority=9), wait=60)
    assert (answer["status"], answer["result"], answer["attempt"]) == ("SUCCESS", 11, 1)


def test_a_failure_says_why(stack: Stack) -> None:
    answer = read(stack, post(stack, operation="1/0"), wait=60)
    assert answer["status"] == "FAILURE"
    assert answer["error"]["type"] == "division_by_zero"
    assert answer["result"] is None


def test_an_operation_is_stopped_at_its_time_limit(stack: Stack) -> None:
    answer = read(stack, sleep(stack, 600, timeout_seconds=0.5), wait=60)
    assert (answer["status"], answer["error"]["type"]) == ("FAILURE", "timeout")


def test_a_task_runs_at_its_time_and_not_before(stack: Stack) -> None:
    later = stack.psql(
        "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '2 s', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    )
    answer = read(stack, post(stack, operation="1+1", run_at=later[0][0]), wait=60)
    assert answer["status"] == "SUCCESS"
    assert answer["started_at"] >= answer["run_at"] == later[0][0]


def test_a_sleep_tells_how_far_it_is(stack: Stack) -> None:
    body = {"operation": "sleep", "arguments": {"seconds": 100}}
    task = stack.http.post("/tasks/", json=body).json()
    events: list[Event] = []
    with following(stack.url, task["id"]) as stream:
        while len(percents(events)) < 2:
            events.append(stream.next())
        stack.http.post(f"/tasks/{task['id']}/cancel/")
        events += stream
    first, second, *_ = percents(events)
    assert 0 < first < second < 100
    assert (events[-1].name, events[-1].data["status"]) == ("end", "REVOKED")
    assert numbers(events) == sorted(set(numbers(events)))


def percents(events: list[Event]) -> list[float]:
    return [event.data["percent"] for event in events if event.name == "progress"]


def numbers(events: list[Event]) -> list[int]:
    return [event.id for event in events if event.id is not None]


def test_a_waiting_task_expires(lonely: Stack) -> None:
    blocker = slow_once(lonely)
    soon = lonely.psql(
        "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '3 s', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    )
    answer = read(lonely, sleep(lonely, 0, expires_at=soon[0][0]), wait=60)
    assert (answer["status"], answer["error"]["type"], answer["attempt"]) == ("REVOKED", "expired", 0)
    assert answer["finished_at"] >= soon[0][0]
    cancel(lonely, blocker)


def test_one_worker_process_runs_what_waits_in_order_of_priority_and_age(
    lonely: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", lonely.env["CELERY_BROKER_URL"])
    blocker = slow_once(lonely)
    batch = [{"operation": f"{n}+0", "priority": (n * 7) % 10} for n in range(300)]
    answer = lonely.http.post("/tasks/batch-request/", json=batch).json()
    broker = Broker()
    lonely.wait_until(lambda: broker.waiting() == len(batch))
    broker.close()
    cancel(lonely, blocker)
    lonely.wait_until(lambda: not lonely.psql("SELECT id FROM task WHERE finished_at IS NULL"))
    order = lonely.psql(
        "SELECT id::text, priority FROM task WHERE id = ANY(%s::uuid[]) ORDER BY started_at",
        [[task["id"] for task in answer["tasks"]]],
    )
    assert [priority for priority, _ in groupby(order, key=lambda row: row[1])] == list(range(9, -1, -1))
    assert all(
        sorted(ids) == ids
        for ids in ([row[0] for row in run] for _, run in groupby(order, lambda row: row[1]))
    )


def test_flower_shows_the_same_ids(lonely: Stack) -> None:
    lonely.wait_until(lonely.flower_listens)
    task = post(lonely, operation="20+22")
    read(lonely, task, wait=60)

    def shown() -> Any:
        answer = httpx.get(f"{lonely.flower_url}/api/tasks", trust_env=False, timeout=30)
        return answer.json().get(task["id"]) if answer.status_code == 200 else None

    lonely.wait_until(lambda: (shown() or {}).get("state") == "SUCCESS")
    assert shown()["args"] == "calculate, priority 5"
    page = httpx.get(f"{lonely.flower_url}/task/{task['id']}", trust_env=False, timeout=30)
    assert page.status_code == 200
    assert task["id"] in page.text


def test_a_task_whose_process_is_killed_is_tried_again_at_once(lonely: Stack) -> None:
    task = slow_once(lonely, max_attempts=2)
    (child,) = psutil.Process(lonely.pid("worker")).children()
    child.kill()
    answer = read(lonely, task, wait=60)
    assert (answer["status"], answer["attempt"], answer["error"]) == ("SUCCESS", 2, None)


def test_a_task_that_kills_its_process_ends(lonely: Stack) -> None:
    task = slow_once(lonely, max_attempts=1)
    (child,) = psutil.Process(lonely.pid("worker")).children()
    child.kill()
    answer = read(lonely, task, wait=60)
    assert (answer["status"], answer["error"]["type"], answer["attempt"]) == ("FAILURE", "lost", 1)


def test_a_task_whose_worker_is_killed_is_tried_again(lonely: Stack) -> None:
    task = slow_once(lonely)
    former = lonely.kill("worker")
    lonely.wait_until(lambda: lonely.restarted("worker", former), 60)
    answer = read(lonely, task, wait=60)
    assert (answer["status"], answer["attempt"]) == ("SUCCESS", 2)


def test_a_worker_that_is_killed_amid_making_files_leaves_none(lonely: Stack, tmp_path: Path) -> None:
    hangs = tmp_path / "hangs"
    task = post(lonely, operation="testing.make_files", arguments={"path": str(hangs)})
    lonely.wait_until(hangs.exists, 60)
    made = "SELECT id::text, draft_of IS NULL FROM file WHERE task_id = %s ORDER BY id"
    [(lost, is_shown)] = lonely.psql(made, [task["id"]])
    assert not is_shown
    former = lonely.kill("worker")
    lonely.wait_until(lambda: lonely.restarted("worker", former), 60)
    answer = read(lonely, task, wait=60)
    assert (answer["status"], answer["attempt"]) == ("SUCCESS", 2)
    file_id = answer["result"]["$file"]
    assert [each["id"] for each in answer["files"]["out"]] == [file_id]
    # The sweep takes what the first one has left for a minute for something that is being made.
    lonely.psql(
        "UPDATE file SET created_at = created_at - interval '1 hour' WHERE id = %s RETURNING 1", [lost]
    )
    lonely.wait_until(lambda: lonely.psql(made, [task["id"]]) == [(file_id, True)], 90)


def test_a_broker_that_hangs_holds_up_no_request(lonely: Stack, message_broker: MessageBroker) -> None:
    with message_broker.suspended(lonely):
        tasks = [post(lonely, operation="1+1") for _ in range(50)]
    assert {read(lonely, task, wait=60)["status"] for task in tasks} == {"SUCCESS"}


@ON_VALKEY_ONLY
def test_a_broker_that_dies_loses_nothing(lonely: Stack, message_broker: MessageBroker) -> None:
    bring_back = message_broker.kill(lonely)
    tasks = [post(lonely, operation="1+1") for _ in range(20)]
    bring_back()
    lonely.wait_until(lonely.ready, 90)
    assert {read(lonely, task, wait=60)["status"] for task in tasks} == {"SUCCESS"}


@ON_VALKEY_ONLY
def test_a_database_that_restarts_loses_nothing(lonely: Stack, message_broker: MessageBroker) -> None:
    running = sleep(lonely, 3)
    lonely.wait_until(lambda: has_started(lonely, running))
    waiting = post(lonely, operation="1+1")
    former = lonely.kill("postgres")
    lonely.wait_until(lambda: lonely.restarted("postgres", former), 60)
    lonely.wait_until(lonely.ready, 90)
    assert read(lonely, running, wait=60)["status"] == "SUCCESS"
    assert read(lonely, waiting, wait=60)["status"] == "SUCCESS"


@ON_RABBITMQ_ONLY
def test_a_task_may_run_longer_than_rabbitmq_waits_for_a_word(
    lonely: Stack, message_broker: MessageBroker, rabbitmq: RabbitMQ
) -> None:
    rabbitmq.set_consumer_timeout(1_000)
    renew_worker(lonely)
    try:
        task = sleep(lonely, 4)
        former = lonely.pid("worker")
        answer = read(lonely, task, wait=60)
        assert (answer["status"], answer["attempt"]) == ("SUCCESS", 1)
        assert "delivery acknowledgement" in lonely.logs()
        assert lonely.pid("worker") == former
        assert read(lonely, post(lonely, operation="1+1"), wait=60)["status"] == "SUCCESS"
    finally:
        rabbitmq.set_consumer_timeout(1_800_000)
        renew_worker(lonely)


def renew_worker(stack: Stack) -> None:
    former = stack.kill("worker")
    stack.wait_until(lambda: stack.restarted("worker", former), 60)
