"""Long polls and event streams: many wait, one thread asks the database for all of them."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.db import Error, connection

from log_lines import event
from rest.connection_turns import turns
from tasks_api.database import fetch_all
from tasks_api.lifecycle import FINAL
from tasks_api.models import Task
from tasks_api.postgres.failed_statements import log_failure
from tasks_api.shown import AnyTask
from tasks_api.threads import kept_running

POLL_SECONDS = 0.05
PAUSE_AFTER_ERROR_SECONDS = 1

logger = logging.getLogger(__name__)


class TooManyWait(Exception):
    """As many wait in this process as may, or can."""

    def __str__(self) -> str:
        return "too many requests are waiting for tasks right now; try again soon, or poll the task"


class Watch:
    """One who waits for changes of a task. `task` is the row as it was last seen; None: it is gone."""

    def __init__(self, task: AnyTask) -> None:
        self.id: UUID = task.id
        self.task: AnyTask | None = task
        self.told_to_stop = False
        self._news = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Until there is something new. False: not within so many seconds."""
        came = self._news.wait(seconds)
        self._news.clear()
        return came

    def tell(self, task: AnyTask | None) -> None:
        """Something new about the task."""
        self.task = task
        self._news.set()

    def stop(self) -> None:
        """Whoever waits shall come to an end, for the process will."""
        self.told_to_stop = True
        self._news.set()

    def differs_from(self, version: int | None) -> bool:
        """Whether the row of this version (None: there is no row) is news."""
        return version != (self.task and self.task.version)


class Watcher:
    """Tells whoever waits for a task of each change. While waiting, nobody else needs a connection."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew, as a forked child must: neither the thread nor any of those who wait live on in it."""
        self._came = threading.Condition()
        self._watches: dict[UUID, set[Watch]] = {}
        self._count = 0
        self._stopping = False
        self._thread: threading.Thread | None = None

    def wait_until_final(self, task: AnyTask, timeout: float) -> AnyTask | None:
        """The task as soon as it is final, or as it stands after `timeout` seconds; None: it is gone.

        Raises TooManyWait.
        """
        deadline = time.monotonic() + timeout
        with self._watching(task) as watch, turns.aside():
            while watch.task and watch.task.status not in FINAL and not watch.told_to_stop:
                if not watch.wait(deadline - time.monotonic()):
                    break
        return watch.task

    @contextmanager
    def _watching(self, task: AnyTask) -> Iterator[Watch]:
        watch = Watch(task)
        self.enter(watch)
        try:
            yield watch
        finally:
            self.leave(watch)

    def enter(self, watch: Watch) -> None:
        """From now on tell `watch`, until it leaves. Raises TooManyWait."""
        with self._came:
            if self._count >= settings.ENVIRONMENT.WEB_WAITING:
                raise TooManyWait
            try:
                self._thread = kept_running(self._thread, self._run, "watcher")
            except RuntimeError as error:
                raise TooManyWait from error
            self._count += 1
            self._watches.setdefault(watch.id, set()).add(watch)
            if self._stopping:
                watch.stop()
            self._came.notify()

    def leave(self, watch: Watch) -> None:
        """Forget `watch`. Twice is no error."""
        with self._came:
            watches = self._watches.get(watch.id, set())
            if watch not in watches:
                return
            watches.remove(watch)
            self._count -= 1
            if not watches:
                del self._watches[watch.id]

    def stop(self) -> None:
        """Let everybody who waits, or will, come to an end."""
        with self._came:
            self._stopping = True
            for watch in self._all():
                watch.stop()

    def _all(self) -> list[Watch]:
        return [watch for watches in self._watches.values() for watch in watches]

    def _run(self) -> None:
        while True:
            with self._came:
                self._came.wait_for(lambda: self._watches)
            time.sleep(POLL_SECONDS if self._tell_all() else PAUSE_AFTER_ERROR_SECONDS)

    def _tell_all(self) -> bool:
        """Tell those whose tasks have changed. False: nobody could say which have.

        There is no other thread to watch: it outlives whatever comes.
        """
        began = time.monotonic()
        try:
            with self._came:
                watches = self._all()
            _look(watches)
        except Error as error:
            seconds = time.monotonic() - began
            log_failure(logger, error, doing="asking for tasks", seconds=seconds, then="trying again soon")
        except Exception:
            logger.exception("cannot tell those who wait for tasks", extra=event("waiting.failed"))
        else:
            return True
        connection.close()
        return False


VERSIONS_SQL = "SELECT id, version FROM task WHERE id = ANY(%s::uuid[])"


def _look(watches: list[Watch]) -> None:
    versions = dict(fetch_all(VERSIONS_SQL, [list({str(watch.id) for watch in watches})]))
    changed = [watch for watch in watches if watch.differs_from(versions.get(watch.id))]
    tasks = Task.objects.in_bulk({watch.id for watch in changed}) if changed else {}
    for watch in changed:
        watch.tell(tasks.get(watch.id))


watcher = Watcher()
os.register_at_fork(after_in_child=watcher.reset)
