"""`/ui/schedules/`: all schedules of a project, and what is done with many of them at once."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse

from access.scopes import Scope
from dashboard.schedules.bulk_to_all import to_all
from dashboard.schedules.deeds import BULK, Deed, filled, offered
from dashboard.schedules.list_query import FILTERS, SchedulesQuery, without_empty
from dashboard.schedules.strip_svg import HEIGHT, WIDTH, drawing
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render, see
from operations import catalogue
from rest.input import read_query
from rest.problems import InvalidInput, NotFound
from schedules.shown.listing import BEYOND_FILTERS, ListedSchedules, State, Wanted, own
from schedules.shown.listing import page as page_of
from schedules.shown.rows import ShownSchedule, shown
from tasks_api.database import database_now

SIZE = 25
MOST_AT_ONCE = 50
STATES = {
    None: "All",
    State.ACTIVE: "Active",
    State.PAUSED: "Paused",
    State.FAILING: "Failing",
    State.LATE: "Late",
    State.NEVER_RAN: "Never ran",
    State.SET_ASIDE: "Set aside",
    State.COMPLETED: "Completed",
}


@page(Scope.SCHEDULES_READ, section="schedules")
def schedules(request: PageRequest) -> HttpResponse:
    """The list."""
    now, errors = database_now(), ""
    listed, wanted = ListedSchedules(), Wanted()
    try:
        query = read_query(SchedulesQuery, without_empty(request.GET))
        wanted = Wanted(query.state, query.name, query.tag, query.operation, query.before, query.after)
        listed = page_of(wanted, request.actor.project_id, now, SIZE)
    except InvalidInput as problem:
        errors = problem.detail
    asked = {name: request.GET.get(name, "") for name in FILTERS}
    context = {
        "rows": [_row(each) for each in shown(listed.schedules, now)],
        "errors": errors,
        "asked": asked,
        "is_filtered": any(asked.values()),
        "chips": [(name, value, _address(asked, **{name: ""})) for name, value in asked.items() if value],
        "states": [
            (label, _address(asked, state=state or ""), asked["state"] == (state or ""))
            for state, label in STATES.items()
        ],
        "newer": listed.newer and _address(asked, after=str(listed.newer)),
        "older": listed.older and _address(asked, before=str(listed.older)),
        "is_cut": listed.is_cut,
        "operations": [each.name for each in catalogue.all()],
        "deeds": [deed for deed in BULK if request.actor.may(deed.scope)],
        "can_do_to_all": wanted.state not in BEYOND_FILTERS,
        "can_write": request.actor.may(Scope.SCHEDULES_WRITE),
        "width": WIDTH,
        "height": HEIGHT,
        "origin": request.build_absolute_uri("/").rstrip("/"),
    }
    status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
    return render(
        request,
        "dashboard/schedules/list.html",
        context,
        status=status,
        call=Call("/task-schedules/", wanted.fields),
    )


def _row(each: ShownSchedule) -> Mapping[str, Any]:
    rate = each.strip.success_rate
    return {
        "schedule": each.schedule,
        "told": each.told,
        "drawing": drawing(each.strip),
        "success": None if rate is None else f"{rate:.0%}",
        "typical": each.strip.typical_seconds,
        "is_failing": each.strip.is_failing,
        "is_late": each.is_late,
        "next_at": each.next_at,
        "next_local": each.next_local,
    }


def _address(asked: Mapping[str, str], **others: str) -> str:
    given = {name: value for name, value in {**asked, **others}.items() if value}
    return "?" + urlencode(given)


def _bulk(deed: Deed) -> Any:
    @page(deed.scope, section="schedules", post=deed.scope)
    def view(request: PageRequest) -> HttpResponse:
        chosen = request.POST if request.method == "POST" else request.GET
        if chosen.get("all"):
            return to_all(request, deed, chosen)
        ids = _ids(chosen.getlist("id"))
        found = list(own(request.actor.project_id).filter(id__in=ids).order_by("-id"))
        if not found:
            raise NotFound("no schedule is chosen, or none of those that were is there any more")
        values = filled(deed, request.POST)
        answers = []
        if request.method == "POST":
            answers = [(each, deed.carry_out(request, each, values)) for each in found]
            refused = [(each, answer) for each, answer in answers if not answer.is_success]
            if not refused:
                return see(request, "schedules/", f"{deed.done}: {len(found)}")
            errors: dict[str, list[str]] = {}
            if len(refused) == len(found):
                errors = {
                    name: list(told) for name, told in refused[0][1].errors.items() if name in deed.fields
                }
            context = {"refused": refused, "carried_out": len(found) - len(refused), "errors": errors}
        else:
            context = {}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if answers else HTTPStatus.OK
        return render(
            request,
            "dashboard/schedules/deed.html",
            {
                **context,
                **offered(deed, values),
                "chosen": found,
                "action": f"{request.place.base}schedules/bulk/{deed.name}/",
                "back": f"{request.place.base}schedules/",
            },
            status=status,
        )

    return view


BULK_VIEWS = {deed.name: _bulk(deed) for deed in BULK}


def _ids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts[:MOST_AT_ONCE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
