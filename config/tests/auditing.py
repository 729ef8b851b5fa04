"""Requests for every path of the OpenAPI document."""

import json
from typing import Any
from uuid import uuid4

from tasks_api.lifecycle import Status
from testing.access import make_key, make_person
from testing.api import Answer
from testing.factories import make_bulk_action, make_node, make_task
from testing.files import stored
from testing.openapi import Auditor, Described, document

OPERATIONS = [one for one in document().operations if not one.path.startswith("/files/")]
"""Those that speak JSON. What carries bytes is held in `files/tests/test_api.py`."""
SCHEDULE = {"operation": "4+7", "every_x_days": 3, "starts_at": "2026-01-01T00:00:00Z"}


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
    """A path of this form at which there is something. Where it is about keys, the auditor has one from now on."""
    if operation.path.startswith("/projects/"):
        return operation.path.replace("{slug}", "default")
    if operation.path.startswith("/keys/"):
        auditor.use(make_key().text)
        return operation.path.replace("{key_id}", make_key("viewer").id)
    if operation.path.startswith("/people/"):
        auditor.use(make_key().text)
        return operation.path.replace("{person_id}", str(make_person(f"{uuid4()}", "viewer").pk))
    if operation.path.startswith("/workers/"):
        return operation.path.replace("{worker_id}", str(make_node(slots=2).id))
    if operation.path.startswith("/files/"):
        return operation.path.replace("{file_id}", str(stored().id))
    # Final, where the stream of another would not end.
    status = Status.SUCCESS if operation.path.endswith("/events/") else Status.PENDING
    task = make_task(status) if "{task_id}" in operation.path else None
    if "{bulk_action_id}" in operation.path:
        return operation.path.replace("{bulk_action_id}", str(make_bulk_action().id))
    schedule = new_schedule(auditor) if "{schedule_id}" in operation.path else ""
    if operation.method == "GET" and "/by-name/" in operation.path:
        auditor.send("PUT", "/task-schedules/by-name/calculate/", json.dumps(SCHEDULE).encode())
    path = (
        operation.path.replace("{task_id}", str(task and task.id))
        .replace("{name}", "calculate")
        .replace("{code}", "conflict")
    )
    if "{instant}" in path:
        path = path.replace("{instant}", auditor.get(schedule).json["upcoming"][1]["at"])
    return path.replace("/task-schedules/{schedule_id}/", schedule)


def a_body(operation: Described) -> bytes:
    """One that is accepted."""
    return json.dumps(next(iter(operation.bodies.values()), {})).encode()


def last_body(operation: Described) -> Any:
    """One that is accepted, and no dry run."""
    return [{}, *operation.bodies.values()][-1]
