"""From a rule's instant to what an operation is told of it: a sweep, the task's row, a run."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from access.actor import NOBODY
from operations import Context, catalogue, operation
from schedules.actions import overriding, triggering
from schedules.models import TaskSchedule
from schedules.tests.acting import put_override
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import MINUTE, at, sweep_for, tasks
from tasks_api.execution.running import execute
from tasks_api.models import Task
from testing.clock import Clock
from testing.factories import make_node

Moments = tuple[datetime | None, datetime | None, datetime | None]


@pytest.fixture
def seen() -> Iterator[list[Context]]:
    """What the operation `witness` was told, run by run."""
    before, contexts = dict(catalogue._operations), []

    @operation(idempotent=True, timeout_seconds=30, name="witness")
    def witness(context: Context, note: str = "") -> str:
        """Take note of what it runs for."""
        contexts.append(context)
        return note

    yield contexts
    catalogue._operations = before


def of_row(task: Task) -> Moments:
    return task.previous_scheduled_for, task.scheduled_for, task.next_scheduled_for


def of_run(context: Context) -> Moments:
    return context.previous_scheduled_for, context.scheduled_for, context.next_scheduled_for


def run_all(schedule: TaskSchedule) -> None:
    node = make_node()
    for task in tasks(schedule):
        assert execute(task.id, task.priority, node.id)


def test_it_works(new_schedule: NewSchedule, clock: Clock, seen: list[Context]) -> None:
    schedule = new_schedule(
        cron="*/10 12 * * *", operation="witness", starts_at="2027-01-01T12:10:00Z", misfire_policy="run_all"
    )
    clock.set(at(50.01))
    sweep_for(clock, 0)
    expected: list[Moments] = [(at(n - 10), at(n), at(n + 10)) for n in (10, 20, 30, 40)]
    expected[0] = (None, at(10), at(20))
    expected.append((at(40), at(50), at(24 * 60)))
    assert [of_row(task) for task in tasks(schedule)] == expected
    run_all(schedule)
    assert [of_run(context) for context in seen] == expected


def test_the_last_of_a_rule_has_none_after_it(
    new_schedule: NewSchedule, clock: Clock, seen: list[Context]
) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY;COUNT=2", operation="witness")
    sweep_for(clock, 1)
    run_all(schedule)
    assert [of_run(each) for each in seen] == [(None, at(0), at(1)), (at(0), at(1), None)]


def test_jitter_and_moves_leave_them_alone(
    new_schedule: NewSchedule, clock: Clock, seen: list[Context]
) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY;INTERVAL=10", operation="witness", jitter_seconds=100)
    sweep_for(clock, 0)
    put_override(schedule.id, at(10), overriding.Override(run_at=at(14)))
    clock.set(at(14))
    sweep_for(clock, 2)
    run_all(schedule)
    assert [of_run(each) for each in seen] == [(None, at(0), at(10)), (at(0), at(10), at(20))]


def test_placeholders_and_the_context_say_the_same(
    new_schedule: NewSchedule, clock: Clock, seen: list[Context]
) -> None:
    note = (
        "{{ previous_scheduled_for:%H:%M }} to {{ scheduled_for:%H:%M }}, then {{ next_scheduled_for:%H:%M }}"
    )
    schedule = new_schedule(cron="*/5 * * * *", operation="witness", arguments={"note": note})
    sweep_for(clock, 0)
    run_all(schedule)
    [task] = tasks(schedule)
    assert task.result == "11:55 to 12:00, then 12:05"
    assert [of_run(each) for each in seen] == [(at(-5), at(0), at(5))]


def test_a_trigger_is_of_no_occurrence(new_schedule: NewSchedule, clock: Clock, seen: list[Context]) -> None:
    schedule = new_schedule(rrule="FREQ=HOURLY", operation="witness", starts_at="2027-01-01T13:00:00Z")
    clock.advance(MINUTE)
    triggering.trigger(schedule.id, NOBODY)
    run_all(schedule)
    assert [of_run(each) for each in seen] == [(None, None, None)]
