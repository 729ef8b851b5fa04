"""One schedule's small forms: pages of their own, which a page with JavaScript shows as dialogs."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, Func
from django.http import HttpResponse

from access.payloads import shown_to
from access.scopes import Scope
from dashboard.schedules import forms
from dashboard.schedules.calling import Answer, call
from dashboard.schedules.deeds import DELETE, SINGLE, Deed, filled, offered
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render, see
from rest.json import instant_text
from rest.problems import NotFound
from schedules.api.occurrence_forms import instant_of
from schedules.models import Occurrence, ScheduleStatus, TaskSchedule

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
FIELDS_OF_BACKFILL = ("from", "to", "pace_seconds")
FIELDS_OF_OVERRIDE = ("how", "run_at", "arguments", "priority", "reason")
SHOWN = 5
"""So many of the tasks that a backfill would create are told."""


def own_schedule(request: PageRequest, schedule_id: UUID) -> TaskSchedule:
    """Raises NotFound."""
    own = TaskSchedule.objects.filter(id=schedule_id, project_id=request.actor.project_id)
    found = own.annotate(clock=Func(function="clock_timestamp", output_field=DateTimeField())).first()
    if found is None:
        raise NotFound("there is no task schedule with this id")
    return found


def clock_of(schedule: TaskSchedule) -> datetime:
    """What time the database had when `own_schedule` found it."""
    now: datetime = schedule.clock  # type: ignore[attr-defined]
    return now


def path_of(request: PageRequest, schedule: TaskSchedule) -> str:
    """Of a schedule's page."""
    return f"{request.place.base}schedules/{schedule.id}/"


def _single(deed: Deed) -> Any:
    @page(deed.scope, section="schedules", post=deed.scope)
    def view(request: PageRequest, schedule_id: UUID) -> HttpResponse:
        schedule = own_schedule(request, schedule_id)
        values: Mapping[str, str] = filled(deed, request.POST)
        context: dict[str, Any] = {}
        if request.method == "POST":
            answer = deed.carry_out(request, schedule, request.POST.dict())
            if answer.is_success:
                path = "schedules/" if deed is DELETE else f"schedules/{schedule.id}/"
                return see(request, path, _said(deed, schedule, answer))
            context = _refused(answer, deed.fields)
        elif schedule.status == ScheduleStatus.PAUSED:
            values = _of_its_pause(schedule)
        context |= {**offered(deed, values), "schedule": schedule, "back": path_of(request, schedule)}
        context["action"] = f"{path_of(request, schedule)}{deed.name}/"
        shown = Call(
            deed.path(schedule), method=deed.method, body=forms.given(deed.body(values) or {}) or None
        )
        return render(
            request,
            "dashboard/schedules/deed.html",
            context,
            status=UNPROCESSABLE if "errors" in context else HTTPStatus.OK,
            call=shown if request.method != "POST" else None,
        )

    return view


SINGLE_VIEWS = {deed.name: _single(deed) for deed in SINGLE}


def _said(deed: Deed, schedule: TaskSchedule, answer: Answer) -> str:
    name = f" {schedule.name}" if deed is DELETE and schedule.name else ""
    task = f": task {answer.body['id']}" if deed.name == "trigger" else ""
    return f"{deed.done}{name}{task}"


def _of_its_pause(schedule: TaskSchedule) -> dict[str, str]:
    body = {"timezone": schedule.timezone, "run_at": instant_text(schedule.paused_until)}
    return {"reason": schedule.paused_reason or "", "until": forms.values_of(body, None)["run_at"]}


def _refused(answer: Answer, fields: tuple[str, ...]) -> dict[str, Any]:
    """What is wrong with which field; what is wrong with none of them stands above all."""
    errors = {name: told for name, told in answer.errors.items() if name in fields}
    general = [
        text for name, told in answer.errors.items() if name not in fields for text in _placed(name, told)
    ]
    return {"errors": errors, "general": general}


def _placed(name: str, told: list[str]) -> list[str]:
    return [f"{name} {text}" if name else text for text in told]


@page(Scope.SCHEDULES_BACKFILL, section="schedules", post=Scope.SCHEDULES_BACKFILL)
def backfill(request: PageRequest, schedule_id: UUID) -> HttpResponse:
    """Tasks for a time that is past: first what there would be, then they are made."""
    schedule = own_schedule(request, schedule_id)
    values = {name: request.POST.get(name, "") for name in FIELDS_OF_BACKFILL}
    context: dict[str, Any] = {}
    if request.method == "POST":
        is_try = request.POST.get("do") != "backfill"
        answer = _backfill(request, schedule, values, is_try=is_try)
        if answer.is_success and not is_try:
            return see(request, f"schedules/{schedule.id}/", f"Backfilled: {answer.body['count']:,} tasks")
        context = (
            {"effect": _effect(answer.body)} if answer.is_success else _refused(answer, FIELDS_OF_BACKFILL)
        )
    context |= {"schedule": schedule, "values": values, "back": path_of(request, schedule)}
    status = UNPROCESSABLE if "errors" in context else HTTPStatus.OK
    shown = Call(f"/task-schedules/{schedule.id}/backfill/", {"dry_run": "true"}, "POST", _sample(values))
    return render(request, "dashboard/schedules/backfill.html", context, status=status, call=shown)


def _sample(values: forms.Values) -> dict[str, str]:
    return {"from": values["from"] or "2026-11-01T00:00:00Z", "to": values["to"] or "2026-11-02T00:00:00Z"}


def _backfill(request: PageRequest, schedule: TaskSchedule, values: forms.Values, *, is_try: bool) -> Answer:
    try:
        body = forms.fields_of({**values, "timezone": schedule.timezone}, FIELDS_OF_BACKFILL)
    except forms.Unreadable as error:
        return Answer(UNPROCESSABLE, None, error.errors)
    path = f"/task-schedules/{schedule.id}/backfill/"
    return call(request, request.actor, "POST", path, forms.given({**body, "dry_run": is_try}))


def _effect(body: Any) -> dict[str, Any]:
    return {
        "count": body["count"],
        "left": len(body["left"]),
        "first": body["results"][:SHOWN],
        "last": body["results"][SHOWN:][-1:],
    }


@page(Scope.SCHEDULES_READ, section="schedules", post=Scope.SCHEDULES_WRITE)
def occurrence(request: PageRequest, schedule_id: UUID, instant: str) -> HttpResponse:
    """One occurrence that is not as the schedule has it: skipped, moved, changed; or as it was."""
    schedule, at = own_schedule(request, schedule_id), instant_of(instant)
    values = {name: request.POST.get(name, "") for name in FIELDS_OF_OVERRIDE}
    path = f"/task-schedules/{schedule.id}/occurrences/{instant_text(at)}/"
    context: dict[str, Any] = {}
    row = Occurrence.objects.filter(schedule=schedule, scheduled_for=at).first()
    if request.method == "POST":
        answer = _override(request, schedule, path, values)
        if answer.is_success:
            return see(request, f"schedules/{schedule.id}/", _DONE.get(values["how"], "Changed"))
        context = _refused(answer, FIELDS_OF_OVERRIDE)
    else:
        values = _as_it_is(request, schedule, row)
    context |= {
        "schedule": schedule,
        "at": at,
        "local": at.astimezone(forms.zone_of(schedule.timezone)),
        "row": row,
        "is_overridden": row is not None and row.outcome in ("overridden", "moved", "changed"),
        "values": values,
        "back": path_of(request, schedule),
        "can_write": request.actor.may(Scope.SCHEDULES_WRITE),
    }
    status = UNPROCESSABLE if "errors" in context else HTTPStatus.OK
    shown = Call(path, method="PUT", body={"skip": True})
    return render(request, "dashboard/schedules/occurrence.html", context, status=status, call=shown)


_DONE = {"skip": "Skipped", "move": "Moved", "change": "Changed", "restore": "As the schedule has it again"}


def _override(request: PageRequest, schedule: TaskSchedule, path: str, values: forms.Values) -> Answer:
    how = values["how"]
    if how == "restore":
        return call(request, request.actor, "DELETE", path)
    try:
        said = forms.given(
            forms.fields_of({**values, "timezone": schedule.timezone}, ("run_at", "priority", "reason"))
        )
        body = _of_kind(how, said)
        if how == "change" and values["arguments"].strip():
            body["arguments"] = forms.arguments_of(values["arguments"])
    except forms.Unreadable as error:
        return Answer(UNPROCESSABLE, None, error.errors)
    return call(request, request.actor, "PUT", path, body)


def _of_kind(how: str, said: dict[str, Any]) -> dict[str, Any]:
    reason = {"reason": said["reason"]} if "reason" in said else {}
    match how:
        case "skip":
            return {"skip": True, **reason}
        case "move":
            return {**{name: said[name] for name in ("run_at",) if name in said}, **reason}
    return {name: value for name, value in said.items() if name != "run_at"}


def _as_it_is(request: PageRequest, schedule: TaskSchedule, row: Occurrence | None) -> dict[str, str]:
    """The form as what was said so far fills it; without payloads, for who may not read them."""
    own = shown_to(request.actor)({"arguments": None, **((row and row.changes) or {})})
    body = {"timezone": schedule.timezone, "run_at": instant_text(row.due_at) if row else None}
    return {
        "how": {"moved": "move", "changed": "change"}.get(row.outcome, "skip") if row else "skip",
        "run_at": forms.values_of(body, None)["run_at"],
        "arguments": forms.json_text(own["arguments"]) if own.get("arguments") is not None else "",
        "priority": str(own.get("priority") or ""),
        "reason": (row.reason or "") if row else "",
    }
