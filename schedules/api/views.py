"""`/task-schedules/`: each method reads its input, calls one verb, and answers."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from access.api.idempotent import Effect, left, once
from access.door import acting, actor_of
from rest.conditions import is_known
from rest.input import Strict, read_query
from rest.openapi import documented
from rest.pagination import paginate
from rest.problems import NotFound, PreconditionFailed
from schedules.actions import editing
from schedules.actions.definition import Definition
from schedules.actions.editing import Edited
from schedules.actions.settling import held
from schedules.api import filters, forms, openapi, preview
from schedules.api.action_forms import DeleteOptions, EditOptions
from schedules.api.conditions import conditions_of, etag, etag_of_state, expected_versions
from schedules.api.dry_run import dropped, effect
from schedules.api.quotas import refuse_schedule
from schedules.api.refusals import ScheduleView
from schedules.api.representation import represent, represent_all
from schedules.models import TaskSchedule
from tasks_api.database import database_now
from values.wording import quoted


class ScheduleList(ScheduleView):
    """All task schedules."""

    @documented(openapi.LIST_SCHEDULES)
    def get(self, request: Request) -> Response:
        """Newest first, by pages."""
        query = read_query(filters.ScheduleListQuery, request.query_params)
        rows, read = filters.listed(query, actor_of(request).project_id)
        return paginate(request, rows, represent_all, limit=query.limit, cursor=query.cursor, read=read)

    @documented(openapi.CREATE_SCHEDULE)
    def post(self, request: Request) -> Response:
        """Create a schedule."""
        options, actor = read_query(EditOptions, request.query_params), acting(request)

        def create() -> TaskSchedule:
            refuse_schedule(actor)
            return editing.create(forms.definition(request.data, actor), actor, dry_run=options.dry_run)

        if options.dry_run:
            return Response(effect(TaskSchedule.objects.none(), lambda: Edited(create(), [])))

        def create_once() -> Effect:
            schedule = create()
            return Effect(_created(request, schedule), [schedule.id])

        own = TaskSchedule.objects.filter(project_id=actor.project_id)
        return once(request, create_once, lambda ids: _created(request, left(own, ids)))


def _created(request: Request, schedule: TaskSchedule, **more: Any) -> Response:
    created = answer(schedule, **more)
    created.status_code = 201
    created["Location"] = request.build_absolute_uri(f"/task-schedules/{schedule.id}/")
    return created


class SchedulePreview(ScheduleView):
    """A rule that nobody has saved."""

    @documented(openapi.PREVIEW_SCHEDULE)
    def post(self, request: Request) -> Response:
        """Which instants a rule names."""
        read_query(Strict, request.query_params)
        return Response(preview.preview(request.data, database_now))


class ScheduleDetail(ScheduleView):
    """One task schedule."""

    @documented(openapi.GET_SCHEDULE)
    def get(self, request: Request, schedule_id: UUID) -> Response:
        """The schedule, with its next instants."""
        read_query(Strict, request.query_params)
        return read(
            request, TaskSchedule.objects.get(id=schedule_id, project_id=actor_of(request).project_id)
        )

    @documented(openapi.CHANGE_SCHEDULE)
    def patch(self, request: Request, schedule_id: UUID) -> Response:
        """Change the fields that are named."""
        options = read_query(EditOptions, request.query_params)
        body, versions = request.data, expected_versions(request)
        actor = acting(request)

        def edit() -> Edited:
            with held(schedule_id, actor.project_id, versions) as schedule:
                return editing.edit(schedule, forms.redefinition(schedule, body, actor), actor)

        if options.dry_run:
            found = TaskSchedule.objects.filter(id=schedule_id, project_id=actor.project_id)
            return Response(effect(found, edit))
        edited = edit()
        return answer(edited.schedule, **dropped(edited))

    @documented(openapi.DELETE_SCHEDULE)
    def delete(self, request: Request, schedule_id: UUID) -> Response:
        """Delete the schedule; its tasks stay."""
        options = read_query(DeleteOptions, request.query_params)
        versions = expected_versions(request)
        cancel = options.cancel_waiting
        editing.delete(schedule_id, acting(request), versions=versions, cancel_waiting=cancel)
        return Response(status=204)


class ScheduleByName(ScheduleView):
    """The task schedule of a name, whether there is one yet or not."""

    refusals = {
        **ScheduleView.refusals,
        TaskSchedule.DoesNotExist: lambda _: PreconditionFailed(
            "there is no schedule of this name, so it is at no version"
        ),
    }

    @documented(openapi.GET_SCHEDULE_BY_NAME)
    def get(self, request: Request, name: str) -> Response:
        """The schedule, with its next instants."""
        read_query(Strict, request.query_params)
        own = TaskSchedule.objects.filter(project_id=actor_of(request).project_id)
        schedule = own.filter(name=forms.name_in_path(name)).first()
        if schedule is None:
            raise NotFound(f"there is no task schedule with the name {quoted(name)}")
        return read(request, schedule)

    @documented(openapi.PUT_SCHEDULE)
    def put(self, request: Request, name: str) -> Response:
        """Create the schedule, or replace what it says."""
        options = read_query(EditOptions, request.query_params)
        conditions, wanted = conditions_of(request), forms.name_in_path(name)
        body, actor = request.data, acting(request)

        def redefine(schedule: TaskSchedule | None) -> Definition:
            conditions.check(exists=schedule is not None)
            if schedule is None:
                refuse_schedule(actor)
            return forms.replacement(schedule, wanted, body, actor)

        def put() -> tuple[Edited, bool]:
            return editing.put_by_name(
                wanted,
                redefine,
                actor,
                versions=conditions.versions,
                dry_run=options.dry_run,
            )

        if options.dry_run:
            found = TaskSchedule.objects.filter(project_id=actor.project_id, name=wanted)
            return Response(effect(found, lambda: put()[0]))
        edited, is_new = put()
        if is_new:
            return _created(request, edited.schedule, **dropped(edited))
        return answer(edited.schedule, **dropped(edited))


def read(request: Request, schedule: TaskSchedule) -> Response:
    """200: the schedule; 304 where the caller knows it as it is."""
    body = represent(schedule)
    tag = etag_of_state(actor_of(request), schedule, body)
    if is_known(request, tag):
        return Response(status=304, headers=tag)
    return Response(body, headers=tag)


def answer(schedule: TaskSchedule, **more: Any) -> Response:
    """200: the schedule, its version, and what else is to be told of it."""
    return Response({**represent(schedule), **more}, headers=etag(schedule))
