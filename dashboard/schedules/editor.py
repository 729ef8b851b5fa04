"""`/ui/schedules/new/`, `/ui/schedules/{id}/edit/`: what a rule means while it is typed, and what an edit changes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from access.payloads import shown_to
from access.scopes import Scope
from dashboard.schedules import argument_fields, editor_fields, forms
from dashboard.schedules.calling import Answer, call
from dashboard.schedules.deed_views import own_schedule, path_of
from dashboard.schema_forms import Mistake
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render, see
from operations import UnknownOperation, catalogue
from schedules.api.representation import represent
from schedules.models import TaskSchedule

UNPROCESSABLE, STALE = HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.PRECONDITION_FAILED
NEW = {"kind": "cron", "cron": "0 3 * * *", "timezone": "", "arguments": "{}"}
KINDS = (("every", "Every x"), ("cron", "Cron"), ("rrule", "RRULE"), ("once", "Once"))
SWITCHES = ("fields", "json")
OF_ANOTHER = "operation"
"""What the button says that is there without JavaScript, after another operation was chosen."""
Errors = Mapping[str, Sequence[str]]
NO_ERRORS: Errors = {}


@page(Scope.SCHEDULES_WRITE, section="schedules", post=Scope.SCHEDULES_WRITE)
def new(request: PageRequest) -> HttpResponse:
    """A schedule that is not there yet."""
    if request.method != "POST":
        zone = request.COOKIES.get("punctual_zone", "")
        return _form(request, {**NEW, "timezone": forms.zone_of(zone).key}, None)
    if request.POST.get("do") == OF_ANOTHER:
        return _form(request, argument_fields.of_another(request.POST.dict()), None)
    values, mistakes = argument_fields.with_arguments(request.POST.dict())
    if mistakes:
        return _form(request, values, None, mistakes=mistakes)
    try:
        if values.get("do") in SWITCHES:
            return _form(request, argument_fields.switched(values, values["do"]), None)
        body = forms.given(forms.body_of(values))
    except forms.Unreadable as error:
        return _form(request, values, None, errors=error.errors)
    if values.get("do") != "save":
        return _form(request, values, None, body=body)
    answer = call(request, request.actor, "POST", "/task-schedules/", body)
    if answer.is_success:
        return see(request, f"schedules/{answer.body['id']}/", "The schedule is created.")
    return _form(request, values, None, errors=answer.errors, body=body, raw=_raw(answer))


@page(Scope.SCHEDULES_WRITE, section="schedules", post=Scope.SCHEDULES_WRITE)
def edit(request: PageRequest, schedule_id: UUID) -> HttpResponse:
    """One that is there. First what the edit changes, then it is saved."""
    schedule = own_schedule(request, schedule_id)
    stored = shown_to(request.actor)(represent(schedule))
    if request.method != "POST":
        return _form(request, _stored_values(stored, schedule), schedule)
    if request.POST.get("do") == OF_ANOTHER:
        return _form(request, argument_fields.of_another(request.POST.dict()), schedule)
    values, mistakes = argument_fields.with_arguments(request.POST.dict())
    if mistakes:
        return _form(request, values, schedule, mistakes=mistakes)
    try:
        if values.get("do") in SWITCHES:
            return _form(request, argument_fields.switched(values, values["do"]), schedule)
        body = forms.body_of(values)
    except forms.Unreadable as error:
        return _form(request, values, schedule, errors=error.errors)
    if values.get("version") != str(schedule.version):
        return _conflict(request, values, schedule, stored, body)
    changes = forms.changes_of(body, stored)
    do = values.get("do")
    if do == "preview":
        return _form(request, values, schedule, body=changes)
    if not changes:
        return _form(request, values, schedule, more={"is_same": True})
    return _changed(request, values, schedule, changes, is_try=do != "save")


def _changed(
    request: PageRequest,
    values: dict[str, str],
    schedule: TaskSchedule,
    changes: dict[str, Any],
    *,
    is_try: bool,
) -> HttpResponse:
    path, query = f"/task-schedules/{schedule.id}/", {"dry_run": "true"} if is_try else {}
    answer = call(request, request.actor, "PATCH", path, changes, query=query, version=schedule.version)
    if answer.status == STALE:  # somebody was faster by a moment
        schedule = own_schedule(request, schedule.id)
        stored = shown_to(request.actor)(represent(schedule))
        return _conflict(request, values, schedule, stored, forms.body_of(values))
    if not answer.is_success:
        return _form(request, values, schedule, errors=answer.errors, body=changes, raw=_raw(answer))
    if is_try:
        more = {"effect": _effect(answer), "changed": sorted(changes)}
        return _form(request, values, schedule, body=changes, more=more)
    dropped = answer.body.get("dropped_overrides") or ()
    return see(
        request,
        f"schedules/{schedule.id}/",
        "Saved" + (f": {len(dropped)} overrides dropped" if dropped else ""),
    )


def _conflict(
    request: PageRequest, values: dict[str, str], schedule: TaskSchedule, stored: Any, body: dict[str, Any]
) -> HttpResponse:
    """Somebody else saved first: their edit beside this one. What is sent from here on is meant for theirs."""
    theirs = _stored_values(stored, schedule)
    names = [name for name in forms.changes_of(body, stored) if name in editor_fields.ALL]
    told = [
        (editor_fields.LABELS[name], theirs.get(name, ""), values.get(name, ""))
        for name in sorted(names)
        if theirs.get(name, "") != values.get(name, "")
    ]
    values = {**values, "version": str(schedule.version)}
    return _form(request, values, schedule, body=body, more={"conflict": told or True}, status=STALE)


def _stored_values(stored: Mapping[str, Any], schedule: TaskSchedule) -> dict[str, str]:
    arguments = stored.get("arguments")
    text = None if arguments is None else forms.json_text(arguments)
    return {**forms.values_of(stored, text), "version": str(schedule.version)}


def _effect(answer: Answer) -> dict[str, Any]:
    before, after = ([each["at"] for each in answer.body[side]] for side in ("before", "after"))
    return {
        "before": [_instant(each, is_kept=each["at"] in after) for each in answer.body["before"]],
        "after": [_instant(each, is_kept=each["at"] in before) for each in answer.body["after"]],
        "dropped": [datetime.fromisoformat(each) for each in answer.body["dropped_overrides"]],
        "warnings": answer.body["warnings"],
    }


def _instant(told: Mapping[str, str], *, is_kept: bool) -> dict[str, Any]:
    return {**_moments(told), "is_kept": is_kept}


def _moments(told: Mapping[str, str | None]) -> dict[str, Any]:
    """An instant, and what the clock on the wall shows in the zone of the schedule."""
    return {
        "at": datetime.fromisoformat(str(told["at"])),
        "local": datetime.fromisoformat(str(told["local"])),
        "note": told.get("note"),
    }


@page(Scope.SCHEDULES_WRITE, section="schedules", post=Scope.SCHEDULES_WRITE)
def arguments(request: PageRequest) -> HttpResponse:
    """What an operation takes: the part of the editor that is asked for when another one is chosen."""
    values = argument_fields.of_another(request.POST.dict())
    return render(request, "dashboard/schedules/arguments.html", _of_arguments(values))


def _of_arguments(
    values: Mapping[str, str],
    errors: Errors = NO_ERRORS,
    mistakes: Sequence[Mistake] = (),
    raw: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """What its template needs."""
    operation = values.get("operation", "")
    return {
        "values": {"arguments": None, **values},
        "errors": errors,
        "example": _example(operation),
        "arguments_form": argument_fields.bound(values, mistakes, raw),
        "has_fields": argument_fields.fields_for(operation) is not None,
    }


@page(Scope.SCHEDULES_WRITE, section="schedules", post=Scope.SCHEDULES_WRITE)
def preview(request: PageRequest) -> HttpResponse:
    """What a rule means: the part of the editor that is asked for while somebody types."""
    context = previewed(request, request.POST.dict())
    return render(
        request, "dashboard/schedules/preview.html", {**context, "zone": request.POST.get("timezone")}
    )


def previewed(request: PageRequest, values: forms.Values) -> dict[str, Any]:
    """The words, the next instants and the warnings; or what is wrong with the rule."""
    try:
        body = forms.given(forms.rule_of(values))
    except forms.Unreadable as error:
        return {"wrong": _sentences(error.errors)}
    answer = call(request, request.actor, "POST", "/task-schedules/preview/", body)
    if not answer.is_success:
        return {"wrong": _sentences(answer.errors)}
    return {
        **answer.body,
        "occurrences": _with_changes([_moments(each) for each in answer.body["occurrences"]]),
    }


def _with_changes(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each with whether clocks were changed since the one before."""
    offsets = [each["local"].utcoffset() for each in found]
    return [
        {**each, "shift": offset - before if offset != before else None}
        for each, offset, before in zip(found, offsets, offsets[:1] + offsets, strict=False)
    ]


def _raw(answer: Answer) -> list[dict[str, Any]]:
    """Of a problem, what is wrong, each with its pointer."""
    return answer.body.get("errors", []) if isinstance(answer.body, dict) else []


def _sentences(errors: Errors) -> list[str]:
    return [
        f"{editor_fields.LABELS.get(name, name)}: {text}" if name else text
        for name, told in errors.items()
        for text in told
    ]


def _form(
    request: PageRequest,
    values: Mapping[str, str],
    schedule: TaskSchedule | None,
    *,
    errors: Errors = NO_ERRORS,
    body: dict[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
    status: int | None = None,
    mistakes: Sequence[Mistake] = (),
    raw: Sequence[Mapping[str, Any]] = (),
) -> HttpResponse:
    """The editor with these values. `body`: what it would send, told at its foot as a call of the API."""
    known = {name: told for name, told in errors.items() if name in editor_fields.ALL}
    others = {name: told for name, told in errors.items() if name not in editor_fields.ALL}
    context = {
        "schedule": schedule,
        **_of_arguments(values, known, mistakes, raw),
        "general": _sentences(others),
        "groups": editor_fields.filled(values, known),
        "kinds": KINDS,
        "operations": _operations(values.get("operation", "")),
        "back": path_of(request, schedule) if schedule else f"{request.place.base}schedules/",
        "preview": previewed(request, values),
        **(more or {}),
    }
    if schedule is None:
        shown = Call("/task-schedules/", method="POST", body=body) if body else None
    else:
        shown = Call(f"/task-schedules/{schedule.id}/", method="PATCH", body=body) if body else None
    code = status or (UNPROCESSABLE if errors or mistakes else HTTPStatus.OK)
    return render(request, "dashboard/schedules/editor.html", context, status=code, call=shown)


def _operations(chosen: str) -> list[str]:
    names = [each.name for each in catalogue.all()]
    return names if not chosen or chosen in names else [chosen, *names]


def _example(operation: str) -> str:
    try:
        examples = catalogue.get(operation).examples
    except UnknownOperation:
        return ""
    return forms.json_text(examples[0].arguments) if examples else ""
