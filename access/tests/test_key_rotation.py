"""`/keys/{id}/rotate/`."""

from typing import Any

import pytest
from django.utils.timezone import now

from access import known
from access.key_text import new_key
from access.models import Key
from testing.access import make_key, make_project
from testing.api import Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Api:
    """The holder of an installation key for everything."""
    return Api(make_key().text)


class TestRotation:
    """A new text for the same key."""

    def test_a_key_may_always_rotate_itself(self) -> None:
        old = make_key(None, scopes=["tasks:submit"], project=make_project("acme"))
        answer = Api(old.text).post(f"/keys/{old.id}/rotate/", {})
        assert answer.status == 201
        new = answer.json["key"]
        assert (answer.json["id"], new == old.text) == (old.id, False)
        for text in (new, old.text):
            assert Api(text).post("/tasks/", {"operation": "4+7"}).status == 202
        assert answer.json["old_text_until"] is not None

    def test_without_overlap_the_old_text_is_void_at_once(self) -> None:
        old = make_key()
        new = Api(old.text).post(f"/keys/{old.id}/rotate/", {"overlap_seconds": 0}).json["key"]
        Api(old.text).get("/tasks/").problem(401, "key_invalid")
        assert Api(new).get("/tasks/").status == 200

    def test_after_the_overlap_it_is_void(self) -> None:
        old = make_key()
        assert Api(old.text).post(f"/keys/{old.id}/rotate/", {"overlap_seconds": 3600}).status == 201
        assert Api(old.text).get("/tasks/").status == 200
        Key.objects.update(previous_until=now())
        known.forget()
        Api(old.text).get("/tasks/").problem(401, "key_invalid")

    def test_the_old_text_rotates_nothing(self) -> None:
        old = make_key(None, scopes=["tasks:read"])
        new = Api(old.text).post(f"/keys/{old.id}/rotate/", {}).json["key"]
        Api(old.text).post(f"/keys/{old.id}/rotate/", {}).problem(409, "conflict")
        assert Api(new).post(f"/keys/{old.id}/rotate/", {}).status == 201
        Api(old.text).get("/tasks/").problem(401, "key_invalid")

    def test_nor_where_nobody_knows_yet_that_it_is_old(self) -> None:
        old = make_key(None, scopes=["tasks:read"])
        assert Api(old.text).get("/tasks/").status == 200
        new = new_key(old.id)
        # As another process does it, of which this one hears within two seconds.
        Key.objects.filter(public_id=old.id).update(digest=new.digest)
        Api(old.text).post(f"/keys/{old.id}/rotate/", {}).problem(409, "conflict")
        assert bytes(Key.objects.get(public_id=old.id).digest) == new.digest

    def test_another_needs_a_scope(self, admin: Api) -> None:
        key, other = make_key("viewer"), make_key("viewer")
        Api(key.text).post(f"/keys/{other.id}/rotate/", {}).problem(403, "scope_missing")
        assert admin.post(f"/keys/{other.id}/rotate/", {}).status == 201

    @pytest.mark.parametrize("seconds", [-1, 2_592_001, 1.5, "60"])
    def test_bounds(self, seconds: Any, admin: Api) -> None:
        key = make_key("viewer")
        assert admin.post(f"/keys/{key.id}/rotate/", {"overlap_seconds": seconds}).errors()
