"""How the progress of a running operation gets to its row, and the wish to stop it back to the operation."""

import json
import logging
import os
import threading

from django.db import Error, connection

from log_lines import event
from operations import Cancelled, Progress
from tasks_api import transitions
from tasks_api.execution.lending import our_connection
from tasks_api.execution.stop_signals import unstoppable
from tasks_api.isolation.interval import Interval
from tasks_api.postgres import CLAIM, limit_connection
from tasks_api.transitions import Run

REPORT_SECONDS = 0.5

logger = logging.getLogger(__name__)


class Reporter:
    """Writes an operation's progress, at most every half a second; `last` is for the statement that ends the attempt.

    What came too early is written by a thread half a second later, unless the operation has told more by then:
    it may be the last word before a long silence.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._pid = os.getpid()
        self._interval = Interval(REPORT_SECONDS)
        self._deciding = threading.Lock()
        self._early: Progress | None = None
        self._last: Progress | None = None
        self._later: threading.Timer | None = None

    def __call__(self, progress: Progress) -> None:
        """Raises Cancelled if somebody asked the task to stop, or if this attempt is not the task's any more.

        Does nothing in a process that the operation forked: the connection is not its own.
        """
        if os.getpid() != self._pid:
            return
        with self._deciding:
            self._last = progress
            is_early = not self._interval.has_come()
            self._early = progress if is_early else None
            if is_early and self._later is None:
                self._write_later()
        if not is_early and self._write(progress):
            raise Cancelled

    @property
    def last(self) -> str | None:
        """What the operation told last, as JSON text; it may not have been written."""
        return self._last and _as_json(self._last)

    def close(self) -> None:
        """The operation has ended, and nothing is left to be written later."""
        with self._deciding:
            self._early = None
            if self._later:
                self._later.cancel()

    def _write(self, progress: Progress) -> bool:
        """True: the operation is to stop. Without the database it goes on, for its result can wait for it."""
        with unstoppable(), our_connection():
            try:
                return transitions.report(self._run, _as_json(progress))
            except Error as error:
                logger.warning(
                    "cannot write how far task %s is: %s",
                    self._run.task_id,
                    error,
                    extra=event("progress.not_written"),
                )
                connection.close()
                return False

    def _write_later(self) -> None:
        self._later = threading.Timer(REPORT_SECONDS, self._write_early)
        self._later.daemon = True
        self._later.start()

    def _write_early(self) -> None:
        with self._deciding:
            self._later = None
            early = self._early
            if early is None:
                return
            if not self._interval.has_come():
                self._write_later()
                return
            self._early = None
        limit_connection(CLAIM)
        self._write(early)
        connection.close()


def _as_json(progress: Progress) -> str:
    message = progress.message and _storable(progress.message)
    return json.dumps({"percent": progress.percent, "message": message})


def _storable(text: str) -> str:
    """The database takes neither NUL nor half of a surrogate pair."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
