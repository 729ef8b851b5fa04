"""Real answers, of every path and with every status, are as the OpenAPI document says."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings

from schedules.models import TaskSchedule
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Attempt, Role
from testing.api import Answer
from testing.factories import ago, make_node, make_task
from testing.openapi import Auditor, Described, document

OPERATIONS = document().operations
BODIES = [
    pytest.param(operation, body, id=f"{operation}: {name}")
    for operation in OPERATIONS
    for name, body in operation.bodies.items()
]
TOO_LARGE = b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
SCHEDULE = {"operation": "4+7", "every_x_days": 3, "starts_at": "2026-01-01T00:00:00Z"}
TAKEN = {"name": "taken"}


@pytest.fixture
def auditor() -> Auditor:
    return Auditor()


def new_schedule(auditor: Auditor, **fields: Any) -> str:
    """The path of a schedule."""
    answer = auditor.post("/task-schedules/", {**SCHEDULE, **fields})
    assert answer.status == 201
    return f"/task-schedules/{answer.json['id']}/"


def patch(auditor: Auditor, path: str, body: str, **headers: str) -> Answer:
    return auditor.send("PATCH", path, body.encode(), **headers)


def a_filter(operation: Described) -> str:
    """For paths that will not have all there is: a query that names some of it."""
    names = {one["name"] for one in operation.parameters}
    if operation.method != "POST" or "dry_run" not in names:
        return ""
    return "?status=active" if "due_before" in names else "?priority=9" if "priority" in names else ""


def existing(operation: Described, auditor: Auditor) -> str:
    """A path of this form at which there is something."""
    # Final, where the stream of another would not end.
    status = Status.SUCCESS if operation.path.endswith("/events/") else Status.PENDING
    task = make_task(status) if "{task_id}" in operation.path else None
    schedule = new_schedule(auditor) if "{schedule_id}" in operation.path else ""
    path = operation.path.replace("{task_id}", str(task and task.id)).replace("{name}", "calculate")
    if "{instant}" in path:
        path = path.replace("{instant}", auditor.get(schedule).json["upcoming"][1]["at"])
    return path.replace("/task-schedules/{schedule_id}/", schedule)


def a_body(operation: Described) -> bytes:
    """One that is accepted."""
    return json.dumps(next(iter(operation.bodies.values()), {})).encode()


@pytest.mark.django_db
@pytest.mark.parametrize(("operation", "body"), BODIES)
def test_example_bodies_are_accepted(operation: Described, body: Any, auditor: Auditor) -> None:
    path = existing(operation, auditor) + a_filter(operation)
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


def last_body(operation: Described) -> Any:
    """One that is accepted, and no dry run."""
    return [{}, *operation.bodies.values()][-1]


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


def bad_request(operation: Described, auditor: Auditor) -> Answer:
    return auditor.send(operation.method, existing(operation, auditor) + "?colour=red", b"{}")


def nothing_there(operation: Described, auditor: Auditor) -> Answer:
    return auditor.send(operation.method, missing(operation, "calculat"), a_body(operation))


def missing(operation: Described, name: str) -> str:
    """A path of this form at which there is nothing, but for the operation of this name."""
    path = operation.path.replace("{name}", name).replace("{instant}", "2126-01-01T00:00:00Z")
    for parameter in ("{task_id}", "{schedule_id}"):
        path = path.replace(parameter, str(new_id()))
    return path


def not_acceptable(operation: Described, auditor: Auditor) -> Answer:
    return auditor.send(operation.method, existing(operation, auditor), b"{}", accept="application/xml")


def too_large(operation: Described, auditor: Auditor) -> Answer:
    return auditor.send(operation.method, existing(operation, auditor), TOO_LARGE)


def not_json(operation: Described, auditor: Auditor) -> Answer:
    return auditor.send(operation.method, existing(operation, auditor), b"{}", "text/plain")


def conflict(operation: Described, auditor: Auditor) -> Answer:
    if "{task_id}" in operation.path:
        status = Status.STARTED if operation.method == "DELETE" else Status.SUCCESS
        path = operation.path.replace("{task_id}", str(make_task(status).id))
        return auditor.send(operation.method, path, b"{}")
    if operation.path in ("/task-schedules/", "/task-schedules/{schedule_id}/"):
        new_schedule(auditor, name="taken")
        return auditor.send(
            operation.method, existing(operation, auditor), json.dumps(SCHEDULE | TAKEN).encode()
        )
    if "{name}" in operation.path:
        return much_is_due(operation, auditor)
    path = existing(operation, auditor)
    TaskSchedule.objects.update(status="error", sweep_at=None, error="it is gone", operation="gone")
    return auditor.send(operation.method, path, a_body(operation))


def much_is_due(operation: Described, auditor: Auditor) -> Answer:
    new_schedule(auditor, name="calculate", cron="* * * * *", every_x_days=None, misfire_policy="run_all")
    long_ago = ago(8 * 86_400)
    TaskSchedule.objects.update(next_run_at=long_ago, sweep_at=long_ago, catchup_window_seconds=8 * 86_400)
    path = operation.path.replace("{name}", "calculate")
    return auditor.send(operation.method, path, json.dumps(SCHEDULE).encode())


def stale(operation: Described, auditor: Auditor) -> Answer:
    path = existing(operation, auditor)
    return auditor.send(operation.method, path, a_body(operation), if_match='"v9"')


def gone(operation: Described, auditor: Auditor) -> Answer:
    path, body = existing(operation, auditor), last_body(operation)
    created = auditor.post(path, body, idempotency_key="k")
    auditor.delete(created.headers["Location"].removeprefix("http://testserver"))
    return auditor.post(path, body, idempotency_key="k")


def key_reused(operation: Described, auditor: Auditor) -> Answer:
    path, body = existing(operation, auditor), last_body(operation)
    auditor.post(path, body, idempotency_key="k")
    another = [] if isinstance(body, list) else {**body, "pace_seconds": 7}
    return auditor.post(path, another, idempotency_key="k")


def database_away(operation: Described, auditor: Auditor) -> Answer:
    (body, *_) = operation.bodies.values() or [None]
    content = json.dumps(body).encode() if body else b""
    return auditor.send(operation.method, missing(operation, "calculate") + a_filter(operation), content)


PROVOKED: dict[int, Callable[[Described, Auditor], Answer]] = {
    400: bad_request,
    404: nothing_there,
    406: not_acceptable,
    409: conflict,
    410: gone,
    412: stale,
    413: too_large,
    415: not_json,
    422: key_reused,
    503: database_away,
}
PROBLEMS = [
    pytest.param(operation, status, id=f"{operation} {status}")
    for operation in OPERATIONS
    for status in operation.responses
    if status >= 400
]


@pytest.mark.parametrize(("operation", "status"), PROBLEMS)
def test_problems_come_as_documented(
    operation: Described, status: int, auditor: Auditor, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("database_away" if status == 503 else "db")
    example = next(iter(operation.responses[status]["examples"].values()))
    answer = PROVOKED[status](operation, auditor)
    problem = answer.problem(status, example["code"])
    assert problem["title"] == example["title"]
    if status in (406, 413, 415, 503):
        assert problem["detail"] == example["detail"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_other_problems_come(operation: Described, auditor: Auditor, db: None) -> None:
    """Whatever is wrong with a request: the auditor fails when the answer is not in the document."""
    for provoke in (bad_request, nothing_there, not_acceptable, too_large, not_json, stale):
        provoke(operation, auditor)
