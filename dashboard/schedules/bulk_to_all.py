"""What is done to all schedules that fit a list's filters, whichever page they are on: a bulk action of the API."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, QueryDict

from dashboard.schedules import forms
from dashboard.schedules.calling import Answer, call
from dashboard.schedules.deeds import Deed, filled, offered
from dashboard.schedules.list_query import FILTERS, SchedulesQuery, without_empty
from dashboard.shell.page import PageRequest
from dashboard.shell.rendering import Call, render, see
from dashboard.shell.zones import zone_of
from dashboard.tasks.bulk_views import TYPED_OVER, refuse_untyped
from rest.input import read_query
from rest.problems import FieldError, InvalidInput
from schedules.actions.bulk import KINDS
from schedules.shown.listing import BEYOND_FILTERS, Wanted, as_filter
from tasks_api.bulk_actions.beginning import as_stored
from tasks_api.bulk_actions.kinds import Counted
from tasks_api.database import database_now
from tasks_api.roll_up.present import Counted as Shown

PATH = "/bulk-actions/"


def to_all(request: PageRequest, deed: Deed, given: QueryDict) -> HttpResponse:
    """How many they are; then it is begun, and its page tells how far it is."""
    values = filled(deed, request.POST)
    context: dict[str, Any] = {"asked": [(name, given[name]) for name in FILTERS if given.get(name)]}
    body: dict[str, Any] = {}
    try:
        body = {"action": deed.name, "filter": _filter_of(given) or dict(KINDS[deed.name].everything)}
        said = forms.given(deed.body({**values, "timezone": zone_of(request).key}) or {})
        answer = call(request, request.actor, "POST", PATH, {**body, **said, "dry_run": True})
        context |= _counted(answer)
        if request.method == "POST" and answer.is_success:
            refuse_untyped(given, Counted(answer.body["counts"]["matched"], is_exact=True))
            answer = call(request, request.actor, "POST", PATH, {**body, **said})
            if answer.is_success:
                return see(request, f"bulk-actions/{answer.body['id']}/")
        context |= _wrong(answer, deed)
    except forms.Unreadable as error:
        context["errors"] = error.errors
    except InvalidInput as error:
        context["general"] = [each.sentence for each in error.errors]
    is_wrong = request.method == "POST" or "errors" in context
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    context |= {
        **offered(deed, values),
        "all": True,
        "zone_hint": f"by the clock in {zone_of(request).key}",
        "action": f"{request.place.base}schedules/bulk/{deed.name}/",
        "back": f"{request.place.base}schedules/",
    }
    shown = Call(PATH, method="POST", body=body) if body else None
    return render(request, "dashboard/schedules/deed.html", context, status=status, call=shown)


def _filter_of(given: QueryDict) -> dict[str, Any]:
    """As a bulk action takes it; empty: of all. Raises InvalidInput."""
    sent = QueryDict(mutable=True)
    sent.update({name: given.get(name, "") for name in FILTERS})
    query = read_query(SchedulesQuery, without_empty(sent))
    if query.state in BEYOND_FILTERS:
        detail = "those that are failing or never ran can be chosen by their check boxes, not as a whole"
        raise InvalidInput([FieldError((), "invalid_filter", detail)])
    wanted = Wanted(query.state, query.name, query.tag, query.operation)
    return as_stored(as_filter(wanted, database_now()))


def _counted(answer: Answer) -> dict[str, Any]:
    if not answer.is_success:
        return {}
    counts = answer.body["counts"]
    return {
        "counted": Shown(counts["matched"], counts["exact"]),
        "number": counts["matched"],
        "is_typed": counts["matched"] > TYPED_OVER,
    }


def _wrong(answer: Answer, deed: Deed) -> dict[str, Any]:
    if answer.is_success:
        return {}
    errors = {name: told for name, told in answer.errors.items() if name in deed.fields}
    general = [text for name, told in answer.errors.items() if name not in deed.fields for text in told]
    return {"errors": errors, "general": general}
