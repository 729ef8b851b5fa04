"""Schedules in time zones that go by other names than IANA's."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from schedules.models import TaskSchedule

WINDOWS = "W. Europe Standard Time"
RRULE = f'DTSTART;TZID="{WINDOWS}":20300101T090000\nRRULE:FREQ=DAILY'

pytestmark = pytest.mark.django_db


def put(client: APIClient, **fields: Any) -> dict[str, Any]:
    answer = client.put("/task-schedules/by-name/morning/", {"operation": "4+7", **fields}, format="json")
    assert answer.status_code in (200, 201), answer.json()
    body: dict[str, Any] = answer.json()
    return body


def test_the_iana_name_is_kept(client: APIClient) -> None:
    body = put(client, cron="0 9 * * *", timezone=WINDOWS)
    assert (body["timezone"], body["warnings"]) == ("Europe/Berlin", [])
    assert body["description"] == "Every day at 09:00 Europe/Berlin"
    assert TaskSchedule.objects.get().timezone == "Europe/Berlin"


@pytest.mark.parametrize("rule", [{"every_x_days": 1, "timezone": WINDOWS}, {"rrule": RRULE}])
def test_the_same_again_moves_nothing(client: APIClient, rule: dict[str, Any]) -> None:
    one, other = put(client, **rule), put(client, **rule)
    assert (one["next_run_at"], one["timezone"]) == (other["next_run_at"], "Europe/Berlin")


def test_the_text_of_a_calendar_stays_and_is_told_about(client: APIClient) -> None:
    body = put(client, rrule=RRULE)
    assert (body["rrule"], body["timezone"]) == (RRULE, "Europe/Berlin")
    assert body["upcoming"][0] == {"at": "2030-01-01T08:00:00Z", "local": "2030-01-01T09:00:00+01:00"}
    assert body["warnings"] == [f"the time zone '{WINDOWS}' is read as Europe/Berlin"]


def test_a_preview_tells_of_either(client: APIClient) -> None:
    for rule in ({"rrule": RRULE}, {"cron": "0 9 * * *", "timezone": WINDOWS}):
        body = client.post("/task-schedules/preview/", rule, format="json").json()
        assert body["warnings"] == [f"the time zone '{WINDOWS}' is read as Europe/Berlin"]


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        ({"cron": "@daily", "timezone": "Europe/Berln"}, "#/timezone"),
        ({"rrule": RRULE.replace(WINDOWS, "Europe/Berln")}, "#/rrule"),
    ],
)
def test_a_near_miss_is_refused_with_what_was_meant(
    client: APIClient, rule: dict[str, str], pointer: str
) -> None:
    answer = client.post("/task-schedules/", {"operation": "4+7", **rule}, format="json")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, "unknown_timezone")
    assert error["detail"].endswith("did you mean Europe/Berlin?")
