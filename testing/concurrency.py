"""Things that happen at the same time."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from django.db import connection, connections

Result = TypeVar("Result")

PATIENCE_SECONDS = 240
"""On a machine that is busy with much else: Python alone may take a minute to start there."""
# A client, for autovacuum comes and goes as it likes.
CLIENTS_SQL = """
SELECT pid FROM pg_stat_activity
 WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""


def apart(function: Callable[[], Result]) -> "Future[Result]":
    """Begin `function` in a thread with a database connection of its own."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:  # noqa: BLE001 (whoever asks for the result gets it)
            future.set_exception(error)
        finally:
            connections.close_all()

    threading.Thread(target=run, daemon=True).start()
    return future


def eventually(condition: Callable[[], object]) -> None:
    """Wait until something has come true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


def clients() -> set[int]:
    """The connections to this test process' database, but for the one that asks: the ids of Postgres' processes."""
    with connection.cursor() as cursor:
        # Within a transaction it would show the same for ever.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(CLIENTS_SQL)
        return {pid for (pid,) in cursor.fetchall()}


def waiting_for_locks() -> int:
    """How many of them wait for a lock that another has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(f"{CLIENTS_SQL} AND wait_event_type = 'Lock'")
        return len(cursor.fetchall())
