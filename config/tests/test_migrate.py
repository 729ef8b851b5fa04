"""`manage.py migrate` while others use the tables."""

import io
from collections.abc import Iterator

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from config.management.commands import migrate
from testing.concurrency import apart, eventually, waiting_for_locks

Other = psycopg2.extensions.connection


@pytest.fixture
def output(
    transactional_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[io.StringIO]:
    """What `migrate` says, which has one migration to run: one that needs the table `zone_data` for itself."""
    settings.MIGRATION_MODULES = {"rest": "testing.locking.migrations"}
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0.05)
    yield io.StringIO()
    MigrationRecorder(connection).record_unapplied("rest", "0001_lock")


@pytest.fixture
def other(transactional_db: None) -> Iterator[Other]:
    """Somebody else's connection."""
    other = psycopg2.connect(**connection.get_connection_params())
    yield other
    other.close()


def run(output: io.StringIO) -> None:
    call_command("migrate", stdout=output)


def is_applied() -> bool:
    return ("rest", "0001_lock") in MigrationRecorder(connection).applied_migrations()


def execute(other: Other, sql: str) -> None:
    with other.cursor() as cursor:
        cursor.execute(sql)


def test_it_tries_again_until_the_table_is_free(output: io.StringIO, other: Other) -> None:
    execute(other, "SELECT * FROM zone_data")
    running = apart(lambda: run(output))
    eventually(lambda: "a table is in use: trying again" in output.getvalue())
    assert not is_applied()
    other.commit()
    running.result(60)
    assert is_applied()


def test_nobody_waits_long_behind_it(output: io.StringIO, other: Other) -> None:
    execute(other, "SELECT * FROM zone_data")
    running = apart(lambda: run(output))
    eventually(waiting_for_locks)
    with connection.cursor() as cursor:
        # The first transaction stays open all the while, so without a limit this would wait for ever.
        cursor.execute("SET statement_timeout = '60s'")
        cursor.execute("SELECT count(*) FROM zone_data")
        cursor.execute("RESET statement_timeout")
    assert not is_applied()
    other.commit()
    running.result(60)


def test_it_gives_up_and_names_who_was_in_its_way(
    output: io.StringIO, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "PATIENCE_SECONDS", 0)
    execute(other, "SET application_name = 'a report'")
    execute(other, "SELECT * FROM zone_data")
    with pytest.raises(
        CommandError, match=r"process \d+ of Postgres \(a report, idle in transaction\), open for"
    ):
        run(output)
    assert not is_applied()


def test_what_fails_for_good_fails_at_once(output: io.StringIO, other: Other) -> None:
    execute(other, "ALTER TABLE zone_data RENAME TO elsewhere")
    other.commit()
    try:
        with pytest.raises(Exception, match='"zone_data" does not exist'):
            run(output)
    finally:
        execute(other, "ALTER TABLE elsewhere RENAME TO zone_data")
        other.commit()
    assert "trying again" not in output.getvalue()


def test_two_take_turns(output: io.StringIO, other: Other) -> None:
    execute(other, f"SELECT pg_advisory_lock({migrate.ADVISORY_LOCK})")
    other.commit()
    running = apart(lambda: run(output))
    eventually(lambda: "Another migration is running" in output.getvalue())
    assert not is_applied()
    execute(other, f"SELECT pg_advisory_unlock({migrate.ADVISORY_LOCK})")
    running.result(60)
    assert is_applied()


def test_it_leaves_its_connection_as_it_was(output: io.StringIO) -> None:
    def state() -> list[object]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('lock_timeout'), current_setting('statement_timeout'), count(*) "
                "FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            )
            return [*cursor.fetchone()]

    before = state()
    run(output)
    assert is_applied()
    assert state() == before
