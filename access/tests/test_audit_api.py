"""GET /audit/."""

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from access.actor import NOBODY, Actor, ActorKind
from access.api import audit_forms
from access.audit.events import Action, Changes, target
from access.audit.recording import INSTALLATION, record
from access.models import AuditEvent
from testing.access import make_key, make_project
from testing.api import Api
from testing.openapi import Auditor

pytestmark = pytest.mark.django_db
LINES = "application/x-ndjson"
KEY = Actor(ActorKind.KEY, id="9Zk3TqLw0bXa", name="build", address="10.0.0.7", user_agent="x" * 1_000)


def actions(answer: Any) -> list[str]:
    return [event["action"] for event in answer.json["results"]]


@pytest.fixture
def three() -> None:
    record(KEY, Action.TASK_CANCEL, target("task", 1))
    record(NOBODY, Action.SCHEDULE_PAUSE, target("schedule"), filter={"status": ["active"]}, count=7)
    record(KEY, Action.ACCESS_REFUSE, target("request", "GET /keys/"), refused="scope_missing: keys:admin")


def test_newest_first_and_page_by_page(auditor: Auditor, three: None) -> None:
    expected = ["access.refuse", "schedule.pause", "task.cancel"]
    assert actions(auditor.get("/audit/")) == expected
    first = auditor.get("/audit/?limit=2")
    assert actions(first) == expected[:2]
    second = auditor.get(first.json["next"].removeprefix("http://testserver"))
    assert actions(second) == expected[2:]
    assert actions(auditor.get(second.json["previous"].removeprefix("http://testserver"))) == expected[:2]


def test_what_is_told_of_one(auditor: Auditor, three: None) -> None:
    many = auditor.get("/audit/?action=schedule.pause").json["results"][0]
    assert many["target"] == {"type": "schedule", "id": None}
    assert (many["filter"], many["count"]) == ({"status": ["active"]}, 7)
    one = auditor.get("/audit/?action=task.cancel").json["results"][0]
    assert one["actor"] == {"type": "key", "id": "9Zk3TqLw0bXa", "name": "build"}
    assert (one["address"], len(one["user_agent"]), one["project"]) == ("10.0.0.7", 300, "default")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("actor=key:9Zk3TqLw0bXa", ["access.refuse", "task.cancel"]),
        ("actor=nobody", ["schedule.pause"]),
        ("actor=key:other", []),
        ("action=task.cancel&action=schedule.pause", ["schedule.pause", "task.cancel"]),
        ("target=task:1", ["task.cancel"]),
        ("target=schedule", ["schedule.pause"]),
        ("target=request:GET%20/keys/", ["access.refuse"]),
        ("outcome=refused", ["access.refuse"]),
        ("outcome=done&actor=key", ["task.cancel"]),
        ("after=2020-01-01T00:00:00Z&before=2021-01-01T00:00:00Z", []),
        ("after=2020-01-01T00:00:00Z&limit=1", ["access.refuse"]),
        ("request_id=nobody's", []),
    ],
)
def test_filters(auditor: Auditor, three: None, query: str, expected: list[str]) -> None:
    assert actions(auditor.get(f"/audit/?{query}")) == expected


@pytest.mark.django_db(transaction=True)
def test_times_have_a_beginning_and_an_end(auditor: Auditor) -> None:
    for number in range(3):
        record(NOBODY, Action.TASK_CANCEL, target("task", number))
    second = AuditEvent.objects.order_by("id")[1]
    at = second.at.isoformat().replace("+00:00", "Z")
    told = auditor.get(f"/audit/?after={at}").json["results"]
    assert [each["target"]["id"] for each in told] == ["2", "1"]
    told = auditor.get(f"/audit/?before={at}").json["results"]
    assert [each["target"]["id"] for each in told] == ["0"]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("actor=", "actor"),
        ("actor=Key:1", "actor"),
        ("action=task.fly", "action"),
        ("target=7", "target"),
        ("outcome=maybe", "outcome"),
        ("after=yesterday", "after"),
        ("cursor=x", "cursor"),
        ("colour=red", "colour"),
    ],
)
def test_bad_queries(auditor: Auditor, query: str, where: str) -> None:
    [(found, _, _)] = auditor.get(f"/audit/?{query}").errors()
    assert found.split("/")[0] == where


def test_a_request_finds_its_event(auditor: Auditor) -> None:
    body = {"operation": "4+7", "cron": "@daily", "arguments": {}}
    made = auditor.post("/task-schedules/", body, x_request_id="order-7")
    [event] = auditor.get("/audit/?request_id=order-7").json["results"]
    assert event["action"] == "schedule.create"
    assert event["target"] == {"type": "schedule", "id": made.json["id"]}
    assert event["changes"]["cron"] == {"after": "@daily"}
    assert event["actor"]["type"] == "nobody"


class TestProjects:
    def test_each_sees_its_own(self) -> None:
        own, other = make_project("own"), make_project("other")
        for project in (own, other):
            record(KEY, Action.TASK_CANCEL, target("task", project.slug), project_id=project.id)
        api = Api(make_key("admin", own).text)
        [event] = api.get("/audit/").json["results"]
        assert (event["target"]["id"], event["project"]) == ("own", "own")
        lines = api.get("/audit/", accept=LINES)
        assert [json.loads(line)["target"]["id"] for line in lines.content.splitlines()] == ["own"]

    def test_what_concerns_no_one_project_is_for_installation_keys(self) -> None:
        own = make_project("own")
        record(KEY, Action.PROJECT_CREATE, target("project", "own"), project_id=INSTALLATION)
        Api(make_key("admin", own).text).get("/audit/?installation=true").problem(403, "installation_only")
        of_all = Api(make_key("admin").text)
        assert of_all.get("/audit/", punctual_project="own").json["results"][0]["action"] == "access.refuse"
        found = of_all.get("/audit/?installation=true").json["results"]
        assert [(event["action"], event["project"]) for event in found] == [("project.create", None)]

    def test_it_needs_its_scope(self) -> None:
        answer = Api(make_key("developer").text).get("/audit/").problem(403, "scope_missing")
        assert answer["required_scope"] == "audit:read"

    def test_without_payloads_the_values_of_arguments_are_null(self) -> None:
        changes: Changes = {
            "arguments.url": {"before": "a", "after": "b"},
            "priority": {"before": 1, "after": 2},
        }
        record(KEY, Action.SCHEDULE_UPDATE, target("schedule", 1), changes)
        api = Api(make_key(None, scopes=["audit:read"]).text)
        expected = {"arguments.url": {"before": None, "after": None}, "priority": {"before": 1, "after": 2}}
        assert api.get("/audit/").json["results"][0]["changes"] == expected
        assert json.loads(api.get("/audit/", accept=LINES).content)["changes"] == expected


class TestLines:
    def test_all_of_them_newest_first(self, api: Api) -> None:
        for number in range(7):
            record(KEY, Action.TASK_CANCEL, target("task", number))
        with patch.object(audit_forms, "BATCH", 3):
            answer = api.get("/audit/", accept=LINES)
        assert answer.headers["Content-Type"] == LINES
        told = [json.loads(line) for line in answer.content.splitlines()]
        assert [each["target"]["id"] for each in told] == ["6", "5", "4", "3", "2", "1", "0"]
        assert told == api.get("/audit/").json["results"]

    @pytest.mark.parametrize("most", [1, 3, 4, 6, 7])
    def test_no_more_than_so_many(self, api: Api, most: int) -> None:
        for number in range(7):
            record(KEY, Action.TASK_CANCEL, target("task", number))
        with patch.object(audit_forms, "BATCH", 3), patch.object(audit_forms, "MOST_LINES", most):
            assert len(api.get("/audit/", accept=LINES).content.splitlines()) == most

    def test_some_are_read_at_a_time(self) -> None:
        for number in range(7):
            record(KEY, Action.TASK_CANCEL, target("task", number))
        with patch.object(audit_forms, "BATCH", 3):
            parts = audit_forms.lines(AuditEvent.objects.all(), NOBODY)
            assert [len(part.splitlines()) for part in parts] == [3, 3, 1]

    def test_filters_hold_for_them(self, api: Api, three: None) -> None:
        answer = api.get("/audit/?outcome=refused", accept=LINES)
        assert json.loads(answer.content)["reason"] == "scope_missing: keys:admin"

    def test_none(self, api: Api) -> None:
        assert api.get("/audit/", accept=LINES).content == b""

    def test_bad_queries_are_problems(self, api: Api) -> None:
        api.get("/audit/?outcome=maybe", accept=LINES).errors()


def test_an_old_event_is_found_by_its_time(api: Api, three: None) -> None:
    """The bounds by id leave room for clocks that differ."""
    at = AuditEvent.objects.first().at  # type: ignore[union-attr]
    query = f"after={(at - timedelta(seconds=5)).isoformat().replace('+00:00', 'Z')}"
    assert len(api.get(f"/audit/?{query}").json["results"]) == 3
