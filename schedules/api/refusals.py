"""What the actions on schedules raise, as problems."""

import logging

from django.db import DatabaseError

from access.api.idempotent import KeyMeansAnother
from access.api.views import PayloadView
from access.idempotency import KeyReused
from log_lines import event
from operations import InvalidLimits, UnknownOperation
from rest.problems import Conflict, FieldError, InvalidInput, NotFound, PreconditionFailed
from rest.views import invalid
from schedules.actions import backfilling, editing, overriding, pausing, settling
from schedules.models import TaskSchedule
from schedules.recurrence import RecurrenceError
from tasks_api.isolation.refusals import concerns_all, reason
from tasks_api.postgres import is_stopped

logger = logging.getLogger(__name__)


def _refuse_rule(error: RecurrenceError) -> InvalidInput:
    location = () if error.field == "rule" else (error.field,)
    return InvalidInput([FieldError(location, error.code, error.detail)])


def _refuse_stored_rule(error: RecurrenceError) -> Conflict:
    return Conflict(f"the schedule's rule can no longer be read: {error.detail}; an edit mends it")


def _refuse_name(error: editing.NameTaken) -> Conflict:
    taken = FieldError(("name",), "not_unique", str(error))
    return Conflict(error, errors=[taken.as_json()])


def _refuse_operation(error: UnknownOperation | InvalidLimits) -> Conflict:
    return Conflict(f"no task can be created: {error}; change the schedule's operation")


def _refuse_row(error: DatabaseError) -> Exception:
    """Only what is wrong with the row: of a database that is away, its own error tells."""
    if concerns_all(error) or is_stopped(error):
        return error
    logger.warning("refused: %s", reason(error), extra=event("row.refused"))
    return Conflict(f"the database refuses what would come of it: {reason(error)}")


class ScheduleView(PayloadView):
    """A view of schedules."""

    refusals = {
        TaskSchedule.DoesNotExist: lambda _: NotFound("there is no task schedule with this id"),
        RecurrenceError: _refuse_rule,
        UnknownOperation: _refuse_operation,
        InvalidLimits: _refuse_operation,
        editing.NameTaken: _refuse_name,
        editing.AllTasksMade: invalid("schedule_x_times", "no_future_instant"),
        editing.JitterTooLong: invalid("jitter_seconds", "max_value"),
        settling.VersionMismatch: PreconditionFailed,
        settling.StillCatchingUp: Conflict,
        settling.WrongScheduleStatus: Conflict,
        pausing.PauseEndsInThePast: invalid("until", "too_early"),
        pausing.TooManyToCatchUp: invalid("catch_up", "too_many"),
        overriding.NoSuchOccurrence: NotFound,
        overriding.NotOverridden: NotFound,
        overriding.AlreadyDecided: Conflict,
        overriding.MovedIntoThePast: invalid("run_at", "too_early"),
        overriding.OwnTimeIsPast: Conflict,
        overriding.TooManyOverrides: Conflict,
        overriding.OverridesTooLarge: Conflict,
        backfilling.EndsInTheFuture: invalid("to", "too_late"),
        backfilling.ReachesWhatIsForgotten: invalid("from", "too_early"),
        backfilling.TooManyInstants: invalid("to", "too_many"),
        KeyReused: KeyMeansAnother,
        DatabaseError: _refuse_row,
    }


class StoredRuleView(ScheduleView):
    """One to which nobody sends a rule: what is wrong with the stored one is no bad input."""

    refusals = {**ScheduleView.refusals, RecurrenceError: _refuse_stored_rule}
