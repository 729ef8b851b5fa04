"""`/ui/audit/`: who changed what, and who was refused."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from rest_framework.request import Request

from access.actor import Actor
from access.api import audit_forms as forms
from access.api.audit_openapi import LINES
from access.audit.events import Action, Outcome
from access.audit.recording import INSTALLATION
from access.models import AuditChain, AuditUnsealed
from access.scopes import Scope
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render
from dashboard.shell.sent import WrongForm, sending
from dashboard.shell.zones import zone_of
from rest.input import read_query
from rest.pagination import paginate

TIMES = ("after", "before")
FIELDS = ("actor", "action", "target", "outcome", *TIMES, "request_id", "installation")
MOST_UNSEALED = 1_000
PAGES = {"schedule": "schedules", "task": "tasks", "key": "keys", "person": "people"}
"""Where there is a page of what was changed."""


def _asked(request: PageRequest) -> QueryDict:
    """As the API takes it: without empty fields, and times in the zone of who looks with their offset."""
    query = request.GET.copy()
    zone = zone_of(request)
    for name, values in list(query.lists()):
        query.setlist(name, [_timed(name, value, zone) for value in values if value])
        if not query.getlist(name):
            del query[name]
    return query


def _timed(name: str, value: str, zone: ZoneInfo) -> str:
    try:
        at = datetime.fromisoformat(value) if name in TIMES else None
    except ValueError:
        return value
    return value if at is None or at.tzinfo is not None else at.replace(tzinfo=zone).isoformat()


def _read(query: QueryDict) -> forms.AuditQuery:
    """Raises WrongForm, InvalidInput."""
    return sending(lambda: read_query(forms.AuditQuery, query), {}, FIELDS)


@page(Scope.AUDIT_READ, section="audit")
def audit_page(request: PageRequest) -> HttpResponse:
    """`/ui/audit/`: newest first, by the filters of the address."""
    actor, query = request.actor, _asked(request)
    context: dict[str, Any] = {
        "actions": [action.value for action in Action],
        "outcomes": [outcome.value for outcome in Outcome],
        "given": request.GET,
        "is_filtered": bool(query.keys() - {"cursor", "limit", "installation"}),
        "export": query.urlencode(),
    }
    try:
        asked = _read(query)
    except WrongForm as wrong:
        context["errors"] = wrong.errors
        return render(request, "dashboard/audit/list.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    rows = forms.filtered(asked, actor)
    page_request = Request(request)
    found = paginate(
        page_request,
        rows,
        lambda events: [forms.represent(each, actor) for each in events],
        limit=asked.limit,
        cursor=asked.cursor,
    ).data
    found["results"] = [_shown(each) for each in found["results"]]
    context |= {"found": found, "chain": _chain(asked, actor)}
    return render(request, "dashboard/audit/list.html", context, call=Call("/audit/", dict(query.lists())))


@page(Scope.AUDIT_READ, section="audit")
def audit_lines(request: PageRequest) -> HttpResponse:
    """`/ui/audit/lines/`: all that the filters name, one object a line."""
    rows = forms.filtered(read_query(forms.AuditQuery, _asked(request)), request.actor)
    answer: Any = StreamingHttpResponse(forms.lines(rows, request.actor), content_type=LINES)
    answer["Content-Disposition"] = 'attachment; filename="audit.ndjson"'
    return answer  # type: ignore[no-any-return] # a page as any other


def _shown(event: dict[str, Any]) -> dict[str, Any]:
    target = event["target"] or {}
    section = PAGES.get(target.get("type", ""))
    path = f"{section}/{target['id']}/" if section and target.get("id") else ""
    who = event["actor"]
    actor = {**who, "label": f"{who['type']}:{who['id']}"}
    return {**event, "actor": actor, "at": datetime.fromisoformat(event["at"]), "path": path}


def _chain(asked: forms.AuditQuery, actor: Actor) -> dict[str, Any]:
    """How far the log is sealed. Whether it is intact takes reading all of it, which a command does."""
    project_id = INSTALLATION if asked.installation else actor.project_id
    chain = AuditChain.objects.filter(project_id=project_id).first()
    unsealed = AuditUnsealed.objects.filter(project_id=project_id)[:MOST_UNSEALED].count()
    return {
        "sealed": 0 if chain is None else chain.last_number,
        "hash": "" if chain is None else bytes(chain.last_hash).hex(),
        "unsealed": unsealed,
    }
