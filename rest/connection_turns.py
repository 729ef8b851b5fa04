"""More threads than database connections: a request has a connection while it works, and none while it waits."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from rest.early import respond
from rest.unavailable import DatabaseAway

STALLED_SECONDS = 5.0
"""When no turn has begun or ended for so long, the database keeps silent, and more who wait would only take threads."""


class Stalled(Exception):
    """All turns are taken, and none of them ends."""


class Turns:
    """Lets so many threads work at a time. Each takes over the open connection of one that worked before it."""

    def __init__(self) -> None:
        self._idle: list[BaseDatabaseWrapper] = []
        self._mine = threading.local()
        self._moved_at = time.monotonic()

    @contextmanager
    def turn(self, limit: threading.Semaphore) -> Iterator[None]:
        """Work in this thread, as soon as `limit` lets it. Raises Stalled."""
        while not limit.acquire(blocking=False):
            left = self._moved_at + STALLED_SECONDS - time.monotonic()
            if left <= 0:
                raise Stalled
            if limit.acquire(timeout=left):
                break
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
            limit.acquire()
            self._begin(limit)

    @contextmanager
    def aside_if_in_turn(self) -> Iterator[None]:
        """The same for who may have no turn, and then keeps its connection."""
        if getattr(self._mine, "limit", None) is None:
            yield
            return
        with self.aside():
            yield

    def _begin(self, limit: threading.Semaphore) -> None:
        self._moved_at = time.monotonic()
        self._mine.limit = limit
        connections[DEFAULT_DB_ALIAS] = self._take()

    def _end(self) -> None:
        self._idle.append(connections[DEFAULT_DB_ALIAS])
        del connections[DEFAULT_DB_ALIAS]
        limit, self._mine.limit = self._mine.limit, None
        self._moved_at = time.monotonic()
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
    """Answers at most `limit` requests at a time. Bodies that are made while they are sent do not count.

    Those to paths that begin as one of `exempt` need no connection, so they are answered whatever the others wait for.
    """

    def __init__(self, application: WSGIApplication, limit: int, exempt: tuple[str, ...] = ()) -> None:
        self._application = application
        self._limit = threading.Semaphore(limit)
        self._exempt = exempt

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(self._exempt):
            return self._application(environ, start_response)
        try:
            with turns.turn(self._limit):
                return self._application(environ, start_response)
        except Stalled:
            return respond(DatabaseAway(), environ, start_response)
