"""What a project has of what it may have at most: `GET /projects/{slug}/usage/`, and the limit of schedules."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from access.actions import projects
from access.actor import Actor
from access.api.project_forms import with_all_quotas
from access.api.project_openapi import NO_PROJECT, SLUG
from access.api.refusals import ProjectView
from access.door import actor_of
from access.refusals import QuotaReached
from access.scopes import Scope
from files.quotas import used_mebibytes
from rest.input import Strict, read_query
from rest.openapi import Answer, Endpoint, documented
from rest.openapi.shapes import Count
from schedules.models import TaskSchedule
from schedules.recurrence import RuleSpec, parse
from tasks_api.quotas import tasks_today, waiting_tasks

MOST_COUNTED = 100_000


class Used(BaseModel):
    """How much of a quota is used."""

    used: Annotated[Count, Field(description=f"Counted up to {MOST_COUNTED:,}.")]
    limit: Annotated[Count | None, Field(description="Null: none.")]


class Usage(BaseModel):
    """What a project has."""

    schedules: Used
    waiting_tasks: Used
    tasks_per_day: Annotated[Used, Field(description="Since midnight in UTC; deleted ones do not count.")]
    file_mebibytes: Annotated[Used, Field(description="Counted whole.")]


USAGE = {
    "schedules": {"used": 12, "limit": 100},
    "waiting_tasks": {"used": 3, "limit": None},
    "tasks_per_day": {"used": 512, "limit": 10_000},
    "file_mebibytes": {"used": 37, "limit": 10_240},
}
GET_USAGE = Endpoint(
    operation_id="get_project_usage",
    summary="Read what a project has",
    scope=Scope.PROJECTS_ADMIN,
    path=SLUG,
    answers={200: Answer("Of each quota, how much is used.", Usage, USAGE)},
    refusals=(NO_PROJECT,),
)


class ProjectUsage(ProjectView):
    """What a project has."""

    @documented(GET_USAGE)
    def get(self, request: Request, slug: str) -> Response:
        """Beside each limit how much is used."""
        read_query(Strict, request.query_params)
        project = projects.find(actor_of(request), slug)
        limits = with_all_quotas(project.quotas)
        used = {
            "schedules": _schedules(project.id, MOST_COUNTED),
            "waiting_tasks": waiting_tasks(project.id, MOST_COUNTED),
            "tasks_per_day": tasks_today(project.id, MOST_COUNTED),
            "file_mebibytes": used_mebibytes(project.id),
        }
        return Response({name: {"used": count, "limit": limits[name]} for name, count in used.items()})


def _schedules(project_id: int, most: int) -> int:
    return TaskSchedule.objects.filter(project_id=project_id)[:most].count()


def refuse_schedule(actor: Actor) -> None:
    """For whoever makes a new one. Raises QuotaReached."""
    limit = actor.quota("schedules")
    if limit is not None and (used := _schedules(actor.project_id, limit + 1)) + 1 > limit:
        raise QuotaReached("schedules", limit, used)


def limit_schedules(actor: Actor, _body: object, _path: Mapping[str, Any]) -> None:
    """For whoever would make a new one. Raises QuotaReached."""
    refuse_schedule(actor)


def refuse_short_interval(actor: Actor, spec: RuleSpec) -> None:
    """For whoever writes a rule. Raises RecurrenceError."""
    if (shortest := actor.quota("min_interval_seconds")) is not None:
        parse(spec, min_interval_seconds=shortest)
