"""Threads that take turns with few database connections."""

import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from django.db import connection

from rest.connection_turns import InTurn, Turns
from testing.concurrency import PATIENCE_SECONDS, apart, eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def one() -> threading.Semaphore:
    return threading.Semaphore(1)


def backend() -> int:
    """The process of the database that serves this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def in_turn(turn: AbstractContextManager[None]) -> int:
    with turn:
        return backend()


def test_the_next_thread_takes_the_connection_over(turns: Turns, one: threading.Semaphore) -> None:
    first, second = (apart(lambda: in_turn(turns.turn(one))).result(PATIENCE_SECONDS) for _ in range(2))
    assert first == second


def test_those_who_work_at_once_have_each_their_own(turns: Turns) -> None:
    two, both = threading.Semaphore(2), threading.Barrier(2)

    def work() -> int:
        with turns.turn(two):
            both.wait(PATIENCE_SECONDS)
            return backend()

    first, second = apart(work), apart(work)
    assert first.result(PATIENCE_SECONDS) != second.result(PATIENCE_SECONDS)


def test_who_stands_aside_lets_another_work(turns: Turns, one: threading.Semaphore) -> None:
    worked = threading.Event()

    def wait() -> tuple[int, int]:
        with turns.turn(one):
            before = backend()
            with turns.aside():
                assert worked.wait(PATIENCE_SECONDS)
            return before, backend()

    waits = apart(wait)
    eventually(lambda: turns._idle)
    works = apart(lambda: in_turn(turns.turn(one))).result(PATIENCE_SECONDS)
    worked.set()
    assert waits.result(PATIENCE_SECONDS) == (works, works)


def test_an_error_ends_the_turn(one: threading.Semaphore) -> None:
    def broken(_environ: WSGIEnvironment, _start: StartResponse) -> Iterable[bytes]:
        raise ZeroDivisionError

    application = InTurn(broken, limit=1)

    def call() -> None:
        with pytest.raises(ZeroDivisionError):
            application({}, lambda *_: lambda _: None)

    for _ in range(2):
        apart(call).result(PATIENCE_SECONDS)


class TestStalled:
    def answers(
        self, environ: WSGIEnvironment, gate: threading.Event, **options: tuple[str, ...]
    ) -> list[str]:
        """The statuses of two requests, the first of which does not end before the second is answered."""
        works = threading.Event()

        def slowly(_environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            if not works.is_set():
                works.set()
                assert gate.wait(PATIENCE_SECONDS)
            start("200 OK", [])
            return []

        application, statuses = InTurn(slowly, limit=1, **options), list[str]()

        def call(environ: WSGIEnvironment) -> None:
            application(environ, lambda status, _headers: statuses.append(status))  # type: ignore[arg-type]

        first = apart(lambda: call({"PATH_INFO": "/tasks/"}))
        assert works.wait(PATIENCE_SECONDS)
        apart(lambda: call(environ)).result(PATIENCE_SECONDS)
        gate.set()
        first.result(PATIENCE_SECONDS)
        return statuses

    def test_nobody_waits_for_turns_that_do_not_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("rest.connection_turns.STALLED_SECONDS", 0.05)
        statuses = self.answers({"PATH_INFO": "/tasks/"}, threading.Event())
        assert statuses == ["503 Service Unavailable", "200 OK"]

    def test_what_needs_no_connection_is_answered_at_once(self) -> None:
        statuses = self.answers({"PATH_INFO": "/health/live/"}, threading.Event(), exempt=("/health/",))
        assert statuses == ["200 OK"] * 2

    def test_as_long_as_turns_end_everybody_waits_for_one(
        self, turns: Turns, one: threading.Semaphore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("rest.connection_turns.STALLED_SECONDS", PATIENCE_SECONDS)
        begun, gate = threading.Event(), threading.Event()

        def work() -> None:
            with turns.turn(one):
                begun.set()
                assert gate.wait(PATIENCE_SECONDS)

        first = apart(work)
        assert begun.wait(PATIENCE_SECONDS)
        others = [apart(lambda: in_turn(turns.turn(one))) for _ in range(5)]
        gate.set()
        first.result(PATIENCE_SECONDS)
        assert len({other.result(PATIENCE_SECONDS) for other in others}) == 1
