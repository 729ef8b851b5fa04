"""`/ui/calendar/`: what schedules did and will do, by day, week, month or one after the other."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from django.http import HttpResponse
from pydantic import Field

from access.scopes import Scope
from dashboard.calendars.grid import NO_OTHERS, View, cells_of, edges_of, moved, rest_of, rows_of
from dashboard.forecast.views import filled
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render
from dashboard.shell.zones import zone_of
from operations import catalogue
from operations.definition import MAX_NAME_LENGTH
from rest.input import Strict, read_query
from rest.problems import FieldError, InvalidInput
from schedules.filters import LONGEST_NAME, ScheduleFilter
from schedules.forecasting.expected import Others
from schedules.forecasting.expected import others as others_but
from schedules.shown.calendar import Chosen, calendar, choose
from tasks_api.database import database_now
from tasks_api.models import LONGEST_TAG
from values.wording import received

FIRST, LAST = date(2000, 1, 1), date(2199, 12, 1)
MOST_IN_AGENDA = 100
FILTERS = ("name", "tag", "operation")


class CalendarQuery(Strict):
    """What the address may say."""

    view: Annotated[View, Field(strict=False)] = View.MONTH
    date: Annotated[str | None, Field(max_length=100)] = None
    name: Annotated[str | None, Field(max_length=LONGEST_NAME)] = None
    tag: Annotated[str | None, Field(max_length=LONGEST_TAG)] = None
    operation: Annotated[str | None, Field(max_length=MAX_NAME_LENGTH)] = None

    @property
    def filters(self) -> dict[str, str]:
        """Those that are given."""
        return {name: value for name in FILTERS if (value := getattr(self, name)) is not None}


@page(Scope.SCHEDULES_READ, section="calendar")
def calendar_page(request: PageRequest) -> HttpResponse:
    """One page of it."""
    query = read_query(CalendarQuery, filled(request.GET))
    zone, now = zone_of(request), database_now()
    today = now.astimezone(zone).date()
    day = today if query.date is None else _read_date(query.date)
    chosen = choose(ScheduleFilter.model_validate(query.filters), request.actor.project_id)
    edges = edges_of(query.view, day, zone)
    found = calendar(chosen.schedules, edges, now)
    is_part = chosen.count > len(chosen.schedules)
    rest = _rest(request, query, chosen, edges, now) if is_part else None
    others = rest.hours if rest is not None else NO_OTHERS
    context: dict[str, Any] = {
        "query": query,
        "day": day,
        "zone_name": zone.key,
        "now": now,
        "found": found,
        "chosen": chosen,
        "is_part": is_part,
        "rest": rest,
        "is_rest_counted": _is_rest_counted(query) and edges[-1] > now,
        "is_past": edges[-1] <= now,
        "views": [(view.value, _address(request, query, day, view)) for view in View],
        "earlier": _neighbour(request, query, day, -1),
        "later": _neighbour(request, query, day, 1),
        "today": _address(request, query, None, query.view),
        "chips": [
            (name, value, _address(request, query, day, query.view, without=name))
            for name, value in query.filters.items()
        ],
        "operations": [each.name for each in catalogue.all()],
        "agenda_address": _address(request, query, None, View.AGENDA, ending="&date="),
        "day_address": _address(request, query, None, View.DAY, ending="&date="),
    }
    if query.view is View.AGENDA:
        context |= _agenda(found.items, zone, edges, others)
    else:
        month = day.month if query.view is View.MONTH else None
        cells = cells_of(edges, found.items, zone, now, month, others)
        context |= {
            "rows": rows_of(query.view, cells),
            "days": [cell.local for cell in _heads(query.view, cells)],
        }
    return render(
        request, "dashboard/calendars/calendar.html", context, call=Call("/task-schedules/", query.filters)
    )


def _heads(view: View, cells: Any) -> Any:
    """A cell of each column."""
    match view:
        case View.WEEK:
            return cells[:: len(cells) // 7]
        case View.MONTH:
            return cells[:7]
    return cells[:1]


def _is_rest_counted(query: CalendarQuery) -> bool:
    """The forecast knows operations, and no names or tags."""
    return query.name is None and query.tag is None


def _rest(
    request: PageRequest, query: CalendarQuery, chosen: Chosen, edges: Sequence[datetime], now: datetime
) -> Others | None:
    """What is expected of the schedules that are not shown."""
    if not _is_rest_counted(query) or edges[-1] <= now:
        return None
    shown = [schedule.id for schedule in chosen.schedules]
    return others_but(request.actor.project_id, shown, edges[0], edges[-1], query.operation)


def _agenda(
    items: Any, zone: Any, edges: Sequence[datetime], others: Mapping[datetime, int]
) -> dict[str, Any]:
    """One after the other, by day."""
    days: dict[date, list[Any]] = {}
    for item in items[:MOST_IN_AGENDA]:
        days.setdefault(item.at.astimezone(zone).date(), []).append(item)
    rest = {
        edge.astimezone(zone).date(): count
        for edge, count in zip(edges, rest_of(edges, others), strict=False)
        if count
    }
    agenda = [(day, days.get(day, []), rest.get(day, 0)) for day in sorted({*days, *rest})]
    return {"agenda": agenda, "later_runs": sum(item.count for item in items[MOST_IN_AGENDA:])}


def _read_date(text: str) -> date:
    """Raises InvalidInput."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not FIRST <= found <= LAST:
        detail = f"must be a day from {FIRST} to {LAST}, such as 2026-03-29, got {received(text)}"
        raise InvalidInput([FieldError(("date",), "date", detail, parameter=True)])
    return found


def _neighbour(request: PageRequest, query: CalendarQuery, day: date, steps: int) -> str | None:
    other = moved(day, query.view, steps)
    return _address(request, query, other, query.view) if FIRST <= other <= LAST else None


def _address(
    request: PageRequest,
    query: CalendarQuery,
    day: date | None,
    view: View,
    *,
    without: str | None = None,
    ending: str = "",
) -> str:
    fields = {"view": view.value, **({} if day is None else {"date": day.isoformat()}), **query.filters}
    fields.pop(without or "", None)
    return f"{request.place.base}calendar/?{urlencode(fields)}{ending}"
