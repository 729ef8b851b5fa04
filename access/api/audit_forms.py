"""What comes in and goes out at `/audit/`."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

from django.db.models import QuerySet
from pydantic import BeforeValidator, Field

from access.actor import Actor
from access.api.numbered import PageQuery
from access.audit.events import Action, Outcome
from access.audit.recording import INSTALLATION
from access.models import AuditEvent
from access.payloads import without_payloads
from access.refusals import InstallationOnly
from access.scopes import Scope
from rest.input import Instant, QueryFlag, refusal
from rest.json import dump_line, instant_text
from values.ids import first_id_at
from values.wording import received

CLOCKS_AGREE = timedelta(minutes=1)
"""How far the clock of a web server, which is in ids, may be from the database's, which is in `at`."""
MOST_LINES = 100_000
"""In one answer of lines."""
BATCH = 500
HIDDEN = re.compile(r"arguments(\.|$)")
_NAMED = re.compile(r"[a-z]+(:.{1,300})?")


def _named(value: Any) -> Any:
    if isinstance(value, str) and not _NAMED.fullmatch(value):
        hint = "a type, or a type and an id, such as key:9Zk3TqLw0bXa"
        raise refusal("invalid_name", f"must be {hint}, got {received(value)}")
    return value


Named = Annotated[str, Field(max_length=400), BeforeValidator(_named)]


class AuditQuery(PageQuery):
    """Query parameters of `GET /audit/`."""

    actor: Annotated[
        Named | None, Field(description="Who did it: `key:9Zk3TqLw0bXa`, or a type alone, such as `key`.")
    ] = None
    action: Annotated[
        list[Annotated[Action, Field(strict=False)]],
        Field(max_length=len(Action), description="May be repeated to match any of several."),
    ] = []
    target: Annotated[
        Named | None,
        Field(description="What was changed: `schedule:` and its id, or a type alone, such as `schedule`."),
    ] = None
    outcome: Annotated[Annotated[Outcome, Field(strict=False)] | None, Field(description="How it ended.")] = (
        None
    )
    after: Annotated[Instant | None, Field(description="At or after this time.")] = None
    before: Annotated[Instant | None, Field(description="Before this time.")] = None
    request_id: Annotated[str | None, Field(max_length=100, description="Of this request.")] = None
    installation: Annotated[
        QueryFlag,
        Field(
            description="What concerns no one project: new projects, installation keys, keys that nobody knows. For "
            "installation keys only."
        ),
    ] = False


def filtered(query: AuditQuery, actor: Actor) -> QuerySet[AuditEvent]:
    """The events that a query names, of the actor's project or of the installation. Raises InstallationOnly."""
    if query.installation and actor.is_bound:
        raise InstallationOnly(
            "the log of the installation needs a key of the installation, which belongs to no project"
        )
    wanted: dict[str, Any] = {
        "project_id": INSTALLATION if query.installation else actor.project_id,
        "action__in": [action.value for action in query.action] or None,
        "outcome": query.outcome,
        "request_id": query.request_id,
        "at__gte": query.after,
        "at__lt": query.before,
        # The same by the index; a row's id is made a moment before its `at`.
        "id__gte": query.after and first_id_at(query.after - CLOCKS_AGREE),
        "id__lt": query.before and first_id_at(query.before + CLOCKS_AGREE),
        **_parts("actor_kind", "actor_id", query.actor),
        **_parts("target_type", "target_id", query.target),
    }
    return AuditEvent.objects.filter(**{name: value for name, value in wanted.items() if value is not None})


def _parts(kind: str, identity: str, named: str | None) -> dict[str, str | None]:
    first, _, second = (named or "").partition(":")
    return {kind: first or None, identity: second or None}


def represent(event: AuditEvent, actor: Actor) -> dict[str, Any]:
    """An event as this actor may see it."""
    target = None if event.target_type is None else {"type": event.target_type, "id": event.target_id}
    return {
        "id": event.id,
        "at": instant_text(event.at),
        "actor": {"type": event.actor_kind, "id": event.actor_id, "name": event.actor_name},
        "action": event.action,
        "target": target,
        "project": None if event.project_id == INSTALLATION else actor.project,
        "outcome": event.outcome,
        "reason": event.reason,
        "changes": event.changes if actor.may(Scope.PAYLOADS_READ) else _without_payloads(event.changes),
        "filter": event.filter if actor.may(Scope.PAYLOADS_READ) else without_payloads(event.filter),
        "count": event.count,
        "request_id": event.request_id,
        "address": event.address,
        "user_agent": event.user_agent,
    }


def _without_payloads(changes: dict[str, Any]) -> dict[str, Any]:
    """Which arguments were changed, and not into what."""
    return {name: dict.fromkeys(sides) if HIDDEN.match(name) else sides for name, sides in changes.items()}


def lines(rows: QuerySet[AuditEvent], actor: Actor) -> Iterator[bytes]:
    """One object a line, the newest first; some are read at a time."""
    left, ordered = MOST_LINES, rows.order_by("-id")
    found = list(ordered[:BATCH])
    while found:
        yield b"".join(dump_line(represent(event, actor)) for event in found[:left])
        left -= len(found)
        if left <= 0 or len(found) < BATCH:
            return
        found = list(ordered.filter(id__lt=found[-1].id)[:BATCH])
