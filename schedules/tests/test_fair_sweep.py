"""Many schedules that catch up hold up none that is on time, nor the upkeep of tasks. By order and number, not time."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schedules.expansion.expanding import MOST_AT_ONCE
from schedules.models import Occurrence, TaskSchedule
from schedules.sweep.sweeper import CHUNK, Sweeper
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import MINUTE, at
from tasks_api.ids import new_id
from tasks_api.models import Task
from testing.clock import Clock

MILLISECOND = timedelta(milliseconds=1)
MANY = CHUNK + 100
HOURS = 6
INSTANTS = [at(60 * hour) for hour in range(HOURS)]
HALF_PAST = at(60 * (HOURS - 1) + 30)

Written = list[dict[str, Any]]
Transactions = Callable[..., list[Written]]


@pytest.fixture
def late(new_schedule: NewSchedule, clock: Clock) -> list[UUID]:
    """So many schedules that nobody swept for hours. It is half past."""
    new_schedule(rrule="FREQ=HOURLY", misfire_policy="run_all")
    one = TaskSchedule.objects.values().get()
    TaskSchedule.objects.bulk_create(TaskSchedule(**one | {"id": new_id()}) for _ in range(MANY - 1))
    clock.set(HALF_PAST)
    return list(TaskSchedule.objects.values_list("id", flat=True))


@pytest.fixture
def transactions(clock: Clock) -> Transactions:
    """The tasks that a sweep writes, by transaction. In each of them time goes on a little, or as told."""

    def sweep(sweeper: Sweeper, step: timedelta = MILLISECOND) -> list[Written]:
        def goes_on(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            if "INSERT INTO task " in sql:
                clock.advance(step)
            return execute(sql, *rest)

        with CaptureQueriesContext(connection) as queries, connection.execute_wrapper(goes_on):
            sweeper.sweep()
        statements = [query["sql"] for query in queries.captured_queries]
        written = [sql for sql in statements if "INSERT INTO task " in sql]
        return [json.loads(sql[sql.index("'[") + 1 : sql.index("]'") + 1]) for sql in written]

    return sweep


def instants_of(written: Written, schedule: TaskSchedule) -> list[datetime]:
    found = [task["scheduled_for"] for task in written if task["schedule_id"] == str(schedule.id)]
    return [datetime.fromisoformat(each) for each in found]


@pytest.mark.parametrize("sweeps_before", [0, 1])
def test_one_that_is_on_time_is_in_the_first_transaction(
    late: list[UUID], new_schedule: NewSchedule, clock: Clock, transactions: Transactions, sweeps_before: int
) -> None:
    """Whether the others wait for their first turn or for another."""
    sweeper, instant = Sweeper(), HALF_PAST + MINUTE
    punctual = new_schedule(rrule="FREQ=MINUTELY", starts_at=instant.isoformat())
    for _ in range(sweeps_before):
        sweeper.sweep()
    clock.set(instant)
    assert instants_of(transactions(sweeper)[0], punctual) == [instant]


def test_one_that_becomes_due_meanwhile_is_in_the_next_transaction(
    late: list[UUID], new_schedule: NewSchedule, transactions: Transactions
) -> None:
    instant = HALF_PAST + MINUTE
    punctual = new_schedule(rrule="FREQ=MINUTELY", starts_at=instant.isoformat())
    first, second = transactions(Sweeper(), step=MINUTE)
    assert instants_of(first, punctual) == []
    assert instants_of(second, punctual) == [instant]


def test_a_transaction_has_a_bound_of_instants_and_nothing_is_lost_or_doubled(
    late: list[UUID], transactions: Transactions
) -> None:
    sweeper, sizes = Sweeper(), []
    while written := transactions(sweeper):
        sizes += [len(tasks) for tasks in written]
    assert max(sizes) == MOST_AT_ONCE
    assert sum(sizes) == MANY * HOURS
    for rows in (Task.objects.all(), Occurrence.objects.filter(outcome="created")):
        assert Counter(rows.values_list("schedule_id", "scheduled_for")) == {
            (schedule, instant): 1 for schedule in late for instant in INSTANTS
        }
    assert set(TaskSchedule.objects.values_list("next_run_at", flat=True)) == {at(60 * HOURS)}


def test_each_has_a_turn_in_a_sweep(late: list[UUID], transactions: Transactions) -> None:
    turns = [Counter(task["schedule_id"] for task in turn) for turn in transactions(Sweeper())]
    assert [len(turn) for turn in turns] == [CHUNK, MANY - CHUNK]
    assert set(turns[0]) | set(turns[1]) == set(map(str, late))
    assert set(turns[0].values()) == {MOST_AT_ONCE // CHUNK}


def test_tasks_are_looked_after_in_each_turn(late: list[UUID], transactions: Transactions) -> None:
    with CaptureQueriesContext(connection) as queries:
        transactions(Sweeper())
    sent = [query["sql"] for query in queries.captured_queries]
    turns = [number for number, sql in enumerate(sent) if "INSERT INTO task " in sql]
    cared_for = [number for number, sql in enumerate(sent) if "UPDATE task SET dispatch_count" in sql]
    assert len(turns) == len(cared_for) == 2
    assert turns[0] < cared_for[0] < turns[1] < cared_for[1]


def test_those_behind_have_a_share_while_many_are_due_on_time(
    late: list[UUID], clock: Clock, transactions: Transactions
) -> None:
    behind = TaskSchedule.objects.get(id=late[0])
    others = TaskSchedule.objects.exclude(id=behind.id)
    others.update(next_run_at=clock.now(), sweep_at=clock.now())
    TaskSchedule.objects.filter(id=behind.id).update(sweep_at=clock.now())
    written = transactions(Sweeper())
    assert instants_of(written[0], behind) == INSTANTS[:3]
