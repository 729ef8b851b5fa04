"""The page of a task, and what its buttons do: the same as the API's verbs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect

from access.actor import Actor
from access.payloads import shown_to
from access.scopes import Scope
from dashboard.schema_forms import bind, fields_of, read, texts_of
from dashboard.shell.once import make_once
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render
from dashboard.task import facts
from dashboard.task.timeline import Bar, bars, seconds_left, spans_of
from operations import UnknownOperation, catalogue
from rest.problems import InvalidInput, NotFound
from tasks_api import actions
from tasks_api.api import verbs
from tasks_api.api.attempts import attempts_of
from tasks_api.api.creating import create_task
from tasks_api.api.refusals import TaskView
from tasks_api.api.tasks import with_files
from tasks_api.lifecycle import CANCEL, REVIVE, WAITING, Status
from tasks_api.models import Task, find_task

PRIORITIES = range(9, -1, -1)
KEPT = ("operation", "priority", "timeout_seconds", "max_attempts", "tags")
"""What a task that is run again with other arguments has of the first."""
ARGUMENTS = "arguments."
REFUSALS = {**TaskView.refusals, UnknownOperation: NotFound}
READ: dict[str, Any] = {"scope": Scope.TASKS_READ, "section": "tasks", "refusals": REFUSALS}


@page(**READ)
def detail(request: PageRequest, task_id: UUID) -> HttpResponse:
    """`/ui/tasks/{id}/`."""
    task = find_task(task_id, request.actor.project_id)
    show, tries = shown_to(request.actor), attempts_of(task)
    around = facts.around(task)
    drawn = bars(_spans(task, tries), around.now)
    context = {
        "task": task,
        "shown": show(with_files(task)),
        "links_files": request.actor.may(Scope.FILES_READ),
        "around": around,
        "waits_for": around.waits_for(task, facts.slots()) if task.status in WAITING else "",
        "bars": drawn,
        "attempts": [show(each) for each in reversed(tries)],
        "percent": (task.progress or {}).get("percent"),
        "left": _seconds_left(task, drawn, around.now),
        "alike": min(around.alike, facts.MOST_COUNTED),
        "alike_more": around.alike > facts.MOST_COUNTED,
        **_allowed(request, task),
    }
    return render(request, "dashboard/task/detail.html", context, call=Call(f"/tasks/{task_id}/"))


def _spans(task: Task, tries: list[dict[str, Any]]) -> Any:
    times = [
        {**each, **{name: _instant(each[name]) for name in ("started_at", "finished_at")}} for each in tries
    ]
    return spans_of(task.created_at, task.run_at, task.finished_at, times)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _seconds_left(task: Task, drawn: list[Bar], now: datetime) -> float | None:
    if task.status != Status.STARTED or not drawn:
        return None
    percent = (task.progress or {}).get("percent")
    usual = None if percent else facts.usual_seconds(task, now)
    return seconds_left(drawn[-1].seconds, percent, usual)


def _allowed(request: PageRequest, task: Task) -> dict[str, bool]:
    """Which buttons there are."""
    may, status = request.actor.may, task.status
    is_known = task.operation in {operation.name for operation in catalogue.all()}
    return {
        "can_cancel": may(Scope.TASKS_CANCEL)
        and (status in CANCEL.sources or status == Status.STARTED)
        and task.cancel_requested_at is None,
        "can_retry": may(Scope.TASKS_RETRY) and status in REVIVE.sources,
        "can_change": may(Scope.TASKS_EDIT) and status in WAITING,
        "can_repeat": may(Scope.TASKS_SUBMIT) and may(Scope.PAYLOADS_READ) and is_known,
    }


@page(**READ, post=Scope.TASKS_CANCEL)
def cancel(request: PageRequest, task_id: UUID) -> HttpResponse:
    """`/ui/tasks/{id}/cancel/`: asks once more, then does it."""
    return _once_more(request, task_id, "cancel", actions.cancel)


@page(**READ, post=Scope.TASKS_RETRY)
def retry(request: PageRequest, task_id: UUID) -> HttpResponse:
    """`/ui/tasks/{id}/retry/`: the same task runs again."""
    return _once_more(request, task_id, "retry", verbs.retry)


def _once_more(
    request: PageRequest, task_id: UUID, verb: str, act: Callable[[UUID, Actor], Task]
) -> HttpResponse:
    """A question with one button, which does it."""
    if request.method == "POST":
        act(task_id, request.actor)
        return _see(request, task_id)
    context = {"task": find_task(task_id, request.actor.project_id)}
    call = Call(f"/tasks/{task_id}/{verb}/", method="POST")
    return render(request, f"dashboard/task/{verb}.html", context, call=call)


@page(**READ, post=Scope.TASKS_EDIT)
def priority(request: PageRequest, task_id: UUID) -> HttpResponse:
    """`/ui/tasks/{id}/priority/`: how urgent a waiting task is."""
    task = find_task(task_id, request.actor.project_id)
    errors: list[str] = []
    if request.method == "POST":
        try:
            verbs.change(
                task_id, {"priority": _whole_number(request.POST.get("priority", ""))}, request.actor
            )
        except InvalidInput as error:
            errors = [each.detail for each in error.errors]
        else:
            return _see(request, task_id)
    context = {"task": task, "priorities": PRIORITIES, "errors": errors}
    call = Call(f"/tasks/{task_id}/", method="PATCH", body={"priority": 9})
    return render(request, "dashboard/task/priority.html", context, status=_status(errors), call=call)


@page(Scope.PAYLOADS_READ, section="tasks", post=Scope.TASKS_SUBMIT, refusals=REFUSALS)
def again(request: PageRequest, task_id: UUID) -> HttpResponse:
    """`/ui/tasks/{id}/again/`: a new task like this one, with changes."""
    task = find_task(task_id, request.actor.project_id)
    fields = fields_of(catalogue.get(task.operation).arguments_schema)
    sent = request.POST.dict() if request.method == "POST" else _texts(task, fields)
    values, mistakes = read(fields, sent, ARGUMENTS)
    body = {name: getattr(task, name) for name in KEPT} | {"arguments": values}
    body["priority"] = _whole_number(sent.get("priority", ""))
    errors: list[Mapping[str, Any]] = []
    if request.method == "POST" and not mistakes:
        try:
            made = make_once(request, request.actor, lambda: create_task(body, request.actor).id)
            return _see(request, made)
        except InvalidInput as error:
            errors = [each.as_json() for each in error.errors]
    context = {
        "task": task,
        "form": bind(fields, sent, ARGUMENTS, mistakes=mistakes, errors=errors),
        "priorities": PRIORITIES,
        "priority": str(body["priority"]),
    }
    call = Call("/tasks/", method="POST", body=body)
    return render(
        request, "dashboard/task/again.html", context, status=_status([*mistakes, *errors]), call=call
    )


def _texts(task: Task, fields: Any) -> dict[str, str]:
    return {**texts_of(fields, task.arguments, ARGUMENTS), "priority": str(task.priority)}


def _whole_number(text: str) -> Any:
    """The number, or the text as it is, of which the API says what is wrong with it."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def _status(errors: list[Any]) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK


def _see(request: PageRequest, task_id: UUID) -> HttpResponse:
    response = HttpResponseRedirect(f"{request.place.base}tasks/{task_id}/")
    response.status_code = HTTPStatus.SEE_OTHER
    return response
