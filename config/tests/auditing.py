"""Requests for every path of the OpenAPI document."""

import json
from typing import Any

from tasks_api.lifecycle import Status
from testing.api import Answer
from testing.factories import make_task
from testing.openapi import Auditor, Described, document

OPERATIONS = document().operations
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


def last_body(operation: Described) -> Any:
    """One that is accepted, and no dry run."""
    return [{}, *operation.bodies.values()][-1]
