"""Writes events. Called by the verbs, in the transaction of the change, or in its very statement."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from access.actor import Actor
from access.audit.events import Action, Changes, Outcome, Target, bounded, bounded_values, short
from access.models import AuditEvent
from rest.middleware import current_request_id

INSTALLATION = 0
"""In place of a project, of what concerns them all: projects, keys of none, keys that nobody knows."""
NO_CHANGES: Changes = {}
Event = Mapping[str, Any]
"""An event as parameters of a statement that `telling` has made."""

# But for when it was: that is the database's to say.
_FIELDS = tuple(field for field in AuditEvent._meta.concrete_fields if field.name != "at")  # noqa: SLF001 (public)


def record(
    actor: Actor,
    action: Action,
    target: Target | None,
    changes: Changes = NO_CHANGES,
    *,
    project_id: int | None = None,
    filter: Mapping[str, Any] | None = None,  # noqa: A002 (what the API calls it)
    count: int | None = None,
    refused: str | None = None,
) -> None:
    """Write one event, with one statement. `refused`: why nothing was done.

    `project_id`: where it is not the one in which the actor acts. `count`: how many `filter` named, or how often it
    happened.
    """
    made = _made(actor, action, target)
    if project_id is not None:
        made.project_id = project_id
    made.changes = bounded(changes)
    made.filter = None if filter is None else bounded_values(filter)
    made.count = count
    if refused is not None:
        made.outcome, made.reason = Outcome.REFUSED.value, short(refused)
    made.save(force_insert=True)


def telling(change: str, changes: str = "%(event_changes)s", *, besides: Sequence[str] = ()) -> str:
    """SQL: a change of one row, which returns it, and its event, if it changed one. It answers with what was returned.

    `change` is an UPDATE or a DELETE; `changes` an expression of what it returns, as `Changes` in JSON; `besides`
    changes of other rows, which know the one as `changed`. Its parameters are those of all, and an `event`.
    """
    columns = ", ".join(str(field.column) for field in _FIELDS)
    values = ", ".join(changes if field.name == "changes" else f"%(event_{field.name})s" for field in _FIELDS)
    more = "".join(f"besides_{number} AS ({each})," for number, each in enumerate(besides))
    return f"""
WITH changed AS ({change}),
{more}
told AS (INSERT INTO audit_event ({columns}) SELECT {values} FROM changed)
SELECT * FROM changed"""  # noqa: S608 (our own words)


def event(actor: Actor, action: Action, target: Target) -> Event:
    """An event for a statement that `telling` has made."""
    made = _made(actor, action, target)
    values = {f"event_{field.name}": getattr(made, field.attname) for field in _FIELDS}
    return {**values, "event_changes": json.dumps(made.changes)}


def _made(actor: Actor, action: Action, target: Target | None) -> AuditEvent:
    return AuditEvent(
        project_id=actor.project_id,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        actor_name=short(actor.name) or None,
        action=action.value,
        target_type=None if target is None else target.type,
        target_id=None if target is None or target.id is None else short(target.id),
        outcome=Outcome.DONE.value,
        request_id=current_request_id(),
        address=actor.address,
        user_agent=actor.user_agent and short(actor.user_agent),
    )
