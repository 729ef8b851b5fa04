"""Two projects attack each other through every path: a generated walk over the URL configuration.

A call that is not in the tables below fails here, until it says how it is attacked, or why there is nothing to attack.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from access.actor import Actor
from access.api.audit_forms import AuditQuery
from access.models import Project
from rest.json import instant_text
from schedules.filters import ScheduleFilter
from schedules.forecasting.turns import take_turn
from tasks_api.database import database_now, fetch_all
from tasks_api.filters import TaskFilter
from tasks_api.ids import new_id
from tasks_api.lifecycle import FINAL, Status
from tasks_api.roll_up.rolling import roll_up
from testing.access import make_key, make_project
from testing.actors import OURS, THEIRS
from testing.api import JSON, Answer, Api
from testing.factories import make_bulk_action, make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

Call = tuple[str, str]

TASK = {"operation": "4+7"}
SCHEDULE = {"operation": "4+7", "cron": "* * * * *", "name": "report", "tags": ["ours"]}
A_BULK_ACTION = "bulk-actions/<id:bulk_action_id>/"
A_TASK, A_SCHEDULE = "tasks/<id:task_id>/", "task-schedules/<id:schedule_id>/"
BY_NAME = "task-schedules/by-name/<path:name>/"
OCCURRENCE = f"{A_SCHEDULE}occurrences/<str:instant>/"


@dataclass(frozen=True)
class Sent:
    """What is sent to a path with an id, so that it works for those whose id it is."""

    query: str = ""
    body: Any = None
    status: Status = Status.PENDING
    """Of the task."""
    overridden: bool = False
    """Whether the occurrence is."""


BACKFILL = {"from": "2 days ago", "to": "1 day ago"}
BY_ID: dict[Call, list[Sent]] = {
    ("GET", A_TASK): [Sent(), Sent(query="?wait=0.01"), Sent(status=Status.SUCCESS)],
    ("PATCH", A_TASK): [Sent(body={"priority": 9}), Sent(body={}), Sent(body={"run_at": None})],
    ("DELETE", A_TASK): [Sent(), Sent(query="?force=true", status=Status.SUCCESS)],
    ("POST", f"{A_TASK}cancel/"): [Sent(), Sent(status=Status.STARTED)],
    ("POST", f"{A_TASK}retry/"): [Sent(status=Status.FAILURE), Sent(status=Status.REVOKED)],
    ("GET", f"{A_TASK}events/"): [Sent(status=Status.SUCCESS)],
    ("GET", f"{A_TASK}attempts/"): [Sent(status=Status.STARTED)],
    ("GET", A_BULK_ACTION): [Sent()],
    ("POST", f"{A_BULK_ACTION}cancel/"): [Sent()],
    ("GET", A_SCHEDULE): [Sent()],
    ("PATCH", A_SCHEDULE): [Sent(body={"priority": 9}), Sent(query="?dry_run=true", body={"priority": 9})],
    ("DELETE", A_SCHEDULE): [Sent(), Sent(query="?cancel_waiting=true")],
    ("POST", f"{A_SCHEDULE}pause/"): [Sent(body={"reason": "theirs"})],
    ("POST", f"{A_SCHEDULE}resume/"): [Sent(body={"catch_up": "all"})],
    ("POST", f"{A_SCHEDULE}trigger/"): [Sent()],
    ("GET", f"{A_SCHEDULE}occurrences/"): [Sent()],
    ("PUT", OCCURRENCE): [Sent(body={"skip": True})],
    ("DELETE", OCCURRENCE): [Sent(overridden=True)],
    ("POST", f"{A_SCHEDULE}backfill/"): [Sent(body=BACKFILL), Sent(query="?dry_run=true", body=BACKFILL)],
}
LISTS = {("GET", "tasks/"): TaskFilter, ("GET", "task-schedules/"): ScheduleFilter}
BULK = {
    ("POST", "tasks/cancel/"): TaskFilter,
    ("POST", "tasks/retry/"): TaskFilter,
    ("POST", "task-schedules/pause/"): ScheduleFilter,
    ("POST", "task-schedules/resume/"): ScheduleFilter,
}
CREATING = {
    ("POST", "tasks/"): TASK,
    ("POST", "tasks/batch-request/"): [TASK, TASK],
    ("POST", "task-schedules/"): SCHEDULE,
}
NUMBERS = {("GET", "stats/")}
FAILURES = {("GET", "failures/")}
BULK_ACTIONS = {("GET", "bulk-actions/"), ("POST", "bulk-actions/")}
"""What these are about is held apart in schedules/tests/test_bulk_actions.py."""
FORECASTS = {("GET", "task-schedules/forecast/")}
NAMED = {("GET", BY_NAME), ("PUT", BY_NAME)}
EVENTS = {("GET", "audit/")}
PROJECT = "projects/<project:slug>/"
PROJECTS = {("GET", "projects/"), ("POST", "projects/")}
OF_PROJECTS: dict[Call, Any] = {
    ("GET", PROJECT): None,
    ("PATCH", PROJECT): {"name": "theirs"},
    ("GET", f"{PROJECT}usage/"): None,
}
OF_NO_PROJECT = (
    "health/",  # of the service as a whole
    "operations/",  # what the code can do
    "problems/",  # texts
    "task-schedules/preview/",  # computes what the body says
    "swagger",  # documents
    "^swagger",
    "redoc",
    "openapi",
    "access/",  # held apart in access/tests and test_access_matrix
    "keys/",
    "people/",
    "workers/",  # of the installation; held apart in tasks_api/tests/test_workers_api.py
    "ui/",  # in access/tests and test_people_matrix
    "favicon.ico",
    "static/",
)

ALIKE = "0123456789abcdef"
TABLES = (
    "task",
    "attempt",
    "task_schedule",
    "task_schedule_name",
    "occurrence",
    "idempotency_key",
    "bulk_action",
)


def calls() -> set[Call]:
    """Each method of each path that may be about something in a project."""
    return {
        (method, route) for method, route in _all_calls() if not route.startswith(OF_NO_PROJECT) and route
    }


def _all_calls() -> Iterator[Call]:
    for route, pattern in _patterns(get_resolver(), ""):
        view: Any = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
        for method in ("get", "post", "put", "patch", "delete"):
            if view is None or hasattr(view, method):
                yield method.upper(), route


def _patterns(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, route)
        else:
            yield route, entry


FILES = {
    ("GET", "files/"),
    ("POST", "files/"),
    ("GET", "files/<id:file_id>/"),
    ("PATCH", "files/<id:file_id>/"),
    ("DELETE", "files/<id:file_id>/"),
    ("GET", "files/<id:file_id>/content/"),
    ("GET", "files/<id:file_id>/preview/"),
}
"""Attacked in `files/tests/test_api.py`, for they carry bytes."""


def test_every_call_is_attacked_or_has_nothing_to_attack() -> None:
    by_id_or_name = BY_ID.keys() | NAMED | OF_PROJECTS.keys()
    assert (
        calls()
        == by_id_or_name
        | LISTS.keys()
        | BULK.keys()
        | CREATING.keys()
        | NUMBERS
        | FAILURES
        | BULK_ACTIONS
        | FORECASTS
        | EVENTS
        | FILES
        | PROJECTS
    )


def rows() -> dict[str, list[Any]]:
    """All that there is."""
    return {table: fetch_all(f"SELECT {table}::text FROM {table} ORDER BY 1", []) for table in TABLES}  # noqa: S608


@pytest.fixture(autouse=True)
def projects() -> None:
    """Of both."""
    for actor in (OURS, THEIRS):
        make_project(actor.name, id=actor.project_id)


def send(api: Api, actor: Actor, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    content = b"" if body is None else json.dumps(body).encode()
    return api.send(method, path, content, JSON, punctual_project=actor.name, **headers)


def said(answer: Answer, id: UUID) -> Any:  # noqa: A002 (it is one)
    """What an answer tells, whichever id was asked for."""
    told = json.loads(answer.content.decode().replace(str(id), "the id"))
    return {**told, "request_id": None}


class World:
    """A task and a schedule of ours, and paths to them, or to what nobody has."""

    def __init__(self, api: Api, sent: Sent) -> None:
        self.task = make_task(sent.status, project_id=OURS.project_id, tags=["ours"])
        made = send(api, OURS, "POST", "/task-schedules/", SCHEDULE)
        assert made.status == 201, made.content
        self.schedule = made.json
        self.bulk_action = make_bulk_action(project_id=OURS.project_id)
        # The next may be due while this goes on.
        self.instant = self.schedule["upcoming"][3]["at"]
        if sent.overridden:
            path = self.path(OCCURRENCE, UUID(self.schedule["id"]))
            assert send(api, OURS, "PUT", path, {"skip": True}).status == 200

    def id_in(self, route: str) -> UUID:
        if "bulk_action_id" in route:
            return self.bulk_action.id
        return self.task.id if "task_id" in route else UUID(self.schedule["id"])

    def path(self, route: str, id: UUID) -> str:  # noqa: A002 (it is one)
        for name in ("task_id", "schedule_id", "bulk_action_id"):
            route = route.replace(f"<id:{name}>", str(id))
        return "/" + route.replace("<str:instant>", self.instant)


def body_of(sent: Sent) -> Any:
    if sent.body is not BACKFILL:
        return sent.body
    now = database_now()
    return {
        "from": instant_text(now - timedelta(minutes=20)),
        "to": instant_text(now - timedelta(minutes=10)),
    }


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        pytest.param(call, sent, id=f"{' '.join(call)}{sent.query} {number}")
        for call, each in BY_ID.items()
        for number, sent in enumerate(each)
    ],
)
def test_anothers_id_is_as_good_as_none(api: Api, call: Call, sent: Sent) -> None:
    (method, route), world, body, unknown = call, World(api, sent), body_of(sent), new_id()
    ours, before = world.id_in(route), rows()
    theirs = send(api, THEIRS, method, world.path(route, ours) + sent.query, body)
    nobodys = send(api, THEIRS, method, world.path(route, unknown) + sent.query, body)
    assert theirs.status == nobodys.status == 404
    assert said(theirs, ours) == said(nobodys, unknown)
    assert rows() == before
    own = send(api, OURS, method, world.path(route, ours) + sent.query, body)
    assert own.status < 300, own.content


def filters(world: World, form: Any) -> dict[str, str]:
    """A value of each filter that our task or schedule fits. One that is new has to be added."""
    schedule = UUID(world.schedule["id"])
    values = {
        "id": str(world.task.id),
        "name": "epo",
        "operation": "calculate",
        "status": world.task.status if form is TaskFilter else "active",
        "priority": "5",
        "schedule": str(schedule),
        "tag": "ours",
        "fingerprint": ALIKE,
        "created_after": "2001-01-01T00:00:00Z",
        "created_before": "2999-01-01T00:00:00Z",
        "due_before": "2999-01-01T00:00:00Z",
    }
    failed = world.task.status == Status.FAILURE
    world.task.schedule_id = schedule
    world.task.fingerprint = ALIKE if failed else None
    world.task.save(update_fields=["schedule_id", "fingerprint"])
    return {name: values[name] for name in form.model_fields if failed or name != "fingerprint"}


@pytest.mark.parametrize("call", LISTS, ids=" ".join)
def test_a_list_has_what_is_its_own(api: Api, call: Call) -> None:
    (method, route), world = call, World(api, Sent(status=Status.FAILURE))
    for name, value in [*filters(world, LISTS[call]).items(), ("limit", "5")]:
        path = f"/{route}?{urlencode({name: value})}"
        assert len(send(api, OURS, method, path).json["results"]) == 1, path
        assert send(api, THEIRS, method, path).json == {"results": [], "next": None, "previous": None}, path


@pytest.mark.parametrize("call", NUMBERS, ids=" ".join)
def test_numbers_are_of_what_is_its_own(api: Api, call: Call) -> None:
    (method, route), before = call, send(api, THEIRS, *_at_a_time(call)).json
    for status in Status:
        make_task(status, project_id=OURS.project_id)
    roll_up()
    assert send(api, OURS, method, f"/{route}").json["totals"]["count"] == len(FINAL)
    after = send(api, THEIRS, *_at_a_time(call)).json
    for told in (before, after):
        told["rolled_up_to"] = told["now"]["at"] = told["totals"]["per_second"] = None
    assert after == before


@pytest.mark.parametrize("call", FAILURES, ids=" ".join)
def test_failures_are_of_what_is_its_own(api: Api, call: Call) -> None:
    (method, route), world = call, World(api, Sent(status=Status.FAILURE))
    wanted = filters(world, TaskFilter)
    for query in ({}, {"operation": "calculate"}, {"schedule": wanted["schedule"]}):
        path = f"/{route}?{urlencode(query)}"
        assert [each["task"] for each in send(api, OURS, method, path).json["results"]] == [
            str(world.task.id)
        ]
        assert send(api, THEIRS, method, path).json["results"] == [], path


@pytest.mark.parametrize("call", FORECASTS, ids=" ".join)
def test_a_forecast_is_of_what_is_its_own(api: Api, call: Call) -> None:
    (method, route), _ = call, World(api, Sent())
    for _ in range(2):
        told = {actor.name: send(api, actor, method, f"/{route}").json for actor in (OURS, THEIRS)}
        while take_turn():
            pass
    assert (told[OURS.name]["schedules"], told[THEIRS.name]["schedules"]) == (1, 0)
    assert told[OURS.name]["results"]
    assert not told[THEIRS.name]["results"]


def _at_a_time(call: Call) -> tuple[str, str]:
    """The whole of yesterday, lest the end of the period be another one the second time."""
    method, route = call
    today = database_now().replace(hour=0, minute=0, second=0, microsecond=0)
    query = {
        "from": instant_text(today - timedelta(days=1)),
        "to": instant_text(today + timedelta(seconds=1)),
    }
    return method, f"/{route}?{urlencode(query)}"


@pytest.mark.parametrize("call", BULK, ids=" ".join)
def test_a_request_for_many_means_its_own(api: Api, call: Call) -> None:
    (method, route), form = call, BULK[call]
    world = World(api, Sent(status=Status.FAILURE if "retry" in route else Status.PENDING))
    wanted = filters(world, form)
    if "resume" in route:
        send(api, OURS, "POST", "/task-schedules/pause/?tag=ours")
        wanted = {name: value for name, value in wanted.items() if name != "due_before"} | {
            "status": "paused"
        }
    before = rows()
    for name, value in wanted.items():
        path = f"/{route}?{urlencode({name: value})}"
        theirs = send(api, THEIRS, method, path)
        assert theirs.status == 200, theirs.content
        assert theirs.json == {"count": 0, "complete": True, "failed": 0, "dry_run": False}, path
    assert rows() == before
    assert send(api, OURS, method, f"/{route}?tag=ours").status == 200
    assert rows() != before


@pytest.mark.parametrize("route", ["tasks/", "task-schedules/"])
def test_anothers_cursor_leads_to_what_is_its_own(api: Api, route: str) -> None:
    for actor in (OURS, THEIRS, OURS):
        body = TASK if route == "tasks/" else {**SCHEDULE, "name": None}
        send(api, actor, "POST", f"/{route}", body)
    ours = send(api, OURS, "GET", f"/{route}?limit=1").json
    newest = send(api, THEIRS, "GET", f"/{route}").json["results"]
    query = ours["next"].partition("?")[2]
    theirs = send(api, THEIRS, "GET", f"/{route}?{query}").json
    assert [each["id"] for each in theirs["results"]] == [each["id"] for each in newest]
    assert len(newest) == 1


def test_an_operation_that_only_another_has_is_unknown(api: Api) -> None:
    make_task(project_id=OURS.project_id, operation="gone")
    assert send(api, OURS, "GET", "/tasks/?operation=gone").status == 200
    theirs, unknown = (send(api, THEIRS, "GET", f"/tasks/?operation={name}") for name in ("gone", "nope"))
    assert theirs.status == unknown.status == 400
    assert theirs.json["errors"][0]["code"] == unknown.json["errors"][0]["code"]


@pytest.mark.parametrize("call", CREATING, ids=" ".join)
def test_anothers_idempotency_key_is_free(api: Api, call: Call) -> None:
    (method, route), body = call, CREATING[call]
    answers = [
        send(api, actor, method, f"/{route}", body, idempotency_key="the-same")
        for actor in (OURS, THEIRS, OURS, THEIRS)
    ]
    assert {answer.status for answer in answers} <= {201, 202}
    assert ["Idempotent-Replayed" in answer.headers for answer in answers] == [False, False, True, True]
    ids = [_ids(answer.json) for answer in answers]
    assert ids[:2] == ids[2:]
    assert not set(ids[0]) & set(ids[1])


def _ids(body: Any) -> list[str]:
    return [each["id"] for each in body["tasks"]] if "tasks" in body else [body["id"]]


@pytest.mark.parametrize("call", sorted(NAMED), ids=" ".join)
def test_anothers_name_is_free(api: Api, call: Call) -> None:
    world, path = World(api, Sent()), "/task-schedules/by-name/report/"
    assert send(api, THEIRS, "GET", path).status == 404
    if call[0] == "PUT":
        body = {"operation": "4+7", "cron": "* * * * *"}
        assert send(api, THEIRS, "PUT", path, body, if_match='"v1"').status == 412
        made = send(api, THEIRS, "PUT", path, body, if_none_match="*")
        assert (made.status, made.json["name"]) == (201, "report")
    ours = send(api, OURS, "GET", path).json
    assert (ours["id"], ours["tags"]) == (world.schedule["id"], ["ours"])


def admin_of(actor: Actor) -> Api:
    """Who may do everything in a project, and nothing elsewhere."""
    return Api(make_key("admin", Project.objects.get(id=actor.project_id)).text)


@pytest.mark.parametrize("call", sorted(EVENTS), ids=" ".join)
def test_events_are_of_what_is_its_own(call: Call) -> None:
    (method, route), ours, theirs = call, admin_of(OURS), admin_of(THEIRS)
    task = make_task(project_id=OURS.project_id)
    assert ours.send("PATCH", f"/tasks/{task.id}/", b'{"priority": 9}').status == 200
    [event] = ours.send(method, f"/{route}").json["results"]
    assert event["target"]["id"] == str(task.id)
    wanted = {
        "actor": f"key:{event['actor']['id']}",
        "action": event["action"],
        "target": f"task:{task.id}",
        "outcome": event["outcome"],
        "request_id": event["request_id"],
        "after": "2001-01-01T00:00:00Z",
        "before": "2999-01-01T00:00:00Z",
    }
    for name in AuditQuery.model_fields.keys() - {"limit", "cursor", "installation"}:
        path = f"/{route}?{urlencode({name: wanted[name]})}"
        assert len(ours.send(method, path).json["results"]) == 1, path
        assert theirs.send(method, path).json["results"] == [], path
    assert theirs.send(method, f"/{route}").json["results"] == []
    theirs.send(method, f"/{route}?installation=true").problem(403, "installation_only")


@pytest.mark.parametrize("call", OF_PROJECTS, ids=" ".join)
def test_anothers_project_is_as_good_as_none(call: Call) -> None:
    (method, route), before = call, list(Project.objects.order_by("id").values())
    body = b"" if OF_PROJECTS[call] is None else json.dumps(OF_PROJECTS[call]).encode()
    theirs, answers = admin_of(THEIRS), []
    for slug in (OURS.name, "missing"):
        answer = theirs.send(method, "/" + route.replace("<project:slug>", slug), body)
        answers.append(
            (answer.status, answer.content.decode().replace(slug, "the slug").partition("request_id")[0])
        )
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert list(Project.objects.order_by("id").values()) == before
    assert theirs.send(method, "/" + route.replace("<project:slug>", THEIRS.name), body).status == 200


def test_whoever_belongs_to_a_project_sees_no_other_and_makes_none() -> None:
    theirs, before = admin_of(THEIRS), Project.objects.count()
    assert [each["slug"] for each in theirs.get("/projects/").json["results"]] == [THEIRS.name]
    theirs.post("/projects/", {"slug": "another"}).problem(403, "installation_only")
    assert Project.objects.count() == before
