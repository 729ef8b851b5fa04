"""How many statements a sweep sends: the same for one schedule and for many, with every policy, over any ledger."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schedules.actions import overriding
from schedules.models import TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import put_override
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import MINUTE, at, fail, succeed, sweep_for
from tasks_api.database import execute
from testing.audit import seal_all
from testing.clock import Clock

pytestmark = pytest.mark.usefixtures("nothing_ended")

MIX: list[dict[str, Any]] = [
    {"overlap_policy": overlap, "misfire_policy": misfire, **more}
    for overlap in ("allow", "skip", "queue_one", "cancel_running")
    for misfire, more in (
        ("run_last", {"jitter_seconds": 5}),
        ("run_all", {"catchup_window_seconds": 200}),
        ("skip", {"pause_after_failures": 2}),
    )
]


def statements(function: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        function()
    return [re.sub(r"\s+", " ", query["sql"]).strip() for query in queries.captured_queries]


OVERRIDES = [
    overriding.Override(skip=True),
    overriding.Override(run_at=at(5)),
    overriding.Override(changes={"priority": 1}),
]
ENDS: list[Callable[[TaskSchedule], None]] = [succeed, fail, lambda _: None]

FILL_LEDGER_SQL = """
INSERT INTO occurrence (id, schedule_id, scheduled_for, last_scheduled_for, count, outcome, task_id, created_at)
SELECT gen_random_uuid(), id, created_at - n * interval '1 minute', created_at - n * interval '1 minute', 1, 'created',
       gen_random_uuid(), created_at
  FROM task_schedule CROSS JOIN generate_series(1, 500) AS n
"""

# A sweep of everything that there can be, where nothing has been swept before by this process:
#  4  which time zone data is in use; whom to wake, for two reasons; the clock
# 14  for each 500 schedules: BEGIN; those that are due; the clock; the rows that wait; which tasks have not ended; how
#     many failed; decide, lengthen and insert rows; insert tasks; which to stop; stop them; advance; COMMIT
#  2  forget occurrences, and bulk actions
# 18  upkeep of tasks: expiry; rescue, for two reasons; what is due for the broker; what it lost, in two; whether
#     anything is to be rolled up, or thinned out; forget nodes, tasks of three kinds, keys,
#     events; whether any event is to be sealed; forget files, those of lost attempts, and bytes that no file has
MOST = 38


def busy_lives(new_schedule: NewSchedule, clock: Clock, times: int) -> None:
    """Of each policy so many schedules: with tasks that run, failed or wait, overrides, pauses, and lateness."""
    schedules = [new_schedule(rrule="FREQ=MINUTELY", **body) for body in MIX for _ in range(times)]
    sweep_for(clock, 1)
    clock.advance(MINUTE / 6)  # longer than the jitter
    for number, schedule in enumerate(schedules):
        ENDS[number % 3](schedule)
        override = OVERRIDES[number // 3 % 3]
        put_override(schedule.id, at(3), override)
    break_some(schedules)
    clock.set(at(6.5))


def break_some(schedules: list[TaskSchedule]) -> None:
    """One that an upgrade left without its operation, and a pause whose end has come."""
    some = [schedule.id for schedule in schedules[:: len(MIX)]]
    TaskSchedule.objects.filter(id__in=some).update(operation="removed_in_an_upgrade")
    others = [schedule.id for schedule in schedules[1 :: len(MIX)]]
    TaskSchedule.objects.filter(id__in=others).update(status="paused", paused_until=at(7), sweep_at=at(7))


def sent_in_a_sweep(new_schedule: NewSchedule, clock: Clock, times: int) -> list[str]:
    TaskSchedule.objects.all().delete()
    clock.set(at(0))
    busy_lives(new_schedule, clock, times)
    execute(FILL_LEDGER_SQL, [])
    seal_all()
    return statements(Sweeper().sweep)


def test_they_do_not_grow_with_schedules_nor_with_the_ledger(new_schedule: NewSchedule, clock: Clock) -> None:
    few = sent_in_a_sweep(new_schedule, clock, 1)
    assert len(few) <= MOST, few
    many = sent_in_a_sweep(new_schedule, clock, 4)
    assert [sql[:40] for sql in many] == [sql[:40] for sql in few]


def test_an_overlap_policy_alone_costs_one_more(new_schedule: NewSchedule, clock: Clock) -> None:
    """Nobody pays for what he did not ask for."""
    Sweeper().sweep()  # takes note of the time zone data
    counts = []
    for more in ({}, {"overlap_policy": "skip"}, {"overlap_policy": "skip", "pause_after_failures": 3}):
        TaskSchedule.objects.all().delete()
        new_schedule(rrule="FREQ=SECONDLY", **more)
        seal_all()
        counts.append(len(statements(Sweeper().sweep)))
    assert counts == [counts[0], counts[0] + 1, counts[0] + 2]
