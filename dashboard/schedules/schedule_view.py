"""`/ui/schedules/{id}/`: what became of one schedule's instants, and what is to come."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from pydantic import Field

from access.payloads import shown_to
from access.scopes import Scope
from dashboard.schedules import ledger, run_times_svg, year_svg
from dashboard.schedules.deed_views import clock_of, own_schedule
from dashboard.schedules.deeds import DELETE, PAUSE, RESUME, TRIGGER
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render
from rest.input import Instant, Strict, read_query
from schedules.api.representation import represent_known
from schedules.ledger import known as known_of
from schedules.models import ScheduleStatus
from schedules.occurrences.forecast import Outlook
from schedules.shown.listing import is_late
from schedules.shown.run_times import recent_tasks, run_times
from schedules.shown.year import year

RECENT = 10


class ScheduleQuery(Strict):
    """What the address may say: where the page of the ledger begins, or before when it ends."""

    start: Annotated[Instant | None, Field(alias="from")] = None
    end: Annotated[Instant | None, Field(alias="until")] = None


@page(Scope.SCHEDULES_READ, section="schedules")
def schedule(request: PageRequest, schedule_id: UUID) -> HttpResponse:
    """The page."""
    query = read_query(ScheduleQuery, request.GET)
    found = own_schedule(request, schedule_id)
    now = clock_of(found)
    known = known_of([found.id]).get(found.id, {})
    told = shown_to(request.actor)(represent_known(found, known))
    tasks = recent_tasks(found) if request.actor.may(Scope.TASKS_READ) else []
    outlook = Outlook(found, now, known)
    shown = ledger.shown(found, outlook, tasks, now, start=query.start, end=query.end)
    runs = run_times(tasks, now)
    context: dict[str, Any] = {
        "schedule": found,
        "told": told,
        "is_late": is_late(found, now),
        "is_paused": found.status == ScheduleStatus.PAUSED,
        "ledger": shown,
        "is_now": query.start is None and query.end is None,
        "year": year_svg.drawn(year(found, outlook, now), now.astimezone(outlook.zone).date()),
        "runs": runs,
        "chart": run_times_svg.drawn(runs),
        "tasks": tasks[:RECENT],
        "next_at": _at(told["next_run_at"]),
        "next_local": told["upcoming"][0]["local"] if told["upcoming"] else None,
        "deeds": [deed for deed in _deeds(found.status) if request.actor.may(deed.scope)],
        "can_write": request.actor.may(Scope.SCHEDULES_WRITE),
        "can_backfill": request.actor.may(Scope.SCHEDULES_BACKFILL),
        "delete": DELETE,
    }
    shown_call = Call(f"/task-schedules/{found.id}/occurrences/", {"limit": ledger.SIZE})
    return render(request, "dashboard/schedules/schedule.html", context, call=shown_call)


def _deeds(status: str) -> tuple[Any, ...]:
    match status:
        case ScheduleStatus.PAUSED:
            return RESUME, PAUSE, TRIGGER
        case ScheduleStatus.ACTIVE:
            return PAUSE, TRIGGER
    return (TRIGGER,)


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
