"""Schedules whose tasks take the newest file of a name: which one it is, and what if there is none."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from files.models import File as Row
from files.models import FileUse
from operations import File, catalogue, operation
from schedules.models import Occurrence
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import at, fresh, ledger, sweep_for, tasks
from tasks_api.execution.running import execute
from tasks_api.ids import new_id
from tasks_api.models import Task
from testing.access import make_key, make_project
from testing.api import Api
from testing.clock import Clock
from testing.files import a_file, reference

EACH_MINUTE = "FREQ=MINUTELY"
NEWEST = {"$file": {"newest": "daily-*.csv", "max_age_seconds": 3_600}}
SKIP = {"$file": {"newest": "daily-*.csv", "max_age_seconds": 3_600, "if_none": "skip"}}


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_folder")]


@pytest.fixture(autouse=True)
def count() -> Iterator[None]:
    """An operation that takes a file."""
    before = dict(catalogue._operations)

    @operation(idempotent=True, timeout_seconds=30, name="count")
    def _(file: File) -> int:
        """Count bytes."""
        return file.size

    yield
    catalogue._operations = before


def body(file: Any, **more: Any) -> dict[str, Any]:
    return {"operation": "count", "arguments": {"file": file}, "rrule": EACH_MINUTE, **more}


def arrive(minute: float, name: str = "daily-1.csv", **more: Any) -> Row:
    """A file, at so many minutes after noon."""
    return a_file(name.encode(), name=name, created_at=at(minute), **more)


class TestATask:
    def test_gets_what_is_the_newest_when_it_is_made(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(**body(NEWEST))
        one = arrive(-1)
        Sweeper().sweep()
        two = arrive(0.5, "daily-2.csv")
        arrive(0.6, "weekly.csv")
        sweep_for(clock, 1)
        assert [task.arguments["file"] for task in tasks(schedule)] == [reference(one), reference(two)]
        assert fresh(schedule).arguments["file"] == NEWEST
        noted = FileUse.objects.order_by("id").values_list("file_id", "direction")
        assert list(noted) == [(one.id, "in"), (two.id, "in")]

    def test_of_two_at_the_same_moment_gets_the_later_id(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(**body(NEWEST))
        arrive(-1)
        later = arrive(-1, "daily-0.csv")
        Sweeper().sweep()
        assert [task.arguments["file"] for task in tasks(schedule)] == [reference(later)]

    def test_gets_what_its_own_instant_names(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(**body({"$file": {"newest": "{{ scheduled_for:%F }}.csv"}}))
        file = arrive(-1, "2027-01-01.csv")
        arrive(-0.5, "2027-01-02.csv")
        Sweeper().sweep()
        assert [task.arguments["file"] for task in tasks(schedule)] == [reference(file)]

    def test_gets_none_of_another_project(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(**body(SKIP))
        arrive(-1, project_id=make_project("other").id)
        Sweeper().sweep()
        assert ledger(schedule) == [(0, 0, "skipped_no_file")]


class TestWithoutAFile:
    def test_the_task_fails_and_says_so(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(**body(NEWEST))
        arrive(-61)
        Sweeper().sweep()
        [task] = tasks(schedule)
        assert ledger(schedule) == [(0, 0, "created")]
        execute(task.id, task.priority, new_id())
        error = Task.objects.get(id=task.id).error
        assert error is not None
        assert (error["type"], error["permanent"]) == ("file_missing", True)
        assert (
            "there was no file daily-*.csv that is at most 3600 seconds old when the task was made"
            in error["message"]
        )

    def test_the_instant_is_skipped_where_the_argument_says_so(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(**body(SKIP))
        sweep_for(clock, 2)
        file = arrive(2.5)
        sweep_for(clock, 1)
        assert ledger(schedule) == [(0, 2, "skipped_no_file"), (3, 3, "created")]
        row = Occurrence.objects.get(schedule=schedule, outcome="skipped_no_file")
        assert (row.count, row.task_id) == (3, None)
        assert row.reason == "there was no file daily-*.csv that is at most 3600 seconds old"
        assert [task.arguments["file"] for task in tasks(schedule)] == [reference(file)]
        assert fresh(schedule).runs_created == 1

    def test_what_is_skipped_is_no_run(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(**body(SKIP, schedule_x_times=1))
        sweep_for(clock, 1)
        assert fresh(schedule).status == "active"
        arrive(1.5)
        sweep_for(clock, 1)
        assert ledger(schedule) == [(0, 1, "skipped_no_file"), (2, 2, "created")]
        assert fresh(schedule).status == "completed"

    def test_one_that_runs_once_has_had_its_time(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(operation="count", arguments={"file": SKIP}, run_at=at(1).isoformat())
        sweep_for(clock, 2)
        assert ledger(schedule) == [(1, 1, "skipped_no_file")]
        assert fresh(schedule).status == "completed"

    def test_whoever_asks_for_a_task_gets_one_that_fails(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(**body(SKIP))
        answer = Api().post(f"/task-schedules/{schedule.id}/trigger/", {})
        assert answer.status == 202
        assert answer.json["arguments"]["file"] == SKIP

    def test_a_file_that_was_deleted_holds_nobody_up(self, new_schedule: NewSchedule, clock: Clock) -> None:
        file = arrive(-1)
        schedule, neighbour = new_schedule(**body(reference(file))), new_schedule(rrule=EACH_MINUTE)
        file.delete()
        Sweeper().sweep()
        assert len(tasks(schedule)) == len(tasks(neighbour)) == 1
        assert not FileUse.objects.exists()


class TestTheForm:
    def test_a_file_must_be_there(self, clock: Clock) -> None:
        errors = Api().post("/task-schedules/", body({"$file": str(new_id())})).errors()
        assert [(where, code) for where, code, _ in errors] == [("#/arguments/file", "unknown_file")]

    def test_and_when_it_is_edited(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(**body(NEWEST))
        change = b'{"arguments": {"file": {"$file": "%s"}}}' % str(new_id()).encode()
        answer = Api().send("PATCH", f"/task-schedules/{schedule.id}/", change)
        assert [(where, code) for where, code, _ in answer.errors()] == [("#/arguments/file", "unknown_file")]

    def test_the_newest_may_come_later(self, clock: Clock) -> None:
        answer = Api().post("/task-schedules/", body(NEWEST))
        assert (answer.status, answer.json["arguments"]["file"]) == (201, NEWEST)

    def test_a_pin_sees_the_reference(self, clock: Clock) -> None:
        pin = {
            "properties": {
                "file": {"properties": {"$file": {"properties": {"newest": {"pattern": "^daily-"}}}}}
            }
        }
        key = make_key("admin", pins={"count": json.dumps(pin)})
        api = Api(key.text)
        assert api.post("/task-schedules/", body(NEWEST)).status == 201
        other = body({"$file": {"newest": "weekly-*.csv"}})
        errors = api.post("/task-schedules/", other).errors(403, "key_restricted")
        assert errors[0][0] == "#/arguments/file/$file/newest"


def test_what_it_costs(new_schedule: NewSchedule, clock: Clock) -> None:
    """One statement for each name, and none for schedules whose operations take no files."""
    for _ in range(3):
        new_schedule(rrule=EACH_MINUTE)
    sweeper = Sweeper()
    sweeper.sweep()
    clock.advance(timedelta(minutes=1))
    with CaptureQueriesContext(connection) as without:
        sweeper.sweep()
    assert not [each for each in without.captured_queries if "file" in each["sql"]]
    new_schedule(**body(SKIP))
    clock.advance(timedelta(minutes=1))
    with CaptureQueriesContext(connection) as beside:
        sweeper.sweep()
    assert len([each for each in beside.captured_queries if '"file"' in each["sql"]]) == 1
