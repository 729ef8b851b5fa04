"""What an event tells of a change: what is different, in bounds, and nothing that must not be told."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from access.audit.events import (
    LONGEST_TEXT,
    MOST_CHARACTERS,
    MOST_FIELDS,
    bounded,
    created,
    differences,
    removed,
    short,
)
from access.bootstrap import make_first_key
from access.key_text import new_key
from access.models import AuditEvent, Key
from testing.access import make_key
from testing.api import Api

VALUES = st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3) | st.none(), max_size=5)


def test_only_what_is_different() -> None:
    before = {"name": "a", "priority": 5, "arguments": {"url": "x", "body": 1}, "tags": ["a"]}
    after = {"name": "a", "priority": 9, "arguments": {"url": "y", "body": 1, "new": None}, "tags": []}
    assert differences(before, after) == {
        "priority": {"before": 5, "after": 9},
        "arguments.url": {"before": "x", "after": "y"},
        "arguments.new": {"after": None},
        "tags": {"before": ["a"], "after": []},
    }


@given(VALUES, VALUES)
def test_nothing_where_nothing_is(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert differences(before, before) == {}
    assert bool(differences(before, after)) == (before != after)


def test_of_what_is_new_or_gone_only_what_it_has() -> None:
    values: dict[str, Any] = {"name": "a", "cron": None, "tags": [], "arguments": {"url": "x"}}
    assert created(values) == {"name": {"after": "a"}, "arguments.url": {"after": "x"}}
    assert removed(values) == {"name": {"before": "a"}, "arguments.url": {"before": "x"}}


@given(
    st.dictionaries(st.text(), st.recursive(st.text() | st.integers(), st.lists, max_leaves=5), max_size=5)
)
def test_whatever_comes_is_stored_in_bounds(values: dict[str, Any]) -> None:
    for told in bounded(created(values)).values():
        assert len(json.dumps(told)) <= MOST_CHARACTERS + 20


def test_long_values_are_told_by_their_length_and_many_by_their_number() -> None:
    assert bounded({"a": {"after": "x" * 5_000}}) == {"a": {"after": "(5,002 characters)"}}
    many = bounded({str(number): {"after": 1} for number in range(MOST_FIELDS + 7)})
    assert len(many) == MOST_FIELDS + 1
    assert many["..."] == {"after": "(7 more fields)"}


@given(st.text(st.characters(), max_size=1_000))
def test_texts_are_storable_and_short(text: str) -> None:
    made = short(text)
    assert len(made) <= LONGEST_TEXT
    assert "\0" not in made
    made.encode()


@pytest.mark.django_db
def test_nothing_of_a_key_is_in_its_events_but_its_end() -> None:
    api = Api(make_key().text)
    made = api.post("/keys/", {"name": "x", "role": "viewer"}).json
    path = f"/keys/{made['id']}/"
    rotated = api.send("POST", f"{path}rotate/").json
    assert api.send("POST", f"{path}revoke/").status == 200
    told = json.dumps(list(AuditEvent.objects.values()), default=str)
    assert AuditEvent.objects.count() == 3
    for text in (made["key"], rotated["key"]):
        assert text[4 + 12 + 1 :][:-4] not in told
    for key in Key.objects.all():
        assert bytes(key.digest).hex() not in told


@pytest.mark.django_db
class TestWhatChangesNothing:
    SCHEDULE = {"name": "nightly", "operation": "4+7", "cron": "@daily"}

    def test_leaves_no_event(self) -> None:
        api = Api(make_key().text)
        path = f"/task-schedules/{api.post('/task-schedules/', self.SCHEDULE).json['id']}/"
        count = AuditEvent.objects.count()
        for method, where, body in (
            ("POST", "/task-schedules/?dry_run=true", {**self.SCHEDULE, "name": "other"}),
            ("PATCH", f"{path}?dry_run=true", {"priority": 9}),
            ("PUT", "/task-schedules/by-name/nightly/?dry_run=true", {**self.SCHEDULE, "priority": 9}),
            ("PUT", "/task-schedules/by-name/new/?dry_run=true", {**self.SCHEDULE, "name": "new"}),
            ("POST", "/task-schedules/pause/?status=active&dry_run=true", {}),
            ("POST", "/tasks/cancel/?status=PENDING&dry_run=true", {}),
            ("POST", "/task-schedules/", self.SCHEDULE),
            ("POST", "/task-schedules/resume/?status=paused", {}),
            ("POST", "/tasks/retry/?status=FAILURE", {}),
            ("PUT", "/task-schedules/by-name/nightly/", {**self.SCHEDULE, "priority": 5}),
            ("PATCH", path, {"cron": "@daily"}),
            ("POST", f"{path}resume/", {}),
        ):
            answer = api.send(method, where, json.dumps(body).encode())
            assert answer.status in (200, 201, 409), answer.content
            assert AuditEvent.objects.count() == count, (method, where)

    def test_a_pause_of_what_is_paused_so_already(self) -> None:
        api = Api(make_key().text)
        path = f"/task-schedules/{api.post('/task-schedules/', self.SCHEDULE).json['id']}/pause/"
        for _ in range(2):
            assert api.post(path, {"reason": "moving"}).status == 200
        assert AuditEvent.objects.filter(action="schedule.pause").count() == 1


@pytest.mark.django_db
class TestPeople:
    def test_each_change_is_told_and_no_password(self, tmp_path: Path) -> None:
        words = tmp_path / "password"
        for number, command in enumerate(
            (
                ["create", "ada", "--role", "admin", "--password-file", str(words)],
                ["role", "ada", "--project", "default=viewer"],
                ["password", "ada", "--password-file", str(words)],
                ["deactivate", "ada"],
                ["role", "ada", "--project", "default=viewer"],
            )
        ):
            words.write_text(f"a lengthy and unusual text {number}")
            call_command("people", *command)
        told = list(AuditEvent.objects.order_by("id"))
        assert [event.action for event in told] == ["person.create"] + ["person.update"] * 3
        assert {(event.project_id, event.actor_kind, event.target_type) for event in told} == {
            (0, "system", "person")
        }
        assert told[1].changes == {"roles": {"before": {}}, "roles.default": {"after": "viewer"}}
        assert told[2].changes == {"password": {"after": "(another)"}}
        assert told[3].changes == {"is_active": {"before": True, "after": False}}
        assert "unusual" not in json.dumps(list(AuditEvent.objects.values()), default=str)


@pytest.mark.django_db
def test_the_command_line_leaves_events() -> None:
    call_command("keys", "create", "--role", "admin")
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_kind, event.project_id) == ("key.create", "system", 0)


@pytest.mark.django_db
def test_the_first_key_that_comes_in_a_file_leaves_one() -> None:
    assert make_first_key(new_key())
    assert AuditEvent.objects.get().action == "key.create"
    assert not make_first_key(new_key())
    assert AuditEvent.objects.count() == 1
