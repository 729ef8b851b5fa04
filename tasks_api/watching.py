"""Long polls and event streams: many wait, one thread asks the database for all of them."""

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import Error, connection

from access import known, standing
from access.actor import Actor
from log_lines import event
from rest.connection_turns import turns
from tasks_api.database import fetch_all
from tasks_api.isolation.interval import Interval
from tasks_api.lifecycle import FINAL
from tasks_api.models import Task
from tasks_api.postgres.failed_statements import log_failure
from tasks_api.shown import AnyTask
from tasks_api.threads import kept_running

POLL_SECONDS = 0.05
PAUSE_AFTER_ERROR_SECONDS = 1
STANDING_SECONDS = 1.0
"""How often those are looked for who may read no more; `access.known` remembers keys for longer."""

logger = logging.getLogger(__name__)


class TooManyWait(Exception):
    """As many wait in this process as may, or can."""

    def __str__(self) -> str:
        return "too many requests are waiting for tasks right now; try again soon, or poll the task"


class TooManyOfOneWait(TooManyWait):
    """As many of one key's, or of one person's, wait in this process as may."""

    def __str__(self) -> str:
        most = settings.ENVIRONMENT.KEY_WAITING_LIMIT
        return f"{most} of your requests are waiting for tasks right now; try again soon, or poll the task"


class TooManyOfProjectWait(TooManyOfOneWait):
    """As many of one project's wait in this process as may, where there are others."""

    def __str__(self) -> str:
        most = _most_of_project()
        return f"{most} requests of your project are waiting for tasks right now; try again soon, or poll the task"


class Watch:
    """One who waits for changes of a task. `task` is the row as it was last seen; None: it is gone."""

    def __init__(self, task: AnyTask, actor: Actor) -> None:
        self.id: UUID = task.id
        self.actor = actor
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
        """Whoever waits shall come to an end, for the process will, or they may read no more."""
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
        self._of_one: Counter[str] = Counter()
        """By who asked. Nobody counts those of whom nobody knows who they are."""
        self._of_project: Counter[int] = Counter()
        self._stopping = False
        self._standing = Interval(STANDING_SECONDS)
        self._thread: threading.Thread | None = None

    def wait_until_final(self, task: AnyTask, timeout: float, actor: Actor) -> AnyTask | None:
        """The task as soon as it is final, or as it stands after `timeout` seconds; None: it is gone.

        Raises TooManyWait.
        """
        deadline = time.monotonic() + timeout
        with self._watching(Watch(task, actor)) as watch, turns.aside():
            while watch.task and watch.task.status not in FINAL and not watch.told_to_stop:
                if not watch.wait(deadline - time.monotonic()):
                    break
        return watch.task

    @contextmanager
    def _watching(self, watch: Watch) -> Iterator[Watch]:
        self.enter(watch)
        try:
            yield watch
        finally:
            self.leave(watch)

    def enter(self, watch: Watch) -> None:
        """From now on tell `watch`, until it leaves. Raises TooManyWait."""
        with self._came:
            self._refuse_too_many(watch.actor)
            try:
                self._thread = kept_running(self._thread, self._run, "watcher")
            except RuntimeError as error:
                raise TooManyWait from error
            self._add(watch, 1)
            self._watches.setdefault(watch.id, set()).add(watch)
            if self._stopping:
                watch.stop()
            self._came.notify()

    def _refuse_too_many(self, actor: Actor) -> None:
        """Raises TooManyWait."""
        if self._count >= settings.ENVIRONMENT.WEB_WAITING:
            raise TooManyWait
        if actor.author is not None and self._of_one[actor.author] >= settings.ENVIRONMENT.KEY_WAITING_LIMIT:
            raise TooManyOfOneWait
        if self._of_project[actor.project_id] >= _most_of_project() and known.are_projects_several():
            raise TooManyOfProjectWait

    def leave(self, watch: Watch) -> None:
        """Forget `watch`. Twice is no error."""
        with self._came:
            watches = self._watches.get(watch.id, set())
            if watch not in watches:
                return
            watches.remove(watch)
            self._add(watch, -1)
            if not watches:
                del self._watches[watch.id]

    def _add(self, watch: Watch, one: int) -> None:
        self._count += one
        _add(self._of_project, watch.actor.project_id, one)
        if watch.actor.author is not None:
            _add(self._of_one, watch.actor.author, one)

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
            if self._standing.has_come():
                _stop_lost(watches)
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


Counted = TypeVar("Counted", str, int)


def _add(counts: Counter[Counted], counted: Counted, one: int) -> None:
    counts[counted] += one
    if not counts[counted]:
        del counts[counted]


def _most_of_project() -> int:
    """Others find room, too."""
    return -(-settings.ENVIRONMENT.WEB_WAITING // 2)


def _stop_lost(watches: list[Watch]) -> None:
    """Whose key or session has ended, or who may read less than when they came, learns no more."""
    lost = standing.lost(watch.actor for watch in watches)
    for watch in watches:
        if watch.actor in lost:
            watch.stop()


def _look(watches: list[Watch]) -> None:
    versions = dict(fetch_all(VERSIONS_SQL, [list({str(watch.id) for watch in watches})]))
    changed = [watch for watch in watches if watch.differs_from(versions.get(watch.id))]
    tasks = Task.objects.in_bulk({watch.id for watch in changed}) if changed else {}
    for watch in changed:
        watch.tell(tasks.get(watch.id))


watcher = Watcher()
os.register_at_fork(after_in_child=watcher.reset)
