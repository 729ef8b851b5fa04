"""Nobody gives more than they have: keys that make, change and revoke others."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from testing.access import make_key, make_project
from testing.api import Answer, Api

pytestmark = pytest.mark.django_db


def patch(api: Api, key_id: str, **changes: Any) -> Answer:
    return api.send("PATCH", f"/keys/{key_id}/", json.dumps(changes).encode())


class TestNobodyGivesMoreThanTheyHave:
    """Neither by making keys nor by changing or rotating others."""

    @pytest.fixture
    def limited(self) -> Api:
        """Somebody who may make keys, and not much else."""
        key = make_key(
            None,
            scopes=["keys:admin", "tasks:submit", "payloads:read"],
            operations=["http_*"],
            max_priority=5,
            networks=["127.0.0.0/8"],
            pins={"http_request": '{"required":["url"]}'},
            expires_at=now() + timedelta(days=9),
        )
        return Api(key.text)

    FITTING: dict[str, Any] = {
        "name": "a",
        "scopes": ["tasks:submit"],
        "operations": ["http_request", "http_re*"],
        "max_priority": 3,
        "networks": ["127.0.0.1"],
        "pins": {"http_request": {"required": ["url"]}, "sleep": False},
        "expires_at": (now() + timedelta(days=8)).isoformat(),
    }

    def test_less_or_as_much_is_fine(self, limited: Api) -> None:
        assert limited.post("/keys/", self.FITTING).status == 201

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("scopes", ["tasks:read"]),
            ("operations", ["*"]),
            ("operations", ["http_request", "sleep"]),
            ("operations", None),
            ("max_priority", 6),
            ("max_priority", None),
            ("networks", ["0.0.0.0/0"]),
            ("networks", ["::1"]),
            ("networks", None),
            ("pins", {"sleep": False}),
            ("pins", {"http_request": True}),
            ("pins", None),
            ("expires_at", "2126-01-01T00:00:00Z"),
            ("expires_at", None),
        ],
    )
    def test_more_is_not(self, field: str, value: Any, limited: Api) -> None:
        answer = limited.post("/keys/", {**self.FITTING, field: value})
        assert [each[:2] for each in answer.errors(403, "exceeds_own_key")] == [(f"#/{field}", "exceeds_own")]

    def test_a_role_neither(self, limited: Api) -> None:
        body = {name: value for name, value in self.FITTING.items() if name != "scopes"}
        [(where, _, detail)] = limited.post("/keys/", {**body, "role": "admin"}).errors(
            403, "exceeds_own_key"
        )
        assert where == "#/role"
        assert "tasks:read" in detail

    def test_nor_by_a_key_that_may_more(self, limited: Api) -> None:
        stronger = make_key()
        for answer in (
            patch(limited, stronger.id, name="mine"),
            limited.post(f"/keys/{stronger.id}/rotate/", {}),
            limited.post(f"/keys/{stronger.id}/revoke/", {}),
        ):
            answer.problem(403, "exceeds_own_key")
        assert Api(stronger.text).get("/tasks/").status == 200

    def test_nor_sight_of_arguments_through_what_pins_refuse(self) -> None:
        """A pin is held against the stored arguments of a schedule that its key triggers."""
        probing, seeing = (
            Api(make_key(None, scopes=["keys:admin", "schedules:trigger", *more]).text)
            for more in ([], ["payloads:read"])
        )
        key = {"name": "a", "scopes": ["schedules:trigger"]}
        pins = {"http_request": {"properties": {"url": {"pattern": "token=a"}}}}
        [(where, _, detail)] = probing.post("/keys/", {**key, "pins": pins}).errors(403, "exceeds_own_key")
        assert where == "#/pins"
        assert "payloads:read" in detail
        plain = probing.post("/keys/", key).json["id"]
        assert patch(probing, plain, pins=pins).errors(403, "exceeds_own_key")
        assert patch(seeing, plain, pins=pins).status == 200
        assert patch(probing, plain, name="b").status == 200
        assert patch(probing, plain, pins=None).status == 200

    def test_a_project_is_not_left(self) -> None:
        project = make_project("acme")
        caller = Api(make_key(project=project).text)
        assert caller.post("/keys/", {"name": "a", "role": "viewer"}).json["project"] == "acme"
        assert caller.post("/keys/", {"name": "a", "role": "viewer", "project": "acme"}).status == 201
        for other in ("default", "missing"):
            answer = caller.post("/keys/", {"name": "a", "role": "viewer", "project": other})
            assert answer.errors(403, "exceeds_own_key")[0][0] == "#/project"
