"""`/ui/tasks/bulk/` and `/ui/bulk-actions/`: what is about to be done to many, and how far it is."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, QueryDict

from access.actor import Actor
from access.door import admit
from access.payloads import shown_to
from access.scopes import Scope
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render
from dashboard.tasks import reading
from dashboard.tasks.filter_bar import Wanted
from dashboard.tasks.views import text_in
from rest.problems import FieldError, InvalidInput
from schedules.actions.bulk import KINDS
from schedules.api.bulk_actions import Request
from schedules.api.bulk_views import BulkActionView
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.bulk_actions import beginning
from tasks_api.bulk_actions.beginning import UNFINISHED
from tasks_api.bulk_actions.kinds import Counted
from tasks_api.roll_up.present import Counted as Shown

REFUSALS = BulkActionView.refusals
SAMPLES = 5
TYPED_OVER = 100
"""Whoever does something to more than that types how many they are."""
SHOWN = 50
USUAL_PRIORITY = "9"
"""What is offered first: mostly something is to be hurried."""
DOINGS = {"retry": "Run {} again", "cancel": "Cancel {}", "set_priority": "Set the priority of {}"}
DOINGS_TO_SCHEDULES = {"pause": "Pause {}", "resume": "Resume {}", "trigger": "Trigger {}"}


@page(Scope.TASKS_READ, section="tasks", post=Scope.TASKS_READ, refusals=REFUSALS)
def review(request: PageRequest) -> HttpResponse:
    """How many it would be done to, and five of them; then it is begun. Needs the scope of the action, too."""
    given = request.POST if request.method == "POST" else request.GET
    action = given.get("action", "")
    if action not in DOINGS:
        detail = f"must be one of {', '.join(DOINGS)}, got {action[:40]!r}"
        raise InvalidInput([FieldError(("action",), "enum", detail, parameter=True)])
    admit(request.actor, KINDS[action].scope)
    context = {
        "action": action,
        "doing": DOINGS[action].format("tasks"),
        "text": text_in(given),
        "ids": given.getlist("id") if not given.get("all") else [],
        "all": bool(given.get("all")),
        "priority": given.get("priority", USUAL_PRIORITY),
        "is_sent": request.method == "POST",
        "needs_priority": action == "set_priority",
        "priorities": range(10),
    }
    try:
        body = _body(request, given, action)
        asked = Request(body, request.actor)
        counted = asked.count()
        if request.method == "POST":
            refuse_untyped(given, counted)
            return _see(f"{request.place.base}bulk-actions/{asked.begin().id}/")
    except InvalidInput as error:
        problems = [each.sentence for each in error.errors]
        status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
        return render(
            request, "dashboard/tasks/review.html", {**context, "problems": problems}, status=status
        )
    context |= {
        "counted": Shown(counted.count, counted.is_exact),
        "is_typed": counted.count > TYPED_OVER,
        "samples": _samples(request, asked),
        "doing": DOINGS[action].format(_so_many(counted)),
    }
    call = Call("/bulk-actions/", method="POST", body=body)
    return render(request, "dashboard/tasks/review.html", context, call=call)


def _body(request: PageRequest, given: QueryDict, action: str) -> dict[str, Any]:
    """As the API takes it. Raises InvalidInput."""
    asked = reading.ask(text_in(given), request.actor)
    wanted: dict[str, Any] = {"id": given.getlist("id")}
    if given.get("all"):
        if asked.problems:
            raise InvalidInput([FieldError((), "invalid_filter", problem) for problem in asked.problems])
        wanted = _all_of(asked.wanted) or dict(KINDS[action].everything)
    elif not wanted["id"]:
        raise InvalidInput(
            [FieldError((), "nothing_chosen", "no task was chosen: tick some, or all that match")]
        )
    body: dict[str, Any] = {"action": action, "filter": wanted}
    if action == "set_priority":
        text = given.get("priority", USUAL_PRIORITY)
        body["priority"] = int(text) if text.isdecimal() and text.isascii() and len(text) < 3 else text[:10]
    return body


def _all_of(wanted: Wanted) -> dict[str, Any]:
    """As the filter of a bulk action. Raises InvalidInput where no task can fit."""
    arguments = {".".join(path): text for path, text in wanted.arguments}
    if len(arguments) < len({*wanted.arguments}):
        raise InvalidInput([FieldError((), "invalid_filter", "an argument cannot have two values")])
    free = {"arguments": arguments, "error": list(wanted.errors)}
    return {**wanted.filter, **{name: value for name, value in free.items() if value}}


def refuse_untyped(given: QueryDict, counted: Counted) -> None:
    """The number is that of now, or the one that was shown before. Raises InvalidInput."""
    typed = given.get("typed", "").replace(",", "").strip()
    if counted.count > TYPED_OVER and (not typed or typed not in (str(counted.count), given.get("shown"))):
        raise InvalidInput(
            [FieldError(("typed",), "not_confirmed", f"must be {counted.count}, as many as there are")]
        )


def _so_many(counted: Counted) -> str:
    more = "" if counted.is_exact else "+"
    return f"{counted.count:,}{more} task{'' if counted.count == 1 else 's'}"


def _samples(request: PageRequest, asked: Request) -> list[reading.Row]:
    """A few of them, newest first."""
    tasks = asked.kind.sample(asked.filter, asked.parameters, request.actor.project_id, SAMPLES)
    return reading.rows_of(tasks, request.actor)


@page(Scope.TASKS_READ, section="tasks", post=Scope.TASKS_READ, refusals=REFUSALS)
def bulk_action(request: PageRequest, bulk_action_id: UUID) -> HttpResponse:
    """How far it is; a POST stops it."""
    row = beginning.find_bulk_action(bulk_action_id, request.actor.project_id)
    kind = KINDS.get(row.action)
    if request.method == "POST":
        if kind is not None:
            admit(request.actor, kind.scope)
        beginning.stop(row.id, request.actor)
        return _see(request.path)
    context = {
        **_shown(row, request.actor),
        "may_stop": row.state in UNFINISHED and kind is not None and request.actor.may(kind.scope),
    }
    return render(request, "dashboard/tasks/bulk_action.html", context, call=Call(f"/bulk-actions/{row.id}/"))


@page(Scope.TASKS_READ, section="tasks")
def bulk_action_list(request: PageRequest) -> HttpResponse:
    """The newest ones."""
    rows = BulkAction.objects.filter(project_id=request.actor.project_id).order_by("-id")[:SHOWN]
    context = {"found": [_shown(row, request.actor) for row in rows]}
    return render(request, "dashboard/tasks/bulk_actions.html", context, call=Call("/bulk-actions/"))


def _shown(row: BulkAction, actor: Actor) -> dict[str, Any]:
    matched = max(row.matched, row.done + row.refused)
    of = "schedules" if row.action in DOINGS_TO_SCHEDULES else "tasks"
    meant = [f"{name}: {_said(value)}" for name, value in shown_to(actor)(row.filter).items()]
    return {
        "row": row,
        "doing": {**DOINGS, **DOINGS_TO_SCHEDULES}.get(row.action, row.action).format(of),
        "of": of,
        "meant": meant,
        "matched": Shown(matched, row.is_matched_exact),
        "percent": 100.0 if row.state == "done" else _percent(row.done + row.refused, matched, row),
        "is_unfinished": row.state in UNFINISHED,
    }


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{path} is {text}" for path, text in value.items())
    if value is None:
        return "hidden"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _percent(dealt_with: int, matched: int, row: BulkAction) -> float | None:
    """None: nobody knows how many there are."""
    return round(100 * dealt_with / matched, 1) if matched and row.is_matched_exact else None


def _see(path: str) -> HttpResponse:
    response = HttpResponseRedirect(path)
    response.status_code = HTTPStatus.SEE_OTHER
    return response
