"""Browsers in which somebody has logged in.

Looked up anew for each request, so what ends a session ends it at once. API paths never come here.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token

from access.models import Person, Session

COOKIE, BROWSER_COOKIE = "punctual_session", "punctual_browser"
PATH, LOG_IN_PATH = "/ui/", "/ui/login/"
SALT = "access.people.sessions"
BROWSER_DAYS = 90
TOKEN_BYTES = 32
GRAIN = timedelta(minutes=1)

# Whose password was changed meanwhile, or who was deactivated: the lock of their row says what came first.
OPEN_SQL = """
INSERT INTO person_session (digest, person_id)
SELECT %s, id FROM person WHERE id = %s AND password = %s AND is_active FOR SHARE
RETURNING true"""
# Each that begins takes away more that have ended.
SWEEP_SQL = """
DELETE FROM person_session WHERE digest IN (
    SELECT digest FROM person_session WHERE began_at <= now() - make_interval(secs => %s)
        OR used_at <= now() - make_interval(secs => %s) LIMIT 100
       FOR UPDATE SKIP LOCKED)"""


class HasChanged(Exception):
    """The password that was right a moment ago is so no more."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has logged in, and the session by which they are known."""

    person: Person
    digest: bytes


def visitor_of(request: HttpRequest) -> Visitor | None:
    """Who has logged in in the browser that this comes from."""
    token = request.COOKIES.get(COOKIE)
    if not token:
        return None
    _, idle = _lifetimes()
    session = (
        alive()
        .filter(digest=_digest(token))
        .select_related("person")
        .annotate(is_stale=Q(used_at__lt=Now() - min(GRAIN, idle / 10)))
        .first()
    )
    if session is None:
        return None
    if session.is_stale:
        Session.objects.filter(digest=session.digest).update(used_at=Now())
    return Visitor(session.person, bytes(session.digest))


def alive() -> QuerySet[Session]:
    """Those that have not ended."""
    most, idle = _lifetimes()
    return Session.objects.filter(person__is_active=True, began_at__gt=Now() - most, used_at__gt=Now() - idle)


def begin(request: HttpRequest, response: HttpResponse, person: Person) -> None:
    """Log a person in, whose password was found to be right. Whatever session the browser had is over.

    Raises HasChanged.
    """
    end(request, response)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with connection.cursor() as cursor:
        cursor.execute(SWEEP_SQL, [each.total_seconds() for each in _lifetimes()])
        cursor.execute(OPEN_SQL, [_digest(token), person.pk, person.password])
        if cursor.fetchone() is None:
            raise HasChanged
    Person.objects.filter(pk=person.pk).update(last_login=Now())
    _set(request, response, COOKIE, token, PATH)
    rotate_token(request)
    browser = signing.dumps([person.pk, secrets.token_hex(8)], salt=SALT)
    _set(request, response, BROWSER_COOKIE, browser, LOG_IN_PATH, timedelta(days=BROWSER_DAYS))


def end(request: HttpRequest, response: HttpResponse) -> None:
    """Log out."""
    if token := request.COOKIES.get(COOKIE):
        Session.objects.filter(digest=_digest(token)).delete()
        response.delete_cookie(COOKIE, path=PATH, samesite="Lax")


def browser_of(request: HttpRequest, person: Person | None) -> str | None:
    """What this browser is called, if this person has logged in in it before."""
    try:
        person_id, browser = signing.loads(
            request.COOKIES.get(BROWSER_COOKIE, ""), salt=SALT, max_age=timedelta(days=BROWSER_DAYS)
        )
    except (signing.BadSignature, ValueError):
        return None
    return str(browser) if person is not None and person.pk == person_id else None


def _lifetimes() -> tuple[timedelta, timedelta]:
    return timedelta(seconds=settings.SESSION_SECONDS), timedelta(seconds=settings.SESSION_IDLE_SECONDS)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _set(
    request: HttpRequest,
    response: HttpResponse,
    name: str,
    value: str,
    path: str,
    max_age: timedelta | None = None,
) -> None:
    response.set_cookie(
        name,
        value,
        path=path,
        max_age=max_age,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
