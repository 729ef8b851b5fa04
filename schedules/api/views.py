"""`/task-schedules/`: each method reads its input, calls one verb, and answers."""

import re
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rest.openapi import documented
from rest.pagination import paginate
from rest.problems import Conflict, FieldError, InvalidInput, NotFound, PreconditionFailed
from schedules import changes, settling
from schedules.api import forms, openapi, preview
from schedules.models import TaskSchedule
from schedules.recurrence import RecurrenceError
from tasks_api.api.idempotent import Effect, left, once
from tasks_api.api.input import Strict, read_query
from tasks_api.database import database_now

Answer = TypeVar("Answer")


class ScheduleList(APIView):
    """All task schedules."""

    @documented(openapi.LIST_SCHEDULES)
    def get(self, request: Request) -> Response:
        """Newest first, by pages."""
        query = read_query(forms.ScheduleFilter, request.query_params)
        found = (
            TaskSchedule.objects.filter(status__in=query.status)
            if query.status
            else TaskSchedule.objects.all()
        )
        return paginate(request, found, forms.represent, limit=query.limit, cursor=query.cursor)

    @documented(openapi.CREATE_SCHEDULE)
    def post(self, request: Request) -> Response:
        """Create a schedule."""
        read_query(Strict, request.query_params)

        def create() -> Effect:
            schedule = _told(lambda: changes.create(forms.definition(request.data)))
            return Effect(_created(request, schedule), [schedule.id])

        return once(request, create, lambda ids: _created(request, left(TaskSchedule.objects.all(), ids)))


def _created(request: Request, schedule: TaskSchedule) -> Response:
    location = request.build_absolute_uri(f"/task-schedules/{schedule.id}/")
    return _answer(schedule, status=201, Location=location)


class SchedulePreview(APIView):
    """A rule that nobody has saved."""

    @documented(openapi.PREVIEW_SCHEDULE)
    def post(self, request: Request) -> Response:
        """Which instants a rule names."""
        read_query(Strict, request.query_params)
        return Response(_told(lambda: preview.preview(request.data, database_now)))


class ScheduleDetail(APIView):
    """One task schedule."""

    @documented(openapi.GET_SCHEDULE)
    def get(self, request: Request, schedule_id: UUID) -> Response:
        """The schedule, with what is coming."""
        read_query(Strict, request.query_params)
        return _answer(_told(lambda: TaskSchedule.objects.get(id=schedule_id)))

    @documented(openapi.CHANGE_SCHEDULE)
    def patch(self, request: Request, schedule_id: UUID) -> Response:
        """Change the fields that are named."""
        read_query(Strict, request.query_params)
        body, version = request.data, _expected_version(request)

        def redefine(schedule: TaskSchedule) -> changes.Definition:
            return forms.redefinition(schedule, body)

        return _answer(_told(lambda: changes.update(schedule_id, redefine, version=version)).schedule)

    @documented(openapi.DELETE_SCHEDULE)
    def delete(self, request: Request, schedule_id: UUID) -> Response:
        """Delete the schedule; its tasks stay."""
        read_query(Strict, request.query_params)
        version = _expected_version(request)
        _told(lambda: changes.delete(schedule_id, version=version))
        return Response(status=204)


def _answer(schedule: TaskSchedule, status: int = 200, **headers: str) -> Response:
    return Response(
        forms.represent(schedule), status=status, headers={"ETag": f'"v{schedule.version}"', **headers}
    )


def _expected_version(request: Request) -> int | None:
    """The version that If-Match names. Proxies that compress make a tag weak; the version is the same."""
    given = request.headers.get("If-Match", "*").strip()
    if given == "*":
        return None
    tag = re.fullmatch(r'(?:W/)?"v(\d{1,9})"', given)
    if tag is None:
        raise PreconditionFailed("If-Match does not hold an ETag of this schedule")
    return int(tag[1])


def _told(verb: Callable[[], Answer]) -> Answer:
    """What `verb` answers; what it raises as a problem that a client understands."""
    try:
        return verb()
    except TaskSchedule.DoesNotExist:
        raise NotFound("there is no task schedule with this id") from None
    except RecurrenceError as error:
        location = () if error.field == "rule" else (error.field,)
        raise InvalidInput([FieldError(location, error.code, error.detail)]) from None
    except changes.NameTaken:
        taken = FieldError(("name",), "not_unique", "another task schedule has this name")
        raise Conflict(taken.detail, errors=[taken.as_json()]) from None
    except changes.AllTasksMade as error:
        detail = f"must be more than the {error.runs_created} tasks that the schedule has made"
        raise InvalidInput([FieldError(("schedule_x_times",), "no_future_instant", detail)]) from None
    except changes.JitterTooLong as error:
        detail = f"must be less than the shortest interval, which is {error.seconds:g} seconds"
        raise InvalidInput([FieldError(("jitter_seconds",), "max_value", detail)]) from None
    except settling.VersionMismatch as error:
        raise PreconditionFailed(
            f'somebody changed this schedule first: it is at version "v{error.version}"'
        ) from None
    except settling.StillCatchingUp:
        raise Conflict(
            "so many of its occurrences are still due that they must be swept first; try again soon"
        ) from None
