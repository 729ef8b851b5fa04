"""The sweep's share in bulk actions: turn by turn, each a transaction, so that nothing is lost or done twice.

Whoever does a turn holds its row; any number of sweepers work on others, and one that is killed leaves it as it was.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from pydantic import ValidationError

from access.models import Project, ProjectStatus
from log_lines import event
from tasks_api.bulk_action_rows import BulkAction, BulkActionState
from tasks_api.bulk_actions.kinds import MOST_REFUSALS, Asked, Kinds, Turn
from tasks_api.database import database_now, execute
from tasks_api.isolation.refusals import concerns_all, kind
from tasks_api.postgres import is_stopped

TURNS_SECONDS = 0.4
"""Of a sweep: no further turn begins after so long."""
PUT_OFF = timedelta(seconds=5)
"""Until a turn is tried again that could not be done now."""

logger = logging.getLogger(__name__)


class Unreadable(Exception):
    """This release does not know what to do."""

    def __init__(self) -> None:
        super().__init__("this release does not know the action, or not its filter")


def carry_out(kinds: Kinds, clock: Callable[[], float] = time.monotonic) -> int:
    """Do some turns, of the action that has waited longest each. How many."""
    ends, turns = clock() + TURNS_SECONDS, 0
    while clock() < ends and _turn_of_next(kinds):
        turns += 1
    return turns


def _turn_of_next(kinds: Kinds) -> bool:
    """A turn of the next one; False: there is none."""
    with transaction.atomic():
        row = (
            BulkAction.objects.filter(turn_at__lte=Now())
            .select_for_update(skip_locked=True)
            .order_by("turn_at")
            .first()
        )
        if row is None:
            return False
        project = Project.objects.filter(id=row.project_id).values_list("status", "quotas").first()
        status, quotas = project or (ProjectStatus.ACTIVE, {})
        if status == ProjectStatus.FROZEN:
            row.turn_at = database_now() + PUT_OFF
            row.save(update_fields=["turn_at"])
            return True
        try:
            with transaction.atomic():
                turn = _turn_of(row, kinds, quotas)
        except Exception as error:
            if concerns_all(error):
                raise
            _put_off_or_give_up(row, error)
            return True
        _note(row, turn)
    return True


def _turn_of(row: BulkAction, kinds: Kinds, quotas: Mapping[str, int]) -> Turn:
    known = kinds.get(row.action)
    if known is None:
        raise Unreadable
    try:
        asked = Asked(
            row,
            known.filter.model_validate(row.filter),
            known.parameters.model_validate(row.parameters),
            {name: quotas[name] for name in known.quotas if name in quotas},
        )
    except ValidationError:
        raise Unreadable from None
    return known.turn(asked)


def _note(row: BulkAction, turn: Turn) -> None:
    """Write down what was done, in the transaction in which it was."""
    now = database_now()
    row.started_at = row.started_at or now
    row.done += turn.done
    row.refused += turn.refused
    row.refusals = [*row.refusals, *turn.refusals][:MOST_REFUSALS]
    if turn.is_last:
        row.state, row.turn_at, row.finished_at = BulkActionState.DONE.value, None, now
        row.matched, row.is_matched_exact = row.done + row.refused, True
        _tell(row)
    else:
        row.state, row.turn_at, row.last_id = BulkActionState.RUNNING.value, now, turn.last_id
    row.save()


def _put_off_or_give_up(row: BulkAction, error: Exception) -> None:
    """What somebody's lock has stopped is tried again; of anything else, trying again would not help."""
    now = database_now()
    if is_stopped(error):
        row.turn_at = now + PUT_OFF
    else:
        trace = None if isinstance(error, Unreadable) else error
        logger.error(
            "bulk action %s is given up: %s", row.id, error, exc_info=trace, extra=event("bulk_action.failed")
        )
        row.state, row.turn_at, row.finished_at = BulkActionState.FAILED.value, None, now
        row.error = str(error) if isinstance(error, Unreadable) else f"a turn of it failed: {kind(error)}"
    row.save()


def _tell(row: BulkAction) -> None:
    logger.info(
        "bulk action %s, %s: done to %d, refused for %d",
        row.id,
        row.action,
        row.done,
        row.refused,
        extra=event("bulk_action.done", done=row.done, refused=row.refused),
    )


def forget_old_bulk_actions() -> int:
    """Delete those that ended longer ago than failed tasks are kept. How many."""
    return execute(
        "DELETE FROM bulk_action WHERE id = ANY(ARRAY("
        "SELECT id FROM bulk_action WHERE finished_at < statement_timestamp() - make_interval(secs => %(seconds)s) "
        "ORDER BY finished_at LIMIT 1000 FOR UPDATE SKIP LOCKED))",
        {"seconds": settings.RETENTION_FAILURE_DAYS * 86_400},
    )
