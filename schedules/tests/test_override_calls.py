"""PUT and DELETE of /task-schedules/{id}/occurrences/{instant}/: what they answer, and what they refuse."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from rest_framework.test import APIClient

from access.actor import NOBODY
from schedules.actions import overriding, pausing
from schedules.models import Occurrence, TaskSchedule
from schedules.tests.conftest import NOON, NewSchedule
from schedules.tests.lives import MINUTE, at, fresh, sweep_for
from schedules.tests.occurring import errors, listed, page, path_of, put, refused, take_back
from testing.clock import Clock
from testing.concurrency import apart

EACH_MINUTE = "FREQ=MINUTELY"
CLOSED = "the library is closed"

ANSWERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"skip": True}, {"outcome": "overridden", "reason": "somebody decided that it is left out"}),
    ({"skip": True, "reason": CLOSED}, {"outcome": "overridden", "reason": CLOSED}),
    ({"run_at": "2027-01-01T12:09:00.5Z"}, {"outcome": "moved", "due_at": "2027-01-01T12:09:00.500000Z"}),
    ({"run_at": "2027-01-01T17:39:00+05:30"}, {"outcome": "moved", "due_at": "2027-01-01T12:09:00Z"}),
    ({"priority": 0}, {"outcome": "upcoming", "priority": 0, "arguments": None}),
    ({"arguments": {"expression": "2+2"}}, {"outcome": "upcoming", "arguments": {"expression": "2+2"}}),
    (
        {"run_at": "2027-01-01T12:09:00Z", "priority": 9, "skip": False, "arguments": None},
        {"outcome": "moved", "priority": 9, "due_at": "2027-01-01T12:09:00Z", "arguments": None},
    ),
]
ONE_INSTANT = [
    "2027-01-01T12:02:00Z",
    "2027-01-01T17:32:00+05:30",
    "2027-01-01t12:02:00z",
    "2027-01-01T12:02:00.000Z",
    "2027-01-01 12:02:00Z",
    "2027-01-01 12:02:00+00:00",
    "2027-01-01 17:32:00 05:30",
    "2027-01-01T17:32:00 05:30",
    "2027-01-01T08:02:00-04:00",
]
NO_INSTANTS = [
    "2027-01-01T12:02:00",
    "2027-01-01",
    "2027-01-01 12:02:00",
    " 2027-01-01T12:02:00Z",
    "2027-01-01  12:02:00Z",
    "2027-13-01T12:02:00Z",
    "0001-01-01T00:00:00+14:00",
    "next",
    "\0",
    "9" * 500,
]
BAD_BODIES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({}, [("#", "required")]),
    ({"reason": CLOSED}, [("#", "required")]),
    ({"skip": False}, [("#", "required")]),
    ({"skip": True, "priority": 3}, [("#/priority", "conflict")]),
    (
        {"skip": True, "run_at": "2027-01-01T13:00:00Z", "arguments": {}},
        [("#/run_at", "conflict"), ("#/arguments", "conflict")],
    ),
    ({"run_at": "2027-01-01T12:00:00Z"}, [("#/run_at", "too_early")]),
    ({"run_at": "2027-01-01T13:00:00"}, [("#/run_at", "invalid_datetime")]),
    ({"priority": 10}, [("#/priority", "max_value")]),
    ({"skip": "true"}, [("#/skip", "invalid_type")]),
    ({"reason": "", "skip": True}, [("#/reason", "min_length")]),
    ({"scheduled_for": "2027-01-01T13:00:00Z"}, [("#/scheduled_for", "unknown_field")]),
    ({"arguments": {"expression": "1+"}}, [("#/arguments/expression", "invalid_expression")]),
    ({"arguments": {}}, [("#/arguments/expression", "required")]),
    ({"arguments": {"expression": "{{ nothing }}"}}, [("#/arguments/expression", "unknown_placeholder")]),
]


@pytest.fixture
def schedule(new_schedule: NewSchedule, clock: Clock) -> TaskSchedule:
    """Each minute; the first one has its task."""
    schedule = new_schedule(rrule=EACH_MINUTE, timezone="Asia/Kolkata")
    sweep_for(clock, 0)
    return schedule


def test_it_answers_as_the_list_tells_it(client: APIClient, schedule: TaskSchedule) -> None:
    for version, (body, found) in enumerate(ANSWERS, start=2):
        answer = put(client, schedule, at(2), **body)
        assert (answer.status_code, answer["ETag"]) == (200, f'"v{version}"')
        assert answer.json().items() >= found.items()
        assert answer.json()["local"] == "2027-01-01T17:32:00+05:30"
        assert page(client, schedule, start=at(2), end=at(3))["results"] == [answer.json()]


def test_the_last_word_counts(client: APIClient, schedule: TaskSchedule) -> None:
    put(client, schedule, at(2), run_at=at(9), priority=9, reason="first")
    body = put(client, schedule, at(2), skip=True).json()
    assert (body["outcome"], body["due_at"], body["priority"]) == ("overridden", None, None)
    assert put(client, schedule, at(2), priority=1).json()["outcome"] == "upcoming"
    assert Occurrence.objects.filter(scheduled_for=at(2)).count() == 1


def test_delete_takes_it_back(client: APIClient, schedule: TaskSchedule) -> None:
    put(client, schedule, at(1), skip=True)
    assert fresh(schedule).next_run_at == at(2)
    answer = take_back(client, schedule, at(1))
    assert (answer.status_code, answer.content) == (204, b"")
    assert fresh(schedule).next_run_at == at(1)
    assert listed(client, schedule, start=at(1), limit=1) == [(1, "upcoming")]
    refused(take_back(client, schedule, at(1)), 404, "this occurrence has no override")


def test_the_instant_in_any_form(client: APIClient, schedule: TaskSchedule) -> None:
    for instant in ONE_INSTANT:
        assert put(client, schedule, instant, skip=True).json()["scheduled_for"] == "2027-01-01T12:02:00Z"
        unquoted = f"/task-schedules/{schedule.id}/occurrences/{instant}"
        assert client.delete(unquoted).status_code == 204


def test_what_is_no_instant(client: APIClient, schedule: TaskSchedule) -> None:
    for instant in NO_INSTANTS:
        for answer in (put(client, schedule, instant, skip=True), take_back(client, schedule, instant)):
            refused(answer, 404, "a path names an occurrence by its time")


def test_an_instant_that_is_not_named(client: APIClient, schedule: TaskSchedule) -> None:
    nearest = "the nearest: 2027-01-01T12:02:00Z and 2027-01-01T12:03:00Z"
    for instant in ("2027-01-01T12:02:01Z", "2027-01-01T12:02:00.000001Z"):
        refused(put(client, schedule, instant, skip=True), 404, nearest)
        refused(take_back(client, schedule, instant), 404, nearest)


def test_an_instant_behind_the_last(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, ends_at="2027-01-01T13:00:00Z")
    refused(put(client, schedule, at(61), skip=True), 404, "the nearest: 2027-01-01T13:00:00Z")


def test_bad_bodies(client: APIClient, schedule: TaskSchedule) -> None:
    for body, found in BAD_BODIES:
        assert errors(put(client, schedule, at(2), **body)) == found, body
    assert not Occurrence.objects.filter(scheduled_for=at(2)).exists()


def test_a_body_that_is_no_object(client: APIClient, schedule: TaskSchedule) -> None:
    assert errors(client.put(path_of(schedule, at(2)), [])) == [("#", "invalid_type")]


def test_what_has_its_task_is_decided(client: APIClient, schedule: TaskSchedule) -> None:
    refused(put(client, schedule, NOON, skip=True), 409, "its outcome is created")
    refused(take_back(client, schedule, NOON), 409, "its outcome is created")


def test_what_is_due_is_dealt_with_first(client: APIClient, schedule: TaskSchedule, clock: Clock) -> None:
    clock.set(at(1))
    refused(put(client, schedule, at(1), skip=True), 409, "its outcome is created")


def test_what_fell_into_a_pause_that_goes_on(client: APIClient, schedule: TaskSchedule, clock: Clock) -> None:
    pausing.pause(schedule.id, NOBODY)
    clock.advance(2 * MINUTE)
    refused(put(client, schedule, at(1), skip=True), 409, "due, or past and dealt with")
    assert put(client, schedule, at(3), skip=True).status_code == 200


def test_one_that_was_moved_and_whose_own_time_is_past(
    client: APIClient, schedule: TaskSchedule, clock: Clock
) -> None:
    put(client, schedule, at(1), run_at=at(9))
    sweep_for(clock, 2)
    assert errors(put(client, schedule, at(1), priority=9)) == [("#/run_at", "too_early")]
    refused(take_back(client, schedule, at(1)), 409, "its own time has passed")
    assert put(client, schedule, at(1), run_at=at(10)).json()["due_at"] == "2027-01-01T12:10:00Z"
    assert put(client, schedule, at(1), skip=True).status_code == 200
    refused(put(client, schedule, at(1), run_at=at(10)), 409, "its outcome is overridden")


@pytest.mark.parametrize(
    ("status", "state"), [("completed", "is completed"), ("error", "was set aside with an error")]
)
def test_a_schedule_that_makes_no_tasks(
    client: APIClient, schedule: TaskSchedule, status: str, state: str
) -> None:
    TaskSchedule.objects.update(status=status, sweep_at=None)
    refused(put(client, schedule, at(2), skip=True), 409, f"the schedule {state}")
    refused(take_back(client, schedule, at(2)), 409, f"the schedule {state}")


def test_an_operation_that_is_gone(client: APIClient, schedule: TaskSchedule) -> None:
    TaskSchedule.objects.update(operation="gone")
    refused(put(client, schedule, at(2), arguments={"x": 1}), 409, "no task can be created")
    assert put(client, schedule, at(2), skip=True).status_code == 200


def test_a_rule_that_can_be_read_no_more(client: APIClient, schedule: TaskSchedule) -> None:
    TaskSchedule.objects.update(timezone="Mars/Olympus")
    refused(put(client, schedule, at(2), skip=True), 409, "can no longer be read")


def write_rows(schedule: TaskSchedule, minutes: Iterable[float], outcome: str, **fields: Any) -> None:
    """A row in the ledger for each of these instants."""
    Occurrence.objects.bulk_create(
        Occurrence(
            schedule=schedule, scheduled_for=moment, last_scheduled_for=moment, outcome=outcome, **fields
        )
        for moment in map(at, minutes)
    )


def test_too_many(client: APIClient, schedule: TaskSchedule) -> None:
    write_rows(schedule, range(10, 10 + overriding.MOST), "overridden")
    refused(put(client, schedule, at(2), skip=True), 409, "1,000 occurrences")
    assert put(client, schedule, at(10), priority=3).status_code == 200


def test_too_many_that_were_moved(client: APIClient, schedule: TaskSchedule) -> None:
    write_rows(schedule, range(-overriding.MOST, 0), "moved", due_at=at(10_000))
    refused(put(client, schedule, at(2), skip=True), 409, "1,000 occurrences")


def test_too_long_arguments_in_all(client: APIClient, schedule: TaskSchedule) -> None:
    changes = {"arguments": {"expression": "1" * (overriding.MOST_CHARACTERS // 4)}}
    write_rows(schedule, range(10, 14), "changed", changes=changes)
    refused(put(client, schedule, at(2), arguments={"expression": "2+2"}), 409, "4,194,304 characters")
    assert put(client, schedule, at(2), skip=True).status_code == 200
    assert put(client, schedule, at(10), arguments={"expression": "2+2"}).status_code == 200


def test_the_version_that_is_meant(client: APIClient, schedule: TaskSchedule, clock: Clock) -> None:
    refused(put(client, schedule, at(2), tag='"v2"', skip=True), 412, 'it is at version "v1"')
    clock.advance(MINUTE / 60)
    assert put(client, schedule, at(2), tag='"v1"', skip=True)["ETag"] == '"v2"'
    refused(put(client, schedule, at(2), tag='"v1"', priority=9), 412, 'it is at version "v2"')
    refused(take_back(client, schedule, at(2), tag='"v1"'), 412, 'it is at version "v2"')
    assert take_back(client, schedule, at(2), tag='W/"v2"')["ETag"] == '"v3"'
    assert fresh(schedule).updated_at == at(1 / 60)


def test_another_edit_of_the_schedule_sees_it(client: APIClient, schedule: TaskSchedule) -> None:
    put(client, schedule, at(2), skip=True)
    path = f"/task-schedules/{schedule.id}/"
    assert client.get(path)["ETag"].startswith('"v2.')
    assert client.patch(path, {"cron": "@daily"}, headers={"If-Match": '"v1"'}).status_code == 412
    assert Occurrence.objects.filter(scheduled_for=at(2)).exists()


def test_what_is_refused_makes_no_version(client: APIClient, schedule: TaskSchedule) -> None:
    refused(put(client, schedule, NOON, skip=True), 409, "its outcome is created")
    refused(take_back(client, schedule, at(2)), 404, "no override")
    assert fresh(schedule).version == 1


def test_of_two_who_mean_the_same_version_one_is_told(client: APIClient, schedule: TaskSchedule) -> None:
    answers = [
        apart(partial(put, client, schedule, at(minute), tag='"v1"', skip=True)) for minute in (2, 3, 4)
    ]
    assert sorted(future.result(30).status_code for future in answers) == [200, 412, 412]
    assert fresh(schedule).version == 2


def test_an_unknown_schedule(client: APIClient, schedule: TaskSchedule) -> None:
    schedule.id = Occurrence.objects.get().id
    refused(put(client, schedule, at(2), skip=True), 404, "there is no task schedule")
    refused(take_back(client, schedule, at(2)), 404, "there is no task schedule")


def test_no_query_and_no_body(client: APIClient, schedule: TaskSchedule) -> None:
    assert errors(client.put(path_of(schedule, at(2)) + "?force=true", {"skip": True})) == [
        ("force", "unknown_field")
    ]
    assert errors(client.delete(path_of(schedule, at(2)), {"skip": True})) == [("#", "unexpected_body")]


def test_the_furthest_instants(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(cron="0 0 * * *")
    far = "9999-12-20T00:00:00Z"
    assert put(client, schedule, far, run_at="9999-12-31T23:59:59Z").json()["scheduled_for"] == far
    refused(put(client, schedule, "9999-12-31T23:59:59.999999Z", skip=True), 404, "the nearest: ")
    refused(put(client, schedule, "0001-01-01T00:00:00Z", skip=True), 404, "the nearest: ")
    clock.advance(timedelta(days=1))
    sweep_for(clock, 0)
    assert fresh(schedule).status == "active"
