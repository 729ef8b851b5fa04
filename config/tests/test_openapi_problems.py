"""Real problems, of every path and with every status, are as the OpenAPI document says."""

import json
from collections.abc import Callable

import pytest
from django.conf import settings

from access import known
from access.guessing import MOST_UNKNOWN, guessing
from access.key_text import new_key
from access.models import Key, Person, Project
from config.tests.auditing import OPERATIONS, SCHEDULE, a_body, a_filter, existing, last_body, new_schedule
from rest.unavailable import DatabaseAway
from rest.views import View
from schedules.models import TaskSchedule
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import WorkerNode
from testing.access import make_key, make_person, make_project
from testing.api import PROBLEM, Answer
from testing.factories import ago, make_task
from testing.openapi import Auditor, Described
from testing.openapi31 import document31

TOO_LARGE = b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
TAKEN = {"name": "taken"}


def bad_request(operation: Described, auditor: Auditor) -> Answer:
    return auditor.send(operation.method, existing(operation, auditor) + "?colour=red", b"{}")


def nothing_there(operation: Described, auditor: Auditor) -> Answer:
    existing(operation, auditor)
    if operation.path == "/access/check/":
        return auditor.post(operation.path, {"method": "GET", "path": "/colour/"})
    return auditor.send(operation.method, missing(operation, "calculat"), a_body(operation))


def missing(operation: Described, name: str) -> str:
    """A path of this form at which there is nothing, but for the operation of this name."""
    path = (
        operation.path.replace("{name}", name)
        .replace("{code}", "conflikt")
        .replace("{key_id}", "0" * 12)
        .replace("{person_id}", "999999999")
        .replace("{slug}", "missing")
        .replace("{instant}", "2126-01-01T00:00:00Z")
    )
    for parameter in ("{task_id}", "{schedule_id}", "{worker_id}", "{bulk_action_id}"):
        path = path.replace(parameter, str(new_id()))
    return path


def not_acceptable(operation: Described, auditor: Auditor) -> Answer:
    return auditor.send(operation.method, existing(operation, auditor), b"{}", accept="application/xml")


def too_large(operation: Described, auditor: Auditor) -> Answer:
    return auditor.send(operation.method, existing(operation, auditor), TOO_LARGE)


def not_json(operation: Described, auditor: Auditor) -> Answer:
    return auditor.send(operation.method, existing(operation, auditor), b"{}", "text/plain")


def conflict(operation: Described, auditor: Auditor) -> Answer:
    if operation.path == "/projects/":
        make_project("acme")
        return auditor.send(operation.method, operation.path, a_body(operation))
    if operation.path.startswith("/people/"):
        path = existing(operation, auditor)
        make_person("ada@example.com")
        if operation.method == "POST":
            return auditor.send(operation.method, path, a_body(operation))
        last = Person.objects.get(role="admin")
        return auditor.send(operation.method, f"/people/{last.pk}/", b'{"is_active": false}')
    if operation.path.startswith(("/workers/", "/bulk-actions/{")):
        path = existing(operation, auditor)
        BulkAction.objects.update(state="done", turn_at=None)
        WorkerNode.objects.update(stopped_at=ago(0))
        return auditor.send(operation.method, path)
    if operation.path.startswith("/keys/"):
        path = existing(operation, auditor)
        Key.objects.filter(role="viewer").update(revoked_at=ago(0))
        return auditor.send(operation.method, path, a_body(operation))
    if operation.responses[409]["examples"][PROBLEM]["code"] == "project_frozen":
        return frozen(operation, auditor)
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


def frozen(operation: Described, auditor: Auditor) -> Answer:
    path = existing(operation, auditor)
    Project.objects.update(status="frozen")
    known.forget()
    return auditor.send(operation.method, path + a_filter(operation), a_body(operation))


def unauthorized(operation: Described, auditor: Auditor) -> Answer:
    path = existing(operation, auditor)
    make_key()
    return Auditor().send(operation.method, path, a_body(operation))


def forbidden(operation: Described, auditor: Auditor) -> Answer:
    path = existing(operation, auditor)
    code = operation.responses[403]["examples"][PROBLEM]["code"]
    if code == "installation_only":
        auditor.use(make_key("admin", make_project("own")).text)
        content = json.dumps(last_body(operation)).encode()
        query = "?installation=true" if operation.path == "/audit/" else ""
        with_slug = path if "{worker_id}" in operation.path else operation.path.replace("{slug}", "own")
        return auditor.send(operation.method, with_slug + query, content)
    its_own = "people:admin" if operation.path.startswith("/people/") else "keys:admin"
    scope = its_own if code == "exceeds_own_key" else "audit:read"
    auditor.use(
        make_key(None, scopes=[scope], project=make_project() if code == "project_forbidden" else None).text
    )
    named = {"punctual_project": "default"} if code == "project_forbidden" else {}
    return auditor.send(operation.method, path, a_body(operation), **named)


def too_many(operation: Described, auditor: Auditor) -> Answer:
    path = existing(operation, auditor)
    auditor.use(new_key().text)
    for _ in range(MOST_UNKNOWN):
        guessing.missed("127.0.0.1")
    unknown = auditor.send(operation.method, path, a_body(operation))
    unknown.problem(429, "too_many_unknown_keys")
    guessing.forget()
    auditor.use(make_key(rate={"limit": 1, "window_seconds": 60}).text)
    auditor.get("/tasks/")
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
    if path == "/bulk-actions/":
        BulkAction.objects.all().delete()
    else:
        auditor.delete(created.headers["Location"].removeprefix("http://testserver"))
    return auditor.post(path, body, idempotency_key="k")


def key_reused(operation: Described, auditor: Auditor) -> Answer:
    path, body = existing(operation, auditor), last_body(operation)
    auditor.post(path, body, idempotency_key="k")
    another = [] if isinstance(body, list) else {**body, "pace_seconds": 7}
    return auditor.post(path, another, idempotency_key="k")


def database_away(operation: Described, auditor: Auditor) -> Answer:
    known.forget()
    (body, *_) = operation.bodies.values() or [None]
    content = json.dumps(body).encode() if body else b""
    return auditor.send(operation.method, missing(operation, "calculate") + a_filter(operation), content)


def bug(operation: Described, auditor: Auditor) -> Answer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(View, "initial", lambda *_, **__: 1 / 0)
        return auditor.send(operation.method, missing(operation, "calculate"))


PROVOKED: dict[int, Callable[[Described, Auditor], Answer]] = {
    400: bad_request,
    401: unauthorized,
    403: forbidden,
    404: nothing_there,
    406: not_acceptable,
    409: conflict,
    410: gone,
    412: stale,
    413: too_large,
    415: not_json,
    422: key_reused,
    429: too_many,
    500: bug,
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
    # Of an endpoint's own 503, which comes where there is a database, the document shows that one.
    code = DatabaseAway.code if status == 503 else example["code"]
    problem = answer.problem(status, code)
    assert problem["title"] == example["title"]
    if code == example["code"] and status in (406, 413, 415, 500, 503):
        assert problem["detail"] == example["detail"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_whoever_is_guarded_may_be_told_to_wait(operation: Described) -> None:
    """In both documents, with the headers that say how long, and how matters stand with each answer."""
    responses = document31().operations[operation.method.lower(), operation.path]["responses"]
    is_guarded = 401 in operation.responses
    assert (429 in operation.responses, "429" in responses) == (is_guarded, is_guarded)
    for status, response in operation.responses.items():
        for headers in (set(response["headers"]), set(responses[str(status)]["headers"])):
            assert not is_guarded or status >= 400 or {"RateLimit", "RateLimit-Policy"} <= headers
            assert status != 429 or {"RateLimit", "RateLimit-Policy", "Retry-After"} <= headers


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_other_problems_come(operation: Described, auditor: Auditor, db: None) -> None:
    """Whatever is wrong with a request: the auditor fails when the answer is not in the document."""
    for provoke in (bad_request, nothing_there, not_acceptable, too_large, not_json, stale):
        provoke(operation, auditor)


def test_quotas_stand_beside_a_conflict_of_its_own() -> None:
    """For whatever may be refused by them."""
    for (method, path), said in document31().operations.items():
        if "/task" in path and method in ("post", "put", "patch", "delete"):
            conflict = said["responses"].get("409")
            assert conflict is None or "quota_reached" in conflict["description"], (method, path)
