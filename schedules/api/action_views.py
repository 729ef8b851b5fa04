"""Pausing, resuming and triggering, one schedule or many: each method reads its input, calls one verb, and answers."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from access.api.idempotent import Effect, left, once
from access.door import acting
from access.refusals import refuse_many
from rest.input import Strict, read_no_body, read_query
from rest.openapi import documented
from schedules.actions import pausing
from schedules.actions.forms import PauseBody, ResumeBody
from schedules.actions.pausing import CatchUp
from schedules.actions.triggering import trigger
from schedules.api import action_openapi
from schedules.api.action_forms import read_optional_body
from schedules.api.arguments import refuse_restricted_to
from schedules.api.conditions import expected_versions
from schedules.api.filters import ManySchedulesQuery, selected
from schedules.api.refusals import StoredRuleView
from schedules.api.views import answer
from tasks_api.api.quotas import refuse_tasks
from tasks_api.api.views import accepted, counted
from tasks_api.models import Task


class PauseSchedule(StoredRuleView):
    """A pause of one schedule."""

    @documented(action_openapi.PAUSE_SCHEDULE)
    def post(self, request: Request, schedule_id: UUID) -> Response:
        """Make no tasks until the pause ends."""
        form = read_optional_body(PauseBody, request.data)
        read_query(Strict, request.query_params)
        actor, versions = acting(request), expected_versions(request)
        if form.until is not None:  # then it resumes by itself
            refuse_restricted_to(actor, schedule_id)
        return answer(pausing.pause(schedule_id, actor, versions=versions, **form.said))


class ResumeSchedule(StoredRuleView):
    """The end of a pause."""

    @documented(action_openapi.RESUME_SCHEDULE)
    def post(self, request: Request, schedule_id: UUID) -> Response:
        """Make tasks again."""
        form = read_optional_body(ResumeBody, request.data)
        read_query(Strict, request.query_params)
        catch_up = form.catch_up or CatchUp.NONE
        actor, versions = acting(request), expected_versions(request)
        refuse_restricted_to(actor, schedule_id)
        return answer(pausing.resume(schedule_id, actor, catch_up, versions=versions))


class TriggerSchedule(StoredRuleView):
    """A task of a schedule, now."""

    @documented(action_openapi.TRIGGER_SCHEDULE)
    def post(self, request: Request, schedule_id: UUID) -> Response:
        """Create a task as the schedule would, at once."""
        read_no_body(request)
        read_query(Strict, request.query_params)
        actor = acting(request)
        refuse_restricted_to(actor, schedule_id)

        def create() -> Effect:
            refuse_tasks(actor, 1)
            task = trigger(schedule_id, actor)
            return Effect(accepted(request, task), [task.id])

        own = Task.objects.filter(project_id=actor.project_id)
        return once(request, create, lambda ids: accepted(request, left(own, ids)))


class PauseSchedules(StoredRuleView):
    """A pause of many schedules."""

    @documented(action_openapi.PAUSE_SCHEDULES)
    def post(self, request: Request) -> Response:
        """Pause all that are active."""
        form = read_optional_body(PauseBody, request.data)
        query = read_query(ManySchedulesQuery, request.query_params)
        actor = acting(request)
        found = selected(query, actor.project_id)
        changed = pausing.pause_many(found, actor, query.meant, dry_run=query.dry_run, **form.said)
        return counted(changed, dry_run=query.dry_run)


class ResumeSchedules(StoredRuleView):
    """The end of many pauses."""

    @documented(action_openapi.RESUME_SCHEDULES)
    def post(self, request: Request) -> Response:
        """Resume all that are paused."""
        form = read_optional_body(ResumeBody, request.data)
        query = read_query(ManySchedulesQuery, request.query_params)
        catch_up = form.catch_up or CatchUp.NONE
        actor = acting(request)
        refuse_many(actor)
        found = selected(query, actor.project_id)
        changed = pausing.resume_many(found, actor, query.meant, catch_up, dry_run=query.dry_run)
        return counted(changed, dry_run=query.dry_run)
