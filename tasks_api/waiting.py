"""Long polls: many wait, one thread asks the database for all of them."""

import logging
import os
import threading
from uuid import UUID

from django.conf import settings
from django.db import Error, connection

from tasks_api.lifecycle import FINAL
from tasks_api.models import Task

POLL_SECONDS = 0.05

logger = logging.getLogger(__name__)


class TooManyWait(Exception):
    """As many requests wait in this process as may, without the others having to wait for a thread."""


class Watcher:
    """Tells whoever waits for a task when it is final. While waiting, nobody else needs a connection."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[UUID, int] = {}
        self._final: set[UUID] = set()
        self._thread: threading.Thread | None = None

    def wait_until_final(self, task_id: UUID, timeout: float) -> None:
        """Return when the task is final or gone, or after `timeout` seconds. Raises TooManyWait."""
        self._enter(task_id)
        connection.close()  # this thread may sleep for a minute; others can use the slot
        try:
            with self._changed:
                self._changed.wait_for(lambda: task_id in self._final, timeout)
        finally:
            self._leave(task_id)

    def _enter(self, task_id: UUID) -> None:
        with self._changed:
            if sum(self._waiting.values()) >= settings.ENVIRONMENT.WEB_THREADS // 2:
                raise TooManyWait
            self._waiting[task_id] = self._waiting.get(task_id, 0) + 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _leave(self, task_id: UUID) -> None:
        with self._changed:
            self._waiting[task_id] -= 1
            if not self._waiting[task_id]:
                del self._waiting[task_id]
                self._final.discard(task_id)

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting.keys() - self._final)
                asked = self._waiting.keys() - self._final
            self._tell(asked)
            pause.wait(POLL_SECONDS)

    def _tell(self, asked: set[UUID]) -> None:
        try:
            unfinished = set(
                Task.objects.filter(id__in=asked).exclude(status__in=FINAL).values_list("id", flat=True)
            )
        except Error as error:
            logger.warning("cannot ask for tasks that are waited for: %s", error)
            connection.close()
            return
        with self._changed:
            self._final |= (asked - unfinished) & self._waiting.keys()
            self._changed.notify_all()


watcher = Watcher()
os.register_at_fork(after_in_child=watcher.__init__)  # type: ignore[misc]
