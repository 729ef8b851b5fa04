"""Every path that changes something leaves one event of it, in the change's transaction.

The routes are found, not listed: a new one that leaves no trace, or of which nobody says here how it succeeds, fails.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest

from access.models import AuditEvent, Key, Person, Project
from rest.openapi.described import all_described
from schedules.models import TaskSchedule
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.database import execute
from tasks_api.lifecycle import Status
from tasks_api.models import Task, WorkerNode
from testing.access import PASSWORD, make_key, make_person, make_project
from testing.api import Answer, Api
from testing.factories import make_bulk_action, make_node, make_task
from testing.files import stored

SUBMISSIONS = {"POST /tasks/", "POST /tasks/batch-request/"}
"""Told by the rows of the tasks themselves."""
CHANGE_NOTHING = {
    "POST /task-schedules/preview/",
    "POST /access/check/",
    "POST /operations/pdf_to_csv/preview/",
}
SCHEDULE = {"name": "nightly", "operation": "4+7", "every_x_days": 3, "starts_at": "2026-01-01T00:00:00Z"}


class Scene(NamedTuple):
    """A project, who acts there, and how."""

    project: Project
    api: Api

    def task(self, status: Status) -> str:
        return f"/tasks/{make_task(status, project_id=self.project.id).id}/"

    def schedule(self, *then: str) -> str:
        answer = self.api.post("/task-schedules/", SCHEDULE)
        assert answer.status == 201
        path = f"/task-schedules/{answer.json['id']}/"
        for verb in then:
            assert self.api.send("POST", f"{path}{verb}/").status == 200
        return path

    def occurrence(self, *, overridden: bool) -> str:
        path = self.schedule()
        path += f"occurrences/{self.api.get(path).json['upcoming'][1]['at']}/"
        if overridden:
            assert self.api.send("PUT", path, b'{"skip": true}').status == 200
        return path

    def file(self) -> str:
        return f"/files/{stored(project_id=self.project.id).id}/"

    def key(self) -> str:
        return f"/keys/{make_key('viewer', self.project).id}/"

    def worker(self) -> str:
        return f"/workers/{make_node().id}/drain/"

    def person(self) -> str:
        return f"/people/{make_person(role='viewer').pk}/"


class Ask(NamedTuple):
    """A request that succeeds, and what its event is called."""

    action: str
    path: Callable[[Scene], str]
    body: Any = None


def yesterday() -> dict[str, str]:
    now = datetime.now(UTC).replace(microsecond=0)
    return {"from": (now - timedelta(days=7)).isoformat(), "to": (now - timedelta(hours=1)).isoformat()}


def with_two_tasks(scene: Scene, status: Status, path: str) -> str:
    scene.task(status)
    scene.task(status)
    return path


def with_schedule(scene: Scene, path: str, *then: str) -> str:
    scene.schedule(*then)
    return path


ASKS: Mapping[str, Ask] = {
    "PATCH /tasks/{task_id}/": Ask("task.update", lambda s: s.task(Status.PENDING), {"priority": 9}),
    "DELETE /tasks/{task_id}/": Ask("task.delete", lambda s: s.task(Status.PENDING)),
    "POST /tasks/{task_id}/cancel/": Ask("task.cancel", lambda s: s.task(Status.PENDING) + "cancel/"),
    "POST /tasks/{task_id}/retry/": Ask("task.retry", lambda s: s.task(Status.FAILURE) + "retry/"),
    "POST /tasks/cancel/": Ask(
        "task.cancel", lambda s: with_two_tasks(s, Status.PENDING, "/tasks/cancel/?status=PENDING")
    ),
    "POST /tasks/retry/": Ask(
        "task.retry", lambda s: with_two_tasks(s, Status.FAILURE, "/tasks/retry/?status=FAILURE")
    ),
    "POST /bulk-actions/": Ask(
        "task.retry",
        lambda s: with_two_tasks(s, Status.FAILURE, "/bulk-actions/"),
        {"action": "retry", "filter": {"status": ["FAILURE"]}},
    ),
    "POST /bulk-actions/{bulk_action_id}/cancel/": Ask(
        "bulk_action.cancel",
        lambda s: f"/bulk-actions/{make_bulk_action(project_id=s.project.id).id}/cancel/",
    ),
    "POST /files/": Ask("file.create", lambda _: "/files/?name=a.csv", {"any": "bytes"}),
    "PATCH /files/{file_id}/": Ask("file.update", Scene.file, {"name": "b.csv"}),
    "DELETE /files/{file_id}/": Ask("file.delete", Scene.file),
    "POST /task-schedules/": Ask("schedule.create", lambda _: "/task-schedules/", SCHEDULE),
    "PUT /task-schedules/by-name/{name}/": Ask(
        "schedule.create", lambda _: "/task-schedules/by-name/nightly/", SCHEDULE
    ),
    "PATCH /task-schedules/{schedule_id}/": Ask("schedule.update", Scene.schedule, {"priority": 9}),
    "DELETE /task-schedules/{schedule_id}/": Ask("schedule.delete", Scene.schedule),
    "POST /task-schedules/{schedule_id}/pause/": Ask("schedule.pause", lambda s: s.schedule() + "pause/"),
    "POST /task-schedules/{schedule_id}/resume/": Ask(
        "schedule.resume", lambda s: s.schedule("pause") + "resume/"
    ),
    "POST /task-schedules/{schedule_id}/trigger/": Ask(
        "schedule.trigger", lambda s: s.schedule() + "trigger/"
    ),
    "POST /task-schedules/{schedule_id}/backfill/": Ask(
        "schedule.backfill", lambda s: s.schedule() + "backfill/", yesterday()
    ),
    "POST /task-schedules/pause/": Ask(
        "schedule.pause", lambda s: with_schedule(s, "/task-schedules/pause/?status=active")
    ),
    "POST /task-schedules/resume/": Ask(
        "schedule.resume", lambda s: with_schedule(s, "/task-schedules/resume/?status=paused", "pause")
    ),
    "PUT /task-schedules/{schedule_id}/occurrences/{instant}/": Ask(
        "occurrence.override", lambda s: s.occurrence(overridden=False), {"skip": True}
    ),
    "DELETE /task-schedules/{schedule_id}/occurrences/{instant}/": Ask(
        "occurrence.restore", lambda s: s.occurrence(overridden=True)
    ),
    "POST /keys/": Ask("key.create", lambda _: "/keys/", {"name": "x", "role": "viewer", "project": "own"}),
    "PATCH /keys/{key_id}/": Ask("key.update", Scene.key, {"name": "another"}),
    "POST /keys/{key_id}/rotate/": Ask("key.rotate", lambda s: s.key() + "rotate/"),
    "POST /keys/{key_id}/revoke/": Ask("key.revoke", lambda s: s.key() + "revoke/"),
    "POST /projects/": Ask("project.create", lambda _: "/projects/", {"slug": "new"}),
    "POST /people/": Ask("person.create", lambda _: "/people/", {"name": "bob", "password": PASSWORD}),
    "PATCH /people/{person_id}/": Ask("person.update", Scene.person, {"password": f"{PASSWORD} staple"}),
    "POST /workers/{worker_id}/drain/": Ask("worker.drain", Scene.worker),
    "PATCH /projects/{slug}/": Ask("project.update", lambda _: "/projects/own/", {"name": "Another"}),
}
CHANGES = [f"{route.method.upper()} {route.path}" for route in all_described() if route.method != "get"]
WALKED = [route for route in CHANGES if route not in SUBMISSIONS | CHANGE_NOTHING]


@pytest.fixture
def scene(db: None) -> Scene:
    project = make_project("own")
    return Scene(project, Api(make_key("admin").text))


def send(scene: Scene, route: str) -> Answer:
    ask = ASKS[route]
    path = ask.path(scene)
    content = b"" if ask.body is None else json.dumps(ask.body).encode()
    return scene.api.send(
        route.partition(" ")[0],
        path,
        content,
        punctual_project="own",
        user_agent="walker/1",
        x_request_id="walk-1",
    )


@pytest.fixture(autouse=True)
def in_own_project() -> Any:
    """Whatever the scene asks for is asked for there."""
    ask = Api.send

    def send_there(self: Api, *args: Any, **headers: Any) -> Answer:
        return ask(self, *args, **{"punctual_project": "own", **headers})

    with patch.object(Api, "send", send_there):
        yield


def test_every_exception_is_a_path() -> None:
    assert SUBMISSIONS | CHANGE_NOTHING | set(ASKS) == set(CHANGES)


@pytest.mark.parametrize("route", WALKED)
def test_every_change_leaves_one_event(scene: Scene, route: str) -> None:
    answer = send(scene, route)
    assert answer.status in (200, 201, 202, 204), answer.content
    [event] = AuditEvent.objects.filter(request_id="walk-1")
    assert (event.action, event.outcome, event.reason) == (ASKS[route].action, "done", None)
    of_installation = event.action == "project.create" or event.target_type in ("person", "worker")
    assert event.project_id == (0 if of_installation else scene.project.id)
    assert PASSWORD not in json.dumps(event.changes)
    assert (event.actor_kind, event.actor_name) == ("key", "admin")
    assert (event.address, event.user_agent) == ("127.0.0.1", "walker/1")
    assert event.target_id or (event.filter and event.count)


def rows() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (Task, TaskSchedule, BulkAction, Project, Key, Person, WorkerNode)
    ]


@contextmanager
def full_log() -> Iterator[None]:
    """The database takes no event."""
    execute("ALTER TABLE audit_event ADD CONSTRAINT audit_event_full CHECK (false) NOT VALID", None)
    try:
        yield
    finally:
        execute("ALTER TABLE audit_event DROP CONSTRAINT audit_event_full", None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("route", WALKED)
def test_what_cannot_be_told_is_not_done(scene: Scene, route: str) -> None:
    """The event is in the transaction of the change: without the one there is not the other."""
    ask = ASKS[route]
    path = ask.path(scene)
    before = rows()
    content = b"" if ask.body is None else json.dumps(ask.body).encode()
    with full_log():
        answer = scene.api.send(route.partition(" ")[0], path, content)
    assert answer.status >= 400 or answer.json["failed"]
    assert [_without_lock_noise(each) for each in rows()] == [_without_lock_noise(each) for each in before]


def _without_lock_noise(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
        | {"last_used_at": None}
        for row in found
    ]
