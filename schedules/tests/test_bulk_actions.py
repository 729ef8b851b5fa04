"""Actions on all that a filter names: begun by a request, carried out by sweeps, turn by turn."""

from collections.abc import Callable
from typing import Any, get_args
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.models import AuditEvent, Project
from schedules.actions.bulk import KINDS
from schedules.api import bulk_actions
from schedules.api.bulk_actions import ActionName
from schedules.models import TaskSchedule
from schedules.sweep.sweeper import Sweeper
from tasks_api import searching
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.bulk_actions import carrying_out
from tasks_api.bulk_actions import tasks as bulk_tasks
from tasks_api.bulk_actions.carrying_out import carry_out
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.searching import TookTooLong
from testing.access import make_key, make_project
from testing.api import Answer, Api
from testing.broker import Lists
from testing.factories import ago, make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

DAILY = {"operation": "4+7", "every_x_days": 3, "starts_at": "2026-01-01T00:00:00Z"}


def ask(api: Api, action: str, filter: dict[str, Any], **more: Any) -> Answer:  # noqa: A002 (what the API calls it)
    return api.post("/bulk-actions/", {"action": action, "filter": filter, **more})


def begin(api: Api, action: str, filter: dict[str, Any], **more: Any) -> str:  # noqa: A002
    answer = ask(api, action, filter, **more)
    assert answer.status == 202, answer.content
    assert answer.headers["Location"].endswith(f"/bulk-actions/{answer.json['id']}/")
    return f"/bulk-actions/{answer.json['id']}/"


def sweep_until_done(api: Api, path: str) -> dict[str, Any]:
    for _ in range(50):
        found: dict[str, Any] = api.get(path).json
        if found["finished_at"]:
            return found
        carry_out(KINDS)
    raise AssertionError(found)


def new_schedule(api: Api, name: str, **more: Any) -> str:
    answer = api.post("/task-schedules/", {**DAILY, "name": name, "tags": ["night"], **more})
    assert answer.status == 201, answer.content
    return str(answer.json["id"])


def statuses(**wanted: Any) -> list[str]:
    return sorted(Task.objects.filter(**wanted).values_list("status", flat=True))


def test_names_are_those_of_the_document() -> None:
    assert set(get_args(ActionName)) == set(KINDS)


def test_a_sweep_carries_it_out(api: Api) -> None:
    tasks = [make_task(Status.FAILURE, tags=["night"]) for _ in range(3)]
    make_task(Status.FAILURE)
    make_task(Status.SUCCESS, tags=["night"])
    path = begin(api, "retry", {"tag": "night"})
    assert api.get(path).json["state"] == "pending"
    later = make_task(Status.FAILURE, tags=["night"])
    Sweeper().sweep()
    found = api.get(path).json
    assert (found["state"], found["counts"]) == (
        "done",
        {"matched": 3, "exact": True, "done": 3, "refused": 0},
    )
    assert statuses(id__in=[task.id for task in tasks]) == ["PENDING"] * 3
    later.refresh_from_db()
    assert later.status == "FAILURE"
    assert [each["id"] for each in api.get("/bulk-actions/").json["results"]] == [found["id"]]


def test_it_is_told_once(api: Api) -> None:
    make_task(Status.FAILURE, tags=["night"])
    path = begin(api, "retry", {"tag": "night"})
    sweep_until_done(api, path)
    [event] = AuditEvent.objects.filter(action="task.retry")
    assert (event.filter, event.count, event.target_id) == ({"tag": "night"}, 1, None)
    assert event.changes == {"bulk_action": {"after": path.split("/")[2]}}


def test_a_dry_run_counts(api: Api) -> None:
    make_task(Status.FAILURE, tags=["night"])
    answer = ask(api, "retry", {"tag": "night"}, dry_run=True)
    assert answer.status == 200
    assert answer.json["counts"] == {"matched": 1, "exact": True}
    assert not BulkAction.objects.exists()


def test_turns_are_bounded_and_go_on(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_tasks, "LOOKED_AT", 2)
    monkeypatch.setattr(carrying_out, "TURNS_SECONDS", 0.0)
    tasks = [make_task(Status.PENDING, tags=["night"] if number % 2 else []) for number in range(5)]
    path = begin(api, "cancel", {"tag": "night"})
    ticks = iter(range(1000))
    states = []
    for _ in range(4):
        carrying_out._turn_of_next(KINDS)
        found = api.get(path).json
        states.append((found["state"], found["counts"]["done"]))
    assert states == [("running", 1), ("running", 2), ("done", 2), ("done", 2)]
    assert carry_out(KINDS, clock=lambda: next(ticks)) == 0
    assert statuses(id__in=[task.id for task in tasks]) == ["PENDING"] * 3 + ["REVOKED"] * 2


def test_each_is_dealt_with_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that fails again meanwhile is not run again."""
    monkeypatch.setattr(bulk_tasks, "LOOKED_AT", 1)
    tasks = [make_task(Status.FAILURE, tags=["night"]) for _ in range(2)]
    path = begin(api, "retry", {"tag": "night"})
    carrying_out._turn_of_next(KINDS)
    Task.objects.filter(id=tasks[0].id).update(status="FAILURE", dispatch_at=None, finished_at=ago(0))
    assert sweep_until_done(api, path)["counts"]["done"] == 2
    tasks[0].refresh_from_db()
    assert tasks[0].status == "FAILURE"


def test_a_turn_that_is_cut_off_changes_nothing(api: Api) -> None:
    task = make_task(Status.FAILURE, tags=["night"])
    path = begin(api, "retry", {"tag": "night"})
    with patch.object(carrying_out, "_note", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        carry_out(KINDS)
    task.refresh_from_db()
    assert (task.status, api.get(path).json["state"]) == ("FAILURE", "pending")
    assert sweep_until_done(api, path)["counts"]["done"] == 1


def test_what_postgres_refuses_is_told(api: Api) -> None:
    good, bad = (make_task(Status.FAILURE, tags=["night"]) for _ in range(2))
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE task ADD CONSTRAINT never CHECK (id <> '{bad.id}' OR status = 'FAILURE') NOT VALID"
        )
    try:
        found = sweep_until_done(api, begin(api, "retry", {"tag": "night"}))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE task DROP CONSTRAINT never")
    assert found["counts"] == {"matched": 2, "exact": True, "done": 1, "refused": 1}
    assert (found["refused"][0]["id"], found["refused"][0]["code"]) == (str(bad.id), "refused")
    good.refresh_from_db()
    assert good.status == "PENDING"


def test_priority(api: Api, broker: Lists) -> None:
    task = make_task(Status.PENDING, tags=["night"])
    make_task(Status.PENDING, tags=["night"], priority=9)
    found = sweep_until_done(api, begin(api, "set_priority", {"tag": "night"}, priority=9))
    task.refresh_from_db()
    assert (task.priority, task.dispatch_count, found["counts"]["done"]) == (9, 0, 1)
    assert found["parameters"] == {"priority": 9}


def test_schedules(api: Api) -> None:
    ids = [new_schedule(api, name) for name in ("one", "two", "three")]
    body = {"tag": "night"}
    paused = sweep_until_done(api, begin(api, "pause", body, reason="full", until="2126-01-01T00:00:00Z"))
    assert paused["counts"]["done"] == 3
    assert {row.paused_reason for row in TaskSchedule.objects.all()} == {"full"}
    assert sweep_until_done(api, begin(api, "resume", body, catch_up="none"))["counts"]["done"] == 3
    assert {row.status for row in TaskSchedule.objects.all()} == {"active"}
    TaskSchedule.objects.filter(id=ids[0]).update(operation="gone")
    made = sweep_until_done(api, begin(api, "trigger", body))
    assert (made["counts"]["done"], made["counts"]["refused"]) == (2, 1)
    assert (made["refused"][0]["id"], made["refused"][0]["code"]) == (ids[0], "conflict")
    assert Task.objects.filter(schedule_id__in=ids).count() == 2


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({"action": "explode", "filter": {"tag": "x"}}, "#/action", "enum"),
        ({"action": "retry", "filter": {}}, "#/filter", "filter_required"),
        ({"action": "retry", "filter": {"status": [], "tag": None}}, "#/filter", "filter_required"),
        ({"action": "retry", "filter": {"arguments": {}, "error": []}}, "#/filter", "filter_required"),
        ({"action": "retry", "filter": {"arguments": {"a": 7}}}, "#/filter/arguments/a", "invalid_type"),
        ({"action": "retry", "filter": {"priority": 12}}, "#/filter/priority", "max_value"),
        ({"action": "retry", "filter": {"name": "x"}}, "#/filter/name", "unknown_field"),
        ({"action": "pause", "filter": {"priority": 5}}, "#/filter/priority", "unknown_field"),
        ({"action": "retry", "filter": {"operation": "nope"}}, "#/filter/operation", "unknown_operation"),
        ({"action": "retry", "filter": {"tag": "x"}, "priority": 5}, "#/priority", "conflict"),
        ({"action": "set_priority", "filter": {"tag": "x"}}, "#/priority", "missing"),
        (
            {"action": "pause", "filter": {"tag": "x"}, "until": "2001-01-01T00:00:00Z"},
            "#/until",
            "too_early",
        ),
    ],
)
def test_what_is_refused(api: Api, body: dict[str, Any], where: str, code: str) -> None:
    found = api.post("/bulk-actions/", body).errors()
    assert (found[0][0], found[0][1]) == (where, code) or (code == "enum" and found[0][0] == where)
    assert not BulkAction.objects.exists()


def test_the_scope_is_that_of_the_action() -> None:
    project = make_project("own")
    make_task(Status.FAILURE, tags=["night"], project_id=project.id)
    viewer = Api(make_key("viewer", project).text)
    for action, scope in (("retry", "tasks:retry"), ("pause", "schedules:pause")):
        refused = ask(viewer, action, {"tag": "night"}).problem(403, "scope_missing")
        assert refused["required_scope"] == scope
    operator = Api(make_key("operator", project).text)
    path = begin(operator, "retry", {"tag": "night"})
    assert viewer.get(path).status == 200
    viewer.send("POST", f"{path}cancel/").problem(403, "scope_missing")
    other = Api(make_key("admin", make_project("foreign")).text)
    assert other.get("/bulk-actions/").json["results"] == []
    other.get(path).problem(404, "not_found")
    other.send("POST", f"{path}cancel/").problem(404, "not_found")
    assert sweep_until_done(operator, path)["counts"]["done"] == 1


def test_only_its_own_project(api: Api) -> None:
    foreign = make_project("foreign")
    other = make_task(Status.FAILURE, tags=["night"], project_id=foreign.id)
    found = sweep_until_done(api, begin(api, "retry", {"status": ["FAILURE"]}))
    other.refresh_from_db()
    assert (found["counts"]["done"], other.status) == (0, "FAILURE")
    schedule = other.id
    Task.objects.filter(id=other.id).update(schedule_id=schedule)
    assert sweep_until_done(api, begin(api, "retry", {"schedule": str(schedule)}))["counts"]["done"] == 0


def test_of_a_fingerprint_and_of_a_schedule(api: Api) -> None:
    schedule = new_schedule(api, "one")
    make_task(Status.FAILURE, fingerprint="0123456789abcdef")
    make_task(Status.FAILURE, schedule_id=schedule)
    make_task(Status.FAILURE)
    for filter_ in ({"fingerprint": "0123456789abcdef"}, {"schedule": schedule}):
        assert sweep_until_done(api, begin(api, "retry", filter_))["counts"]["done"] == 1
    assert statuses() == ["FAILURE", "PENDING", "PENDING"]


def test_a_restricted_key_does_it_one_by_one() -> None:
    caller = Api(make_key("operator", max_priority=5).text)
    ask(caller, "retry", {"tag": "night"}).problem(403, "key_restricted")
    assert ask(caller, "cancel", {"tag": "night"}).status == 202


def test_it_is_stopped(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_tasks, "LOOKED_AT", 1)
    for _ in range(3):
        make_task(Status.PENDING, tags=["night"])
    path = begin(api, "cancel", {"tag": "night"})
    carrying_out._turn_of_next(KINDS)
    stopped = api.send("POST", f"{path}cancel/")
    assert (stopped.status, stopped.json["state"], stopped.json["counts"]["done"]) == (200, "cancelled", 1)
    assert carry_out(KINDS) == 0
    assert statuses() == ["PENDING", "PENDING", "REVOKED"]
    api.send("POST", f"{path}cancel/").problem(409, "conflict")
    assert AuditEvent.objects.filter(action="bulk_action.cancel").count() == 1


def test_sent_twice_it_is_begun_once(api: Api) -> None:
    body = {"action": "retry", "filter": {"tag": "night"}}
    first, again = (api.post("/bulk-actions/", body, idempotency_key='"k"') for _ in range(2))
    assert (first.json["id"], first.status, again.status) == (again.json["id"], 202, 202)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert BulkAction.objects.count() == 1
    api.post("/bulk-actions/", {**body, "action": "cancel"}, idempotency_key='"k"').problem(
        422, "idempotency_key_reused"
    )


def test_what_this_release_does_not_know_is_given_up(api: Api) -> None:
    path = begin(api, "retry", {"tag": "night"})
    BulkAction.objects.update(action="explode")
    carry_out(KINDS)
    row = BulkAction.objects.get()
    assert (row.state, row.turn_at) == ("failed", None)
    assert "does not know" in str(row.error)
    assert path


def test_a_frozen_project_waits(api: Api) -> None:
    make_task(Status.FAILURE, tags=["night"])
    begin(api, "retry", {"tag": "night"})
    Project.objects.update(status="frozen")
    try:
        assert carry_out(KINDS) == 1
        assert carry_out(KINDS) == 0
        assert statuses() == ["FAILURE"]
    finally:
        Project.objects.update(status="active")


@pytest.mark.parametrize("counted", [10_000, 1])
def test_a_project_has_as_much_as_it_may(counted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_actions, "MOST_COUNTED", counted)
    project = make_project("own", quotas={"waiting_tasks": 2})
    for _ in range(3):
        make_task(Status.FAILURE, tags=["night"], project_id=project.id)
    caller = Api(make_key("operator", project).text)
    ask(caller, "retry", {"tag": "night"}).problem(409, "quota_reached")
    assert ask(caller, "cancel", {"tag": "night"}).status == 202


def test_quotas_bound_each_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others take the room that there was when it began."""
    monkeypatch.setattr(bulk_tasks, "LOOKED_AT", 2)
    project = make_project("own", quotas={"waiting_tasks": 4})
    for _ in range(4):
        make_task(Status.FAILURE, tags=["night"], project_id=project.id)
    caller = Api(make_key("operator", project).text)
    path = begin(caller, "retry", {"tag": "night"})
    carrying_out._turn_of_next(KINDS)
    make_task(Status.PENDING, project_id=project.id)
    found = sweep_until_done(caller, path)
    assert (found["counts"]["done"], found["counts"]["refused"]) == (3, 1)
    assert found["refused"][0]["code"] == "quota_reached"
    assert "waiting_tasks allows (4)" in found["refused"][0]["detail"]
    assert statuses(tags=["night"]) == ["FAILURE"] + ["PENDING"] * 3


def test_quotas_bound_what_is_triggered() -> None:
    project = make_project("own", quotas={"tasks_per_day": 3})
    caller = Api(make_key("admin", project).text)
    for name in ("one", "two", "three"):
        new_schedule(caller, name)
    path = begin(caller, "trigger", {"tag": "night"})
    make_task(Status.SUCCESS, project_id=project.id)
    found = sweep_until_done(caller, path)
    assert (found["counts"]["done"], found["counts"]["refused"]) == (2, 1)
    assert found["refused"][0]["code"] == "quota_reached"


def test_of_what_no_index_knows(api: Api) -> None:
    here = {"customer": {"id": 42}}
    fitting = make_task(Status.FAILURE, arguments=here, error={"type": "OSError", "message": "Disk full"})
    make_task(Status.FAILURE, arguments=here, error={"type": "OSError", "message": "no network"})
    make_task(Status.FAILURE, error={"type": "OSError", "message": "disk full"})
    make_task(Status.PENDING, arguments=here)
    free = {"arguments": {"customer.id": "42"}, "error": ["disk"]}
    counts = ask(api, "retry", free, dry_run=True).json["counts"]
    assert counts == {"matched": 1, "exact": True}
    assert sweep_until_done(api, begin(api, "retry", free))["counts"]["done"] == 1
    fitting.refresh_from_db()
    assert (fitting.status, statuses()) == ("PENDING", ["FAILURE", "FAILURE", "PENDING", "PENDING"])


def test_what_is_looked_for_in_payloads_is_for_those_who_may_read_them() -> None:
    project = make_project("own")
    free = {"arguments": {"customer.id": "42"}, "tag": "night"}
    blind = Api(make_key(None, project, scopes=["tasks:read", "tasks:retry", "audit:read"]).text)
    assert ask(blind, "retry", free).problem(403, "scope_missing")["required_scope"] == "payloads:read"
    path = begin(Api(make_key("admin", project).text), "retry", free)
    assert blind.get(path).json["filter"] == {"arguments": None, "tag": "night"}
    assert blind.get("/bulk-actions/").json["results"][0]["filter"]["arguments"] is None
    told = blind.get("/audit/?action=task.retry").json["results"]
    assert [each["filter"] for each in told if each["outcome"] == "done"] == [
        {"arguments": None, "tag": "night"}
    ]


def test_a_search_that_takes_too_long_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object) -> list[Any]:
        raise TookTooLong

    monkeypatch.setattr(searching, "_in_time", give_up)
    answer = ask(api, "retry", {"error": ["disk"]})
    assert answer.errors()[0][:2] == ("#/filter", "took_too_long")


@pytest.mark.parametrize("number", [1, 30])
def test_a_turn_costs_the_same_statements(api: Api, number: int) -> None:
    for _ in range(number):
        make_task(Status.FAILURE, tags=["night"])
    begin(api, "retry", {"tag": "night"})
    with CaptureQueriesContext(connection) as captured:
        assert carrying_out._turn_of_next(KINDS)
    # BEGIN; the action; its project; SAVEPOINT; look; which fit; SAVEPOINT; change; RELEASE, twice; the time; note;
    # COMMIT
    assert len(captured) == 13, [query["sql"] for query in captured.captured_queries]


def test_old_ones_are_forgotten(api: Api) -> None:
    old, new = (begin(api, "retry", {"tag": "night"}) for _ in range(2))
    for path in (old, new):
        sweep_until_done(api, path)
    BulkAction.objects.filter(id=old.split("/")[2]).update(finished_at=ago(366 * 86_400))
    forget: Callable[[], int] = carrying_out.forget_old_bulk_actions
    assert forget() == 1
    assert api.get(old).status == 404
    assert api.get(new).status == 200


def test_a_dry_run_refuses_a_key_that_is_none(api: Api) -> None:
    body = {"action": "pause", "filter": {"tag": "a"}, "dry_run": True}
    answer = api.post("/bulk-actions/", body, idempotency_key="k" * 300)
    assert answer.status == 400
