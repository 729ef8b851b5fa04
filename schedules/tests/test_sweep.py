"""A sweep on a real database and a real broker: due schedules become occurrences and tasks, once."""

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import redis
from django.conf import settings
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from schedules.models import Occurrence, TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from tasks_api.models import Task
from testing.audit import seal_all

pytestmark = pytest.mark.django_db(transaction=True)

LieIdle = Callable[[TaskSchedule, float], datetime]


@pytest.fixture
def broker() -> redis.Redis:
    client = redis.Redis.from_url(settings.ENVIRONMENT.CELERY_BROKER_URL)
    client.flushdb()
    return client


def instants(schedule: TaskSchedule) -> list[datetime]:
    tasks = Task.objects.filter(schedule_id=schedule.id)
    return sorted(task.scheduled_for for task in tasks if task.scheduled_for)


def test_it_works(new_schedule: NewSchedule, lie_idle: LieIdle, broker: redis.Redis) -> None:
    schedule = new_schedule(
        rrule="FREQ=MINUTELY", priority=7, tags=["nightly"], max_attempts=2, timeout_seconds=9
    )
    first = lie_idle(schedule, 1)

    swept = Sweeper().sweep()

    assert (swept.schedules, swept.created) == (1, 1)
    task = Task.objects.get(schedule_id=schedule.id)
    assert (task.operation, task.arguments, task.priority) == ("calculate", {"expression": "1+1"}, 7)
    assert (task.tags, task.max_attempts, task.timeout_seconds) == (["nightly"], 2, 9)
    assert (task.scheduled_for, task.status) == (first, "PENDING")
    occurrence = Occurrence.objects.get(schedule=schedule)
    assert (occurrence.scheduled_for, occurrence.outcome, occurrence.task_id) == (first, "created", task.id)
    schedule.refresh_from_db()
    assert (schedule.next_run_at, schedule.last_run_at) == (first + timedelta(minutes=1), first)
    assert schedule.runs_created == 1
    message = json.loads(broker.lrange("tasks\x06\x162", 0, -1)[0])
    assert message["headers"]["id"] == str(task.id)


def test_what_the_operation_says_is_the_default(new_schedule: NewSchedule, lie_idle: LieIdle) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY")
    lie_idle(schedule, 1)
    Sweeper().sweep()
    task = Task.objects.get(schedule_id=schedule.id)
    assert (task.max_attempts, task.timeout_seconds, task.priority) == (3, 30, 5)


def test_it_leaves_what_is_not_due(new_schedule: NewSchedule) -> None:
    new_schedule(rrule="FREQ=DAILY", starts_at="2100-01-01T00:00:00Z")
    assert Sweeper().sweep().schedules == 0
    assert not Task.objects.exists()


def test_it_does_not_repeat_itself(new_schedule: NewSchedule, lie_idle: LieIdle) -> None:
    lie_idle(new_schedule(rrule="FREQ=MINUTELY"), 1)
    sweeper = Sweeper()
    sweeper.sweep()
    assert sweeper.sweep().created == 0
    assert Task.objects.count() == 1


def test_an_occurrence_that_has_its_task_gets_no_second(new_schedule: NewSchedule, lie_idle: LieIdle) -> None:
    """Even where a restored backup or a clock step put `next_run_at` back."""
    schedule = new_schedule(rrule="FREQ=MINUTELY")
    first = lie_idle(schedule, 1)
    sweeper = Sweeper()
    sweeper.sweep()
    TaskSchedule.objects.update(next_run_at=first, sweep_at=first)
    sweeper.sweep()
    assert instants(schedule) == [first]
    schedule.refresh_from_db()
    assert schedule.runs_created == 1


def test_run_last_tells_what_it_left_out(new_schedule: NewSchedule, lie_idle: LieIdle) -> None:
    schedule = new_schedule(rrule="FREQ=SECONDLY;INTERVAL=60", misfire_policy="run_last")
    first = lie_idle(schedule, 200)
    Sweeper().sweep()
    assert instants(schedule) == [first + timedelta(seconds=180)]
    left_out = Occurrence.objects.get(schedule=schedule, outcome="coalesced")
    assert (left_out.scheduled_for, left_out.last_scheduled_for) == (first, first + timedelta(seconds=120))
    assert left_out.count == 3
    assert left_out.reason


def test_run_all_catches_up_in_order_and_in_batches(new_schedule: NewSchedule, lie_idle: LieIdle) -> None:
    schedule = new_schedule(rrule="FREQ=SECONDLY;INTERVAL=60", misfire_policy="run_all")
    first = lie_idle(schedule, 60 * 150 + 30)
    sweeper = Sweeper()
    assert sweeper.sweep().created == settings.CATCHUP_BATCH == 100
    assert sweeper.sweep().created == 51
    assert instants(schedule) == [first + timedelta(minutes=n) for n in range(151)]
    ids = Task.objects.order_by("id").values_list("scheduled_for", flat=True)
    assert list(ids) == instants(schedule)


def test_a_long_catch_up_does_not_hold_up_the_punctual(new_schedule: NewSchedule, lie_idle: LieIdle) -> None:
    late = new_schedule(rrule="FREQ=SECONDLY;INTERVAL=60", misfire_policy="run_all")
    lie_idle(late, 60 * 1_000)
    Sweeper().sweep()
    late.refresh_from_db()
    punctual = new_schedule(rrule="FREQ=MINUTELY")
    lie_idle(punctual, 30)
    punctual.refresh_from_db()
    assert punctual.sweep_at is not None
    assert late.sweep_at is not None
    assert late.next_run_at is not None
    assert late.next_run_at < punctual.sweep_at < late.sweep_at + timedelta(seconds=1)


def test_a_finished_rule_completes_its_schedule(new_schedule: NewSchedule, lie_idle: LieIdle) -> None:
    schedule = new_schedule(rrule="FREQ=SECONDLY", schedule_x_times=3, misfire_policy="run_all")
    first = lie_idle(schedule, 4)
    Sweeper().sweep()
    schedule.refresh_from_db()
    assert (schedule.status, schedule.sweep_at) == ("completed", None)
    assert schedule.next_run_at == first + timedelta(seconds=3)  # where an edit that allows more goes on
    assert instants(schedule) == [first + timedelta(seconds=n) for n in range(3)]
    assert schedule.runs_remaining == 0


def test_one_bad_schedule_is_set_aside_and_its_neighbours_go_on(
    new_schedule: NewSchedule, lie_idle: LieIdle
) -> None:
    bad, good = new_schedule(rrule="FREQ=MINUTELY"), new_schedule(rrule="FREQ=MINUTELY")
    first = lie_idle(bad, 2)
    lie_idle(good, 1)
    TaskSchedule.objects.filter(id=bad.id).update(operation="removed_in_an_upgrade")

    assert Sweeper().sweep().created == 1

    bad.refresh_from_db()
    assert (bad.status, bad.sweep_at) == ("error", None)
    assert "removed_in_an_upgrade" in (bad.error or "")
    assert Occurrence.objects.get(schedule=bad).outcome == "error"
    assert Occurrence.objects.get(schedule=bad).scheduled_for == first
    assert len(instants(good)) == 1


def test_a_task_expires_by_its_occurrence(new_schedule: NewSchedule, lie_idle: LieIdle) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY", expires_after_seconds=30)
    first = lie_idle(schedule, 1)
    Sweeper().sweep()
    assert Task.objects.get().expires_at == first + timedelta(seconds=30)


def test_sweeps_at_the_same_time_share_the_work(new_schedule: NewSchedule, lie_idle: LieIdle) -> None:
    for _ in range(40):
        lie_idle(new_schedule(rrule="FREQ=SECONDLY", misfire_policy="run_all"), 3)

    def sweep() -> None:
        try:
            Sweeper().sweep()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sweep) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Sweeper().sweep()
    pairs = Task.objects.values_list("schedule_id", "scheduled_for")
    assert len(pairs) == len(set(pairs)) == Occurrence.objects.count() >= 160


def test_it_publishes_under_each_priority(
    new_schedule: NewSchedule, lie_idle: LieIdle, broker: redis.Redis
) -> None:
    sweeper = Sweeper()
    sweeper.sweep()  # takes note of the new broker
    for priority in (1, 9, 5):
        lie_idle(new_schedule(rrule="FREQ=MINUTELY", priority=priority), 1)
    sweeper.sweep()
    assert [broker.llen(key) for key in ("tasks", "tasks\x06\x164", "tasks\x06\x168")] == [1, 1, 1]


def test_the_number_of_statements_does_not_grow_with_the_number_of_schedules(
    new_schedule: NewSchedule, lie_idle: LieIdle, nothing_ended: None
) -> None:
    def statements(schedules: int) -> int:
        for _ in range(schedules):
            lie_idle(new_schedule(rrule="FREQ=MINUTELY"), 1)
        sweeper = Sweeper()
        seal_all()
        with CaptureQueriesContext(connection) as queries:
            sweeper.sweep()
        return len(queries)

    Sweeper().sweep()  # takes note of the time zone data
    assert statements(1) == statements(50)


def test_a_sweep_with_nothing_due_is_a_handful_of_statements(nothing_ended: None) -> None:
    sweeper = Sweeper()
    sweeper.sweep()  # the first asks about an emptied broker and old nodes
    with CaptureQueriesContext(connection) as queries:
        sweeper.sweep()
    # what waits for a task to end; the clock, and whether anything is due; what is due for the broker; at times expiry
    # and rescue of two kinds
    assert len(queries) <= 6, queries.captured_queries
