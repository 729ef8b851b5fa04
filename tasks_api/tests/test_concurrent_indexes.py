"""Indexes on a table in use."""

from collections.abc import Iterator

import psycopg2
import pytest
from django.db import NotSupportedError, connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.utils import IntegrityError

from tasks_api.concurrent_indexes import AddIndexConcurrently
from testing.concurrency import apart, eventually
from testing.factories import make_task

NAME = "task_by_worker_test"
OPERATION = AddIndexConcurrently("Task", models.Index(fields=["worker"], name=NAME))
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
    execute(f"DROP INDEX IF EXISTS {NAME}")


def execute(sql: str, *values: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall() if cursor.description else []


def is_valid() -> object:
    return execute(VALID_SQL, NAME)


def make() -> None:
    before = MigrationLoader(connection).project_state()
    after = before.clone()
    OPERATION.state_forwards("tasks_api", after)
    with connection.schema_editor(atomic=False) as editor:
        OPERATION.database_forwards("tasks_api", editor, before, after)


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


def test_not_in_a_transaction() -> None:
    state = MigrationLoader(connection).project_state()
    with (
        connection.schema_editor(atomic=True) as editor,
        pytest.raises(NotSupportedError, match="atomic = False"),
    ):
        OPERATION.database_forwards("tasks_api", editor, state, state)
