"""What has changed lately, told to the pages that are open: names of topics, and nothing else.

One thread of the process asks for all of them once in a second, and ends when nobody looks. What it cannot see (it
reads few rows of each index) a page learns all the same, for each asks by itself from time to time.
"""

import logging
import os
import threading
import time
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import NamedTuple

from django.conf import settings
from django.db import Error, connection

from log_lines import event
from tasks_api.database import fetch_all
from tasks_api.lifecycle import Status
from tasks_api.postgres.failed_statements import log_failure
from tasks_api.threads import kept_running
from tasks_api.transitions import NODE_LEASE_SECONDS

LOOK_SECONDS = 1.0
MOST_TOLD = 10
"""So many pages are told at each look, for each fetches something then: those first that were told longest ago."""
MOST_RUNNING = 1_000
TOPICS = ("tasks", "schedules", "workers", "audit")

logger = logging.getLogger(__name__)


class TooManyPages(Exception):
    """As many pages are told of changes by this process as may. The next one asks by itself."""


class Signature(NamedTuple):
    """Of a project: what differs as soon as something of it has changed that a page can show."""

    newest: tuple[object, ...]
    running: tuple[object, ...]
    failed: object
    event: object
    bulk: object
    nodes: object

    def topics_since(self, before: "Signature") -> set[str]:
        """What has changed between two of them."""
        acted = self.event != before.event
        came = self.newest != before.newest
        went_on = (self.running, self.failed, self.bulk) != (before.running, before.failed, before.bulk)
        found = {
            "tasks": acted or came or went_on,
            "schedules": acted or came,
            "workers": self.nodes != before.nodes or self.running[0] != before.running[0],
            "audit": acted,
        }
        return {topic for topic, has_changed in found.items() if has_changed}


def _newest(status: Status) -> str:
    return (
        f"(SELECT id FROM task WHERE project_id = project.id AND status = '{status.value}'"  # noqa: S608
        " ORDER BY id DESC NULLS LAST LIMIT 1)"
    )


# A few entries of indexes for each project, and the rows of tasks that run.
LOOK_SQL = f"""
SELECT project.id, {", ".join(_newest(status) for status in Status)}, running.*,
       (SELECT finished_at FROM task WHERE project_id = project.id AND status = 'FAILURE' AND fingerprint IS NOT NULL
         ORDER BY finished_at DESC LIMIT 1),
       (SELECT id FROM audit_event WHERE project_id = project.id ORDER BY id DESC LIMIT 1),
       (SELECT concat_ws(' ', count(*), sum(done), sum(refused)) FROM bulk_action
         WHERE turn_at IS NOT NULL AND project_id = project.id),
       nodes.known
  FROM unnest(%(projects)s) AS project(id),
       LATERAL (SELECT count(*), coalesce(sum(version), 0) FROM (
           SELECT version FROM task WHERE project_id = project.id AND status = 'STARTED'
            ORDER BY id DESC NULLS LAST LIMIT {MOST_RUNNING}) AS started) AS running,
       (SELECT md5(string_agg(concat_ws(' ', id, draining_since, failing_since), ',' ORDER BY id)) AS known
          FROM worker_node
         WHERE stopped_at IS NULL AND beat_at > statement_timestamp() - make_interval(secs => %(lease)s)) AS nodes
"""  # noqa: S608 (constants)


class Listener:
    """A page that is open."""

    def __init__(self, project_id: int) -> None:
        self.project_id = project_id
        self.has_ended = False
        self._topics: set[str] = set()
        self.told_at = 0.0
        self._lock = threading.Lock()
        self._news = threading.Event()

    def note(self, topics: Iterable[str]) -> None:
        """Remember what changed until it is told."""
        with self._lock:
            self._topics.update(topics)

    @property
    def has_news(self) -> bool:
        """Whether there is something to tell."""
        return bool(self._topics)

    def tell(self) -> None:
        """Wake whoever waits."""
        self.told_at = time.monotonic()
        self._news.set()

    def end(self) -> None:
        """The process will end, or nobody reads any more."""
        self.has_ended = True
        self._news.set()

    def wait(self, seconds: float) -> set[str]:
        """What has changed; nothing within so many seconds, or because it has ended."""
        if not self._news.wait(seconds):
            return set()
        self._news.clear()
        with self._lock:
            topics, self._topics = self._topics, set()
        return topics


class Changes:
    """All pages that are open, of this process."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew, as a forked child must: neither the thread nor any of the pages live on in it."""
        self._lock = threading.Condition()
        self._listeners: set[Listener] = set()
        self._known: Mapping[int, Signature] = {}
        self._thread: threading.Thread | None = None
        self._stopping = False

    def enter(self, listener: Listener) -> None:
        """Tell it from now on. Raises TooManyPages."""
        with self._lock:
            if self._stopping or len(self._listeners) >= settings.ENVIRONMENT.UI_STREAMS:
                raise TooManyPages
            try:
                self._thread = kept_running(self._thread, self._run, "changes")
            except RuntimeError as error:
                raise TooManyPages from error
            self._listeners.add(listener)

    def leave(self, listener: Listener) -> None:
        """Forget it. Twice is no error."""
        with self._lock:
            self._listeners.discard(listener)
            self._lock.notify_all()

    def stop(self) -> None:
        """Let all come to an end, for the process will."""
        with self._lock:
            self._stopping = True
            for listener in self._listeners:
                listener.end()

    def _run(self) -> None:
        while listeners := self._all():
            try:
                self._look(listeners)
            except Error as error:
                log_failure(logger, error, doing="asking for changes", seconds=0.0, then="trying again soon")
                connection.close()
            except Exception:
                logger.exception("cannot tell pages of changes", extra=event("changes.failed"))
            with self._lock:
                self._lock.wait_for(lambda: not self._listeners, LOOK_SECONDS)
        connection.close()

    def _all(self) -> list[Listener]:
        """Nobody: the thread ends, and the next page begins another."""
        with self._lock:
            if not self._listeners:
                self._thread = None
                self._known = {}
            return list(self._listeners)

    def _look(self, listeners: list[Listener]) -> None:
        known = look({listener.project_id for listener in listeners})
        for project_id, signature in known.items():
            before = self._known.get(project_id)
            topics = signature.topics_since(before) if before is not None else set()
            for listener in listeners:
                if topics and listener.project_id == project_id:
                    listener.note(topics)
        self._known = known
        waiting = sorted((each for each in listeners if each.has_news), key=attrgetter("told_at"))
        for listener in waiting[:MOST_TOLD]:
            listener.tell()


def look(project_ids: set[int]) -> dict[int, Signature]:
    """How each of these projects is now."""
    kinds = len(Status)
    rows = fetch_all(LOOK_SQL, {"projects": sorted(project_ids), "lease": NODE_LEASE_SECONDS})
    return {
        project_id: Signature(tuple(rest[:kinds]), tuple(rest[kinds : kinds + 2]), *rest[kinds + 2 :])
        for project_id, *rest in rows
    }


changes = Changes()
os.register_at_fork(after_in_child=changes.reset)
