"""More threads than database connections: a request has a connection while it works, and none while it waits."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper


class Turns:
    """Lets so many threads work at a time. Each takes over the open connection of one that worked before it."""

    def __init__(self) -> None:
        self._idle: list[BaseDatabaseWrapper] = []
        self._mine = threading.local()

    @contextmanager
    def turn(self, limit: threading.Semaphore) -> Iterator[None]:
        """Work in this thread, as soon as `limit` lets it."""
        self._begin(limit)
        try:
            yield
        finally:
            self._end()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Wait for something: meanwhile another thread may work. A thread without a turn closes its connection."""
        limit = getattr(self._mine, "limit", None)
        if limit is None:
            connections[DEFAULT_DB_ALIAS].close()
            yield
            return
        self._end()
        try:
            yield
        finally:
            self._begin(limit)

    def _begin(self, limit: threading.Semaphore) -> None:
        limit.acquire()
        self._mine.limit = limit
        connections[DEFAULT_DB_ALIAS] = self._take()

    def _end(self) -> None:
        self._idle.append(connections[DEFAULT_DB_ALIAS])
        del connections[DEFAULT_DB_ALIAS]
        limit, self._mine.limit = self._mine.limit, None
        limit.release()

    def _take(self) -> BaseDatabaseWrapper:
        """The connection that was used last, so that no more are open than work at once."""
        try:
            return self._idle.pop()
        except IndexError:
            connection = connections.create_connection(DEFAULT_DB_ALIAS)
            connection.inc_thread_sharing()
            return connection


turns = Turns()


class InTurn:
    """Answers at most `limit` requests at a time. Bodies that are made while they are sent do not count."""

    def __init__(self, application: WSGIApplication, limit: int) -> None:
        self._application = application
        self._limit = threading.Semaphore(limit)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with turns.turn(self._limit):
            return self._application(environ, start_response)
