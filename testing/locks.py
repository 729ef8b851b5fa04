"""Locks that somebody else has."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Model

from tasks_api.postgres import Limits

LONG = Limits(60, 60, 60)


@contextmanager
def locked(sql: str, parameters: Any = None) -> Iterator[None]:
    """Somebody has what this statement locks, in a transaction over a connection of its own."""
    other: Any = connection.copy()
    other.limits = LONG
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(sql, parameters)
        yield
        other.rollback()
    finally:
        other.close()


@contextmanager
def locked_row(row: Model) -> Iterator[None]:
    """Somebody has this row."""
    table = row._meta.db_table  # noqa: SLF001 (Django documents it)
    with locked(f"SELECT FROM {table} WHERE id = %s FOR UPDATE", [row.pk]):
        yield


@contextmanager
def locked_table(name: str) -> Iterator[None]:
    """Somebody has the whole table: nobody else can even read it."""
    with locked(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE"):
        yield
