"""Who was refused: what an actor may not do is an event each; keys that open nothing are counted by address.

Called for each error of a view. What it costs is paid by the refused request, and a limit of it by nobody: beyond a
few events of one actor in a minute, and for all whom nobody knows, a thread of its own writes how often it was.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from access.actor import Actor, ActorKind
from access.audit.events import Action, Target
from access.audit.recording import INSTALLATION, record
from log_lines import event
from rest.guarding import KeyExpired, KeyInvalid, KeyRevoked, ProjectForbidden, TooManyUnknownKeys
from rest.handlers import as_problem
from rest.places import address_of, ip_of
from rest.problems import Problem, problem_response

MINUTE_SECONDS = 60.0
MOST_AT_ONCE = 20
"""So many refusals of one actor in a minute are an event each."""
MOST_COUNTED = 50
"""So many addresses, or actors, are told apart in a minute; the others are counted together."""
FAILED_KEYS = (KeyInvalid, KeyRevoked, KeyExpired, TooManyUnknownKeys, ProjectForbidden)

logger = logging.getLogger(__name__)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """DRF's hook: every exception of a view becomes a problem, also those nobody foresaw, and the audit log is told of
    who was refused.

    It is written here, not by the view's renderer, for some render pages.
    """
    problem = as_problem(error, context)
    if problem.status in (401, 403, 429):
        request = context["request"]
        note(problem, request, getattr(request, "_user", None))
    return problem_response(problem)


def note(problem: Problem, request: Request | HttpRequest, actor: Actor | None) -> None:
    """Tell the audit log of somebody who was refused; None: nobody knows who it was."""
    behind_proxy = settings.ENVIRONMENT.TRUST_PROXY
    if not isinstance(actor, Actor) or actor.id is None:
        if isinstance(problem, FAILED_KEYS) or problem.status == 403:
            stranger = Actor(ActorKind.NOBODY, address=address_of(request.META, behind_proxy=behind_proxy))
            tally.add(stranger, problem.code)
        return
    if problem.status != 403:
        return
    address = ip_of(request.META, behind_proxy=behind_proxy)
    if not tally.has_room(actor):
        tally.add(replace(actor, address=address), problem.code)
        return
    named = replace(actor, address=address, user_agent=request.META.get("HTTP_USER_AGENT"))
    asked = Target("request", f"{request.method} {request.path}")
    try:
        record(named, Action.ACCESS_REFUSE, asked, refused=_reason(problem))
    except DatabaseError as failure:
        _tell(failure)


def _reason(problem: Problem) -> str:
    scope = problem.extra.get("required_scope")
    return f"{problem.code}: {scope}" if scope else problem.code


def _tell(failure: DatabaseError) -> None:
    logger.warning("refusals were not written: %s", failure, extra=event("audit.refusals_not_written"))


@dataclass(frozen=True, slots=True)
class _Refused:
    """What is counted: whose requests, and how they were refused."""

    actor: Actor
    code: str


class Tally:
    """Refusals that this process counted, and has not written yet. An end of the process costs those of a minute."""

    def __init__(self) -> None:
        self._counts: Counter[_Refused] = Counter()
        self._written: Counter[str | None] = Counter()
        self._minute = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ends = threading.Event()

    def has_room(self, actor: Actor) -> bool:
        """Whether one more refusal of this actor may be an event of its own."""
        minute = int(time.monotonic() // MINUTE_SECONDS)
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._written.clear()
            self._written[actor.id] += 1
            return self._written[actor.id] <= MOST_AT_ONCE

    def add(self, actor: Actor, code: str) -> None:
        """Count one."""
        refused = _Refused(actor, code)
        with self._lock:
            if refused not in self._counts and len(self._counts) >= MOST_COUNTED:
                refused = _Refused(Actor(ActorKind.NOBODY), code)
            self._counts[refused] += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="refusals", daemon=True)
                self._thread.start()

    def write(self) -> None:
        """Write what was counted now, not at the end of the minute."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            self._ends.set()
            thread.join()
            self._ends.clear()

    def forget(self) -> None:
        """As if nobody had been refused."""
        with self._lock:
            self._counts.clear()
            self._written.clear()
        self.write()

    def _run(self) -> None:
        self._ends.wait(MINUTE_SECONDS)
        with self._lock:
            counts, self._counts, self._thread = self._counts, Counter(), None
        if not counts:
            return
        try:
            for refused, count in counts.items():
                project_id = INSTALLATION if refused.actor.id is None else refused.actor.project_id
                record(
                    refused.actor,
                    Action.ACCESS_REFUSE,
                    None,
                    refused=refused.code,
                    project_id=project_id,
                    count=count,
                )
        except DatabaseError as failure:
            _tell(failure)
        finally:
            connection.close()


tally = Tally()
