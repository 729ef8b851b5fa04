"""GET /task-schedules/{id}/occurrences/: the past as it was, the future computed."""

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from access.actor import NOBODY
from schedules.actions import pausing
from schedules.models import Occurrence, TaskSchedule
from schedules.occurrences import pages
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import edit
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import MINUTE, at, fresh, sweep_for, tasks
from schedules.tests.occurring import listed, page, put, take_back
from testing.clock import Clock

EACH_MINUTE = "FREQ=MINUTELY"
LATE = timedelta(seconds=30)


def test_it_works(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(cron="* * * * *", timezone="Asia/Kolkata")
    sweep_for(clock, 0)
    first, second = page(client, schedule, limit=2)["results"]
    assert first == {
        "scheduled_for": "2027-01-01T12:00:00Z",
        "local": "2027-01-01T17:30:00+05:30",
        "outcome": "created",
        "reason": None,
        "task": str(tasks(schedule)[0].id),
        "due_at": None,
        "arguments": None,
        "priority": None,
    }
    assert second == {
        **first,
        "scheduled_for": "2027-01-01T12:01:00Z",
        "local": "2027-01-01T17:31:00+05:30",
        "outcome": "upcoming",
        "task": None,
    }


def test_a_range_is_told_one_by_one_with_its_reason(
    client: APIClient, new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    sweep_for(clock, 0)
    clock.advance(3 * MINUTE + LATE)
    Sweeper().sweep()
    assert Occurrence.objects.count() == 3
    found = page(client, schedule, end=at(6))["results"]
    assert [(one["outcome"], one["reason"] is not None) for one in found] == [
        ("created", False),
        ("coalesced", True),
        ("coalesced", True),
        ("created", False),
        ("upcoming", False),
        ("upcoming", False),
    ]


def test_a_range_is_told_by_the_rule_and_in_the_zone_that_it_had(
    client: APIClient, new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(cron="*/2 * * * *", timezone="Asia/Tokyo", misfire_policy="skip")
    clock.advance(5 * MINUTE + LATE)
    edit(schedule, cron="*/5 * * * *", timezone="Europe/Berlin")
    found = page(client, schedule, end=at(12))["results"]
    assert [(one["local"][11:16], one["local"][19:], one["outcome"]) for one in found] == [
        ("21:00", "+09:00", "missed"),
        ("21:02", "+09:00", "missed"),
        ("21:04", "+09:00", "missed"),
        ("13:10", "+01:00", "upcoming"),
    ]


def test_what_is_due_and_not_swept_is_upcoming(
    client: APIClient, new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    clock.advance(MINUTE + LATE)
    assert listed(client, schedule, end=at(3)) == [(0, "upcoming"), (1, "upcoming"), (2, "upcoming")]


def test_a_pause_without_an_end(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    pausing.pause(schedule.id, NOBODY, reason="holiday")
    clock.advance(MINUTE + LATE)
    found = page(client, schedule, end=at(4))["results"]
    assert [one["outcome"] for one in found] == ["created", "paused", "paused", "paused"]
    assert {one["reason"] for one in found[1:]} == {"the schedule was paused: holiday"}


def test_a_pause_with_an_end(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    pausing.pause(schedule.id, NOBODY, until=at(2))
    assert listed(client, schedule, end=at(4)) == [
        (0, "created"),
        (1, "paused"),
        (2, "upcoming"),
        (3, "upcoming"),
    ]


def test_what_was_told_before_a_pause_ends_comes_true(
    client: APIClient, new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    pausing.pause(schedule.id, NOBODY, reason="holiday", until=at(3))
    clock.advance(2 * MINUTE)
    before = [(one["scheduled_for"], one["reason"]) for one in page(client, schedule, end=at(3))["results"]]
    clock.advance(MINUTE)
    Sweeper().sweep()
    after = page(client, schedule, end=at(4))["results"]
    assert [(one["scheduled_for"], one["reason"]) for one in after[:3]] == before
    assert after[3]["outcome"] == "created"


def test_a_schedule_that_was_set_aside(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    sweep_for(clock, 0)
    TaskSchedule.objects.update(operation="gone")
    clock.advance(MINUTE)
    Sweeper().sweep()
    clock.advance(2 * MINUTE)
    assert listed(client, schedule) == [(0, "created"), (1, "error"), (2, "missed"), (3, "missed")]


def test_a_completed_schedule(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, schedule_x_times=2)
    sweep_for(clock, 3)
    assert listed(client, schedule) == [(0, "created"), (1, "created")]


def test_it_ends_with_the_last_task_that_may_be_made(
    client: APIClient, new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, schedule_x_times=4)
    sweep_for(clock, 0)
    assert put(client, schedule, at(1), skip=True).status_code == 200
    assert put(client, schedule, at(2), run_at=at(3)).status_code == 200
    expected = [(0, "created"), (1, "overridden"), (2, "moved"), (3, "upcoming"), (4, "upcoming")]
    assert listed(client, schedule) == expected
    sweep_for(clock, 5)
    assert listed(client, schedule) == [(m, "overridden" if m == 1 else "created") for m in range(5)]
    assert fresh(schedule).status == "completed"


def test_overrides_are_told(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    put(client, schedule, at(1), skip=True, reason="closed")
    put(client, schedule, at(2), run_at=at(9))
    put(client, schedule, at(3), arguments={"expression": "2+2"}, priority=9)
    found = page(client, schedule, start=at(1), end=at(5))["results"]
    assert [(one["outcome"], one["reason"]) for one in found] == [
        ("overridden", "closed"),
        ("moved", "somebody moved it"),
        ("upcoming", "somebody gave it arguments or a priority of its own"),
        ("upcoming", None),
    ]
    assert found[1]["due_at"] == "2027-01-01T12:09:00Z"
    assert (found[2]["arguments"], found[2]["priority"]) == ({"expression": "2+2"}, 9)


def test_one_that_is_taken_back_while_the_list_is_made(
    client: APIClient, new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, starts_at="2027-01-01T12:01:00Z")
    put(client, schedule, at(1), skip=True)
    read_before = fresh(schedule)
    assert take_back(client, schedule, at(1)).status_code == 204
    found, _ = pages.page(read_before, pages.Period(at(0), at(3)), 10, clock.now())
    assert [(one.scheduled_for, one.outcome) for one in found] == [(at(1), "upcoming"), (at(2), "upcoming")]


def test_a_changed_one_in_a_pause_is_told_as_paused(
    client: APIClient, new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    put(client, schedule, at(1), priority=9)
    pausing.pause(schedule.id, NOBODY)
    [found] = page(client, schedule, start=at(1), end=at(2))["results"]
    assert (found["outcome"], found["reason"], found["priority"]) == ("paused", "the schedule was paused", 9)


def test_a_moved_one_of_a_pause_without_an_end_is_told_as_paused(
    client: APIClient, new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, starts_at="2027-01-01T12:05:00Z")
    put(client, schedule, at(9), run_at=at(2))
    pausing.pause(schedule.id, NOBODY)
    [found] = page(client, schedule, start=at(9), end=at(10))["results"]
    assert (found["outcome"], found["reason"]) == ("paused", "the schedule was paused")
    clock.advance(2 * MINUTE)
    assert page(client, schedule, start=at(9), end=at(10))["results"] == [found]
    pausing.resume(schedule.id, NOBODY)
    assert page(client, schedule, start=at(9), end=at(10))["results"] == [found]


@pytest.mark.parametrize("broken", ["Mars/Olympus", "UTC"])
def test_a_rule_that_can_be_read_no_more(
    client: APIClient, new_schedule: NewSchedule, clock: Clock, broken: str
) -> None:
    """What is certain is told: the rows, and the ends of ranges."""
    schedule = new_schedule(rrule=EACH_MINUTE, misfire_policy="skip")
    clock.advance(3 * MINUTE + LATE)
    Sweeper().sweep()
    Occurrence.objects.update(rule={"cron": "nonsense", "timezone": "UTC"})
    TaskSchedule.objects.update(timezone=broken)
    expected = [(0, "missed"), (3, "missed")]
    assert listed(client, schedule, end=at(4)) == expected
