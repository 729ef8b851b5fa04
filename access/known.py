"""What a process remembers of keys and projects for two seconds, so that a request asks the database for none.

Whatever changes is therefore true everywhere after two seconds, and in the process that changed it at once.
"""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from django.db import connection

from access.actor import DEFAULT_PROJECT_ID, Actor, ActorKind
from access.models import Key, Project, ProjectStatus
from access.openness import NOBODY_SQL
from access.rates.gcra import Rate

KEEP_SECONDS = 2.0
MOST = 10_000

Found = TypeVar("Found")


class Remembered(Generic[Found]):
    """Answers to questions, the latest `MOST` of them, each for `KEEP_SECONDS`."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, tuple[float, Found]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, question: Hashable, ask: Callable[[], Found]) -> Found:
        """The answer, from memory while it is fresh. What `ask` raises is not remembered."""
        kept = self._answers.get(question)
        now = time.monotonic()
        if kept is not None and now < kept[0]:
            return kept[1]
        answer = ask()
        self.keep(question, answer, now + KEEP_SECONDS)
        return answer

    def keep(self, question: Hashable, answer: Found, until: float) -> None:
        """Remember an answer until the monotonic clock shows this."""
        with self._lock:
            self._answers.pop(question, None)
            self._answers[question] = (until, answer)
            if len(self._answers) > MOST:
                self._answers.popitem(last=False)

    def is_fresh(self, question: Hashable) -> bool:
        """Whether the answer is known without asking."""
        kept = self._answers.get(question)
        return kept is not None and time.monotonic() < kept[0]

    def forget(self) -> None:
        """Everything is asked anew."""
        with self._lock:
            self._answers.clear()


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key as it was a moment ago, and who comes with it."""

    digest: bytes = field(repr=False)
    previous_digest: bytes | None = field(repr=False)
    previous_until: datetime | None
    revoked_at: datetime | None
    expires_at: datetime | None
    actor: Actor

    def has_ended(self, now: datetime) -> bool:
        """Whether it lets nobody in any more."""
        return self.revoked_at is not None or (self.expires_at is not None and self.expires_at <= now)


class Openness(NamedTuple):
    """Whether there is no key and no person yet, and what is true of the project of whoever names none."""

    is_open: bool
    is_frozen: bool = False
    rate: Rate | None = None
    quotas: tuple[tuple[str, int], ...] = ()


keys: Remembered[KnownKey | None] = Remembered()
projects: Remembered[Project | None] = Remembered()
openness: Remembered[Openness] = Remembered()
several: Remembered[bool] = Remembered()

OPEN_SQL = f"""
SELECT {NOBODY_SQL},
       coalesce(status = %s, false), (rate->>'limit')::int, (rate->>'window_seconds')::int,
       coalesce(quotas::text, '{{}}')
  FROM (SELECT) AS always LEFT JOIN project ON id = %s"""  # noqa: S608 (our own words)


def forget() -> None:
    """To be called after what is remembered here was changed."""
    for remembered in (keys, projects, openness, several):
        remembered.forget()


def find_key(public_id: str) -> KnownKey | None:
    """A key, and its actor: in its project, if it has one."""
    return keys.get(public_id, lambda: _ask_for_key(public_id))


def _ask_for_key(public_id: str) -> KnownKey | None:
    key = Key.objects.select_related("project").filter(public_id=public_id).first()
    return None if key is None else _known(key)


def find_keys(public_ids: Iterable[str]) -> dict[str, KnownKey | None]:
    """Several keys. At most one statement, for all."""
    ids = set(public_ids)
    if stale := [each for each in ids if not keys.is_fresh(each)]:
        rows = Key.objects.select_related("project").filter(public_id__in=stale)
        found = {row.public_id: _known(row) for row in rows}
        until = time.monotonic() + KEEP_SECONDS
        for each in stale:
            keys.keep(each, found.get(each), until)
    return {each: find_key(each) for each in ids}


def _known(key: Key) -> KnownKey:
    actor = Actor(
        ActorKind.KEY,
        id=key.public_id,
        name=key.name,
        role=key.role,
        scopes=key.granted,
        restrictions=key.restrictions,
        text_digest=bytes(key.digest),
    )
    return KnownKey(
        digest=bytes(key.digest),
        previous_digest=None if key.previous_digest is None else bytes(key.previous_digest),
        previous_until=key.previous_until,
        revoked_at=key.revoked_at,
        expires_at=key.expires_at,
        actor=actor if key.project is None else replace(placed(actor, key.project), is_bound=True),
    )


def placed(actor: Actor, project: Project) -> Actor:
    """The actor in this project."""
    return replace(
        actor,
        project_id=project.id,
        project=project.slug,
        is_frozen=project.is_frozen,
        project_rate=project.own_rate,
        quotas=tuple(sorted(project.quotas.items())),
    )


def find_project(slug: str) -> Project | None:
    """A project."""
    return projects.get(slug, lambda: Project.objects.filter(slug=slug).first())


def are_projects_several() -> bool:
    """Whether there is another project than the first one."""
    return several.get(None, lambda: Project.objects.exclude(id=DEFAULT_PROJECT_ID).exists())


def is_open() -> bool:
    """Whether there is no key and no person yet. Those that have ended count: a service that was closed stays so."""
    return how_open().is_open


def how_open() -> Openness:
    """What holds for whoever comes without a key."""
    return openness.get(None, _ask_how_open)


def _ask_how_open() -> Openness:
    with connection.cursor() as cursor:
        cursor.execute(OPEN_SQL, [ProjectStatus.FROZEN.value, DEFAULT_PROJECT_ID])
        is_open, is_frozen, limit, window, quotas = cursor.fetchone()
    rate = None if limit is None else Rate(limit, window)
    return Openness(is_open, is_frozen, rate, tuple(sorted(json.loads(quotas).items())))
