"""Work grows with what is due, not with what exists: what each statement reads of a large table."""

from collections.abc import Callable
from typing import Any

import pytest

from tasks_api import transitions, upkeep
from tasks_api.api.tasks import TaskFilter, filtered
from tasks_api.database import execute
from tasks_api.ids import new_id
from tasks_api.lifecycle import RESEND_SECONDS, Status
from testing.factories import ago, make_node, make_task
from testing.plans import Reading, readings_of

pytestmark = pytest.mark.django_db

FEW = 10
WAITING = 200
PAGE = 51

FILL_SQL = """
INSERT INTO task (id, operation, arguments, priority, tags, max_attempts, timeout_seconds, run_at, expires_at,
                  schedule_id, status, attempt, dispatch_at, dispatch_count, run_token, started_at, finished_at,
                  created_at, node_id)
SELECT uuidv7(n * interval '-1 second'), CASE WHEN n %% 1000 = 0 THEN 'sleep' ELSE 'calculate' END, '{}', n %% 10,
       '{}', 3, 30, now(), %(expires_at)s,
       CASE WHEN n %% 1000 = 0 THEN '0199fd8a-0000-7000-8000-000000000007'::uuid END, %(status)s, 1, %(dispatch_at)s,
       %(dispatch_count)s, gen_random_uuid(), now(), %(finished_at)s, now(), %(node)s
  FROM generate_series(1, %(count)s) AS n
"""


def fill(status: Status, count: int, **changes: Any) -> None:
    fields = dict.fromkeys(["expires_at", "dispatch_at", "finished_at", "node"])
    execute(FILL_SQL, {**fields, "dispatch_count": 1, "status": status, "count": count, **changes})


@pytest.fixture
def crowd() -> None:
    """Many that are final, many that wait for their time, many whose messages wait in a long and healthy queue."""
    fill(Status.SUCCESS, 20_000, finished_at=ago(0))
    fill(Status.PENDING, WAITING, dispatch_at=ago(-86_400), dispatch_count=0, expires_at=ago(-172_800))
    fill(Status.PENDING, WAITING, dispatch_at=ago(1))
    fill(Status.STARTED, 1, node=make_node(beat_at=ago(-60)).id)
    make_task(dispatch_at=ago(0), dispatch_count=0)
    make_task(expires_at=ago(0))
    execute("ANALYZE task", [])


def rows_read(readings: list[Reading]) -> int:
    return sum(reading.rows for reading in readings)


def take(*, first: bool, limit: int = 1_000) -> Callable[[], object]:
    return lambda: transitions.take_due(limit, first=first, resend_seconds=RESEND_SECONDS)


@pytest.mark.usefixtures("crowd")
class TestTheSweep:
    @pytest.mark.parametrize(
        ("function", "index"),
        [
            pytest.param(take(first=True), "task_first_dispatch", id="take_due"),
            pytest.param(lambda: transitions.expire(1_000), "task_expiry", id="expire"),
            pytest.param(upkeep._any_overdue, "task_dispatch", id="any_overdue"),
        ],
    )
    def test_it_reads_what_is_due(self, function: Callable[[], object], index: str) -> None:
        readings = readings_of(function, "task")
        assert index in {reading.index for reading in readings}
        assert rows_read(readings) <= FEW

    def test_rescue_reads_what_runs(self) -> None:
        readings = readings_of(lambda: transitions.rescue_from_dead_nodes(1_000), "task")
        assert {reading.index for reading in readings} <= {"task_started_node", "task_by_status", "task_pkey"}
        assert rows_read(readings) <= FEW

    def test_what_is_lost_is_sought_among_what_waits(self) -> None:
        readings = readings_of(take(first=False, limit=100), "task")
        assert {reading.index for reading in readings} == {"task_dispatch", "task_pkey"}
        assert rows_read(readings) <= WAITING + 100 + FEW

    def test_counting_what_waits_reads_what_waits(self) -> None:
        readings = readings_of(upkeep._sent, "task")
        assert rows_read(readings) <= 2 * WAITING + FEW


@pytest.mark.usefixtures("crowd")
class TestOneTask:
    @pytest.mark.parametrize("statement", ["claim", "succeed"])
    def test_it_works(self, statement: str) -> None:
        task = make_task(Status.PENDING)

        def run() -> None:
            claimed = transitions.claim(task.id, task.priority, token=new_id(), node=new_id())
            assert claimed is not None
            if statement == "succeed":
                assert transitions.succeed(claimed, "11")

        readings = readings_of(run, "task")
        assert {reading.index for reading in readings} <= {"task_pkey", "task_started_node"}
        assert rows_read(readings) <= FEW


@pytest.mark.usefixtures("crowd")
class TestLists:
    @pytest.mark.parametrize(
        ("wanted", "indexes"),
        [
            ({}, {"task_pkey"}),
            ({"status": ["SUCCESS"]}, {"task_pkey", "task_by_status"}),
            ({"status": ["STARTED"]}, {"task_by_status", "task_started_node"}),
            ({"status": ["FAILURE", "REVOKED"]}, {"task_by_status"}),
            ({"operation": "sleep"}, {"task_by_operation"}),
            ({"operation": "nothing"}, {"task_by_operation"}),
            ({"schedule": "0199fd8a-0000-7000-8000-000000000007"}, {"task_by_schedule"}),
            ({"schedule": "0199fd8a-0000-7000-8000-000000000008"}, {"task_by_schedule"}),
            ({"priority": 3}, {"task_pkey"}),
        ],
    )
    def test_a_page_reads_little_more_than_itself(self, wanted: dict[str, Any], indexes: set[str]) -> None:
        rows = filtered(TaskFilter(**wanted)).order_by("-id")[:PAGE]
        readings = readings_of(lambda: list(rows), "task")
        assert {reading.index for reading in readings} <= indexes
        assert rows_read(readings) <= 20 * PAGE

    def test_the_last_page_costs_the_same(self) -> None:
        oldest = filtered(TaskFilter()).order_by("id")[60]
        rows = filtered(TaskFilter()).filter(id__lt=oldest.id).order_by("-id")[:PAGE]
        readings = readings_of(lambda: list(rows), "task")
        assert [reading.index for reading in readings] == ["task_pkey"]
        assert rows_read(readings) == PAGE
