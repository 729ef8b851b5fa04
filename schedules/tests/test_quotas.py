"""What a sweep does with instants for which a project's quota has no room, on a real database."""

from datetime import datetime, timedelta
from itertools import count
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from access import known
from access.models import Project
from rest.json import instant_text
from schedules.expansion.isolation import expand_apart
from schedules.models import Occurrence, TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NOON, NewSchedule
from schedules.tests.lives import MINUTE, at, fresh, ledger, succeed, sweep_for, tasks
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.quotas import Turn, room_of, take_turns
from testing.access import make_key, make_project
from testing.api import Api
from testing.clock import Clock
from testing.concurrency import PATIENCE_SECONDS, apart
from testing.factories import make_task

EACH_MINUTE = "FREQ=MINUTELY"
numbers = count(1)


@pytest.fixture(autouse=True)
def the_database(transactional_db: None) -> None:
    """Several transactions look at it."""


def project(**quotas: int) -> Project:
    return make_project(f"number-{next(numbers)}", quotas=quotas)


def belongs(schedule: TaskSchedule, owner: Project) -> TaskSchedule:
    schedule.project_id = owner.id
    schedule.save(update_fields=["project_id"])
    return schedule


def set_quotas(owner: Project, **quotas: int) -> None:
    Project.objects.filter(id=owner.id).update(quotas=quotas)
    known.forget()


def test_an_instant_that_is_not_allowed_has_its_place_in_the_ledger(
    new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = belongs(new_schedule(rrule=EACH_MINUTE), project(waiting_tasks=2))
    neighbour = new_schedule(rrule=EACH_MINUTE)
    sweep_for(clock, 4)
    assert ledger(schedule) == [(0, 0, "created"), (1, 1, "created"), (2, 4, "skipped_quota")]
    row = Occurrence.objects.get(schedule=schedule, outcome="skipped_quota")
    assert (row.count, row.task_id) == (3, None)
    assert row.reason == "the project had as many tasks as its quota waiting_tasks allows (2)"
    assert len(tasks(neighbour)) == 5
    succeed(schedule)
    sweep_for(clock, 1)
    assert ledger(schedule)[3:] == [(5, 5, "created")]
    assert fresh(schedule).runs_created == 3


def test_it_is_told(new_schedule: NewSchedule, clock: Clock) -> None:
    owner = project(waiting_tasks=0)
    schedule = belongs(new_schedule(rrule=EACH_MINUTE), owner)
    sweep_for(clock, 1)
    api = Api(make_key("viewer", owner).text)
    told = api.get(f"/task-schedules/{schedule.id}/occurrences/?limit=3").json["results"]
    assert [each["outcome"] for each in told] == ["skipped_quota", "skipped_quota", "upcoming"]
    assert told[0]["reason"].endswith("waiting_tasks allows (0)")
    assert told[0]["task"] is None


def test_schedules_of_a_project_share_its_room(new_schedule: NewSchedule, clock: Clock) -> None:
    owner = project(waiting_tasks=3)
    ours = [belongs(new_schedule(rrule=EACH_MINUTE), owner) for _ in range(5)]
    theirs = [belongs(new_schedule(rrule=EACH_MINUTE), project(waiting_tasks=1)) for _ in range(2)]
    nobodys = [new_schedule(rrule=EACH_MINUTE) for _ in range(2)]
    sweep_for(clock, 0)
    assert sum(len(tasks(each)) for each in ours) == 3
    assert [len(tasks(each)) for each in theirs + nobodys] == [1, 1, 1, 1]
    assert all(len(ledger(each)) == 1 for each in ours)


def test_tasks_of_a_day(new_schedule: NewSchedule, lie_idle: Any) -> None:
    owner = project(tasks_per_day=3, waiting_tasks=100)
    schedule = belongs(new_schedule(misfire_policy="run_all"), owner)
    make_task(Status.SUCCESS, project_id=owner.id)
    lie_idle(schedule, 9)
    Sweeper().sweep()
    assert len(tasks(schedule)) == 2
    row = Occurrence.objects.get(schedule=schedule, outcome="skipped_quota")
    assert row.count >= 7
    assert row.reason == "the project had as many tasks as its quota tasks_per_day allows (3)"


def test_of_both_the_scarcer_one_counts() -> None:
    ours, theirs = project(), project()
    for status in (Status.PENDING, Status.SUCCESS, Status.RETRY):
        make_task(status, project_id=ours.id)
    now = datetime.now().astimezone()
    limits = {
        ours.id: {"waiting_tasks": 4, "tasks_per_day": 4, "schedules": 1},
        theirs.id: {"tasks_per_day": 9},
    }
    assert room_of(limits, now) == {ours.id: (1, "tasks_per_day"), theirs.id: (9, "tasks_per_day")}
    limits = {ours.id: {"waiting_tasks": 1}}
    assert room_of(limits, now) == {ours.id: (0, "waiting_tasks")}
    assert room_of({ours.id: {"tasks_per_day": 5}}, now + timedelta(days=1)) == {
        ours.id: (5, "tasks_per_day")
    }


def test_one_that_waited_for_another_is_held_to_it_when_its_time_comes(
    new_schedule: NewSchedule, clock: Clock
) -> None:
    owner = project()
    schedule = belongs(new_schedule(rrule=EACH_MINUTE, overlap_policy="queue_one"), owner)
    sweep_for(clock, 1)
    assert ledger(schedule) == [(0, 0, "created"), (1, 1, "queued")]
    set_quotas(owner, waiting_tasks=0)
    succeed(schedule)
    sweep_for(clock, 0)
    assert ledger(schedule) == [(0, 0, "created"), (1, 1, "skipped_quota")]


def test_without_quotas_of_tasks_a_sweep_sends_the_same_statements(
    new_schedule: NewSchedule, clock: Clock
) -> None:
    owner = project()
    schedule = belongs(new_schedule(rrule=EACH_MINUTE), owner)
    new_schedule(rrule=EACH_MINUTE)
    sweeper = Sweeper()
    sweeper.sweep()
    sent = []
    for quotas in ({}, {"schedules": 1, "min_interval_seconds": 1}, {"waiting_tasks": 9}):
        set_quotas(owner, **quotas)
        clock.advance(MINUTE)
        with CaptureQueriesContext(connection) as asked:
            sweeper.sweep()
        sent.append(len(asked))
    assert sent == [sent[0], sent[0], sent[0] + 2]
    assert len(ledger(schedule)) == 4


def test_a_sweep_leaves_alone_whose_turn_another_has(new_schedule: NewSchedule, clock: Clock) -> None:
    """And nobody else waits for that."""
    owner = project(waiting_tasks=5)
    schedule, neighbour = belongs(new_schedule(rrule=EACH_MINUTE), owner), new_schedule(rrule=EACH_MINUTE)
    has_it, may_end = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            take_turns([owner.id], Turn.WAIT)
            has_it.set()
            may_end.wait(PATIENCE_SECONDS)

    holder = apart(hold)
    assert has_it.wait(PATIENCE_SECONDS)
    sweep_for(clock, 0)
    may_end.set()
    holder.result()
    assert (ledger(schedule), ledger(neighbour)) == ([], [(0, 0, "created")])
    assert fresh(schedule).sweep_at == NOON
    sweep_for(clock, 0)
    assert ledger(schedule) == [(0, 0, "created")]


def test_sweepers_and_requests_at_once_stay_within_it(new_schedule: NewSchedule, clock: Clock) -> None:
    owner = project(waiting_tasks=7)
    ours = [belongs(new_schedule(rrule=EACH_MINUTE), owner) for _ in range(20)]
    others = [new_schedule(rrule=EACH_MINUTE) for _ in range(3)]
    settled = TaskSchedule.objects.filter(id__in=[each.id for each in ours[:5]])

    def settle() -> None:
        with transaction.atomic():
            expand_apart(list(settled.select_for_update().order_by("id")), clock.now())

    for each in [apart(function) for function in [*[Sweeper().sweep] * 2, settle, *[Sweeper().sweep] * 2]]:
        each.result()
    Sweeper().sweep()
    assert Task.objects.filter(project_id=owner.id).count() == 7
    assert all(len(ledger(each)) == 1 for each in ours)
    assert all(len(tasks(each)) == 1 for each in others)


class TestBackfill:
    """It is refused before it begins."""

    def test_it_is_refused(self, new_schedule: NewSchedule, clock: Clock) -> None:
        owner = project(waiting_tasks=5)
        schedule = belongs(new_schedule(rrule=EACH_MINUTE, starts_at=instant_text(at(-60))), owner)
        sweep_for(clock, 0)
        api = Api(make_key("developer", owner).text)
        path = f"/task-schedules/{schedule.id}/backfill/"
        for body, refused in ((-5, True), (-4, False), (-4, False), (-5, True)):
            sent = {"from": instant_text(at(body)), "to": instant_text(at(0))}
            for query in ("?dry_run=true", ""):
                answer = api.post(path + query, sent)
                if refused:
                    problem = answer.problem(409, "quota_reached")
                    assert (problem["quota"], problem["limit"]) == ("waiting_tasks", 5)
                else:
                    assert answer.status == 202, answer.content
        assert len(tasks(schedule)) == 5


class TestRetry:
    """What waits again is held to the quota of what waits, and to no other: it was created before."""

    def test_one(self) -> None:
        owner = project(waiting_tasks=1, tasks_per_day=0)
        api = Api(make_key("developer", owner).text)
        failed = [make_task(Status.FAILURE, project_id=owner.id) for _ in range(2)]
        assert api.send("POST", f"/tasks/{failed[0].id}/retry/").status == 202
        assert (
            api.send("POST", f"/tasks/{failed[1].id}/retry/").problem(409, "quota_reached")["quota"]
            == "waiting_tasks"
        )
        assert Task.objects.get(id=failed[1].id).status == Status.FAILURE

    def test_many(self) -> None:
        owner = project(waiting_tasks=2)
        api = Api(make_key("developer", owner).text)
        for _ in range(3):
            make_task(Status.FAILURE, project_id=owner.id, tags=["a"])
        assert api.send("POST", "/tasks/retry/?tag=a").problem(409, "quota_reached")["used"] == 0
        assert Task.objects.filter(status=Status.FAILURE).count() == 3
        set_quotas(owner, waiting_tasks=3)
        assert api.send("POST", "/tasks/retry/?tag=a").json["count"] == 3
        assert api.send("POST", "/tasks/retry/?tag=a").json["count"] == 0
