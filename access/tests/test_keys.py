"""`/keys/`."""

import json
from typing import Any

import pytest

from access import known
from access.key_text import read_key
from access.models import Key
from access.scopes import ALL_SCOPES, SCOPES_OF_ROLES, Scope
from testing.access import make_key, make_project
from testing.api import Answer, Api
from testing.concurrency import apart, eventually

pytestmark = pytest.mark.django_db

ADMIN = {"name": "first", "role": "admin"}


@pytest.fixture
def admin() -> Api:
    """The holder of an installation key for everything."""
    return Api(make_key().text)


def patch(api: Api, key_id: str, **changes: Any) -> Answer:
    return api.send("PATCH", f"/keys/{key_id}/", json.dumps(changes).encode())


class TestTheFirst:
    """It closes the service."""

    def test_it_needs_no_key_and_the_next_one_does(self, api: Api) -> None:
        assert api.get("/tasks/").status == 200
        answer = api.post("/keys/", ADMIN)
        assert answer.status == 201
        assert (answer.json["role"], answer.json["project"]) == ("admin", None)
        api.get("/tasks/").problem(401, "key_required")
        api.post("/keys/", ADMIN).problem(401, "key_required")
        assert Api(answer.json["key"]).post("/keys/", ADMIN).status == 201

    @pytest.mark.parametrize(
        "body", [{"role": "viewer"}, {"scopes": sorted(ALL_SCOPES)}, {"role": "admin", "project": "acme"}]
    )
    def test_it_must_be_able_to_make_the_others(self, body: dict[str, Any], api: Api) -> None:
        make_project("acme")
        [(where, code, _)] = api.post("/keys/", {"name": "a", **body}).errors()
        assert (where, code) == ("#/role", "not_the_first")
        assert api.get("/tasks/").status == 200
        assert not Key.objects.exists()

    def test_when_another_process_made_one_meanwhile(self, api: Api) -> None:
        assert api.get("/tasks/").status == 200
        made = make_key()
        known.openness.keep(None, known.Openness(is_open=True), float("inf"))
        api.post("/keys/", ADMIN).problem(401, "key_required")
        assert [key.public_id for key in Key.objects.all()] == [made.id]


@pytest.mark.django_db(transaction=True)
def test_of_several_who_make_the_first_one_does() -> None:
    answers = [apart(lambda: Api().post("/keys/", ADMIN)) for _ in range(6)]
    assert sorted(answer.result(60).status for answer in answers) == [201, 401, 401, 401, 401, 401]
    assert Key.objects.count() == 1


def test_the_text_is_told_once(admin: Api) -> None:
    answer = admin.post("/keys/", {"name": "build", "role": "submitter"})
    text = answer.json["key"]
    key_id = answer.json["id"]
    assert read_key(text).id == key_id
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Location"] == f"http://testserver/keys/{key_id}/"
    shown = admin.get(f"/keys/{key_id}/")
    assert shown.json == {name: value for name, value in answer.json.items() if name != "key"}
    assert shown.json["hint"] == f"pct_{key_id}_…{text[-4:]}"
    row = Key.objects.get(public_id=key_id)
    assert text[17:49] not in repr({name: str(value) for name, value in vars(row).items()})


def test_it_may_what_it_was_given(admin: Api) -> None:
    answer = admin.post("/keys/", {"name": "a", "scopes": ["tasks:submit"]})
    caller = Api(answer.json["key"])
    assert caller.post("/tasks/", {"operation": "4+7"}).status == 202
    problem = caller.get("/tasks/").problem(403, "scope_missing")
    assert problem["required_scope"] == "tasks:read"
    assert "tasks:read" in problem["detail"]


def test_scopes_of_a_role_are_told(admin: Api) -> None:
    for role, scopes in SCOPES_OF_ROLES.items():
        assert admin.post("/keys/", {"name": "a", "role": role}).json["scopes"] == sorted(scopes)


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({}, "#", "required"),
        ({"role": "viewer", "scopes": ["tasks:read"]}, "#", "required"),
        ({"role": "root"}, "#/role", "invalid_choice"),
        ({"scopes": ["tasks:all"]}, "#/scopes/0", "invalid_choice"),
        ({"scopes": []}, "#/scopes", "min_length"),
        ({"role": "viewer", "name": ""}, "#/name", "min_length"),
        ({"role": "viewer", "name": "a" * 101}, "#/name", "max_length"),
        ({"role": "viewer", "project": "missing"}, "#/project", "unknown_project"),
        ({"role": "viewer", "project": "No Slug"}, "#/project", "invalid_format"),
        ({"role": "viewer", "operations": []}, "#/operations", "min_length"),
        ({"role": "viewer", "operations": ["a?"]}, "#/operations/0", "invalid_format"),
        ({"role": "viewer", "max_priority": 10}, "#/max_priority", "max_value"),
        ({"role": "viewer", "networks": ["10.0.0.1/8"]}, "#/networks/0", "invalid_network"),
        ({"role": "viewer", "networks": [7]}, "#/networks/0", "invalid_network"),
        ({"role": "viewer", "networks": ["a" * 9]}, "#/networks/0", "invalid_network"),
        ({"role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}, "#/expires_at", "too_early"),
        (
            {"role": "viewer", "pins": {"sleep": {"$ref": "https://evil.example"}}},
            "#/pins/sleep/$ref",
            "invalid_pin",
        ),
        ({"role": "viewer", "pins": {"sleep": 7}}, "#/pins/sleep", "invalid_pin"),
        ({"role": "viewer", "colour": "red"}, "#/colour", "unknown_field"),
    ],
)
def test_what_is_refused(body: dict[str, Any], where: str, code: str, admin: Api) -> None:
    found = admin.post("/keys/", {"name": "a", **body}).errors()
    assert [each[:2] for each in found] == [(where, code)]
    assert Key.objects.count() == 1


def test_keys_of_others_are_not_seen() -> None:
    own, other = make_project("own"), make_project("other")
    caller = make_key(project=own)
    theirs = [make_key(project=other), make_key()]
    listed = Api(caller.text).get("/keys/").json["results"]
    assert [key["id"] for key in listed] == [caller.id]
    for key in theirs:
        for answer in (
            Api(caller.text).get(f"/keys/{key.id}/"),
            patch(Api(caller.text), key.id, name="mine"),
            Api(caller.text).post(f"/keys/{key.id}/rotate/", {}),
            Api(caller.text).post(f"/keys/{key.id}/revoke/", {}),
        ):
            answer.problem(404, "not_found")


def test_pages(admin: Api) -> None:
    made = [make_key(project=make_project(f"p{number}")).id for number in range(4)]
    first = admin.get("/keys/?limit=3")
    assert [key["id"] for key in first.json["results"]] == made[:0:-1]
    second = admin.get(first.json["next"])
    assert second.json["results"][0]["id"] == made[0]
    assert second.json["next"] is None
    assert admin.get(second.json["previous"]).json["results"] == first.json["results"]
    assert [key["id"] for key in admin.get("/keys/?project=p2").json["results"]] == [made[2]]
    assert admin.get("/keys/?cursor=x").errors()
    assert admin.get("/keys/?cursor=bv________8").errors()


def test_changes(admin: Api) -> None:
    key = make_key("viewer", max_priority=3)
    changed = patch(admin, key.id, name="b", scopes=["tasks:read"], max_priority=None, operations=["sleep"])
    assert changed.status == 200
    assert {
        name: changed.json[name] for name in ("name", "role", "scopes", "max_priority", "operations")
    } == {
        "name": "b",
        "role": None,
        "scopes": ["tasks:read"],
        "max_priority": None,
        "operations": ["sleep"],
    }
    assert patch(admin, key.id, role="operator").json["scopes"] == sorted(SCOPES_OF_ROLES["operator"])
    assert patch(admin, key.id).json["name"] == "b"
    Api(key.text).post("/tasks/", {"operation": "4+7"}).problem(403, "scope_missing")
    for name in ("name", "role", "scopes"):
        assert patch(admin, key.id, **{name: None}).errors()
    assert patch(admin, key.id, role="viewer", scopes=["tasks:read"]).errors()
    assert patch(admin, key.id, project="default").errors()
    assert patch(admin, key.id, pins={"sleep": {"required": ["seconds"]}}).json["pins"] == {
        "sleep": {"required": ["seconds"]}
    }
    assert patch(admin, key.id, pins=None).json["pins"] == {}


def test_revoking(admin: Api) -> None:
    key = make_key("viewer")
    assert Api(key.text).get("/tasks/").status == 200
    first, again = (admin.post(f"/keys/{key.id}/revoke/", {}) for _ in range(2))
    assert first.json["status"] == "revoked"
    assert first.json["revoked_at"] == again.json["revoked_at"]
    Api(key.text).get("/tasks/").problem(401, "key_revoked")
    patch(admin, key.id, name="b").problem(409, "conflict")
    admin.post(f"/keys/{key.id}/rotate/", {}).problem(409, "conflict")


def test_no_such_key(admin: Api) -> None:
    for key_id in ("missing", "0" * 12, "a'b", "%00"):
        admin.get(f"/keys/{key_id}/").problem(404, "not_found")


def test_each_scope_can_be_given(admin: Api) -> None:
    answer = admin.post("/keys/", {"name": "a", "scopes": [scope.value for scope in Scope]})
    assert answer.json["scopes"] == sorted(ALL_SCOPES)


@pytest.mark.django_db(transaction=True)
def test_the_last_use_is_written_beside_requests() -> None:
    key = make_key()
    assert Api(key.text).get("/tasks/").status == 200
    eventually(lambda: Key.objects.get().last_used_at)
    written = Key.objects.get().last_used_at
    assert written is not None
    assert (written.second, written.microsecond) == (0, 0)


def test_the_log_has_no_key(caplog: pytest.LogCaptureFixture, admin: Api) -> None:
    caplog.set_level("DEBUG")
    text = admin.post("/keys/", {"name": "a", "role": "viewer"}).json["key"]
    Api(text).post("/tasks/", {"operation": "4+7"})
    Api(text[:-1] + "!").get("/tasks/")
    assert text[17:49] not in caplog.text
