"""Rules made to be dear, through every door: what takes long to find is not looked for, and not told."""

from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from schedules.actions.editing import shortest_interval
from schedules.recurrence import RuleSpec, parse

pytestmark = pytest.mark.django_db

URL = "/task-schedules/"
START = "2026-11-20T17:00:00Z"
DEAR = "FREQ=SECONDLY;INTERVAL=86399;BYHOUR=3;BYMINUTE=7;BYSECOND=11"
DEAREST = "\n".join([f"RRULE:{DEAR}"] * 10)
"""Its next instant takes all that a search may cost, but for a little."""


def created(client: APIClient, **fields: object) -> dict[str, str]:
    schedule: dict[str, str] = client.post(URL, {"operation": "1+1", "starts_at": START, **fields}).json()
    return schedule


def test_the_next_instants_are_told_as_far_as_they_were_found(client: APIClient) -> None:
    schedule = created(client, rrule=DEAREST)
    assert len(schedule["upcoming"]) == 1
    assert schedule["next_run_at"] == "2163-09-12T03:07:11Z"


def test_intervals_are_compared_as_far_as_they_were_found() -> None:
    start = datetime.fromisoformat(START)
    dear, dearest = (parse(RuleSpec(rrule=text, starts_at=start)) for text in (DEAR, DEAREST))
    assert shortest_interval(dear, datetime(2263, 1, 1, tzinfo=UTC)) == 86_399 * 86_400
    assert shortest_interval(dearest, datetime(2263, 1, 1, tzinfo=UTC)) is None


def test_what_is_far_away_is_not_counted_up_to(client: APIClient) -> None:
    schedule = created(client, rrule=DEAR, schedule_x_times=2_000_000_000)
    path = f"{URL}{schedule['id']}/occurrences/"
    assert client.get(path, {"from": "9000-01-01T00:00:00Z", "limit": "1"}).json()["results"] == []
    assert len(client.get(path, {"limit": "2"}).json()["results"]) == 2


def test_the_first_that_is_not_left_out_is_looked_for_as_far_as_it_was_found(client: APIClient) -> None:
    schedule = created(client, rrule=DEAREST)
    path = f"{URL}{schedule['id']}/"
    left_out = client.put(f"{path}occurrences/{schedule['next_run_at']}/", {"skip": True})
    assert left_out.json()["outcome"] == "overridden"
    edited = client.patch(path, {"rrule": DEAR.replace("11", "12")}).json()
    assert edited["dropped_overrides"] == [schedule["next_run_at"]]
