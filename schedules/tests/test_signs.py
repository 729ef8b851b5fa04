"""Signs of work: while there is one, a sweep is called for each second. Whatever a sweep does not put off has one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from schedules.models import Occurrence, TaskSchedule
from schedules.sweep import signs
from schedules.sweep.signs import is_any_seen
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from tasks_api import signs as signs_of_tasks
from tasks_api.database import execute, fetch_all
from tasks_api.isolation.duties import Duty
from tasks_api.lifecycle import FINAL, Status
from tasks_api.postgres import BEAT, limit_connection
from tasks_api.transitions import make_windows
from tasks_api.upkeep import Upkeep
from tasks_api.window_rows import DispatchGate, DispatchWindow
from testing.broker import Lists
from testing.factories import ago, make_bulk_action, make_node, make_task

pytestmark = pytest.mark.django_db(transaction=True)

MAY_WAIT = {
    "adopting time zone data",  # before the first sweep that finds anything
    "deleting bytes that no file has",
    "deleting old bulk actions",
    "deleting old events",
    "deleting old files",
    "deleting old keys",
    "deleting old nodes",
    "deleting old occurrences",
    "deleting old tasks",
    "rolling up what ended",
    "thinning out the roll-up",
    "sealing the audit log",
}
DAILY = {"rrule": "FREQ=DAILY", "starts_at": "2100-01-01T00:00:00Z"}


@pytest.fixture
def as_beat() -> Iterator[None]:
    """This thread's connection is as beat's."""
    ours: Any = connection
    limit_connection(BEAT)
    yield
    ours.limits = None
    ours.close()


def test_every_duty_of_a_sweep_has_signs_or_may_wait(broker: Lists) -> None:
    upkeep = Upkeep()
    upkeep.run()
    of_schedules = {each.name for each in vars(Sweeper()).values() if isinstance(each, Duty)}
    assert set(upkeep._duties) - MAY_WAIT == set(signs_of_tasks.SIGNS)
    assert of_schedules - MAY_WAIT == set(signs.SIGNS)
    assert set(upkeep._duties) | of_schedules >= MAY_WAIT


def test_there_is_none_where_nothing_goes_on(new_schedule: NewSchedule) -> None:
    new_schedule(**DAILY)
    for status in FINAL:
        make_task(status, finished_at=ago(60))
    make_task(dispatch_at=ago(-60), dispatch_count=0, expires_at=ago(-60))
    make_node()
    make_windows()
    assert not is_any_seen()


def queue(schedule: TaskSchedule) -> None:
    Occurrence.objects.create(
        schedule=schedule, scheduled_for=ago(1), last_scheduled_for=ago(1), count=1, outcome="queued"
    )


@pytest.mark.parametrize(
    ("duty", "begin"),
    [
        ("rescuing tasks of dead nodes", lambda _: make_task(Status.STARTED)),
        ("rescuing overdue tasks", lambda _: make_task(Status.STARTED, deadline_at=ago(1))),
        ("taking back what an emptied broker has lost", lambda _: make_task()),
        ("handing over lost tasks again", lambda _: make_task(dispatch_at=ago(1))),
        ("handing over tasks", lambda _: make_task(dispatch_at=ago(1), dispatch_count=0)),
        ("handing over tasks", lambda _: make_task(Status.RETRY)),
        (
            "handing over what waits for room",
            lambda _: execute(
                "UPDATE task SET dispatch_at = '-infinity', dispatch_count = 0 WHERE id = %s",
                [make_task().id],
            ),
        ),
        (
            "handing over what waits for room",
            lambda _: DispatchGate.objects.filter(priority=3).update(is_open=False),
        ),
        (
            "handing over what waits for room",
            lambda _: DispatchWindow.objects.filter(priority=3).update(size=20),
        ),
        (
            "expiring tasks",
            lambda _: make_task(dispatch_at=ago(-60), dispatch_count=0, expires_at=ago(1)),
        ),
        ("expanding schedules", lambda each: TaskSchedule.objects.filter(id=each.id).update(sweep_at=ago(1))),
        ("carrying out bulk actions", lambda _: make_bulk_action()),
        ("waking schedules", queue),
        ("waking schedules", lambda each: make_task(Status.FAILURE, schedule_id=each.id)),
    ],
)
def test_each_is_seen_alone(
    new_schedule: NewSchedule, as_beat: None, duty: str, begin: Callable[[TaskSchedule], object]
) -> None:
    make_windows()
    schedule = new_schedule(**DAILY)
    assert not is_any_seen()
    begin(TaskSchedule.objects.get(id=schedule.id))
    assert is_any_seen()
    assert fetch_all(f"SELECT {' OR '.join({**signs_of_tasks.SIGNS, **signs.SIGNS}[duty])}", None) == [
        (True,)
    ]


FILL_SQL = """
INSERT INTO task (id, operation, arguments, priority, tags, max_attempts, timeout_seconds, run_at, status, attempt,
                  dispatch_at, dispatch_count, finished_at, created_at, final_attempt, retry_when_lost, version)
SELECT uuidv7(n * interval '-1 second'), 'calculate', '{}', 5, '{}', 3, 30, now(),
       CASE WHEN n % 5 = 0 THEN 'PENDING' ELSE 'SUCCESS' END, 0,
       CASE WHEN n % 5 = 0 THEN now() + n * interval '1 minute' END, 0,
       CASE WHEN n % 5 <> 0 THEN now() END, now(), 3, true, 0
  FROM generate_series(1, 20000) AS n
"""
WAIT_SQL = "CALL wait_until_due('1970-01-01', 0, 0.05, NULL, NULL)"
WHOLE_READS_SQL = """
SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname IN ('task', 'task_schedule', 'occurrence') ORDER BY 1
"""


def whole_reads() -> list[Any]:
    """How often tables were read from one end to the other, until now."""
    fetch_all("SELECT pg_stat_force_next_flush()", None)
    return fetch_all(WHOLE_READS_SQL, None)


def test_no_table_is_read_that_was_empty_when_the_plans_were_made(as_beat: None) -> None:
    for table in ("task", "task_schedule", "occurrence"):
        execute(f"VACUUM ANALYZE {table}", None)
    for _ in range(8):  # after which Postgres has one plan for all parameters
        execute(WAIT_SQL, None)
        is_any_seen()
    before = whole_reads()
    execute(FILL_SQL, None)
    execute(WAIT_SQL, None)
    assert not is_any_seen()
    assert whole_reads() == before
    assert fetch_all("SELECT name, generic_plans > 8 FROM pg_prepared_statements", None) == [("signs", True)]
