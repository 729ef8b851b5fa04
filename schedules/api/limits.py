"""Whether quotas have room for what is not carried out, where that takes more than counting."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from access.actor import Actor
from operations import InvalidLimits, UnknownOperation
from rest.problems import InvalidInput
from schedules.actions import backfilling
from schedules.api.forms import name_in_path
from schedules.api.occurrence_forms import read_backfill
from schedules.api.quotas import refuse_schedule
from schedules.models import TaskSchedule
from schedules.recurrence import RecurrenceError
from tasks_api.api.quotas import refuse_tasks

NOT_OF_QUOTAS = (
    InvalidInput,
    TaskSchedule.DoesNotExist,
    backfilling.EndsInTheFuture,
    backfilling.ReachesWhatIsForgotten,
    backfilling.TooManyInstants,
    InvalidLimits,
    UnknownOperation,
    RecurrenceError,
)
"""What the request itself would be refused for, too, but not because of its key."""


def limit_put(actor: Actor, _body: Any, path: Mapping[str, Any]) -> None:
    """Of a schedule by its name, which may be there. Raises QuotaReached."""
    with suppress(InvalidInput):
        own = TaskSchedule.objects.filter(project_id=actor.project_id, name=name_in_path(path["name"]))
        if not own.exists():
            refuse_schedule(actor)


def limit_backfill(actor: Actor, body: Any, path: Mapping[str, Any]) -> None:
    """As a dry run counts. Raises QuotaReached."""
    with suppress(*NOT_OF_QUOTAS):
        form = read_backfill(body)
        admit = partial(refuse_tasks, actor)
        backfilling.backfill(path["schedule_id"], actor, form.start, form.end, dry_run=True, admit=admit)
