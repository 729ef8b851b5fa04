"""Work grows with what is due, not with what exists: what each statement reads of a large table."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from access.actor import DEFAULT_PROJECT_ID
from tasks_api import retention, transitions
from tasks_api.api.filters import listed
from tasks_api.database import execute, fetch_all
from tasks_api.filters import TaskFilter
from tasks_api.ids import new_id
from tasks_api.lifecycle import RESEND_SECONDS, Status
from tasks_api.models import Task
from testing.factories import ago, make_node, make_task, run_of
from testing.plans import Reading, empty, readings_of

pytestmark = pytest.mark.django_db

FEW = 10
WAITING = 200
PAGE = 51
OF_WHAT_RUNS = {"task_started_node", "task_deadline", "task_project_status"}
"""Indexes that hold only what runs, or find it at once."""

FILL_SQL = """
INSERT INTO task (id, operation, arguments, priority, tags, max_attempts, timeout_seconds, run_at, expires_at,
                  schedule_id, status, attempt, dispatch_at, dispatch_count, run_token, started_at, finished_at,
                  created_at, node_id, final_attempt, retry_when_lost, version,
                  deadline_at)
SELECT uuidv7(n * interval '-1 second'), CASE WHEN n %% 1000 = 0 THEN 'sleep' ELSE 'calculate' END, '{}', n %% 10,
       '{}', 3, 30, now(), %(expires_at)s,
       CASE WHEN n %% 1000 = 0 THEN '0199fd8a-0000-7000-8000-000000000007'::uuid END, %(status)s, 1, %(dispatch_at)s,
       %(dispatch_count)s, gen_random_uuid(), now(), %(finished_at)s, now(), %(node)s, 3, true, 0,
       %(deadline_at)s
  FROM generate_series(1, %(count)s) AS n
"""


def fill(status: Status, count: int, **changes: Any) -> None:
    fields = dict.fromkeys(["expires_at", "dispatch_at", "finished_at", "node", "deadline_at"])
    execute(FILL_SQL, {**fields, "dispatch_count": 1, "status": status, "count": count, **changes})


@pytest.fixture
def crowd() -> None:
    """Many that are final, many that wait for their time, many whose messages wait in a long and healthy queue."""
    empty("task")
    fill(Status.SUCCESS, 20_000, finished_at=ago(0))
    fill(Status.PENDING, WAITING, dispatch_at=ago(-86_400), dispatch_count=0, expires_at=ago(-172_800))
    fill(Status.PENDING, WAITING, dispatch_at=ago(1))
    fill(Status.PENDING, 20 * WAITING, dispatch_at="-infinity", dispatch_count=0)
    fill(Status.STARTED, 1, node=make_node(beat_at=ago(-60)).id)
    make_task(dispatch_at=ago(0), dispatch_count=0)
    make_task(expires_at=ago(0))
    execute("ANALYZE task", [])


def page(project_id: int = DEFAULT_PROJECT_ID, *, id__lt: UUID | None = None, **wanted: Any) -> list[Task]:
    """A page of a list, or of those before an id."""
    rows, read = listed(TaskFilter(**wanted), project_id)
    before = {} if id__lt is None else {"id__lt": id__lt}
    return read(rows.order_by("-id").filter(**before), PAGE)


def rows_read(readings: list[Reading]) -> int:
    return sum(reading.rows for reading in readings)


def with_resend(take: Callable[..., object], *parameters: Any) -> Callable[[], object]:
    return lambda: take(*parameters, resend_seconds=RESEND_SECONDS)


@pytest.mark.usefixtures("crowd")
class TestTheSweep:
    @pytest.mark.parametrize(
        ("function", "index"),
        [
            pytest.param(with_resend(transitions.take_due, 1_000), "task_first_dispatch", id="take_due"),
            pytest.param(lambda: transitions.expire(1_000), "task_expiry", id="expire"),
            pytest.param(transitions.overdue, "task_sent", id="overdue"),
        ],
    )
    def test_it_reads_what_is_due(self, function: Callable[[], object], index: str) -> None:
        readings = readings_of(function, "task")
        assert index in {reading.index for reading in readings}
        assert rows_read(readings) <= FEW

    @pytest.mark.parametrize(
        "function",
        [
            pytest.param(lambda: transitions.rescue_from_dead_nodes(1_000), id="rescue_from_dead_nodes"),
            pytest.param(lambda: transitions.rescue_overdue(1_000), id="rescue_overdue"),
        ],
    )
    def test_rescue_reads_what_runs(self, function: Callable[[], object]) -> None:
        make_node(alive_since=ago(60))
        readings = readings_of(function, "task")
        assert {reading.index for reading in readings} <= {*OF_WHAT_RUNS, "task_pkey"}
        assert rows_read(readings) <= FEW

    def test_retention_reads_what_is_old(self) -> None:
        make_task(Status.SUCCESS, finished_at=ago(4_000 * 86_400))
        readings = readings_of(retention.forget_old_tasks, "task")
        assert {reading.index for reading in readings} <= {"task_finished", "task_pkey"}
        assert rows_read(readings) <= FEW

    def test_what_is_lost_is_sought_among_what_waits(self) -> None:
        readings = readings_of(with_resend(transitions.take_lost, 100), "task")
        assert {reading.index for reading in readings} <= {"task_dispatch", "task_sent", "task_pkey"}
        assert rows_read(readings) <= WAITING + 100 + FEW

    def test_so_is_what_an_emptied_broker_lost(self) -> None:
        readings = readings_of(with_resend(transitions.return_sent_before, ago(0), 10), "task")
        assert {reading.index for reading in readings} <= {"task_sent", "task_dispatch", "task_pkey"}
        assert rows_read(readings) <= 2 * WAITING + 20 + FEW

    def test_counting_what_waits_reads_no_more_than_is_asked_for(self) -> None:
        readings = readings_of(lambda: transitions.count_sent(FEW), "task")
        assert rows_read(readings) <= 2 * FEW


@pytest.mark.usefixtures("crowd")
class TestANode:
    """What each worker asks every half a second."""

    @pytest.mark.parametrize(
        "function",
        [
            pytest.param(lambda: transitions.cancelled_on(new_id()), id="cancelled_on"),
            pytest.param(lambda: transitions.started_on(new_id(), seconds_ago=5), id="started_on"),
            pytest.param(lambda: transitions.hand_back(new_id()), id="hand_back"),
        ],
    )
    def test_it_reads_what_runs(self, function: Callable[[], object]) -> None:
        readings = readings_of(function, "task")
        assert {reading.index for reading in readings} <= OF_WHAT_RUNS
        assert rows_read(readings) <= FEW


@pytest.mark.usefixtures("crowd")
class TestOneTask:
    @pytest.mark.parametrize(
        ("status", "statement"),
        [
            pytest.param(
                Status.PENDING,
                lambda task: transitions.claim(task.id, task.priority, token=new_id(), node=new_id()),
                id="claim",
            ),
            pytest.param(Status.STARTED, lambda task: transitions.report(run_of(task), "{}"), id="report"),
            pytest.param(Status.STARTED, lambda task: transitions.succeed(run_of(task), "11"), id="succeed"),
            pytest.param(Status.STARTED, lambda task: transitions.fail(run_of(task), "{}"), id="fail"),
            pytest.param(
                Status.STARTED,
                lambda task: transitions.fail(run_of(task), "{}", retry_in=1),
                id="fail, to be tried again",
            ),
            pytest.param(
                Status.STARTED, lambda task: transitions.rescue_run(task.id, task.node_id), id="rescue_run"
            ),
            pytest.param(
                Status.STARTED, lambda task: transitions.hand_back(task.node_id, task.id), id="hand_back"
            ),
            pytest.param(Status.PENDING, lambda task: transitions.cancel([task.id]), id="cancel"),
            pytest.param(Status.FAILURE, lambda task: transitions.revive([task.id]), id="revive"),
            pytest.param(
                Status.PENDING,
                lambda task: transitions.edit(task.id, transitions.Edit(priority=9)),
                id="edit",
            ),
        ],
    )
    def test_it_works(self, status: Status, statement: Callable[[Any], object]) -> None:
        task = make_task(status)
        readings = readings_of(lambda: statement(task), "task")
        assert readings
        assert {reading.index for reading in readings} <= {"task_pkey", *OF_WHAT_RUNS}
        assert rows_read(readings) <= FEW


@pytest.mark.usefixtures("crowd")
class TestLists:
    @pytest.mark.parametrize(
        ("wanted", "indexes"),
        [
            ({}, {"task_project_status", "task_pkey"}),
            ({"status": ["SUCCESS"]}, {"task_project_status"}),
            ({"status": ["STARTED"]}, OF_WHAT_RUNS),
            ({"status": ["FAILURE", "REVOKED"]}, {"task_project_status", "task_finished", "task_pkey"}),
            ({"operation": "sleep"}, {"task_project_operation"}),
            ({"operation": "add"}, {"task_project_operation"}),
            ({"schedule": "0199fd8a-0000-7000-8000-000000000007"}, {"task_by_schedule"}),
            ({"schedule": "0199fd8a-0000-7000-8000-000000000008"}, {"task_by_schedule"}),
            ({"priority": 3}, {"task_project_priority"}),
            ({"priority": 5}, {"task_project_status", "task_pkey"}),
            ({"priority": 0, "status": ["SUCCESS"]}, {"task_project_priority", "task_project_status"}),
        ],
    )
    def test_a_page_reads_little_more_than_itself(self, wanted: dict[str, Any], indexes: set[str]) -> None:
        readings = readings_of(lambda: page(**wanted), "task")
        assert {reading.index for reading in readings} <= indexes
        assert rows_read(readings) <= 21 * PAGE

    @pytest.mark.parametrize(
        "wanted",
        [
            {"priority": 9},
            {"priority": 9, "created_before": "2999-01-01T00:00:00Z"},
            {"priority": 9, "status": ["SUCCESS", "FAILURE"]},
            {"priority": 9, "operation": "calculate"},
            {"priority": 4},
            {"status": ["FAILURE"]},
            {"status": ["RETRY", "FAILURE"], "created_after": "2001-01-01T00:00:00Z"},
            {"operation": "rare"},
            {"operation": "rare", "status": ["FAILURE"]},
            {"schedule": "0199fd8a-0000-7000-8000-000000000009"},
            {"tag": "rare"},
            {"tag": "rare", "status": ["SUCCESS"]},
            {"created_before": "2001-01-01T00:00:00Z"},
            {"created_after": "2999-01-01T00:00:00Z"},
        ],
        ids=str,
    )
    def test_what_is_rare_is_found_at_once(self, wanted: dict[str, Any]) -> None:
        """And what there is none of: among many tasks, of which one has all that is rare."""
        execute("UPDATE task SET priority = 5 WHERE priority IN (9, 4)", [])
        make_task(
            Status.FAILURE,
            operation="rare",
            tags=["rare"],
            schedule_id="0199fd8a-0000-7000-8000-000000000009",
            priority=9,
        )
        execute("ANALYZE task", [])
        readings = readings_of(lambda: page(**wanted), "task")
        assert rows_read(readings) <= FEW
        assert {reading.kind for reading in readings} <= {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}

    def test_the_last_page_costs_the_same(self) -> None:
        oldest = Task.objects.order_by("id")[60]
        readings = readings_of(lambda: page(id__lt=oldest.id), "task")
        assert {reading.index for reading in readings} == {"task_project_status", "task_pkey"}
        assert rows_read(readings) <= 4 * PAGE

    def test_what_was_common_is_not_sought_among_all(self) -> None:
        """As statistics have it that are older than what there is."""
        ended = {"status": "SUCCESS", "dispatch_at": None, "finished_at": ago(0)}
        Task.objects.filter(status="PENDING").update(**ended)
        for wanted in ({}, {"status": ["PENDING"]}, {"status": ["PENDING", "RETRY"]}):
            readings = readings_of(lambda wanted=wanted: page(**wanted), "task")  # type: ignore[misc]
            assert rows_read([each for each in readings if each.index == "task_pkey"]) <= PAGE


OWN, SCHEDULE = 7, "0199fd8a-0000-7000-8000-000000000007"
WANTED: list[dict[str, Any]] = [
    {},
    {"status": ["SUCCESS"]},
    {"status": ["PENDING", "SUCCESS"]},
    {"operation": "calculate"},
    {"operation": "sleep"},
    {"schedule": SCHEDULE},
    {"priority": 5},
    {"priority": 3},
    {"tag": "common"},
    {"tag": "common", "status": ["SUCCESS"]},
    {"created_before": "2999-01-01T00:00:00Z"},
    {"created_after": "2001-01-01T00:00:00Z", "operation": "calculate"},
]


@pytest.mark.usefixtures("crowd")
class TestASmallProject:
    """Among the many tasks of others, which have all that it asks for."""

    @pytest.fixture(autouse=True)
    def neighbours(self, crowd: None) -> None:
        execute("UPDATE task SET tags = '{common}' WHERE mod(priority, 2) = 0", [])

    @pytest.mark.parametrize("wanted", WANTED, ids=str)
    def test_it_reads_its_own(self, wanted: dict[str, Any]) -> None:
        own = [make_task(Status.SUCCESS, project_id=OWN, tags=["common"], priority=3) for _ in range(2)]
        own += [make_task(Status.SUCCESS, project_id=OWN, tags=["common"]) for _ in range(2)]
        execute("UPDATE task SET id = uuidv7(interval '-9 days') WHERE project_id = %s", [OWN])
        execute("ANALYZE task", [])
        readings = readings_of(lambda: page(OWN, **wanted), "task")
        assert rows_read(readings) <= FEW
        assert "Seq Scan" not in {reading.kind for reading in readings}
        assert {task.project_id for task in page(OWN, **wanted)} <= {OWN}

    @pytest.mark.parametrize("wanted", WANTED, ids=str)
    def test_one_without_a_task_reads_nothing(self, wanted: dict[str, Any]) -> None:
        execute("ANALYZE task", [])
        readings = readings_of(lambda: page(OWN, **wanted), "task")
        assert rows_read(readings) <= 1
        assert page(OWN, **wanted) == []


def test_there_are_as_many_indexes_as_before_there_were_projects() -> None:
    """Each costs every task three entries, but for those of failures."""
    of_failures = "coalesce(pg_get_expr(indpred, indrelid), '') LIKE '%%fingerprint%%'"
    counted = f"SELECT {of_failures}, count(*) FROM pg_index WHERE indrelid = 'task'::regclass GROUP BY 1"  # noqa: S608
    assert dict(fetch_all(counted, {})) == {False: 16, True: 2}
