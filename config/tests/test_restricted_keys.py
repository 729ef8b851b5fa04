"""What a key is restricted to holds for all that it brings about: tasks, batches, schedules, triggers and the rest."""

import json
from typing import Any

import pytest

from access.models import Project
from access.pin_words import pin_text
from access.pins import mismatch
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.access import make_key
from testing.api import Answer, Api, error_of
from testing.factories import make_task

pytestmark = pytest.mark.django_db

PIN = pin_text({"properties": {"seconds": {"maximum": 3}}, "required": ["seconds"]})
GOOD: dict[str, Any] = {"operation": "sleep", "arguments": {"seconds": 1}, "priority": 4}
RULE = {"every_x_days": 3, "starts_at": "2026-01-01T00:00:00Z"}
BAD: list[tuple[dict[str, Any], str]] = [
    ({"operation": "calculate", "arguments": {"expression": "4+7"}}, "/operation"),
    ({"operation": "4+7", "arguments": {}}, "/operation"),
    ({"priority": 6}, "/priority"),
    ({"arguments": {"seconds": 4}}, "/arguments/seconds"),
]
EVERYTHING = ["tasks", "schedules"]


@pytest.fixture
def limited() -> Api:
    """Who may let things sleep for a while."""
    scopes = [
        *(f"tasks:{verb}" for verb in ("read", "submit", "retry", "edit", "cancel")),
        *(f"schedules:{verb}" for verb in ("read", "write", "pause", "trigger", "backfill")),
        "payloads:read",
    ]
    return Api(make_key(None, scopes=scopes, operations=["sleep"], max_priority=5, pins={"sleep": PIN}).text)


@pytest.fixture
def other() -> Api:
    """Who may do everything."""
    return Api(make_key().text)


def send(api: Api, method: str, path: str, body: Any) -> Answer:
    return api.send(method, path, json.dumps(body).encode())


def where(answer: Answer) -> list[str]:
    return [place for place, code, _ in answer.errors(403, "key_restricted") if code == "key_restricted"]


@pytest.mark.parametrize(("change", "place"), BAD)
def test_tasks(change: dict[str, Any], place: str, limited: Api) -> None:
    assert limited.post("/tasks/", GOOD).status == 202
    assert where(limited.post("/tasks/", {**GOOD, **change})) == [f"#{place}"]
    assert Task.objects.count() == 1


def test_the_default_priority_counts(limited: Api) -> None:
    key = Api(make_key(max_priority=4).text)
    assert where(key.post("/tasks/", {"operation": "4+7"})) == ["#/priority"]
    assert key.post("/tasks/", {"operation": "4+7", "priority": 4}).status == 202


def test_items_of_a_batch_are_told_by_index(limited: Api) -> None:
    items = [GOOD, *({**GOOD, **change} for change, _ in BAD), GOOD]
    answer = limited.post("/tasks/batch-request/", items)
    assert answer.status == 202
    assert [task["index"] for task in answer.json["tasks"]] == [0, len(BAD) + 1]
    found = [[error_of(error)[0] for error in item["errors"]] for item in answer.json["errors"]]
    assert found == [[f"#/{index}{place}"] for index, (_, place) in enumerate(BAD, start=1)]
    limited.post("/tasks/batch-request/?atomic=true", items).problem(400, "invalid_input")
    limited.post("/tasks/batch-request/", items[1:2]).problem(400, "invalid_input")


@pytest.mark.parametrize(("change", "place"), BAD)
def test_schedules(change: dict[str, Any], place: str, limited: Api, other: Api) -> None:
    body = {**GOOD, **RULE, "name": "ours"}
    made = limited.post("/task-schedules/", body)
    assert made.status == 201
    path = f"/task-schedules/{made.json['id']}/"
    bad = {**body, **change}
    assert where(limited.post("/task-schedules/", {**bad, "name": "bad"})) == [f"#{place}"]
    assert where(limited.post("/task-schedules/?dry_run=true", {**bad, "name": "bad"})) == [f"#{place}"]
    assert where(send(limited, "PUT", "/task-schedules/by-name/ours/", bad)) == [f"#{place}"]
    assert where(send(limited, "PUT", "/task-schedules/by-name/new/", {**bad, "name": "new"})) == [
        f"#{place}"
    ]
    assert where(send(limited, "PATCH", path, change)) == [f"#{place}"]
    assert limited.get(path).json["priority"] == 4
    # One that somebody else has made so: it is not touched, whatever is changed of it.
    assert send(other, "PATCH", path, change).status == 200
    assert where(send(limited, "PATCH", path, {"tags": ["mine"]})) == [f"#{place}"]
    assert where(limited.post(f"{path}trigger/", {})) == [f"#{place}"]
    assert where(limited.post(f"{path}resume/", {})) == [f"#{place}"]
    period = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    assert where(limited.post(f"{path}backfill/", period)) == [f"#{place}"]
    assert where(limited.post(f"{path}backfill/?dry_run=true", period)) == [f"#{place}"]
    assert not Task.objects.exists()
    assert limited.post(f"{path}pause/", {}).status == 200


def test_occurrences(limited: Api) -> None:
    made = limited.post("/task-schedules/", {**GOOD, **RULE}).json
    path = f"/task-schedules/{made['id']}/occurrences/{made['upcoming'][1]['at']}/"
    assert where(send(limited, "PUT", path, {"priority": 6})) == ["#/priority"]
    assert where(send(limited, "PUT", path, {"arguments": {"seconds": 4}})) == ["#/arguments/seconds"]
    assert send(limited, "PUT", path, {"priority": 5, "arguments": {"seconds": 2}}).status == 200
    assert send(limited, "PUT", path, {"skip": True}).status == 200


def test_what_others_put_off_stays_so(limited: Api, other: Api) -> None:
    made = other.post("/task-schedules/", {**GOOD, **RULE, "priority": 9}).json
    path = f"/task-schedules/{made['id']}/"
    occurrence = f"{path}occurrences/{made['upcoming'][1]['at']}/"
    assert send(other, "PUT", occurrence, {"skip": True}).status == 200
    assert where(limited.delete(occurrence)) == ["#/priority"]
    assert other.post(f"{path}pause/", {}).status == 200
    # A pause with an end is a resume to come.
    assert where(limited.post(f"{path}pause/", {"until": "2126-01-01T00:00:00Z"})) == ["#/priority"]
    assert limited.post(f"{path}pause/", {"reason": "still"}).status == 200
    assert other.get(path).json["paused_until"] is None
    assert other.delete(occurrence).status == 204


def test_tasks_that_are_there(limited: Api) -> None:
    good = make_task(Status.FAILURE, operation="sleep", arguments={"seconds": 1})
    bad = make_task(Status.FAILURE)
    waiting = make_task(operation="sleep", arguments={"seconds": 1})
    assert limited.post(f"/tasks/{good.id}/retry/", {}).status == 202
    assert where(limited.post(f"/tasks/{bad.id}/retry/", {})) == ["#/operation"]
    assert where(send(limited, "PATCH", f"/tasks/{waiting.id}/", {"priority": 9})) == ["#/priority"]
    assert send(limited, "PATCH", f"/tasks/{waiting.id}/", {"priority": 3}).status == 200
    assert limited.post(f"/tasks/{waiting.id}/cancel/", {}).status == 200


@pytest.mark.parametrize("path", ["/tasks/retry/?status=FAILURE", "/task-schedules/resume/?status=paused"])
def test_many_at_once(path: str, limited: Api, other: Api) -> None:
    assert where(limited.post(path, {})) == ["#"]
    assert other.post(path, {}).status == 200


class TestPlaceholders:
    """They stand for what nobody knows yet."""

    def pinned(self, pattern: str) -> Api:
        pin = pin_text({"required": ["expression"], "properties": {"expression": {"pattern": pattern}}})
        return Api(make_key("developer", pins={"calculate": pin}).text)

    def create(self, api: Api, expression: str) -> Answer:
        return api.post(
            "/task-schedules/", {"operation": "calculate", "arguments": {"expression": expression}, **RULE}
        )

    def test_what_any_date_satisfies(self) -> None:
        assert self.create(self.pinned("^1\\+"), "1+{{ scheduled_for:%Y }}").status == 201

    @pytest.mark.parametrize(
        "pattern", ["^1\\+20(31|32)$", "^1\\+2031$", "^1\\+(2031|2032|\\{\\{ scheduled_for:%Y \\}\\})$"]
    )
    def test_what_only_samples_satisfy_is_refused(self, pattern: str) -> None:
        answer = self.create(self.pinned(pattern), "1+{{ scheduled_for:%Y }}")
        if "scheduled_for" in pattern:
            assert answer.status == 201  # whoever writes such a pin means it
        else:
            assert where(answer) == ["#/arguments/expression"]


def test_a_secret_is_no_way_around_a_pattern() -> None:
    from access.policy import violations
    from access.restrictions import Restrictions

    pin = pin_text({"properties": {"url": {"pattern": "^https://crm"}}})
    held = Restrictions(pins=(("http_request", pin),))
    assert list(violations(held, "http_request", {"url": {"$secret": "other"}}, 5))


@pytest.mark.parametrize(
    "word", [{"pattern": "^169"}, {"const": "169.254.169.254"}, {"enum": ["169.254.169.254"]}]
)
@pytest.mark.parametrize("inner", [lambda word: word, lambda word: {"allOf": [word]}])
def test_what_is_not_known_yet_is_no_way_around_a_not(word: Any, inner: Any) -> None:
    for pin in (
        {"properties": {"host": {"not": inner(word)}}},
        {"not": {"properties": {"host": inner(word)}}},
    ):
        text = pin_text(pin)
        assert mismatch(text, {"host": "192.0.2.1"}) is None
        assert mismatch(text, {"host": "169.254.169.254"})
        # In the 169th days of years, this is that.
        assert mismatch(text, {"host": "{{ scheduled_for:%j }}.254.169.254"})
        if "pattern" in word:
            assert mismatch(text, {"host": {"$secret": "other"}})
    twice = pin_text({"properties": {"host": {"not": {"not": word}}}})
    assert mismatch(twice, {"host": "169.254.169.254"}) is None
    assert mismatch(twice, {"host": "{{ scheduled_for:%j }}.254.169.254"})


def test_restrictions_cost_nobody_else_anything(other: Api) -> None:
    assert Project.objects.exists()
    assert other.post("/tasks/", {"operation": "4+7", "priority": 9}).status == 202
