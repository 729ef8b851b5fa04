"""Statements, sent as they are. Shared by everything that writes more than the ORM says well."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db import Error, InterfaceError, InternalError, OperationalError, connection

from tasks_api.postgres.failed_statements import log_failure

Answer = TypeVar("Answer")

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0

logger = logging.getLogger(__name__)


def execute(sql: str, parameters: Any) -> int:
    """Run one statement; how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def fetch_one(sql: str, parameters: Any) -> tuple[Any, ...] | None:
    """Run one statement; its first row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def fetch_all(sql: str, parameters: Any) -> list[tuple[Any, ...]]:
    """Run one statement; all its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def database_now() -> datetime:
    """The database's clock, by which everything is compared."""
    row = fetch_one("SELECT clock_timestamp()", [])
    assert row is not None  # noqa: S101 (the statement always answers with one row)
    now: datetime = row[0]
    return now


def insist(doing: str, statement: Callable[[], Answer]) -> Answer:
    """Run a statement that may be repeated until the database has done it, however long that takes.

    `doing` says in the log what it is for. What else the database says, is raised; the connection is closed, lest it
    be what was wrong.
    """
    pause = FIRST_PAUSE_SECONDS
    while True:
        began = time.monotonic()
        try:
            return statement()
        except (OperationalError, InterfaceError, InternalError) as error:
            seconds, then = time.monotonic() - began, f"trying again in {pause:.2f} s"
            log_failure(logger, error, doing=doing, seconds=seconds, then=then)
            connection.close()
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        except Error:
            connection.close()
            raise
