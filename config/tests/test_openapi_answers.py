"""Real answers, of every path and with every status, are as the OpenAPI document says."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from config.tests.auditing import OPERATIONS, SCHEDULE, a_filter, existing, last_body, new_schedule, patch
from files.actions.storing import store
from operations.files import mentions_files
from operations.pdf.tests.samples import ruled
from schedules.models import TaskSchedule
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Attempt, Role
from testing.factories import ago, make_node, make_task
from testing.openapi import Auditor, Described

BODIES = [
    pytest.param(operation, body, id=f"{operation}: {name}")
    for operation in OPERATIONS
    for name, body in operation.bodies.items()
]


def with_a_file(body: Any) -> Any:
    """The body, with a PDF that is there in place of the one that it names."""
    if not isinstance(body, dict) or not mentions_files(body.get("file")):
        return body
    file = store([ruled([["a", "b"], ["1", "2"]])], "a.pdf", "application/pdf", 1)
    return {**body, "file": {"$file": str(file.id)}}


@pytest.mark.django_db
@pytest.mark.usefixtures("files_folder")
@pytest.mark.parametrize(("operation", "body"), BODIES)
def test_example_bodies_are_accepted(operation: Described, body: Any, auditor: Auditor) -> None:
    path, body = existing(operation, auditor) + a_filter(operation), with_a_file(body)
    answer = auditor.send(operation.method, path, json.dumps(body).encode())
    assert answer.status in (200, 201, 202)
    if answer.status == 202 and isinstance(body, list):
        assert (len(answer.json["tasks"]), answer.json["errors"]) == (len(body), [])


@pytest.mark.django_db
@pytest.mark.parametrize("status", Status)
def test_tasks_in_every_state(status: Status, auditor: Auditor) -> None:
    task = make_task(status, schedule_id=new_id(), tags=["a"])
    assert auditor.get(f"/tasks/{task.id}/").json["status"] == status
    assert len(auditor.get(f"/tasks/?status={status}").json["results"]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("status", Status)
def test_what_can_be_asked_of_tasks_in_every_state(status: Status, auditor: Auditor) -> None:
    failed = {"type": "OSError", "message": "no network", "permanent": False, "traceback": "Traceback"}
    for verb in ("cancel", "retry"):
        task = make_task(status, error=failed, attempt=2)
        Attempt.objects.create(
            task_id=task.id, number=1, started_at=ago(9), finished_at=ago(8), outcome="failed", error=failed
        )
        (first, *_) = auditor.get(f"/tasks/{task.id}/attempts/").json["results"]
        assert first["error"] == failed
        assert auditor.post(f"/tasks/{task.id}/{verb}/", {}).status in (200, 202, 409)
        assert auditor.post(f"/tasks/{verb}/?status={status}&dry_run=true", {}).status == 200
        assert auditor.post(f"/tasks/{verb}/", {}).status == 400


def takes_a_key(operation: Described) -> bool:
    return any(parameter["name"] == "Idempotency-Key" for parameter in operation.parameters)


@pytest.mark.django_db
@pytest.mark.parametrize("operation", [one for one in OPERATIONS if takes_a_key(one)], ids=str)
def test_what_is_sent_twice(operation: Described, auditor: Auditor) -> None:
    path, body = existing(operation, auditor), last_body(operation)
    first, second = (auditor.post(path, body, idempotency_key='"k"') for _ in range(2))
    assert (first.status, first.json) == (second.status, second.json)
    assert second.headers["Idempotent-Replayed"] == "true"


@pytest.mark.django_db
@pytest.mark.parametrize("result", [None, True, 1.5, "x", [1], {"a": {"b": []}}])
def test_any_result(result: Any, auditor: Auditor) -> None:
    task = make_task(Status.SUCCESS, result=result)
    assert auditor.get(f"/tasks/{task.id}/").json["result"] == result


@pytest.mark.django_db
def test_pages(auditor: Auditor) -> None:
    for _ in range(3):
        make_task()
        new_schedule(auditor)
    for path in ("/tasks/", "/task-schedules/"):
        first = auditor.get(f"{path}?limit=1")
        assert "Link" in first.headers
        assert auditor.get(first.json["next"].removeprefix("http://testserver")).json["previous"]


@pytest.mark.django_db
def test_a_new_task_says_where_and_when_to_ask(auditor: Auditor) -> None:
    answer = auditor.post("/tasks/", {"operation": "4+7"})
    assert answer.headers["Location"] == f"http://testserver/tasks/{answer.json['id']}/"
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.django_db
def test_a_batch_with_items_of_both_kinds(auditor: Auditor) -> None:
    answer = auditor.post("/tasks/batch-request/", [{"operation": "4+7"}, {"operation": "4+"}])
    assert [len(answer.json[name]) for name in ("tasks", "errors")] == [1, 1]


@pytest.mark.django_db
@pytest.mark.parametrize("body", [{}, [{}], [{"operation": "4+7", "priority": 12}, 1]])
def test_refused_batches(body: Any, auditor: Auditor) -> None:
    assert auditor.post("/tasks/batch-request/?atomic=true", body).status == 400


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/tasks/", "/task-schedules/"])
def test_arguments_that_are_too_large(path: str, auditor: Auditor) -> None:
    arguments = {"expression": "1+" * 200_000 + "1"}
    answer = auditor.post(path, {"operation": "calculate", "arguments": arguments, "cron": "@daily"})
    assert answer.status in (400, 413)


@pytest.mark.django_db
def test_schedules_in_every_state(auditor: Auditor) -> None:
    path = new_schedule(auditor, name="n", schedule_x_times=2, ends_at="2126-01-01T00:00:00Z", max_attempts=2)
    assert auditor.get(path).json["upcoming"]
    TaskSchedule.objects.update(status="error", sweep_at=None, error="it failed")
    assert auditor.get(path).json["error"]
    TaskSchedule.objects.update(status="completed", next_run_at=None)
    assert auditor.get("/task-schedules/?status=completed").json["results"]
    assert auditor.delete(path).status == 204


@pytest.mark.django_db
def test_what_another_state_forbids(auditor: Auditor) -> None:
    new_schedule(auditor, name="taken")
    assert auditor.post("/task-schedules/", {**SCHEDULE, "name": "taken"}).status == 409
    assert patch(auditor, new_schedule(auditor), '{"name": "taken"}').status == 409
    for status in set(Status) - {Status.PENDING}:
        assert auditor.delete(f"/tasks/{make_task(status).id}/").status == 409


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("new_health")
def test_operations_and_health(auditor: Auditor) -> None:
    for operation in auditor.get("/operations/").json["results"]:
        assert auditor.get(f"/operations/{operation['name']}/").json == operation
    assert auditor.get("/health/live/").status == 200
    assert auditor.get("/health/ready/").json["status"] == "degraded"
    for role in Role:
        make_node(role)
    assert auditor.get("/health/ready/").json["status"] == "ok"


def bounded() -> Iterator[Any]:
    for operation in OPERATIONS:
        for parameter in operation.parameters:
            if parameter["in"] == "path":  # Beyond a bound there is nothing: a 404, as any other id.
                continue
            for bound, beyond in (("minimum", -1), ("maximum", 1)):
                if bound in parameter:
                    value = parameter[bound]
                    name = f"{operation} {parameter['name']}={value}"
                    yield pytest.param(operation, parameter["name"], value, value + beyond, id=name)


@pytest.mark.django_db
@pytest.mark.parametrize(("operation", "name", "value", "beyond"), list(bounded()))
def test_parameters_have_the_bounds_they_say(
    operation: Described, name: str, value: Any, beyond: Any, auditor: Auditor
) -> None:
    # Final, for `wait` takes its time with any other.
    path = operation.path.replace("{task_id}", str(make_task(Status.SUCCESS).id))
    if "{schedule_id}" in path:
        path = existing(operation, auditor)
    assert auditor.send(operation.method, f"{path}?{name}={value}").status < 300
    assert auditor.send(operation.method, f"{path}?{name}={beyond}").status == 400
