"""The occurrences of a schedule: told, overridden, backfilled."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from operations import InvalidLimits, UnknownOperation
from rest.input import Strict, read_no_body, read_query
from rest.json import instant_text
from rest.openapi import documented
from rest.pagination import page_of
from rest.problems import Conflict, FieldError, InvalidInput, NotFound
from schedules.actions import backfilling, overriding
from schedules.actions.settling import NotPossible
from schedules.api import occurrence_forms as forms
from schedules.api import occurrence_openapi as openapi
from schedules.api.conditions import etag, expected_versions
from schedules.api.control_forms import EditOptions
from schedules.api.problems import readable, told
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.occurrences import pages
from tasks_api.api.idempotent import Effect, once
from tasks_api.database import database_now

Result = TypeVar("Result")


class OccurrenceList(APIView):
    """What became of a schedule's instants, and what is to come."""

    @documented(openapi.LIST_OCCURRENCES)
    def get(self, request: Request, schedule_id: UUID) -> Response:
        """The first one first, by pages."""
        query = read_query(forms.OccurrencesQuery, request.query_params)
        schedule = told(lambda: TaskSchedule.objects.get(id=schedule_id))
        stretch, place = forms.stretch_of(query, schedule)
        found, more = pages.page(schedule, stretch, query.limit, database_now())
        if stretch.backwards:
            found.reverse()
        edges = (forms.key_of(found[0]), forms.key_of(found[-1])) if found else None
        return page_of(request, [forms.represent(each) for each in found], edges, place=place, more=more)


class OccurrenceDetail(APIView):
    """One instant that a schedule names."""

    @documented(openapi.PUT_OCCURRENCE)
    def put(self, request: Request, schedule_id: UUID, instant: str) -> Response:
        """Say what is different about it."""
        read_query(Strict, request.query_params)
        at, form, versions = (
            forms.instant_of(instant),
            forms.read_override(request.data),
            expected_versions(request),
        )
        schedule, row = _told(
            lambda: _in_the_future(
                form,
                lambda: overriding.put(
                    schedule_id, at, lambda schedule: forms.override(form, schedule), versions=versions
                ),
            )
        )
        return Response(forms.represent(pages.one(schedule, row, database_now())), headers=etag(schedule))

    @documented(openapi.DELETE_OCCURRENCE)
    def delete(self, request: Request, schedule_id: UUID, instant: str) -> Response:
        """Take back what was said of it."""
        read_no_body(request)
        read_query(Strict, request.query_params)
        at, versions = forms.instant_of(instant), expected_versions(request)
        try:
            schedule = _told(lambda: overriding.remove(schedule_id, at, versions=versions))
        except overriding.NotOverridden:
            raise NotFound("this occurrence has no override") from None
        except overriding.MovedIntoThePast:
            raise Conflict(
                "its own time has passed, so it cannot go back there: skip it or move it"
            ) from None
        return Response(status=204, headers=etag(schedule))


class BackfillSchedule(APIView):
    """Tasks for a time that is past."""

    @documented(openapi.BACKFILL_SCHEDULE)
    def post(self, request: Request, schedule_id: UUID) -> Response:
        """Create a task for each instant that has none."""
        query = read_query(EditOptions, request.query_params)
        form = forms.read_backfill(request.data)
        dry_run = query.dry_run or bool(form.dry_run)

        def fill() -> Response:
            made = _told(lambda: _in_reach(form, lambda: _backfill(schedule_id, form, dry_run=dry_run)))
            return Response(forms.represent_backfill(made, dry_run=dry_run), status=202)

        if dry_run:
            return fill()
        return once(request, lambda: Effect(fill(), is_report=True))


def _backfill(schedule_id: UUID, form: forms.BackfillBody, *, dry_run: bool) -> backfilling.Backfill:
    pace = form.pace_seconds or 0
    return backfilling.backfill(schedule_id, form.start, form.end, pace_seconds=pace, dry_run=dry_run)


def _told(verb: Callable[[], Result]) -> Result:
    """What `verb` answers; what it raises about an occurrence as a problem."""
    try:
        return told(lambda: readable(verb))
    except NotPossible as error:
        state = (
            "was set aside with an error" if error.status == ScheduleStatus.ERROR else f"is {error.status}"
        )
        raise Conflict(f"the schedule {state}: it creates no tasks that could be changed") from None
    except (UnknownOperation, InvalidLimits) as error:
        raise Conflict(f"no task can be created: {error}; change the schedule's operation") from None
    except overriding.NoSuchOccurrence as error:
        raise NotFound(_unnamed(error.nearest)) from None
    except overriding.AlreadyDecided as error:
        outcome = f": its outcome is {error.outcome}" if error.outcome else ""
        raise Conflict(f"this occurrence is due, or past and dealt with{outcome}") from None
    except overriding.TooManyOverrides:
        detail = f"{overriding.MOST:,} occurrences to come are overridden, and no more may be; take some back first"
        raise Conflict(detail) from None
    except overriding.OverridesTooLarge:
        detail = (
            f"the occurrences to come have arguments of their own of up to {overriding.MOST_CHARACTERS:,} "
            "characters in all, and no more may be added; take some back first"
        )
        raise Conflict(detail) from None


def _unnamed(nearest: list[datetime]) -> str:
    known = " and ".join(str(instant_text(instant)) for instant in nearest)
    return f"the schedule names no such instant; the nearest: {known or 'there is none'}"


def _in_the_future(form: forms.OverrideBody, verb: Callable[[], Result]) -> Result:
    try:
        return verb()
    except overriding.MovedIntoThePast:
        detail = (
            "must be given: the occurrence's own time has passed, so it can only be moved again or skipped"
        )
        if form.run_at is not None:
            detail = f"must be in the future, got {instant_text(form.run_at)}"
        raise InvalidInput([FieldError(("run_at",), "too_early", detail)]) from None


def _in_reach(form: forms.BackfillBody, verb: Callable[[], Result]) -> Result:
    try:
        return verb()
    except backfilling.EndsInTheFuture:
        detail = f"must not be in the future, got {instant_text(form.end)}"
        raise InvalidInput([FieldError(("to",), "too_late", detail)]) from None
    except backfilling.ReachesWhatIsForgotten as error:
        detail = (
            f"must not be before the schedule's ledger_from, {instant_text(error.ledger_from)}, got "
            f"{instant_text(form.start)}: what ran before that is not known any more"
        )
        raise InvalidInput([FieldError(("from",), "too_early", detail)]) from None
    except backfilling.TooManyInstants as error:
        detail = (
            f"must be at most {instant_text(error.end)}, got {instant_text(form.end)}: one backfill covers at most "
            f"{backfilling.MOST:,} instants, and fewer where their arguments are large"
        )
        raise InvalidInput([FieldError(("to",), "too_many", detail)]) from None
