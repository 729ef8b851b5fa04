"""What the verbs of schedules raise, as problems that a client understands."""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError

from log_lines import event
from rest.problems import Conflict, FieldError, InvalidInput, NotFound, PreconditionFailed
from schedules.actions import editing, settling
from schedules.models import TaskSchedule
from schedules.recurrence import RecurrenceError
from tasks_api.isolation.refusals import concerns_all, reason
from tasks_api.postgres import is_stopped

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


def told(verb: Callable[[], Answer]) -> Answer:
    """What `verb` answers; what it raises about a schedule, or a definition of one, as a problem."""
    try:
        return verb()
    except TaskSchedule.DoesNotExist:
        raise NotFound("there is no task schedule with this id") from None
    except RecurrenceError as error:
        location = () if error.field == "rule" else (error.field,)
        raise InvalidInput([FieldError(location, error.code, error.detail)]) from None
    except editing.NameTaken:
        taken = FieldError(("name",), "not_unique", "another task schedule has this name")
        raise Conflict(taken.detail, errors=[taken.as_json()]) from None
    except editing.AllTasksMade as error:
        tasks = "1 task" if error.runs_created == 1 else f"{error.runs_created} tasks"
        detail = f"must be more than the {tasks} that the schedule has created, got {error.schedule_x_times}"
        raise InvalidInput([FieldError(("schedule_x_times",), "no_future_instant", detail)]) from None
    except editing.JitterTooLong as error:
        detail = (
            f"must be less than the shortest interval, {error.shortest:.15g} seconds, got {error.given:.15g}"
        )
        raise InvalidInput([FieldError(("jitter_seconds",), "max_value", detail)]) from None
    except settling.VersionMismatch as error:
        raise PreconditionFailed(
            f'somebody changed this schedule first: it is at version "v{error.version}"'
        ) from None
    except settling.StillCatchingUp:
        raise Conflict(
            "so many of its occurrences are still due that they must be swept first; try again soon"
        ) from None
    except DatabaseError as error:
        if concerns_all(error) or is_stopped(error):
            raise
        logger.warning("refused: %s", reason(error), extra=event("row.refused"))
        raise Conflict(f"the database refuses what would come of it: {reason(error)}") from None


def readable(verb: Callable[[], Answer]) -> Answer:
    """What `verb` answers. Nobody sent the rule that it reads, so what is wrong with that is no bad input."""
    try:
        return verb()
    except RecurrenceError as error:
        raise Conflict(
            f"the schedule's rule can no longer be read: {error.detail}; an edit mends it"
        ) from None
