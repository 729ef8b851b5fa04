"""Connections between two requests: a dead one is noticed, and one that lives is not asked each time."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tasks_api.database import fetch_one
from tasks_api.postgres.base import DatabaseWrapper
from tasks_api.postgres.idle import is_quiet
from testing.concurrency import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Grows whenever a statement asks the server whether a connection can be used."""
    asked: list[object] = []
    is_usable = DatabaseWrapper.is_usable

    def ask(wrapper: DatabaseWrapper) -> bool:
        asked.append(wrapper)
        return bool(is_usable(wrapper))

    monkeypatch.setattr(DatabaseWrapper, "is_usable", ask)
    return asked


@pytest.fixture
def other() -> Iterator[Any]:
    """Another connection."""
    other: Any = connection.copy()
    other.ensure_connection()
    yield other
    other.close()


def backend() -> int:
    """The session in which this thread's next request is answered."""
    connection.close_if_unusable_or_obsolete()
    row = fetch_one("SELECT pg_backend_pid()", [])
    assert row is not None
    return int(row[0])


def test_one_that_lives_is_not_asked(asked: list[object]) -> None:
    assert backend() == backend()
    assert asked == []


def test_one_that_was_ended_is_replaced(asked: list[object], other: Any) -> None:
    before = backend()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    assert backend() != before
    assert len(asked) == 1


def test_one_that_tells_something_is_asked(asked: list[object], other: Any) -> None:
    before = backend()
    with connection.cursor() as cursor:
        cursor.execute("LISTEN news")
    with other.cursor() as cursor:
        cursor.execute("NOTIFY news")
    eventually(lambda: not is_quiet(connection.connection))
    assert [backend(), backend()] == [before, before]
    assert len(asked) == 1
