"""What pages tell of schedules: strips of what became of instants, their year, and which are listed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from access.actor import DEFAULT_PROJECT_ID, NOBODY
from rest.problems import InvalidInput
from schedules.actions import pausing
from schedules.models import Occurrence, TaskSchedule
from schedules.occurrences.forecast import Outlook
from schedules.shown.listing import ListedSchedules, State, Wanted, page
from schedules.shown.marks import LENGTH, Strip, strips
from schedules.shown.rows import shown
from schedules.shown.run_times import recent_tasks, run_times
from schedules.shown.year import Day, Year, year
from schedules.tests.conftest import NOON, NewSchedule
from schedules.tests.lives import MINUTE, sweep_for
from tasks_api.database import database_now
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.clock import Clock
from testing.factories import make_task
from testing.plans import empty, readings_of

pytestmark = pytest.mark.django_db
EACH_MINUTE = "FREQ=MINUTELY"


def strip_of(schedule: TaskSchedule) -> Strip:
    return strips([schedule.id], database_now())[schedule.id]


def listed(**wanted: Any) -> list[str | None]:
    found = page(Wanted(**wanted), DEFAULT_PROJECT_ID, database_now(), 50)
    return [schedule.name for schedule in found.schedules]


def year_of(schedule: TaskSchedule, now: datetime) -> Year:
    return year(schedule, Outlook(schedule, now), now)


def ended(schedule: TaskSchedule, status: Status, seconds: float = 3) -> Task:
    """A task of the schedule that has ended so, and its place in the ledger."""
    now = database_now()
    task = make_task(
        status, schedule_id=schedule.id, finished_at=now, started_at=now - timedelta(seconds=seconds)
    )
    Task.objects.filter(id=task.id, status="FAILURE").update(fingerprint="f")
    last = Occurrence.objects.filter(schedule=schedule).order_by("-scheduled_for").first()
    at = (last.scheduled_for if last else now - timedelta(days=1)) + timedelta(seconds=1)
    Occurrence.objects.create(
        schedule=schedule, scheduled_for=at, last_scheduled_for=at, outcome="created", task_id=task.id
    )
    return task


class TestMarks:
    def test_what_became_of_the_last_instants(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE)
        sweep_for(clock, 2)
        pausing.pause(schedule.id, NOBODY, reason="no power")
        clock.advance(3 * MINUTE)
        pausing.resume(schedule.id, NOBODY)
        marks = strip_of(schedule).marks
        assert [(mark.first, mark.count, mark.outcome, mark.status) for mark in marks] == [
            (NOON, 1, "created", "PENDING"),
            (NOON + MINUTE, 1, "created", "PENDING"),
            (NOON + 2 * MINUTE, 1, "created", "PENDING"),
            (NOON + 3 * MINUTE, 3, "paused", None),
        ]
        assert (marks[-1].last, marks[-1].reason) == (NOON + 5 * MINUTE, "the schedule was paused: no power")

    def test_rate_and_typical_run_time(self, new_schedule: NewSchedule) -> None:
        schedule = new_schedule(every_x_days=1)
        for seconds in (1, 2, 30):
            ended(schedule, Status.SUCCESS, seconds)
        ended(schedule, Status.FAILURE, 500)
        strip = strip_of(schedule)
        assert (strip.success_rate, strip.typical_seconds, strip.is_failing) == (0.75, 2, True)
        assert Strip().success_rate is None
        assert Strip().typical_seconds is None

    def test_the_newest_ones_of_each(self, new_schedule: NewSchedule) -> None:
        one, other = new_schedule(every_x_days=1), new_schedule(every_x_days=1)
        for _ in range(LENGTH + 5):
            ended(one, Status.SUCCESS)
        ended(other, Status.FAILURE)
        found = strips([one.id, other.id], database_now())
        assert [len(found[each.id].marks) for each in (one, other)] == [LENGTH, 1]

    def test_a_task_that_is_kept_no_more(self, new_schedule: NewSchedule) -> None:
        schedule = new_schedule(every_x_days=1)
        ended(schedule, Status.SUCCESS).delete()
        [mark] = strip_of(schedule).marks
        assert (mark.outcome, mark.status, mark.seconds) == ("created", None, None)

    def test_tasks_are_found_by_their_ids(self, new_schedule: NewSchedule) -> None:
        empty("task")
        schedules = [new_schedule(every_x_days=1) for _ in range(5)]
        for schedule in schedules:
            ended(schedule, Status.SUCCESS)
        ids = [schedule.id for schedule in schedules]
        readings = readings_of(lambda: strips(ids, database_now()), "task")
        assert sum(reading.rows for reading in readings) == len(ids)


class TestListing:
    def test_by_state(
        self, new_schedule: NewSchedule, lie_idle: Callable[[TaskSchedule, float], Any]
    ) -> None:
        new = {name: new_schedule(every_x_days=1, name=name) for name in ("a", "b", "c", "d", "e")}
        pausing.pause(new["a"].id, NOBODY)
        ended(new["b"], Status.FAILURE)
        ended(new["c"], Status.FAILURE)
        ended(new["c"], Status.SUCCESS)
        lie_idle(new["d"], 60)
        TaskSchedule.objects.filter(name="e").update(
            status="error", sweep_at=None, error="boom", runs_created=1
        )
        assert listed() == ["e", "d", "c", "b", "a"]
        assert listed(state=State.PAUSED) == ["a"]
        assert listed(state=State.FAILING) == ["b"]
        assert listed(state=State.LATE) == ["d"]
        assert listed(state=State.SET_ASIDE) == ["e"]
        assert listed(state=State.NEVER_RAN) == ["d", "c", "b", "a"]
        assert listed(state=State.ACTIVE, name="C") == ["c"]

    def test_what_is_not_known_is_refused(self) -> None:
        with pytest.raises(InvalidInput):
            listed(operation="nothing")

    @pytest.mark.parametrize("state", [None, State.NEVER_RAN])
    def test_pages(self, state: State | None, new_schedule: NewSchedule) -> None:
        for number in range(7):
            new_schedule(every_x_days=1, name=str(number))

        def get(**edge: Any) -> ListedSchedules:
            return page(Wanted(state=state, **edge), DEFAULT_PROJECT_ID, database_now(), 3)

        def names(found: ListedSchedules) -> str:
            return "".join(str(schedule.name) for schedule in found.schedules)

        first = get()
        second = get(before=first.older)
        third = get(before=second.older)
        back = get(after=third.newer)
        assert [names(each) for each in (first, second, third, back)] == ["654", "321", "0", "321"]
        assert (first.newer, third.older) == (None, None)
        assert names(get(before=back.older)) == "0"
        assert names(get(after=back.newer)) == "654"
        assert get(after=back.newer).newer is None

    def test_another_project_has_none(self, new_schedule: NewSchedule) -> None:
        ended(new_schedule(every_x_days=1), Status.FAILURE)
        for state in (None, *State):
            assert page(Wanted(state=state), 999, database_now(), 50).schedules == []

    @pytest.mark.parametrize("state", [None, *State])
    def test_so_many_queries(
        self,
        state: State | None,
        new_schedule: NewSchedule,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _ in range(10):
            ended(new_schedule(every_x_days=1), Status.FAILURE)
        now = database_now()
        with django_assert_max_num_queries(5):
            shown(page(Wanted(state=state), DEFAULT_PROJECT_ID, now, 50).schedules, now)

    def test_a_row(self, new_schedule: NewSchedule) -> None:
        schedule = new_schedule(cron="0 3 * * *", timezone="Asia/Kathmandu")
        [row] = shown([schedule], database_now())
        assert row.next_at == schedule.next_run_at
        assert row.next_local is not None
        assert (row.next_local.hour, row.is_late, row.strip) == (3, False, Strip())
        assert row.told["description"]


class TestYear:
    def test_of_each_day(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(cron="0 0,12 * * *", timezone="UTC")
        sweep_for(clock, 1)
        pausing.pause(schedule.id, NOBODY)
        clock.advance(timedelta(days=2))
        pausing.resume(schedule.id, NOBODY)
        found = year_of(schedule, clock.now())
        days = {day.day.isoformat(): day for week in found.weeks for day in week}
        assert [len(week) for week in found.weeks] == [7] * 53
        assert days["2027-01-01"] == Day(NOON.date(), open=1)
        assert (days["2027-01-02"].none, days["2027-01-03"].none) == (2, 2)
        assert found.known_from is None

    def test_what_is_to_come(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(every_x_days=1, timezone="Europe/Berlin")
        coming = [day for week in year_of(schedule, clock.now()).weeks for day in week if day.coming]
        assert len(coming) >= 12 * 7
        assert {day.coming for day in coming} == {1}

    def test_what_is_to_come_of_many(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(every_x_minutes=1, timezone="UTC")
        days = [day for week in year_of(schedule, clock.now()).weeks for day in week]
        assert [day.coming for day in days if day.day > NOON.date()] == [1440] * (
            len(days) - 1 - days.index(next(day for day in days if day.day == NOON.date()))
        )

    def test_so_many_queries(
        self, new_schedule: NewSchedule, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        schedule = new_schedule(rrule="FREQ=SECONDLY", schedule_x_times=100_000)
        now = database_now()
        with django_assert_max_num_queries(2):
            year_of(schedule, now)


def test_run_times(new_schedule: NewSchedule) -> None:
    schedule = new_schedule(every_x_days=1)
    ended(schedule, Status.SUCCESS, 2)
    ended(schedule, Status.FAILURE, 4)
    make_task(Status.PENDING, schedule_id=schedule.id)
    found = run_times(recent_tasks(schedule), database_now())
    assert [(each.status, each.seconds, each.limit) for each in found] == [
        ("SUCCESS", 2, 30),
        ("FAILURE", 4, 30),
    ]
