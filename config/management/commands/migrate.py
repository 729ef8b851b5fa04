"""`manage.py migrate`: changes the schema while the service goes on working."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from access.bootstrap import make_first_key
from access.key_text import read_key
from access.models import Key
from config.password_files import read_file
from config.pooling import PAGE, UnfitPooler, check_pooler

LOCK_TIMEOUT_SECONDS = 1
"""Whoever wants the table queues behind a migration that waits for it: no longer than this."""

PAUSE_SECONDS = 2
PATIENCE_SECONDS = 60
LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED = "55P03", "40P01"
ADVISORY_LOCK = int.from_bytes(b"punctual")

# A client before Postgres's own autovacuum, which gives way to a migration.
OLDEST_TRANSACTION_SQL = """
SELECT pid, coalesce(nullif(application_name, ''), backend_type), state,
       extract(epoch FROM clock_timestamp() - xact_start)
  FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
 ORDER BY backend_type = 'client backend' DESC, xact_start LIMIT 1
"""


class Command(migrate.Command):
    """Django's, but it blocks nobody for long, tries again, and takes turns with others like it."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        self._check_pooler(connection)
        with _settings(connection), self._alone(connection):
            give_up_at = time.monotonic() + PATIENCE_SECONDS
            while not self._migrated(*args, **options):
                if time.monotonic() > give_up_at:
                    raise CommandError(
                        f"a table was not free for {PATIENCE_SECONDS} s, so not all migrations ran; those that ran "
                        f"stay, and the rest can be tried again. {_oldest_transaction(connection)}"
                    )
                self.stdout.write("  a table is in use: trying again")
                time.sleep(PAUSE_SECONDS)
        self._make_first_key()

    def _make_first_key(self) -> None:
        """If there is no key yet, and a file that holds one."""
        file = settings.ENVIRONMENT.BOOTSTRAP_KEY_FILE
        if not file or Key._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001 (public)
            return
        text = read_key(read_file(file))
        if make_first_key(text):
            self.stdout.write(f"The first key is pct_{text.id}, from BOOTSTRAP_KEY_FILE.")

    def _migrated(self, *args: Any, **options: Any) -> bool:
        try:
            super().handle(*args, **options)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) not in (LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED):
                raise
            return False
        return True

    def _check_pooler(self, connection: BaseDatabaseWrapper) -> None:
        try:
            has_limits = check_pooler(connection)
        except UnfitPooler as error:
            raise CommandError(str(error)) from None
        if not has_limits:
            self.stdout.write(
                f"Statements have no time limit here, as behind a pooler that drops them: see {PAGE}"
            )

    @contextmanager
    def _alone(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        # Asked again and again: an index that is made concurrently would wait for one who waits for the lock.
        told = False
        while not _ask(connection, "SELECT pg_try_advisory_lock(%s)", ADVISORY_LOCK):
            if not told:
                self.stdout.write("Another migration is running: waiting for it.")
                told = True
            time.sleep(PAUSE_SECONDS)
        try:
            yield
        finally:
            if connection.is_usable():
                _ask(connection, "SELECT pg_advisory_unlock(%s)", ADVISORY_LOCK)


@contextmanager
def _settings(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with connection.cursor() as cursor:
        # An index of a large table takes its time, and in its waiting it disturbs nobody.
        cursor.execute(f"SET statement_timeout = 0; SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("RESET statement_timeout; RESET lock_timeout")


def _oldest_transaction(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute(OLDEST_TRANSACTION_SQL)
        if (row := cursor.fetchone()) is None:
            return "No other transaction is open now."
    pid, name, state, seconds = row
    return (
        f"The oldest transaction is that of process {pid} of Postgres ({name}, {state}), open for "
        f"{seconds:.0f} s; SELECT pg_terminate_backend({pid}) ends it."
    )


def _ask(connection: BaseDatabaseWrapper, sql: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]
