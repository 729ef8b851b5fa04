"""`/ui/forecast/`: what schedules are to make, hour by hour, and whether there are slots for it."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from django.http import HttpResponse, QueryDict
from pydantic import Field

from access.scopes import Scope
from dashboard.forecast.heat import heat, week
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render
from dashboard.shell.zones import zone_of
from operations import catalogue
from operations.definition import MAX_NAME_LENGTH
from rest.input import Strict, read_query
from rest.json import instant_text
from schedules.forecasting.expected import Standing, ask, expected_in, herds
from schedules.forecasting.turns import SPAN
from schedules.shown.listing import own
from tasks_api.roll_up.periods import HOUR, floor
from tasks_api.roll_up.totals import running_means
from tasks_api.transitions import slots

DAY = timedelta(days=1)


class Span(StrEnum):
    """How far ahead somebody looks."""

    DAY = "day"
    WEEK = "week"


class ForecastPageQuery(Strict):
    """What the address may say."""

    span: Annotated[Span, Field(strict=False)] = Span.DAY
    operation: Annotated[str | None, Field(max_length=MAX_NAME_LENGTH)] = None


@page(Scope.SCHEDULES_READ, section="forecast")
def forecast(request: PageRequest) -> HttpResponse:
    """Hour by operation for a day, or day by hour for a week."""
    query = read_query(ForecastPageQuery, filled(request.GET))
    project = request.actor.project_id
    standing = ask(project)
    start = floor(standing.now, HOUR)
    end = start + (DAY if query.span is Span.DAY else SPAN)
    context: dict[str, Any] = {
        "query": query,
        "standing": standing,
        "operations": [each.name for each in catalogue.all()],
    }
    if standing.counted_at is None:
        context |= _being_counted(standing, project)
    else:
        found = expected_in(project, start, end, HOUR)
        if query.operation is not None:
            found = [each for each in found if each.operation == query.operation]
        hours = [start + number * HOUR for number in range((end - start) // HOUR)]
        zone = zone_of(request)
        if query.span is Span.DAY:
            total, workers = slots()
            means = running_means(project, standing.now - DAY)
            context |= {
                "heat": heat(found, hours, zone, means, total),
                "slots": total,
                "workers": workers,
                "herds": [
                    (each.at.astimezone(zone).replace(tzinfo=None), each)
                    for each in herds(project, standing.now, end, query.operation)
                ],
            }
        else:
            context |= {"week": week(found, hours, zone)}
    call = Call("/task-schedules/forecast/", {} if query.span is Span.DAY else {"to": instant_text(end)})
    return render(request, "dashboard/forecast/forecast.html", context, call=call)


def _being_counted(standing: Standing, project_id: int) -> dict[str, Any]:
    """How far it is. Schedules are counted only for as long as that goes on."""
    schedules = own(project_id).count()
    counted = min(standing.schedules, schedules)
    return {"all": schedules, "counted": counted, "percent": 100 * counted / schedules if schedules else None}


def filled(query: QueryDict) -> QueryDict:
    """Without what a form sends of fields that are empty."""
    kept = QueryDict(mutable=True)
    for name, values in query.lists():
        if any(values):
            kept.setlist(name, [value for value in values if value])
    return kept
