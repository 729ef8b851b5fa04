"""Every route, with every method, for every role, in one's own project and in another: nothing is open by mistake.

The routes are found, not listed: a new one that states no scope, or whose rows are of all projects, fails here.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from access.actor import Actor, ActorKind
from access.models import Key, Project
from access.scopes import SCOPES_OF_ROLES, Role, Scope
from files.models import File
from rest.guarding import ANY_ACTOR, PUBLIC
from rest.openapi.described import Described, all_described
from schedules.models import TaskSchedule
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.access import make_key, make_person, make_project
from testing.api import Answer, Api
from testing.factories import make_bulk_action, make_node, make_task
from testing.files import stored

ROUTES = list(all_described())
ROUTE_IDS = [f"{route.method.upper()} {route.path}" for route in ROUTES]
GUARDED = [route for route in ROUTES if route.endpoint.scope != PUBLIC]
GUARDED_IDS = [f"{route.method.upper()} {route.path}" for route in GUARDED]
METHODS = ("get", "post", "put", "patch", "delete")
SCHEDULE = {"name": "calculate", "operation": "4+7", "every_x_days": 3, "starts_at": "2026-01-01T00:00:00Z"}
UNGUARDED_VIEWS = {"OpenApi", "SchemaView"}
"""The documents and their pages."""


def views(resolver: URLResolver) -> Iterator[Any]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern)
        elif isinstance(pattern, URLPattern) and (view := getattr(pattern.callback, "cls", None)):
            yield view


@pytest.mark.parametrize("view", list(views(get_resolver())), ids=lambda view: str(view.__name__))
def test_every_method_of_every_view_states_a_scope(view: Any) -> None:
    if view.__name__ in UNGUARDED_VIEWS:
        return
    assert [item.__name__ for item in view.permission_classes] == ["Guard"]
    assert [item.__name__ for item in view.authentication_classes] == ["Door"]
    for method in METHODS:
        if (function := getattr(view, method, None)) is not None:
            assert function.endpoint.scope in {PUBLIC, ANY_ACTOR, *Scope}, f"{view.__name__}.{method}"


def test_what_is_public_is_only_this() -> None:
    public = {route.path for route in ROUTES if route.endpoint.scope == PUBLIC}
    assert public == {"/health/live/", "/health/ready/", "/problems/", "/problems/{code}/"}


def path_of(route: Described, project: Project) -> str:
    """An address at which there is something, in this project."""
    path = route.path
    if "{task_id}" in path:
        path = path.replace("{task_id}", str(make_task(Status.SUCCESS, project_id=project.id).id))
    if "{bulk_action_id}" in path:
        path = path.replace("{bulk_action_id}", str(make_bulk_action(project_id=project.id).id))
    if "{file_id}" in path:
        path = path.replace("{file_id}", str(stored(project_id=project.id).id))
    if "{key_id}" in path:
        path = path.replace("{key_id}", make_key("viewer", project).id)
    if "{worker_id}" in path:
        path = path.replace("{worker_id}", str(make_node(slots=2).id))
    if "{person_id}" in path:
        path = path.replace("{person_id}", str(make_person(f"{uuid4()}").pk))
    if path.startswith("/task-schedules/{") or "by-name" in path:
        maker = Api(make_key("developer", project).text)
        answer = maker.post("/task-schedules/", SCHEDULE)
        assert answer.status == 201
        path = path.replace("{schedule_id}", answer.json["id"])
        path = path.replace("{instant}", answer.json["upcoming"][1]["at"])
    slug = project.slug if path.startswith("/projects/") else ""
    return path.replace("{slug}", slug).replace("{name}", "calculate").replace("{code}", "conflict")


def send(key: str | None, route: Described, path: str, **headers: str) -> Answer:
    body = next(iter(route.endpoint.body.examples.values())) if route.endpoint.body else {}
    content = b"" if route.method in ("get", "delete") else json.dumps(body).encode()
    return Api(key).send(route.method.upper(), path, content, **headers)


@pytest.mark.django_db
@pytest.mark.parametrize("route", GUARDED, ids=GUARDED_IDS)
def test_nobody_comes_in_without_a_key(route: Described) -> None:
    path = path_of(route, make_project("own"))
    make_key()
    send(None, route, path).problem(401, "key_required")


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("route", GUARDED, ids=GUARDED_IDS)
def test_a_role_may_what_it_may(route: Described, role: Role) -> None:
    project = make_project("own")
    path, key = path_of(route, project), make_key(role, project)
    answer = send(key.text, route, path)
    scope = route.endpoint.scope
    if scope == ANY_ACTOR or scope in SCOPES_OF_ROLES[role]:
        assert answer.status != 401
        assert answer.status != 403 or answer.json["code"] != "scope_missing" or scope == ANY_ACTOR
    else:
        assert answer.problem(403, "scope_missing")["required_scope"] == scope


@pytest.mark.django_db
@pytest.mark.parametrize("route", GUARDED, ids=GUARDED_IDS)
def test_a_frozen_project_is_read_only(route: Described) -> None:
    project = make_project("own")
    path = path_of(route, project)
    Project.objects.filter(id=project.id).update(status="frozen")
    answer = send(make_key("admin", project).text, route, path)
    scope = route.endpoint.scope
    if scope == ANY_ACTOR and route.path.startswith("/bulk-actions/"):
        scope = Scope.TASKS_RETRY  # that of what it is about
    if scope.startswith(("tasks:", "schedules:", "files:")) and not scope.endswith(":read"):
        answer.problem(409, "project_frozen")
    else:
        assert answer.status != 409 or answer.json["code"] != "project_frozen"


OF_INSTALLATION = ("/operations/", "/workers/")
WITH_IDS = [route for route in GUARDED if "{" in route.path and not route.path.startswith(OF_INSTALLATION)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route", WITH_IDS, ids=[f"{route.method.upper()} {route.path}" for route in WITH_IDS]
)
def test_what_is_of_another_project_is_not_there(route: Described) -> None:
    """As if it did not exist; and nothing changes there."""
    foreign = make_project("foreign")
    path = path_of(route, foreign)
    before = everything_of(foreign)
    answer = send(make_key("admin", make_project("own")).text, route, path)
    if route.path.endswith("/by-name/{name}/") and route.method == "put":
        assert answer.status == 201  # one of its own, of the same name
    else:
        answer.problem(404, "not_found")
    assert everything_of(foreign) == before


def everything_of(project: Project) -> list[Any]:
    return [
        list(Task.objects.filter(project_id=project.id).values()),
        list(TaskSchedule.objects.filter(project_id=project.id).values()),
        list(BulkAction.objects.filter(project_id=project.id).values()),
        list(File.objects.filter(project_id=project.id).values()),
        [{**each, "digest": bytes(each["digest"])} for each in Key.objects.filter(project=project).values()],
        list(Project.objects.filter(id=project.id).values()),
    ]


LISTS = [
    route
    for route in GUARDED
    if route.method == "get" and "{" not in route.path and route.path != "/operations/"
]


@pytest.mark.django_db
@pytest.mark.parametrize("route", LISTS, ids=[route.path for route in LISTS])
def test_lists_have_nothing_of_another_project(route: Described) -> None:
    foreign, own = make_project("foreign"), make_project("own")
    task = make_task(Status.SUCCESS, project_id=foreign.id)
    other = make_key("developer", foreign)
    schedule = Api(other.text).post("/task-schedules/", SCHEDULE).json["id"]
    content = send(make_key("admin", own).text, route, route.path).content.decode()
    for secret in (str(task.id), schedule, other.id, "foreign"):
        assert secret not in content


@pytest.mark.django_db
@pytest.mark.parametrize("key_of", ["project", "installation"])
def test_in_another_project_by_header(key_of: str) -> None:
    own, other = make_project("own"), make_project("other")
    task = make_task(Status.SUCCESS, project_id=other.id)
    caller = Api(make_key("admin", own if key_of == "project" else None).text)
    answer = caller.get(f"/tasks/{task.id}/", punctual_project="other")
    if key_of == "project":
        answer.problem(403, "project_forbidden")
    else:
        assert answer.json["id"] == str(task.id)
        caller.get(f"/tasks/{task.id}/").problem(404, "not_found")
        caller.get(f"/tasks/{task.id}/", punctual_project="own").problem(404, "not_found")


def test_an_actor_may_nothing_that_nobody_gave_it() -> None:
    actor = Actor(ActorKind.KEY)
    assert not any(actor.may(scope) for scope in Scope)
