"""Where a request gets its actor, and is let through to what the actor may do.

Each endpoint states its scope; this is the one place that holds a request to it, before its body is read.
"""

import hmac
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from access import known
from access.actor import ANYONE, DEFAULT_PROJECT, NOBODY, Actor
from access.guessing import guessing
from access.key_text import PREFIX, KeyText, NoKey, read_key
from access.known import KnownKey
from access.last_use import last_use
from access.people.actors import actor_of as person_as_actor
from access.rates import limits
from access.refusals import (
    NetworkForbidden,
    no_key_yet,
    unknown_key,
    unknown_project,
)
from rest.guarding import (
    ANY_ACTOR,
    PUBLIC,
    KeyExpired,
    KeyInvalid,
    KeyRequired,
    KeyRevoked,
    ProjectForbidden,
    ProjectFrozen,
    ScopeMissing,
    TooManyUnknownKeys,
    needs_thaw,
    scope_of,
)
from rest.places import ip_of
from rest.problems import Problem

BEARER = "bearer "
SLUG = re.compile(r"[a-z0-9-]{1,63}")


class Door(BaseAuthentication):
    """DRF's hook: makes the actor of a request, which DRF keeps as its `user`."""

    def authenticate(self, request: Request) -> tuple[Actor, None]:
        """The actor. Raises Unauthorized and other problems."""
        if scope_of((request.parser_context or {}).get("view"), request.method or "") == PUBLIC:
            return ANYONE, None
        try:
            actor = identify(request._request)  # noqa: SLF001 (where a page leaves who has logged in)
        except Problem:
            limits.count(request, None)
            raise
        limits.count(request, actor)
        return actor, None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 (DRF's signature)
        """DRF's hook: what a 401 of its own says."""
        return "Bearer"


class Guard(BasePermission):
    """DRF's hook: whether the actor may use an endpoint."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or it raises. What nobody marked as an endpoint wants an actor, and nothing else."""
        scope = scope_of(view, request.method or "")
        if scope is not None:
            admit(actor_of(request), scope)
        return True


def actor_of(request: Request) -> Actor:
    """Who the request is from."""
    return cast("Actor", request.user)


def acting(request: Request) -> Actor:
    """The same, and from where: for what changes something, so that the audit log tells it."""
    address = ip_of(request.META, behind_proxy=settings.ENVIRONMENT.TRUST_PROXY)
    return replace(actor_of(request), address=address, user_agent=request.META.get("HTTP_USER_AGENT"))


def admit(actor: Actor, scope: str) -> None:
    """Let an actor use an endpoint with this scope. Raises ScopeMissing, ProjectFrozen."""
    if scope in (PUBLIC, ANY_ACTOR):
        return
    if not actor.may(scope):
        raise ScopeMissing(scope)
    if actor.is_frozen and needs_thaw(scope):
        raise ProjectFrozen(actor.project)


def identify(request: HttpRequest) -> Actor:
    """Who a request is from. Raises Unauthorized and other problems."""
    named = request.META.get("HTTP_PUNCTUAL_PROJECT")
    # Of a page, which has looked who it is (`pages.api`): cookies mean nothing here.
    if (visitor := getattr(request, "visitor", None)) is not None:
        return replace(person_as_actor(visitor.person, named), session=visitor.digest)
    text = _sent_key(request)
    if text is None:
        return in_project(nobody(), named)
    address = ip_of(request.META, behind_proxy=settings.ENVIRONMENT.TRUST_PROXY)
    actor = _checked(text, address)
    last_use.note(str(actor.id))
    if not actor.is_bound:
        return in_project(actor, named or DEFAULT_PROJECT)
    if named not in (None, actor.project):
        raise ProjectForbidden
    return actor


def nobody() -> Actor:
    """Whoever comes without a key, in open mode. Raises Unauthorized."""
    if not known.is_open():
        raise KeyRequired
    if not settings.OPEN_ACCESS:
        raise no_key_yet()
    found = known.how_open()
    if not found.is_frozen and found.rate is None and not found.quotas:
        return NOBODY
    return replace(NOBODY, is_frozen=found.is_frozen, project_rate=found.rate, quotas=found.quotas)


def in_project(actor: Actor, named: str | None) -> Actor:
    """The actor in the project of this name; None: where it is. Raises InvalidInput."""
    if named is None:
        return actor
    project = known.find_project(named) if SLUG.fullmatch(named) else None
    if project is None:
        raise unknown_project(named)
    return known.placed(actor, project)


def _sent_key(request: HttpRequest) -> str | None:
    """The text of the key that came, if one did.

    In open mode, `Authorization` may be meant for a proxy in front, and is let pass if it is none of ours.
    """
    given = request.META.get("HTTP_X_API_KEY", "").strip()
    authorization = request.META.get("HTTP_AUTHORIZATION", "").strip()
    bearer = authorization[len(BEARER) :].strip() if authorization[: len(BEARER)].lower() == BEARER else ""
    if given and bearer.startswith(PREFIX) and given != bearer:
        raise KeyInvalid(
            "two different keys came, one in Authorization and one in X-Api-Key: send one of them"
        )
    text = given or bearer
    if not text or (not text.startswith(PREFIX) and known.is_open()):
        return None
    return str(text)


def _checked(sent: str, address: str | None) -> Actor:
    """Who comes with a key. Raises Unauthorized, TooManyUnknownKeys, NetworkForbidden."""
    try:
        text = read_key(sent)
    except NoKey as error:
        raise KeyInvalid(error) from None
    key = _found(text, address)
    is_current = hmac.compare_digest(key.digest, text.digest)
    if not is_current and not _was_rotated_just_now(key, text):
        raise unknown_key()
    _refuse_ended(key, text)
    if not key.actor.restrictions.allows_address(address):
        raise NetworkForbidden
    return key.actor if is_current else replace(key.actor, text_digest=text.digest)


def _found(text: KeyText, address: str | None) -> KnownKey:
    """The key with this id, whatever its secret."""
    if not known.keys.is_fresh(text.id) and (seconds := guessing.seconds_to_wait(address, text.id)):
        raise TooManyUnknownKeys(seconds)
    key = known.find_key(text.id)
    if key is None:
        guessing.missed(address)
        raise unknown_key()
    guessing.found(text.id)
    return key


def _was_rotated_just_now(key: KnownKey, text: KeyText) -> bool:
    previous, until = key.previous_digest, key.previous_until
    is_previous = previous is not None and hmac.compare_digest(previous, text.digest)
    return is_previous and until is not None and datetime.now(UTC) < until


def _refuse_ended(key: KnownKey, text: KeyText) -> None:
    """Told only to whoever has the secret."""
    if key.revoked_at is not None:
        raise KeyRevoked(text.id)
    if key.expires_at is not None and key.expires_at <= datetime.now(UTC):
        raise KeyExpired(text.id)
