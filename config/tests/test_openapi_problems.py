"""Real problems, of every path and with every status, are as the OpenAPI document says."""

import json
from collections.abc import Callable

import pytest
from django.conf import settings

from config.tests.auditing import OPERATIONS, SCHEDULE, a_body, a_filter, existing, last_body, new_schedule
from schedules.models import TaskSchedule
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from testing.api import Answer
from testing.factories import ago, make_task
from testing.openapi import Auditor, Described

TOO_LARGE = b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
TAKEN = {"name": "taken"}


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
