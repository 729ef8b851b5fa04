"""`/ui/`."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from access import known
from access.payloads import are_hidden_from
from access.scopes import Scope
from dashboard.overview import facts
from dashboard.overview.checklist import Step, steps
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import render
from dashboard.shell.strip import strip_of
from schedules.models import TaskSchedule


@page(section="overview")
def overview(request: PageRequest) -> HttpResponse:
    """What runs, what comes, and what needs somebody: each part for who may see it."""
    actor, now = request.actor, datetime.now(UTC)
    context: dict[str, Any] = {
        "now": now,
        "hides_payloads": are_hidden_from(actor),
        "flower": _flower(request),
    }
    if actor.may(Scope.TASKS_READ):
        context["running"] = facts.running(actor, now)
        context["failing"] = facts.failing(actor, now)
    if actor.may(Scope.SCHEDULES_READ):
        context["concerns"] = facts.concerns(actor.project_id, now)
        context["next_runs"] = facts.next_runs(actor.project_id)
    if actor.may(Scope.STATS_READ):
        context["day"] = facts.day(actor.project_id)
        context["steps"] = _steps(request, has_next=bool(context.get("next_runs") or context.get("concerns")))
    return render(request, "dashboard/overview/overview.html", context)


def _steps(request: PageRequest, *, has_next: bool) -> list[Step]:
    """None, once all are done."""
    actor = request.actor
    strip = strip_of(actor)
    found = steps(
        runs=all(crew.alive for crew in strip.crews.values()),
        has_tasks=strip.has_tasks,
        has_success=strip.has_success,
        has_schedules=has_next or TaskSchedule.objects.filter(project_id=actor.project_id).exists(),
        is_closed=not known.is_open(),
        origin=request.build_absolute_uri("/").rstrip("/"),
    )
    return [] if all(step.is_done for step in found) else found


def _flower(request: PageRequest) -> str | None:
    """Where Flower is, if it runs beside this service."""
    environment = settings.ENVIRONMENT
    if not environment.FLOWER:
        return None
    host = request.get_host().rpartition(":")[0] or request.get_host()
    return f"{request.scheme}://{host}:{environment.FLOWER_PORT}/"
