"""POST /task-schedules/{id}/backfill/: tasks for a time that is past."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from access.actor import NOBODY
from rest.json import instant_text
from schedules.actions import pausing
from schedules.actions.backfilling import MOST, MOST_CHARACTERS
from schedules.models import Occurrence, TaskSchedule
from schedules.recurrence import RuleSpec
from schedules.tests.conftest import NOON, NewSchedule
from schedules.tests.lives import at, fresh, ledger, sweep_for, tasks
from schedules.tests.occurring import errors, fill, filled, minutes, put, refused, seconds_apart
from tasks_api.models import Task
from testing.broker import Lists
from testing.clock import Clock
from testing.concurrency import eventually
from testing.ledger import assert_covers

LONG_AGO = NOON - timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def schedule(new_schedule: NewSchedule, clock: Clock) -> TaskSchedule:
    """Each tenth minute for an hour already; it was created at noon, and that occurrence has its task."""
    schedule = new_schedule(
        rrule="FREQ=MINUTELY;INTERVAL=10",
        starts_at=instant_text(LONG_AGO),
        tags=["a"],
        timezone="Asia/Kolkata",
    )
    sweep_for(clock, 0)
    return schedule


def test_it_works(client: APIClient, schedule: TaskSchedule, clock: Clock, broker: Lists) -> None:
    answer = fill(client, schedule, at(-30), at(0))
    assert filled(answer) == ([-30, -20, -10], [])
    body = answer.json()
    made = tasks(schedule)[1:]
    assert body["results"][0] == {
        "scheduled_for": "2027-01-01T11:30:00Z",
        "local": "2027-01-01T17:00:00+05:30",
        "run_at": "2027-01-01T12:00:00Z",
        "task": str(made[0].id),
    }
    assert (body["dry_run"], [str(task.id) for task in made]) == (
        False,
        [one["task"] for one in body["results"]],
    )
    assert {tuple(task.tags) for task in made} == {("a", f"backfill:{body['id']}")}
    assert [task.scheduled_for for task in made] == [at(-30), at(-20), at(-10)]
    assert ledger(schedule) == [(m, m, "created") for m in (-30, -20, -10, 0)]
    found = client.get("/tasks/", {"tag": f"backfill:{body['id']}"}).json()["results"]
    assert len(found) == 3
    assert {one["schedule"] for one in found} == {str(schedule.id)}


def test_its_tasks_are_handed_over(client: APIClient, schedule: TaskSchedule, broker: Lists) -> None:
    [task] = filled_tasks(fill(client, schedule, at(-10), at(0)))
    eventually(lambda: str(task.id) in [message.task_id for message in broker.sent()])


def filled_tasks(answer: Any) -> list[Task]:
    return [Task.objects.get(id=one["task"]) for one in answer.json()["results"]]


def test_they_count_for_nothing_else(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(
        rrule="FREQ=MINUTELY", starts_at=instant_text(LONG_AGO), schedule_x_times=3, overlap_policy="skip"
    )
    assert filled(fill(client, schedule, at(-5), at(0)))[0] == [-5, -4, -3, -2, -1]
    stored = fresh(schedule)
    assert (stored.runs_created, stored.runs_remaining, stored.last_run_at) == (1, 2, NOON)


def test_a_dry_run_tells_and_changes_nothing(
    client: APIClient, schedule: TaskSchedule, broker: Lists
) -> None:
    before = (ledger(schedule), [task.id for task in tasks(schedule)])
    for query, body in (("?dry_run=true", {}), ("", {"dry_run": True})):
        span = {"from": instant_text(at(-20)), "to": instant_text(at(0)), **body}
        answer = client.post(f"/task-schedules/{schedule.id}/backfill/{query}", span)
        assert filled(answer) == ([-20, -10], [])
        assert (answer.json()["dry_run"], answer.json()["id"]) == (True, None)
        assert {one["task"] for one in answer.json()["results"]} == {None}
    assert (ledger(schedule), [task.id for task in tasks(schedule)]) == before


def test_a_dry_run_locks_nothing_and_tells_the_same(
    client: APIClient, schedule: TaskSchedule, clock: Clock, broker: Lists
) -> None:
    """No sweep waits for it, although something is due that it must foresee."""
    clock.set(at(25))
    span = {"from": instant_text(at(-20)), "to": instant_text(at(25))}
    with CaptureQueriesContext(connection) as queries:
        found = filled(client.post(f"/task-schedules/{schedule.id}/backfill/?dry_run=true", span))
    for word in ("UPDATE", "INSERT", "DELETE"):
        assert not [query["sql"] for query in queries.captured_queries if word in query["sql"]]
    assert found == filled(fill(client, schedule, at(-20), at(25)))


def test_a_second_one_creates_nothing(client: APIClient, schedule: TaskSchedule, clock: Clock) -> None:
    clock.advance(timedelta(seconds=1))
    created, left = filled(fill(client, schedule, at(-20), clock.now()))
    assert (created, left) == ([-20, -10], [(0, "created")])
    again = fill(client, schedule, at(-20), clock.now())
    assert filled(again) == ([], [(-20, "created"), (-10, "created"), (0, "created")])
    known = {str(task.id) for task in tasks(schedule)}
    assert {one["task"] for one in again.json()["left"]} == known


def test_at_a_pace(client: APIClient, schedule: TaskSchedule, broker: Lists) -> None:
    answer = fill(client, schedule, at(-30), at(0), pace_seconds=90)
    assert [minutes(one["run_at"]) for one in answer.json()["results"]] == [0, 1.5, 3]
    assert [task.run_at for task in filled_tasks(answer)] == [at(0), at(1.5), at(3)]
    half = fill(client, schedule, at(-60), at(-30), pace_seconds=0.5).json()["results"]
    assert seconds_apart([one["run_at"] for one in half]) == [0.5, 0.5]


def test_what_expires_expires_after_it_may_run(
    client: APIClient, new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY", starts_at=instant_text(LONG_AGO), expires_after_seconds=60)
    answer = fill(client, schedule, at(-2), at(0), pace_seconds=60)
    assert [task.expires_at for task in filled_tasks(answer)] == [at(1), at(2)]


def test_placeholders_are_filled(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    text = "{{ previous_scheduled_for:%s }}-{{ next_scheduled_for:%s }}"
    schedule = new_schedule(
        operation="calculate",
        arguments={"expression": text},
        rrule="FREQ=MINUTELY",
        starts_at=instant_text(LONG_AGO),
    )
    for task in filled_tasks(fill(client, schedule, at(-3), at(0))):
        assert task.scheduled_for is not None
        around = [task.scheduled_for.timestamp() + seconds for seconds in (-60, 60)]
        assert task.arguments["expression"] == f"{around[0]:.0f}-{around[1]:.0f}"
        assert task.previous_scheduled_for == task.scheduled_for - timedelta(minutes=1)


def test_a_completed_schedule(client: APIClient, schedule: TaskSchedule) -> None:
    TaskSchedule.objects.update(status="completed", next_run_at=None, sweep_at=None)
    assert filled(fill(client, schedule, at(-10), at(0)))[0] == [-10]
    assert fresh(schedule).status == "completed"


def test_an_operation_that_is_gone(client: APIClient, schedule: TaskSchedule) -> None:
    TaskSchedule.objects.update(operation="gone", status="error", sweep_at=None)
    refused(fill(client, schedule, at(-10), at(0)), 409, "no task can be created")
    assert len(ledger(schedule)) == 1


def test_a_rule_that_can_be_read_no_more(client: APIClient, schedule: TaskSchedule) -> None:
    TaskSchedule.objects.update(timezone="Mars/Olympus")
    refused(fill(client, schedule, at(-10), at(0)), 409, "can no longer be read")


def test_bad_bodies(client: APIClient, schedule: TaskSchedule) -> None:
    span: dict[str, Any] = {"from": "2027-01-01T11:00:00Z", "to": "2027-01-01T12:00:00Z"}
    for body, found in [
        ({}, [("#/from", "required"), ("#/to", "required")]),
        ({**span, "from": "2027-01-01T11:00:00"}, [("#/from", "invalid_datetime")]),
        ({**span, "from": span["to"]}, [("#/to", "too_early")]),
        ({**span, "to": "2027-01-01T12:00:00.000001Z"}, [("#/to", "too_late")]),
        ({**span, "pace_seconds": -1}, [("#/pace_seconds", "min_value")]),
        ({**span, "pace_seconds": 86_401}, [("#/pace_seconds", "max_value")]),
        ({**span, "dry_run": "yes"}, [("#/dry_run", "invalid_type")]),
        ({**span, "start": span["from"]}, [("#/start", "unknown_field")]),
        ([], [("#", "invalid_type")]),
    ]:
        answer = client.post(f"/task-schedules/{schedule.id}/backfill/", body)
        assert errors(answer) == found, body
    assert len(tasks(schedule)) == 1


def test_it_does_not_reach_into_what_is_forgotten(client: APIClient, schedule: TaskSchedule) -> None:
    """Before that nobody knows what ran; before the creation nothing did."""
    TaskSchedule.objects.update(ledger_from=at(-20), created_at=at(-40))
    answer = fill(client, schedule, at(-30), at(-10))
    assert errors(answer) == [("#/from", "too_early")]
    assert "2027-01-01T11:40:00Z" in answer.json()["detail"]
    assert filled(fill(client, schedule, at(-20), at(-10)))[0] == [-20]


def test_an_unknown_schedule(client: APIClient, db: None) -> None:
    body = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    answer = client.post("/task-schedules/01a1f890-cdf7-7648-a082-ae42845e09b1/backfill/", body)
    refused(answer, 404, "there is no task schedule")


def test_more_than_one_may_cover(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule="FREQ=SECONDLY", starts_at="2020-01-01T00:00:00Z")
    sweep_for(clock, 0)
    start = NOON - (MOST + 1) * SECOND
    answer = fill(client, schedule, start, NOON)
    assert errors(answer) == [("#/to", "too_many")]
    assert f"must be at most {instant_text(NOON - SECOND)}" in answer.json()["detail"]
    assert fill(client, schedule, "0001-01-01T00:00:00Z", NOON).status_code == 400
    with CaptureQueriesContext(connection) as few:
        fill(client, schedule, NOON - SECOND, NOON)
    with CaptureQueriesContext(connection) as many:
        answer = fill(client, schedule, start, NOON - SECOND)
    assert answer.json()["count"] == MOST
    assert len(many) == len(few) + 1  # as they are more than there is room for, the gate is closed afterwards


def test_with_large_arguments_it_covers_fewer(
    client: APIClient, new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule="FREQ=SECONDLY", starts_at="2020-01-01T00:00:00Z")
    sweep_for(clock, 0)
    TaskSchedule.objects.update(arguments={"expression": "1" * (MOST_CHARACTERS // 100)})
    answer = fill(client, schedule, NOON - 100 * SECOND, NOON)
    assert errors(answer) == [("#/to", "too_many")]
    assert f"must be at most {instant_text(NOON - SECOND)}" in answer.json()["detail"]


def test_what_has_arguments_of_its_own_keeps_them(
    client: APIClient, schedule: TaskSchedule, clock: Clock
) -> None:
    put(client, schedule, at(10), arguments={"expression": "2+2"}, priority=9)
    pausing.pause(schedule.id, NOBODY)
    clock.set(at(25))
    pausing.resume(schedule.id, NOBODY)
    assert ledger(schedule)[1:] == [(10, 10, "paused"), (20, 20, "paused")]
    found = filled_tasks(fill(client, schedule, at(1), at(25)))
    assert [(task.arguments["expression"], task.priority) for task in found] == [("2+2", 9), ("1+1", 5)]
    row = Occurrence.objects.get(scheduled_for=at(10))
    assert (row.outcome, row.reason, row.task_id) == ("created", None, found[0].id)
    spec: RuleSpec = schedule.spec
    assert_covers(schedule.id, [(spec, NOON, at(25))])
