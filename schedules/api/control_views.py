"""Pausing, resuming and triggering, one schedule or many: each method reads its input, calls one verb, and answers."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from operations import InvalidLimits, UnknownOperation
from rest.input import Strict, read_no_body, read_query
from rest.json import instant_text
from rest.openapi import documented
from rest.problems import Conflict, FieldError, InvalidInput
from schedules.actions import pausing
from schedules.actions.pausing import MOST_CAUGHT_UP, CatchUp, Many
from schedules.actions.settling import NotPossible
from schedules.actions.triggering import trigger
from schedules.api import control_openapi
from schedules.api.conditions import expected_versions
from schedules.api.control_forms import PauseBody, ResumeBody, read_optional_body
from schedules.api.filters import ManySchedulesQuery, named
from schedules.api.problems import readable, told
from schedules.api.views import answer
from schedules.models import ScheduleStatus, TaskSchedule
from tasks_api.api.idempotent import Effect, left, once
from tasks_api.api.views import accepted
from tasks_api.models import Task

Result = TypeVar("Result")


class PauseSchedule(APIView):
    """A pause of one schedule."""

    @documented(control_openapi.PAUSE_SCHEDULE)
    def post(self, request: Request, schedule_id: UUID) -> Response:
        """Make no tasks until the pause ends."""
        form = read_optional_body(PauseBody, request.data)
        read_query(Strict, request.query_params)

        versions = expected_versions(request)

        def pause() -> TaskSchedule:
            return _not_past(form, lambda: pausing.pause(schedule_id, versions=versions, **form.said))

        return answer(_possible("paused", pause))


class ResumeSchedule(APIView):
    """The end of a pause."""

    @documented(control_openapi.RESUME_SCHEDULE)
    def post(self, request: Request, schedule_id: UUID) -> Response:
        """Make tasks again."""
        form = read_optional_body(ResumeBody, request.data)
        read_query(Strict, request.query_params)
        catch_up, versions = form.catch_up or CatchUp.NONE, expected_versions(request)

        def resume() -> TaskSchedule:
            return pausing.resume(schedule_id, catch_up, versions=versions)

        try:
            return answer(_possible("resumed", resume))
        except pausing.TooManyToCatchUp:
            raise _too_many() from None


class TriggerSchedule(APIView):
    """A task of a schedule, now."""

    @documented(control_openapi.TRIGGER_SCHEDULE)
    def post(self, request: Request, schedule_id: UUID) -> Response:
        """Create a task as the schedule would, at once."""
        read_no_body(request)
        read_query(Strict, request.query_params)

        def create() -> Effect:
            try:
                task = _possible("triggered", lambda: trigger(schedule_id))
            except (UnknownOperation, InvalidLimits) as error:
                raise Conflict(f"no task can be created: {error}; change the schedule's operation") from None
            return Effect(accepted(request, task), [task.id])

        return once(request, create, lambda ids: accepted(request, left(Task.objects.all(), ids)))


class PauseSchedules(APIView):
    """A pause of many schedules."""

    @documented(control_openapi.PAUSE_SCHEDULES)
    def post(self, request: Request) -> Response:
        """Pause all that are active."""
        form = read_optional_body(PauseBody, request.data)
        query = read_query(ManySchedulesQuery, request.query_params)
        schedules = named(query)

        def pause() -> Many:
            return pausing.pause_many(schedules, dry_run=query.dry_run, **form.said)

        return _counted(_not_past(form, pause), query)


class ResumeSchedules(APIView):
    """The end of many pauses."""

    @documented(control_openapi.RESUME_SCHEDULES)
    def post(self, request: Request) -> Response:
        """Resume all that are paused."""
        form = read_optional_body(ResumeBody, request.data)
        query = read_query(ManySchedulesQuery, request.query_params)
        catch_up = form.catch_up or CatchUp.NONE
        return _counted(pausing.resume_many(named(query), catch_up, dry_run=query.dry_run), query)


def _counted(many: Many, query: ManySchedulesQuery) -> Response:
    told = {"count": many.count, "complete": many.complete, "failed": many.failed}
    return Response({**told, "dry_run": query.dry_run})


def _possible(done: str, verb: Callable[[], Result]) -> Result:
    """What `verb` answers; a status that does not allow it, and what else it raises, as a problem."""
    try:
        return told(lambda: readable(verb))
    except NotPossible as error:
        if error.status == ScheduleStatus.ERROR:
            detail = (
                f"the schedule was set aside with an error: edit it to fix the error, then it can be {done}"
            )
        else:
            detail = f"the schedule is {error.status}: only one that is active can be {done}"
        raise Conflict(detail) from None


def _not_past(form: PauseBody, verb: Callable[[], Result]) -> Result:
    try:
        return verb()
    except pausing.PauseEndsInThePast:
        detail = f"must be in the future, got {instant_text(form.until)}"
        raise InvalidInput([FieldError(("until",), "too_early", detail)]) from None


def _too_many() -> InvalidInput:
    detail = (
        f"must be none or last, got all: more than {MOST_CAUGHT_UP:,} occurrences fell into the pause; resume without "
        "them, then backfill the part that is needed"
    )
    return InvalidInput([FieldError(("catch_up",), "too_many", detail)])
