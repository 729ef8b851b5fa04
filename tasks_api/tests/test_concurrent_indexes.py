"""Indexes on a table in use."""

from collections.abc import Iterator

import psycopg2
import pytest
from django.db import NotSupportedError, connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.utils import IntegrityError

from tasks_api.concurrent_indexes import AddIndexConcurrently, AddUniqueConcurrently, RetireIndex
from testing.concurrency import apart, eventually
from testing.factories import make_task

NAME = "task_by_worker_test"
OPERATION = AddIndexConcurrently("Task", models.Index(fields=["worker"], name=NAME))
UNIQUE = AddUniqueConcurrently("Task", models.UniqueConstraint(fields=["worker", "node_id"], name=NAME))
VALID_SQL = (
    "SELECT indisvalid, pg_get_indexdef(indexrelid) LIKE '%%(worker)' FROM pg_index "
    "WHERE indexrelid = to_regclass(%s)"
)
WAITED_SQL = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'virtualxid' "
    "AND clock_timestamp() - query_start > interval '0.3 s'"
)


@pytest.fixture(autouse=True)
def no_index(transactional_db: None) -> Iterator[None]:
    yield
    execute(f"ALTER TABLE task DROP CONSTRAINT IF EXISTS {NAME}")
    execute(f"DROP INDEX IF EXISTS {NAME}")


def execute(sql: str, *values: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall() if cursor.description else []


def is_valid() -> object:
    return execute(VALID_SQL, NAME)


def make(operation: Operation = OPERATION, *first: Operation, back: bool = False) -> None:
    before = MigrationLoader(connection).project_state()
    for each in first:
        each.state_forwards("tasks_api", before)
    after = before.clone()
    operation.state_forwards("tasks_api", after)
    with connection.schema_editor(atomic=False) as editor:
        if back:
            operation.database_backwards("tasks_api", editor, after, before)
        else:
            operation.database_forwards("tasks_api", editor, before, after)


def test_it_is_made_and_may_be_made_again() -> None:
    make()
    assert is_valid() == [(True, True)]
    make()
    assert is_valid() == [(True, True)]


def test_what_an_interrupted_one_left_behind_is_replaced() -> None:
    make_task()
    make_task()
    with pytest.raises(IntegrityError):
        execute(f"CREATE UNIQUE INDEX CONCURRENTLY {NAME} ON task (priority)")
    assert is_valid() == [(False, False)]
    make()
    assert is_valid() == [(True, True)]


def test_it_waits_for_older_transactions_longer_than_for_locks() -> None:
    older = psycopg2.connect(**connection.get_connection_params())
    with older.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT 1")

    def make_it() -> object:
        execute("SET lock_timeout = '50ms'")
        make()
        return execute("SHOW lock_timeout")

    making = apart(make_it)
    eventually(lambda: execute(WAITED_SQL))
    older.close()
    assert making.result(60) == [("50ms",)]
    assert is_valid() == [(True, True)]


@pytest.mark.parametrize("operation", [OPERATION, UNIQUE, RetireIndex("Task", NAME)])
def test_not_in_a_transaction(operation: Operation) -> None:
    state = MigrationLoader(connection).project_state()
    with (
        connection.schema_editor(atomic=True) as editor,
        pytest.raises(NotSupportedError, match="atomic = False"),
    ):
        operation.database_forwards("tasks_api", editor, state, state)


class TestAUniqueConstraint:
    IS_CONSTRAINT_SQL = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s"

    def test_it_is_made_and_may_be_made_again(self) -> None:
        for _ in range(2):
            make(UNIQUE)
            assert execute(self.IS_CONSTRAINT_SQL, NAME) == [("UNIQUE (worker, node_id)",)]

    def test_one_that_was_interrupted_is_made_anew(self) -> None:
        make_task()
        make_task()
        with pytest.raises(IntegrityError):
            execute(f"CREATE UNIQUE INDEX CONCURRENTLY {NAME} ON task (priority)")
        make(UNIQUE)
        assert execute(self.IS_CONSTRAINT_SQL, NAME) == [("UNIQUE (worker, node_id)",)]

    def test_one_that_was_interrupted_before_the_end_is_made_of_its_index(self) -> None:
        execute(f"CREATE UNIQUE INDEX CONCURRENTLY {NAME} ON task (worker, node_id)")
        make(UNIQUE)
        assert execute(self.IS_CONSTRAINT_SQL, NAME) == [("UNIQUE (worker, node_id)",)]

    def test_back(self) -> None:
        make(UNIQUE)
        make(UNIQUE, back=True)
        assert execute(self.IS_CONSTRAINT_SQL, NAME) == []


class TestOneThatIsRetired:
    RETIRE = RetireIndex("Task", NAME)

    @pytest.fixture(autouse=True)
    def index(self, no_index: None) -> None:
        make()

    def test_it_goes_where_nothing_was_before(self) -> None:
        for _ in range(2):
            make(self.RETIRE, OPERATION)
            assert is_valid() == []

    def test_it_stays_where_the_release_before_may_be(self) -> None:
        make_task()
        make(self.RETIRE, OPERATION)
        assert is_valid() == [(True, True)]
        make(self.RETIRE, OPERATION, back=True)
        assert is_valid() == [(True, True)]

    def test_back(self) -> None:
        make(self.RETIRE, OPERATION)
        make(self.RETIRE, OPERATION, back=True)
        assert is_valid() == [(True, True)]
