"""A bulk action as somebody asks for it: counted, written down and told to the audit log, and stopped again."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from access.actor import Actor
from access.audit.events import Action, Changes, created, target
from access.audit.recording import record
from rest.input import Strict
from tasks_api.bulk_action_rows import BulkAction, BulkActionState
from tasks_api.bulk_actions.kinds import Counted, Kind
from tasks_api.origin import origin_of

UNFINISHED = (BulkActionState.PENDING, BulkActionState.RUNNING)


class AlreadyEnded(Exception):
    """There is nothing to stop any more."""

    def __init__(self, state: str) -> None:
        super().__init__(f"the bulk action is {state}, which is final")


def no_bulk_action(bulk_action_id: UUID) -> BulkAction.DoesNotExist:
    """What to raise where there is no bulk action of this id."""
    return BulkAction.DoesNotExist(f"there is no bulk action {bulk_action_id}")


def find_bulk_action(bulk_action_id: UUID, project_id: int) -> BulkAction:
    """The one of this id in a project. Raises BulkAction.DoesNotExist."""
    found = BulkAction.objects.filter(id=bulk_action_id, project_id=project_id).first()
    if found is None:
        raise no_bulk_action(bulk_action_id)
    return found


def begin(actor: Actor, kind: Kind, query: Strict, parameters: Strict, counted: Counted) -> BulkAction:
    """Write it down; the next sweep does its first turn. Whoever asks may do this now: that is what counts."""
    meant, said = as_stored(query), as_stored(parameters)
    with transaction.atomic():
        row = BulkAction(
            action=kind.name,
            filter=meant,
            parameters=said,
            matched=counted.count,
            is_matched_exact=counted.is_exact,
            **origin_of(actor),
        )
        row.save(force_insert=True)
        row.refresh_from_db()
        changes: Changes = {**created(said), "bulk_action": {"after": str(row.id)}}
        record(actor, kind.event, target(kind.of), changes, filter=meant, count=counted.count)
    return row


def as_stored(form: Strict) -> dict[str, Any]:
    """What somebody said, as JSON that the form reads again."""
    return form.model_dump(mode="json", exclude_unset=True)


def stop(bulk_action_id: UUID, actor: Actor) -> BulkAction:
    """Let the sweep do no further turn of it. Raises BulkAction.DoesNotExist, AlreadyEnded."""
    own = BulkAction.objects.filter(id=bulk_action_id, project_id=actor.project_id)
    with transaction.atomic():
        is_stopped = own.filter(state__in=UNFINISHED).update(
            state=BulkActionState.CANCELLED, turn_at=None, finished_at=Now()
        )
        if is_stopped:
            record(actor, Action.BULK_ACTION_CANCEL, target("bulk_action", bulk_action_id))
    row = find_bulk_action(bulk_action_id, actor.project_id)
    if not is_stopped:
        raise AlreadyEnded(row.state)
    return row
