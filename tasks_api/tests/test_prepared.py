"""What a worker's process sends for each task is planned once a second, and what others send each time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from access.actor import DEFAULT_PROJECT_ID
from tasks_api import transitions
from tasks_api.database import execute, fetch_all, insist
from tasks_api.execution.lending import lent_connection
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.postgres import CLAIM, NODE, SWEEP, WEB, limit_connection, prepared
from tasks_api.postgres.prepared import LONGEST_SECONDS, Kept
from tasks_api.shown import FIND_SQL, find_shown
from tasks_api.submission import NewTask, submit
from tasks_api.transitions.runs import CLAIM_SQL, FAIL_SQL, SUCCEED_SQL
from testing.factories import make_task, started
from testing.locks import locked_table
from testing.pgbouncer import running_pgbouncer
from testing.plans import Reading, empty, explain
from testing.web import database_url

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 2_000
ENOUGH = 8
"""Executions after which Postgres has one plan for all parameters."""
ERROR = '{"type": "OSError", "message": "no network", "permanent": false}'
SOME: dict[str, Any] = {"id": new_id(), "token": uuid4(), "sources": ["STARTED"], "progress": None}
PARAMETERS = {
    CLAIM_SQL: SOME | {"node": new_id(), "priority": 5, "watchdog": 30},
    SUCCEED_SQL: SOME | {"result": "11"},
    FAIL_SQL: SOME | {"error": ERROR, "outcome": "failed", "wait": 1.0},
    FIND_SQL: SOME | {"project": DEFAULT_PROJECT_ID},
}
BOTH = {"claim", "succeed"}


@pytest.fixture
def child() -> Iterator[Any]:
    """This thread's connection is as that of a worker's process."""
    ours: Any = connection
    ours.kept = Kept()
    limit_connection(CLAIM)
    yield ours
    ours.limits = None
    ours.close()


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """No second passes, as where much is to be done, unless this is told of it."""
    now = [1_000.0]
    monkeypatch.setattr(prepared, "monotonic", lambda: now[0])
    return lambda seconds: now.__setitem__(0, now[0] + seconds)


def work(count: int = 2) -> None:
    """Claim tasks and record their results."""
    for _ in range(count):
        task, run = started()
        assert transitions.succeed(run, "11")
        assert Task.objects.get(id=task.id).status == Status.SUCCESS


def look(count: int) -> None:
    """Ask for tasks that there are not."""
    for _ in range(count):
        with pytest.raises(Task.DoesNotExist):
            find_shown(new_id(), DEFAULT_PROJECT_ID)


def kept() -> set[str]:
    """What is prepared in this session."""
    return {name for (name,) in fetch_all("SELECT name FROM pg_prepared_statements", [])}


class TestWhere:
    def test_in_a_worker_s_process(self, child: Any) -> None:
        work()
        assert kept() == BOTH

    def test_how_a_task_fails(self, child: Any) -> None:
        for _ in range(3):
            task, run = started()
            assert transitions.fail(run, ERROR, retry_in=60.0)
            assert Task.objects.get(id=task.id).status == Status.RETRY
        assert kept() == {"claim", "fail"}

    def test_in_a_web_process(self, child: Any) -> None:
        limit_connection(WEB)
        task = make_task()
        child.may_have_committed = False
        assert [find_shown(task.id, DEFAULT_PROJECT_ID).id for _ in range(3)] == [task.id] * 3
        assert not child.may_have_committed, "to read is to change nothing"
        submitted = [
            submit([NewTask(operation="calculate", arguments={}, max_attempts=1, timeout_seconds=30.0)]).tasks
            for _ in range(3)
        ]
        assert kept() == {"find_task", "insert_one"}
        assert Task.objects.filter(id__in=[task.id for [task] in submitted]).count() == 3

    @pytest.mark.parametrize("limits", [None, NODE, SWEEP])
    def test_nowhere_else(self, child: Any, limits: Any) -> None:
        limit_connection(limits)
        work()
        assert kept() == set()

    def test_not_where_it_is_switched_off(self, child: Any, settings: Settings) -> None:
        settings.PREPARE_STATEMENTS = False
        work()
        assert kept() == set()

    def test_not_on_the_connection_of_an_operation(self, child: Any) -> None:
        work()
        with lent_connection():
            assert kept() == set()
            work()
            assert kept() == set()
        assert kept() == BOTH

    def test_it_costs_no_round_trip(self, child: Any) -> None:
        task, other = make_task(), make_task()
        work(1)
        for each in (task, other):
            with CaptureQueriesContext(connection) as captured:
                run = transitions.claim(each.id, 5, token=uuid4(), node=new_id())
                assert run is not None
                transitions.succeed(run, "11")
            assert len(captured) == 2
        assert [query["sql"].split()[:2] for query in captured] == [
            ["EXECUTE", "claim"],
            ["EXECUTE", "succeed"],
        ]


class TestWhen:
    def test_what_is_sent_seldom_is_not_prepared(self, child: Any, later: Callable[[float], None]) -> None:
        for _ in range(3):
            work(1)
            later(LONGEST_SECONDS + 0.1)
        assert kept() == set()

    def test_a_plan_is_not_kept_for_long(self, child: Any, later: Callable[[float], None]) -> None:
        prepared_at = "SELECT max(prepare_time) FROM pg_prepared_statements WHERE name = 'claim'"
        work()
        before = fetch_all(prepared_at, [])
        work()
        assert fetch_all(prepared_at, []) == before
        for _ in range(2):
            later(LONGEST_SECONDS * 0.6)
            work(1)
        assert fetch_all(prepared_at, []) > before


class TestPlans:
    def readings(self) -> list[Reading]:
        """How the statements that are kept find the task."""
        return [
            reading
            for statement, parameters in PARAMETERS.items()
            if statement.name in kept()
            for reading in explain(statement.execution, parameters)
            if reading.table == "task"
        ]

    def test_who_began_on_an_empty_table_does_not_read_a_large_one(
        self, child: Any, later: Callable[[float], None]
    ) -> None:
        empty("task")
        execute("VACUUM ANALYZE task", [])
        claims = [transitions.claim(new_id(), 5, token=uuid4(), node=new_id()) for _ in range(ENOUGH)]
        assert claims == [None] * ENOUGH
        look(ENOUGH)
        Task.objects.bulk_create(
            Task(
                operation="calculate",
                arguments={},
                priority=5,
                max_attempts=1,
                final_attempt=1,
                retry_when_lost=False,
                timeout_seconds=1,
                run_at="2026-01-01T00:00:00Z",
                dispatch_at="2026-01-01T00:00:00Z",
            )
            for _ in range(MANY)
        )
        assert {reading.kind for reading in self.readings()} == {"Seq Scan"}, "the trap is no more"
        for _ in range(2):
            later(LONGEST_SECONDS * 0.6)
            work(ENOUGH)
            look(ENOUGH)
        found = self.readings()
        assert {reading.index for reading in found} == {"task_pkey"}
        assert sum(reading.rows for reading in found) == 0
        assert len(found) == len([*BOTH, "find_task"])


def insist_on_work() -> None:
    """As a worker's process does, but not without end."""
    times = iter(range(3))

    def try_it() -> None:
        next(times)
        work()

    insist("working", try_it)


class TestLost:
    """What was prepared is gone, or nobody knows."""

    def test_somebody_has_dropped_it(self, child: Any) -> None:
        work()
        execute("DEALLOCATE ALL", [])
        insist_on_work()
        assert kept() == BOTH

    def test_the_connection_has_broken(self, child: Any) -> None:
        work()
        killer = child.copy()
        with killer.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [child.connection.info.backend_pid])
        killer.close()
        insist_on_work()
        assert kept() == BOTH

    def test_a_statement_was_refused(self, child: Any) -> None:
        work()
        _, run = started()
        with pytest.raises(DataError):
            transitions.succeed(run, '"\\u0000"')
        assert transitions.succeed(run, "11")
        work()
        assert kept() == BOTH

    def test_somebody_had_the_table_when_it_was_to_be_prepared(self, child: Any) -> None:
        limit_connection(replace(WEB, lock=0.2))
        task = make_task()
        find_shown(task.id, DEFAULT_PROJECT_ID)
        with locked_table("task"), pytest.raises(OperationalError, match="lock timeout"):
            find_shown(task.id, DEFAULT_PROJECT_ID)
        assert find_shown(task.id, DEFAULT_PROJECT_ID).id == task.id
        assert kept() == {"find_task"}

    def test_a_session_that_somebody_else_had_before(self, child: Any) -> None:
        execute("PREPARE claim AS SELECT 1", [])
        work()
        assert kept() == BOTH


def test_a_migration_may_add_a_column_meanwhile(child: Any) -> None:
    work(ENOUGH)
    execute("ALTER TABLE task ADD COLUMN of_later text", [])
    try:
        work()
    finally:
        execute("ALTER TABLE task DROP COLUMN of_later", [])
    assert kept() == BOTH


def test_behind_a_pooler_of_sessions(child: Any, tmp_path: Path) -> None:
    """One session for one after the other."""
    settings = "pool_mode = session\nignore_startup_parameters = options\ndefault_pool_size = 1"
    port = child.settings_dict["PORT"]
    with running_pgbouncer(tmp_path, database_url(), settings) as url:
        child.settings_dict["PORT"] = int(url.rpartition(":")[2].partition("/")[0])
        try:
            for _ in range(2):
                child.close()
                work()
                assert kept() == BOTH
        finally:
            child.settings_dict["PORT"] = port
            child.close()
