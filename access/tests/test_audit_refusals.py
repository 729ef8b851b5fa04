"""Who was refused is told: what somebody may not do one by one, keys that open nothing by their number."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from access.audit import refusals
from access.audit.refusals import MOST_AT_ONCE, MOST_COUNTED, tally
from access.key_text import new_key
from access.models import AuditEvent
from testing.access import make_key, make_project
from testing.api import Api

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_counted() -> Iterator[None]:
    tally.forget()
    yield
    tally.forget()


def test_what_somebody_may_not_do_is_an_event_each() -> None:
    project = make_project("own")
    key = make_key("viewer", project)
    api = Api(key.text)
    for _ in range(2):
        answer = api.post("/task-schedules/", {}, user_agent="curl/8", x_request_id="r-1")
        answer.problem(403, "scope_missing")
    first, second = AuditEvent.objects.order_by("id")
    assert (first.action, first.outcome) == ("access.refuse", "refused")
    assert first.reason == "scope_missing: schedules:write"
    assert (first.target_type, first.target_id) == ("request", "POST /task-schedules/")
    assert (first.actor_kind, first.actor_id, first.project_id) == ("key", key.id, project.id)
    assert (first.address, first.user_agent, first.request_id) == ("127.0.0.1", "curl/8", "r-1")
    assert second.reason == first.reason


def test_what_a_key_is_restricted_to_is_a_refusal_too() -> None:
    api = Api(make_key("developer", max_priority=3).text)
    body = {"operation": "4+7", "priority": 9}
    api.post("/tasks/", body).problem(403, "key_restricted")
    assert AuditEvent.objects.get().target_id == "POST /tasks/"


def test_what_is_no_refusal_of_rights_is_not_told() -> None:
    api = Api(make_key().text)
    assert api.post("/tasks/", {}).status == 400
    assert api.get("/nothing/").status == 404
    assert api.send("PUT", "/tasks/").status == 405
    Api().get("/tasks/").problem(401, "key_required")
    tally.write()
    assert not AuditEvent.objects.exists()


def test_keys_that_open_nothing_are_counted_by_address() -> None:
    make_key()
    revoked = make_key("viewer", revoked_at="2026-01-01T00:00:00Z")
    for _ in range(3):
        Api(new_key().text).get("/tasks/").problem(401, "key_invalid")
    Api(revoked.text).get("/tasks/").problem(401, "key_revoked")
    assert not AuditEvent.objects.exists()  # written outside of the requests' way
    tally.write()
    found = AuditEvent.objects.order_by("reason").values_list(
        "project_id", "reason", "count", "address", "actor_kind"
    )
    assert list(found) == [
        (0, "key_invalid", 3, "127.0.0.1", "nobody"),
        (0, "key_revoked", 1, "127.0.0.1", "nobody"),
    ]


def test_a_flood_fills_nothing_and_costs_no_statement() -> None:
    make_key()
    Api(new_key().text).get("/tasks/")
    with CaptureQueriesContext(connection) as queries:
        for number in range(200):
            Api("pct_wrong").get("/tasks/", remote_addr=f"10.0.0.{number}")
    assert not [each for each in queries.captured_queries if "audit" in each["sql"]]
    with (
        patch.object(refusals, "ip_of"),
        patch.object(refusals, "address_of", side_effect=map(str, range(1_000))),
    ):
        for _ in range(500):
            Api("pct_wrong").get("/tasks/")
    tally.write()
    assert AuditEvent.objects.count() <= MOST_COUNTED + 1
    assert sum(event.count or 0 for event in AuditEvent.objects.all()) == 701
    assert AuditEvent.objects.filter(address=None).exists()


def test_beyond_a_few_refusals_a_minute_an_actor_is_counted() -> None:
    api = Api(make_key("viewer").text)
    for _ in range(MOST_AT_ONCE + 5):
        api.post("/keys/", {}).problem(403, "scope_missing")
    assert AuditEvent.objects.count() == MOST_AT_ONCE
    tally.write()
    last = AuditEvent.objects.get(target_type=None)
    assert (last.count, last.reason, last.actor_kind) == (5, "scope_missing", "key")


def test_a_refusal_that_cannot_be_written_is_still_one(caplog: pytest.LogCaptureFixture) -> None:
    api = Api(make_key("viewer").text)
    with patch.object(AuditEvent, "save", side_effect=DatabaseError("full")):
        api.post("/keys/", {}).problem(403, "scope_missing")
    assert "refusals were not written: full" in caplog.text
