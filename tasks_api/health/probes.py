"""Asking a server that may keep silent: nobody waits for long, and the server is asked one question at a time."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from log_lines import event
from tasks_api.threads import kept_running

PATIENCE_SECONDS = 0.75
"""How long whoever asks waits for an answer."""
FRESH_SECONDS = 5.0
"""For how long the answer before counts while the next one is awaited: a server that is slow is not away."""
KEEP_SECONDS = 15.0
"""How long the connection is kept after a question."""
NOT_REACHED = "it cannot be reached; the log of the web process says why"

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


class Away(Exception):
    """The server does not answer as it should. `reason` is for everybody, the message is for the log."""

    def __init__(self, message: object, reason: str = NOT_REACHED) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Finding(Generic[Answer]):
    """What is known of a server: what it answered when it was last heard of, or (None) the reason why it is away."""

    answer: Answer | None = None
    reason: str = "it has not been asked yet"
    since: datetime | None = None
    checked_at: datetime | None = None
    """When it last answered, or refused to."""


class Probe(Generic[Answer]):
    """A thread that asks, begun by the first who wants to know, and ended when nobody has for a while.

    `session` gives the thread a way to ask: it is called with nothing, and raises Away.
    """

    def __init__(
        self, name: str, session: Callable[[], AbstractContextManager[Callable[[], Answer]]]
    ) -> None:
        self._name = name
        self._session = session
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._asked_at: float | None = None
        """When the question was put that has no answer yet."""
        self._heard_at = float("-inf")
        self._finding: Finding[Answer] = Finding()

    def ask(self) -> None:
        """Put the question, unless it is being put. Never waits."""
        with self._changed:
            if self._asked_at is None:
                self._asked_at = time.monotonic()
                self._changed.notify_all()
            try:
                self._thread = kept_running(self._thread, self._run, f"probe of the {self._name}")
            except RuntimeError as error:
                self._record(Away(error, reason="there is no thread left to ask it"))

    def finding(self) -> Finding[Answer]:
        """The answer to what was asked, if it comes in time; else that of before, if it is fresh; else none."""
        with self._changed:
            if self._asked_at is not None:
                patience = self._asked_at + PATIENCE_SECONDS - time.monotonic()
                self._changed.wait_for(lambda: self._asked_at is None, max(0.0, patience))
            now = time.monotonic()
            if self._asked_at is not None and now - self._heard_at > FRESH_SECONDS:
                self._turn(None, f"no answer for {now - self._asked_at:.0f} s", self._finding.checked_at)
            return self._finding

    def _run(self) -> None:
        with self._session() as question:
            while self._is_asked():
                answer = _answered(question)
                with self._changed:
                    self._record(answer)

    def _is_asked(self) -> bool:
        with self._changed:
            if self._changed.wait_for(lambda: self._asked_at is not None, KEEP_SECONDS):
                return True
            self._thread = None
            return False

    def _record(self, answer: Answer | Away) -> None:
        self._asked_at, self._heard_at = None, time.monotonic()
        now = datetime.now(UTC)
        if isinstance(answer, Away):
            self._turn(None, answer.reason, now, answer)
        else:
            self._turn(answer, "", now)
        self._changed.notify_all()

    def _turn(
        self, answer: Answer | None, reason: str, checked_at: datetime | None, why: Away | None = None
    ) -> None:
        """Note what is known now; tell of it once when that is another thing than before."""
        was, since = self._finding, self._finding.since
        if since is None or (was.answer is None) is not (answer is None):
            since = datetime.now(UTC)
        if answer is None and (was.answer is not None or was.since is None):
            logger.warning("the %s is away: %s", self._name, why or reason, extra=event("server.away"))
        elif answer is not None and was.answer is None and was.since is not None:
            logger.warning("the %s is back", self._name, extra=event("server.back"))
        self._finding = Finding(answer, reason, since, checked_at)


def _answered(question: Callable[[], Answer]) -> Answer | Away:
    try:
        return question()
    except Away as away:
        return away
    except Exception as error:
        # There is no other thread to ask: it outlives whatever comes.
        logger.exception("a probe failed", extra=event("probe.failed"))
        return Away(error)
