"""The occurrences of a schedule: told, overridden, backfilled."""

from functools import partial
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from access.api.idempotent import Effect, once
from access.door import acting, actor_of
from rest.input import Strict, read_no_body, read_query
from rest.openapi import documented
from rest.pagination import page_of
from schedules.actions import backfilling, overriding
from schedules.actions.settling import held
from schedules.api import occurrence_forms as forms
from schedules.api import occurrence_openapi as openapi
from schedules.api.action_forms import EditOptions
from schedules.api.arguments import refuse_restricted_schedule, refuse_restricted_to
from schedules.api.conditions import etag, expected_versions
from schedules.api.refusals import StoredRuleView
from schedules.models import TaskSchedule
from schedules.occurrences import pages
from tasks_api.api.quotas import refuse_tasks
from tasks_api.database import database_now


class OccurrenceList(StoredRuleView):
    """What became of a schedule's instants, and what is to come."""

    @documented(openapi.LIST_OCCURRENCES)
    def get(self, request: Request, schedule_id: UUID) -> Response:
        """The first one first, by pages."""
        query = read_query(forms.OccurrencesQuery, request.query_params)
        schedule = TaskSchedule.objects.get(id=schedule_id, project_id=actor_of(request).project_id)
        period, place = forms.period_of(query, schedule)
        found, more = pages.page(schedule, period, query.limit, database_now())
        if period.backwards:
            found.reverse()
        edges = (forms.key_of(found[0]), forms.key_of(found[-1])) if found else None
        return page_of(request, [forms.represent(each) for each in found], edges, place=place, more=more)


class OccurrenceDetail(StoredRuleView):
    """One instant that a schedule names."""

    @documented(openapi.PUT_OCCURRENCE)
    def put(self, request: Request, schedule_id: UUID, instant: str) -> Response:
        """Say what is different about it."""
        read_query(Strict, request.query_params)
        at, form = forms.instant_of(instant), forms.read_override(request.data)
        actor, versions = acting(request), expected_versions(request)
        with held(schedule_id, actor.project_id, versions) as schedule:
            occurrence = overriding.find_open(schedule, at)
            row = overriding.put(occurrence, forms.override(form, schedule, actor), actor)
        return Response(forms.represent(pages.one(schedule, row, database_now())), headers=etag(schedule))

    @documented(openapi.DELETE_OCCURRENCE)
    def delete(self, request: Request, schedule_id: UUID, instant: str) -> Response:
        """Take back what was said of it."""
        read_no_body(request)
        read_query(Strict, request.query_params)
        at = forms.instant_of(instant)
        actor, versions = acting(request), expected_versions(request)
        with held(schedule_id, actor.project_id, versions) as schedule:
            refuse_restricted_schedule(
                actor, schedule
            )  # what was skipped or changed runs as the schedule says
            overriding.remove(overriding.find_open(schedule, at), actor)
        return Response(status=204, headers=etag(schedule))


class BackfillSchedule(StoredRuleView):
    """Tasks for a time that is past."""

    @documented(openapi.BACKFILL_SCHEDULE)
    def post(self, request: Request, schedule_id: UUID) -> Response:
        """Create a task for each instant that has none."""
        query = read_query(EditOptions, request.query_params)
        form = forms.read_backfill(request.data)
        dry_run = query.dry_run or bool(form.dry_run)
        actor, pace = acting(request), form.pace_seconds or 0
        refuse_restricted_to(actor, schedule_id)

        def fill() -> Response:
            made = backfilling.backfill(
                schedule_id,
                actor,
                form.start,
                form.end,
                pace_seconds=pace,
                dry_run=dry_run,
                admit=partial(refuse_tasks, actor),
            )
            return Response(forms.represent_backfill(made, dry_run=dry_run), status=202)

        if dry_run:
            return fill()
        return once(request, lambda: Effect(fill(), is_report=True))
